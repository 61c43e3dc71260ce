/** Where a command prints: standard output, or the file of --output, whole and in one step. */
import type { Command } from 'commander';

export interface Destination {
  readonly output?: string;
  readonly force?: boolean;
}

/** Adds -o and --force to a command. */
export function withOutput(command: Command): Command {
  return command
    .option('-o, --output <file>', 'write to a new file instead of standard output')
    .option('--force', 'let --output replace a file');
}

/** What takes a command's print. */
export interface Print {
  readonly write: (text: string) => void;
  /** All has come: the file is written now, unless nothing was. Throws UsageError where it cannot be. */
  readonly end: () => void;
}

/** Throws UsageError where --output names a place that cannot be written, before any work is done. `inputs` are never overwritten. */
export async function openPrint(
  { output: file, force = false }: Destination,
  inputs: readonly string[] = [],
): Promise<Print> {
  if (file === undefined) return { write: (text) => void process.stdout.write(text), end: () => {} };
  const { checkOutput, writeOutput } = await import('../io/output.ts');
  checkOutput(file, force, inputs);
  const kept: string[] = [];
  return {
    write: (text) => void kept.push(text),
    end: () => {
      if (kept.length > 0) writeOutput(file, kept.join(''), force);
    },
  };
}

/** One text, to where the options say. */
export async function print(options: Destination, text: () => string | Promise<string>): Promise<void> {
  const out = await openPrint(options);
  out.write(await text());
  out.end();
}
