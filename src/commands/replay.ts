/** `oopsreplay replay WITNESS`: run one interleaving again, step by step. */

import { type Command, Option } from 'commander';
import { complain, EXIT, UsageError } from '../exit.ts';
import { jsonText } from '../report/safe/sanitize.ts';
import { type Destination, openPrint, withOutput } from './destination.ts';

export interface ReplayOptions extends Destination {
  readonly diff?: boolean;
  readonly expect?: string;
  readonly format: 'text' | 'json';
}

export function register(program: Command): void {
  const command = program
    .command('replay')
    .description('run one interleaving of the model again and print every step, what it comes to, and why')
    .argument('<witness>', 'the replay string that a report or simulate printed')
    .option('--diff', 'a crash beside the nearest run that passes, with the first difference marked')
    .option('--expect <outcome>', 'exit with 1 if the run comes to another outcome')
    .addOption(new Option('--format <name>', 'how to print it').choices(['text', 'json']).default('text'));
  withOutput(command).action(async (text: string, options: ReplayOptions) => {
    const out = await openPrint(options);
    const result = await printReplay(text, options);
    if (!result.ok) throw new UsageError(result.why);
    out.write(result.text);
    out.end();
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

/** A replay in print, or why there is none. `missed`: the run does not come to an outcome, or not to the expected one. */
type Replayed =
  | { readonly ok: true; readonly text: string; readonly missed: 'unfinished' | 'other' | null; readonly came: string }
  | { readonly ok: false; readonly why: string };

/** Runs the string and prints it as the options say. */
export async function printReplay(text: string, options: ReplayOptions): Promise<Replayed> {
  // The model and what prints it are large; --help need not wait for them.
  const [{ decodeReplay }, { rerun }, { endOf, explain }, { diffText }, { endWords, replayJson, replayText }] =
    await Promise.all([
      import('../sim/explain/replay.ts'),
      import('../sim/explain/witness.ts'),
      import('../sim/explain/explain.ts'),
      import('../report/text/diff.ts'),
      import('../report/text/replay.ts'),
    ]);
  const decoded = decodeReplay(text);
  if (!decoded.ok) return decoded;
  if (decoded.threads.length === 0) return { ok: false, why: 'the replay string has no step' };
  const run = rerun(decoded.setUp, decoded.threads);
  if (run.stuckAt !== null)
    return {
      ok: false,
      why: `step ${run.stuckAt + 1} of the replay string cannot be taken: its thread waits or is over, or there is no such thread`,
    };
  const end = endOf(run);
  const came = endWords(end);
  if (options.diff && end.is !== 'crash')
    return { ok: false, why: `--diff is for a run that crashes; this one ends in ${came}` };
  const why = explain(decoded.setUp, run, { nearest: options.diff ?? false });
  const other =
    options.expect !== undefined && (end.is === 'quiet' ? !end.ends.includes(options.expect) : came !== options.expect);
  const missed = end.is === 'unfinished' ? 'unfinished' : other ? 'other' : null;
  const page = () => (options.diff ? diffText(decoded.setUp, run, why) : replayText(decoded.setUp, run, why));
  const json = () => `${jsonText(replayJson(decoded.setUp, run, why), 2)}\n`;
  return { ok: true, text: options.format === 'json' ? json() : page(), missed, came };
}
