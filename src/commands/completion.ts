/** `oopsreplay completion SHELL`: a script that completes commands, options, and the names that they take. */
import { Argument, type Command } from 'commander';
import { SHELLS, type Shell } from '../reference/completion.ts';
import { type Destination, print, withOutput } from './destination.ts';

export function register(program: Command): void {
  withOutput(program.command('completion'))
    .description('a completion script for your shell: commands, options, and the names they take')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell: Shell, options: Destination) => {
      const [{ completionScript }, { DRIVERS }, { ERAS }, { SCENARIOS }, { HYPOTHESES }, { terms }] = await Promise.all(
        [
          import('../reference/completion.ts'),
          import('../sim/drivers/models.ts'),
          import('../sim/eras/eras.ts'),
          import('../sim/scenarios.ts'),
          import('../sim/hypotheses/hypotheses.ts'),
          import('../report/model/glossary.ts'),
        ],
      );
      const names = {
        driver: [...DRIVERS.keys()],
        era: [...ERAS.keys()],
        scenario: [...SCENARIOS.keys()],
        hypothesis: [...HYPOTHESES.keys()],
        term: terms().map((term) => term.id),
      };
      await print(options, () => completionScript(shell, program, names));
    });
}
