/** `oopsreplay replay WITNESS`: run one interleaving again, step by step. */
import type { Command } from 'commander';
import { EXIT, UsageError } from '../exit.ts';

export function register(program: Command): void {
  program
    .command('replay')
    .description('run one interleaving of the model again and print every step')
    .argument('<witness>', 'the replay string that a report or simulate printed')
    .action(async (text: string) => {
      const { printReplay } = await import('./model.ts');
      const result = printReplay(text);
      if (!result.ok) throw new UsageError(result.why);
      process.stdout.write(result.text);
      process.exitCode = EXIT.ok;
    });
}
