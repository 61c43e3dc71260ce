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
  /** True if the text goes on where the record before it stopped: an ncfrag piece, a continued printk. */
  continues: boolean;
  /** True if the record goes on in the next line: a container runtime's partial line. */
  partial: boolean;
  /** True for a line that holds no message, only fields of the record around it. */
  silent: boolean;
  /** True if somebody else than the kernel wrote it: a facility above 0, another transport. */
  foreign: boolean;
}

/** The text next to a line, for framings whose records take several lines; a few KB at most. */
export interface Around {
  before(): string;
  after(): string;
  /** True if the line is a journal export's binary MESSAGE, its length already taken off. */
  readonly binary: boolean;
}

/** Cuts one layer off the front of the text and notes what it said; false if the text does not start with it. */
export type Framing = (cut: Cut, around: Around) => boolean;

/** Notes the outermost framing's name; inner layers do not overrule it. */
export function name(cut: Cut, framing: FramingName): void {
  cut.framing ??= framing;
}

/** "1.234567" or "1" as microseconds. */
export function microseconds(seconds: string): number {
  const dot = seconds.indexOf('.');
  if (dot < 0) return Number(seconds) * 1_000_000;
  return Number(seconds.slice(0, dot)) * 1_000_000 + Number(seconds.slice(dot + 1, dot + 7).padEnd(6, '0'));
}
