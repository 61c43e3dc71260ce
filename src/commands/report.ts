/** `oopsreplay report [PATH]`: the root-cause report of one log. */

import { isatty } from 'node:tty';
import type { Command } from 'commander';
import { UsageError } from '../exit.ts';
import type { FailOn, LogOptions } from '../options.ts';
import { withLogOptions } from './log-options.ts';

export function register(program: Command): void {
  const command = program
    .command('report')
    .description('the root-cause report of one log, in markdown unless --format says otherwise')
    .argument('[path...]', 'kernel log; - or nothing is standard input');
  withLogOptions(command, 'markdown').action(async (paths: string[], options: LogOptions & { failOn?: FailOn }) => {
    const [path] = paths;
    if (paths.length > 1)
      throw new UsageError(
        'report is of one log; for several: oopsreplay triage --format markdown PATH..., or oopsreplay batch PATH...',
      );
    if (path === undefined && isatty(0)) {
      command.outputHelp();
      return;
    }
    const { judge } = await import('./judge.ts');
    process.exitCode = await judge([path ?? '-'], options, options.failOn ?? null);
  });
}
