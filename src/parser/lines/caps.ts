/** Bounds on what a hostile or huge log may cost. Exceeding one gives a diagnostic, never an exception. */
export interface Caps {
  /** Characters of one message that are looked at; the rest of a longer line is not read. */
  readonly line: number;
  /** Characters handed to the grammar in one log, remembered shapes not counted. */
  readonly grammarWork: number;
  /** Crash reports per log. */
  readonly incidents: number;
  /** Lines kept for the timeline and the reports, per log. */
  readonly lines: number;
  /** Lines of a large input's boot that are kept together; what follows is a part of its own. */
  readonly part: number;
}

export const CAPS: Caps = { line: 4096, grammarWork: 500_000, incidents: 200, lines: 150_000, part: 10_000 };
