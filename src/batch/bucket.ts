/**
 * Which logs show the same thing. Mechanism first: what the model holds for the cause of a crash says more than its stack. Where it has no cause, the
 * title, then the frames: without the unreliable ones, and with them, since one kernel marks a frame as a guess that another prints as any other.
 */
import { createHash } from 'node:crypto';
import { isBlameless, titleName } from '../parser/title/frames.ts';
import type { Frame } from '../parser/types.ts';
import type { VerdictClass } from '../reconstruct/types.ts';
import { known } from '../remembered.ts';

/** Frames that tell two crashes of one title apart; deeper ones are how the code came to be called. */
const TELLING = 3;

/** The functions that may be blamed, innermost first, as many as tell crashes apart. */
export function tellingFrames(frames: readonly Frame[], unreliable: boolean): readonly string[] {
  const names: string[] = [];
  for (const { symbol, reliable } of frames) {
    if (names.length >= TELLING) break;
    if ((!reliable && !unreliable) || symbol.startsWith('0x') || isBlameless(symbol)) continue;
    const name = titleName(symbol);
    if (name !== names.at(-1)) names.push(name);
  }
  return names;
}

export interface Mechanism {
  readonly class: VerdictClass;
  readonly hypothesis: string | null;
  readonly outcome: string | null;
  readonly contradiction: boolean;
  readonly driver: string | null;
  readonly era: string | null;
}

/** The same words come again and again. */
const ids = new Map<string, string>();
const MOST_IDS = 4096;

/** Twelve hexadecimal digits that stand for these words, on every machine and in every version. */
export function idOf(words: readonly (string | null)[]): string {
  const text = JSON.stringify(words);
  return known(ids, MOST_IDS, text, () => createHash('sha256').update(text).digest('hex').slice(0, 12));
}

/** Of a crash that has a cause: the mechanism, whichever of its outcomes this one is. */
export function mechanismId({ hypothesis, outcome, driver, era }: Mechanism): string | null {
  return hypothesis === null || outcome === null ? null : idOf(['mechanism', hypothesis, driver, era]);
}

/**
 * Ids of the bucket: two where the frames without the unreliable ones are not those with them; logs that share one are in one bucket.
 * A cause is never in a bucket with another one or with none, nor a proof with a suspicion.
 */
export function bucketIds(
  mechanism: Mechanism,
  crash: { readonly title: string; readonly frames: readonly Frame[] } | null,
  cut: readonly string[] | null,
): readonly string[] {
  const { class: verdict, hypothesis, outcome, contradiction, driver, era } = mechanism;
  if (mechanismId(mechanism) !== null)
    return [idOf(['outcome', verdict, hypothesis, outcome, driver, era, ...(contradiction ? ['contradiction'] : [])])];
  if (crash === null) return [idOf(cut === null ? ['no crash', verdict] : ['cut', verdict, ...cut])];
  const what = [verdict, hypothesis, contradiction ? 'contradiction' : null, crash.title];
  const ids = [false, true].map((unreliable) => idOf(['title', ...what, ...tellingFrames(crash.frames, unreliable)]));
  return [...new Set(ids)];
}
