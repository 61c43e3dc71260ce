/** `simulate` with the files and trees that its options name. Loaded only once it is asked. */
import { type SimulateOptions, simulationFor } from '../answers/simulation.ts';
import { complain } from '../exit.ts';
import { codeInFile } from './code-file.ts';
import { readingNamed } from './reading.ts';

/** Throws UsageError where the options cannot be meant, or what they name cannot be read. */
export function printSimulation(options: SimulateOptions): string {
  return simulationFor(options, {
    tree: () => readingNamed(options, options.kernel ?? null),
    code: codeInFile,
    warn: complain,
  });
}
