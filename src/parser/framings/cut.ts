import type { FramingName } from '../types.ts';

/** What is known of a line once some of its framing is cut off. Mutable: each framing adds what it shows. */
export interface Cut {
  text: string;
  time: number | null;
  caller: string | null;
  level: number | null;
  /** Outermost framing met, or null so far. */
  framing: FramingName | null;
  /** Sequence number of a /dev/kmsg record, or null. */
  sequence: number | null;
}

/** Cuts one layer off the front of the text and notes what it said; false if the text does not start with it. */
export type Framing = (cut: Cut) => boolean;

/** Notes the outermost framing's name; inner layers do not overrule it. */
export function name(cut: Cut, framing: FramingName): void {
  cut.framing ??= framing;
}
