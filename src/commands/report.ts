/** `oopsreplay report [PATH]`: the root-cause report of one log. */

import { isatty } from 'node:tty';
import type { Command } from 'commander';
import type { LogOptions } from '../options.ts';
import { withLogOptions } from './log-options.ts';

export function register(program: Command): void {
  const command = program
    .command('report')
    .description('the root-cause report of one log, in markdown unless --format says otherwise')
    .argument('[path]', 'kernel log; - or nothing is standard input');
  withLogOptions(command, 'markdown').action(async (path: string | undefined, options: LogOptions) => {
    if (path === undefined && isatty(0)) {
      command.outputHelp();
      return;
    }
    const { judge } = await import('./judge.ts');
    process.exitCode = await judge([path ?? '-'], options, null);
  });
}
