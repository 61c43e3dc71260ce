/** What the cursor over an input's lines hands on (gather.ts). */
import type { Diagnostic, FramingName, Line } from './types.ts';

/** A line that was looked at, with what the assembly needs besides: whether the next one in the array follows it in the file. */
export interface GatheredLine extends Line {
  /** Physical length in characters, framing included: wrapped pastes break near a column. */
  readonly width: number;
  /** Offset one past its newline: equals the next line's `span.from` when nothing stands between. */
  readonly next: number;
  readonly sequence: number | null;
  /** True if the text goes on where the record before it stopped. */
  readonly continues?: boolean;
  /** True if the text is that of several physical lines, of which this is the first. */
  readonly joined?: boolean;
  /** The pstore dump that the line stands in ("Oops#1"), or null. */
  readonly dump: string | null;
  /** False for the input's last line when no newline ends it. */
  readonly ended: boolean;
}

/** Every line that was looked at, in file order, and what is known of the input as a whole. */
export interface Gathered {
  readonly lines: GatheredLine[];
  readonly framings: Set<FramingName>;
  readonly total: number;
  readonly diagnostics: Diagnostic[];
  readonly pstore: boolean;
  /** The messages of a physical line, cut as this input's lines were. */
  readonly cut: (physical: string) => readonly { readonly text: string }[];
  /** The first lines look like a kernel's, although no framing says so. */
  readonly kernelish: () => boolean;
}
