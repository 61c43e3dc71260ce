/** `oopsreplay [triage] [PATH...]`: the default command. */

import { isatty } from 'node:tty';
import { type Command, Option } from 'commander';
import { UsageError } from '../exit.ts';
import { FAIL_ON, type FailOn, type LogOptions } from '../options.ts';
import { withLogOptions } from './log-options.ts';
import { isTyped, type TypedOptions, typedLog } from './typed.ts';

export function register(program: Command): void {
  const command = program
    .command('triage', { isDefault: true })
    .description('verdict, evidence and witness for one log or several (the default command)')
    .argument('[path...]', 'kernel logs; - or nothing is standard input');
  withLogOptions(command, 'text')
    .addOption(new Option('--fail-on <level>', 'exit with 1 if a verdict is at or above it').choices(FAIL_ON))
    .option('--pc <place>', 'no log: the crash was at FUNC+OFF, as its pc line says')
    .option('--lr <place>', 'with --pc: FUNC+OFF of its lr line')
    .option('--address <hex>', 'with --pc: the address of its first line')
    .action(async (paths: string[], options: LogOptions & TypedOptions & { failOn?: FailOn }) => {
      if (isTyped(options)) {
        if (paths.length > 0) throw new UsageError('--pc stands for a log: name none beside it');
        const { judge, loadPipeline } = await import('./judge.ts');
        process.exitCode = await judge(['(typed)'], options, options.failOn ?? null, loadPipeline, typedLog(options));
        return;
      }
      if (paths.length === 0 && isatty(0)) {
        program.outputHelp();
        return;
      }
      const { judge } = await import('./judge.ts');
      process.exitCode = await judge(paths.length === 0 ? ['-'] : paths, options, options.failOn ?? null);
    });
}
