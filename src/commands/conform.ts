/** `oopsreplay conform [PATH...]`: is the function trace in a log a behaviour of the model? */

import { isatty } from 'node:tty';
import { type Command, Option } from 'commander';
import { commits, kernelVersion, type LogOptions } from './log-options.ts';

export type ConformOptions = Pick<LogOptions, 'kernel' | 'driver' | 'fixed' | 'notFixed'> & {
  readonly format: 'text' | 'json';
  readonly traced?: string;
};

export function register(program: Command): void {
  const command = program
    .command('conform')
    .description('is the function trace in this log a behaviour of the model? (ftrace dumps, trace files, trace-cmd)')
    .argument('[path...]', 'kernel logs or traces; - or nothing is standard input')
    .addOption(new Option('--format <name>', 'output').choices(['text', 'json']).default('text'))
    .addOption(new Option('--kernel <release>', 'kernel release, where the log does not say').argParser(kernelVersion))
    .option('--driver <name>', 'IOMMU driver, such as apple-dart')
    .addOption(new Option('--fixed <commit>', 'the kernel carries this commit (repeatable)').argParser(commits))
    .addOption(new Option('--not-fixed <commit>', 'the kernel lacks this commit (repeatable)').argParser(commits))
    .option('--traced <functions>', 'what was traced, as ftrace_filter= takes it, where no command line is in the log')
    .action(async (paths: string[], options: ConformOptions) => {
      if (paths.length === 0 && isatty(0)) {
        command.outputHelp();
        return;
      }
      const { printConformity } = await import('./trace.ts');
      process.exitCode = await printConformity(paths.length === 0 ? ['-'] : paths, options);
    });
}
