/** `oopsreplay replay WITNESS`: run one interleaving again, step by step. */
import { type Command, Option } from 'commander';
import { complain, EXIT, UsageError } from '../exit.ts';

export interface ReplayOptions {
  readonly diff?: boolean;
  readonly expect?: string;
  readonly format: 'text' | 'json';
}

export function register(program: Command): void {
  program
    .command('replay')
    .description('run one interleaving of the model again and print every step, what it comes to, and why')
    .argument('<witness>', 'the replay string that a report or simulate printed')
    .option('--diff', 'a crash beside the nearest run that passes, with the first difference marked')
    .option('--expect <outcome>', 'exit with 1 if the run comes to another outcome')
    .addOption(new Option('--format <name>', 'how to print it').choices(['text', 'json']).default('text'))
    .action(async (text: string, options: ReplayOptions) => {
      const { printReplay } = await import('./model.ts');
      const result = printReplay(text, options);
      if (!result.ok) throw new UsageError(result.why);
      process.stdout.write(result.text);
      process.exitCode = EXIT.ok;
      if (result.missed === 'unfinished') {
        complain(`the replay string is no whole run: ${result.came}`);
        process.exitCode = EXIT.usage;
      } else if (result.missed === 'other') {
        complain(`the run ends in ${result.came}, not in ${options.expect}`);
        process.exitCode = EXIT.found;
      }
    });
}
