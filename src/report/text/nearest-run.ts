/** The nearest run that passes, for a report: explored again from the witness. */

import type { Verdict } from '../../reconstruct/types.ts';
import { endOf, explain } from '../../sim/explain/explain.ts';
import { decodeReplay } from '../../sim/explain/replay.ts';
import { rerun } from '../../sim/explain/witness.ts';
import { plural } from '../../words.ts';
import { diffText } from './diff.ts';

/** A report should not take longer than the verdict did: larger models are left to `replay --diff`. */
const MOST_STATES = 200_000;

export interface NearestWords {
  readonly sentence: string;
  /** The two runs in columns. */
  readonly beside: readonly string[];
}

/** Null without a witness, for a model that is too large, and where no run passes. */
export function nearestWords({ witness, search }: Verdict): NearestWords | null {
  if (witness === null || search === null || search.states > MOST_STATES) return null;
  const decoded = decodeReplay(witness);
  if (!decoded.ok) return null;
  const run = rerun(decoded.setUp, decoded.threads);
  if (endOf(run).is !== 'crash') return null;
  const why = explain(decoded.setUp, run, { nearest: true });
  if (why?.nearest == null) return null;
  const { found, run: passing } = why.nearest;
  const { steps, threads } = passing.witness;
  const taken = steps[found.common];
  const name = taken === undefined ? '' : threads[taken.thread]!.replace(/^the /, '');
  const who =
    taken === undefined ? '' : `; then the ${name} goes on instead, and the run ends in ${found.ends.join(', ')}`;
  const sentence = `the nearest run that passes begins with the same ${plural(found.common, 'step')} of ${run.witness.steps.length}${who}`;
  return { sentence, beside: diffText(decoded.setUp, run, why).trimEnd().split('\n') };
}
