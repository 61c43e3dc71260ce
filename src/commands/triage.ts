/** `oopsreplay [triage] [PATH...]`: the default command. */

import { isatty } from 'node:tty';
import { type Command, Option } from 'commander';
import { FAIL_ON, type FailOn, type LogOptions } from '../options.ts';
import { withLogOptions } from './log-options.ts';

export function register(program: Command): void {
  const command = program
    .command('triage', { isDefault: true })
    .description('verdict, evidence and witness for one log or several (the default command)')
    .argument('[path...]', 'kernel logs; - or nothing is standard input');
  withLogOptions(command, 'text')
    .addOption(new Option('--fail-on <level>', 'exit with 1 if a verdict is at or above it').choices(FAIL_ON))
    .action(async (paths: string[], options: LogOptions & { failOn?: FailOn }) => {
      if (paths.length === 0 && isatty(0)) {
        program.outputHelp();
        return;
      }
      const { judge } = await import('./judge.ts');
      process.exitCode = await judge(paths.length === 0 ? ['-'] : paths, options, options.failOn ?? null);
    });
}
