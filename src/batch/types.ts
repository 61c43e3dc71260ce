/** What a batch keeps: a line of the journal for each boot that was judged, a line for each input. Shapes: schema/batch.schema.json. */

import type { VerdictClass } from '../reconstruct/types.ts';
import type { EraId, HypothesisId } from '../sim/types.ts';
import type { Dated } from './dates.ts';

export const RECORD_SCHEMA = 'oopsreplay/batch/1';
export const INPUT_SCHEMA = 'oopsreplay/batch-input/1';

/** A boot whose log ends inside a message that an IOMMU prints while it registers. */
export interface Cut {
  /** "15000000.iommu" */
  readonly instance: string;
  /** The drivers whose messages the line can have been going to be. */
  readonly drivers: readonly string[];
}

/** What buckets and statistics are made of: a line of the journal without the verdict in full (`triage`) behind it. */
export interface Head {
  readonly schema: typeof RECORD_SCHEMA;
  /** SHA-256 of the log's bytes, decompressed. */
  readonly content: string;
  readonly model: string;
  readonly boot: number;
  /** Boots of this content: as many lines as it has. */
  readonly boots: number;
  readonly bytes: number;
  /** Ids of the bucket by frames without and with the unreliable ones; one where they are the same. */
  readonly buckets: readonly string[];
  /** Stands for hypothesis, driver and era: what all outcomes of one race in one driver's code have in common. Null where the model has no cause. */
  readonly mechanism: string | null;
  readonly class: VerdictClass;
  readonly hypothesis: HypothesisId | null;
  readonly outcome: string | null;
  /** The kernel carries the fix by its release, and yet crashed like this. */
  readonly contradiction: boolean;
  readonly driver: string | null;
  readonly era: EraId | null;
  readonly release: string | null;
  readonly arch: string | null;
  readonly hardware: string | null;
  readonly title: string | null;
  readonly type: string | null;
  readonly frames: readonly string[];
  readonly crashes: number;
  /** How well the log shows its crash, for choosing an example: 0 to 15. */
  readonly clarity: number;
  readonly cut: Cut | null;
  /** Only where nothing in the input is a kernel's line: it is in no rate. */
  readonly kernelLog?: false;
  /** When it booted, by the log itself; null where it does not say. Lines of earlier versions lack both. */
  readonly dated?: Dated | null;
  /** When its kernel was built: no boot was before. */
  readonly built?: string | null;
}

/** A line of a log, by its number. */
export type Quoted = readonly [line: number, text: string];

export interface Said {
  readonly code: string;
  readonly text: string;
}

/**
 * judged: its content is in the journal; archive: its members have lines of their own; refused: not a regular file, or a link out of its root;
 * unreadable: the system said no; defect: the program failed on it.
 */
export type InputStatus = 'judged' | 'archive' | 'refused' | 'unreadable' | 'defect';

/** A line of inputs.ndjson. */
export interface InputLine {
  readonly schema: typeof INPUT_SCHEMA;
  /** As given or found; ARCHIVE!MEMBER inside an archive. */
  readonly path: string;
  readonly status: InputStatus;
  /** Bytes as stored, and when they were last written (UTC); null where that is not known. */
  readonly bytes: number | null;
  readonly modified: string | null;
  /** SHA-256 of the log's bytes, decompressed; null where none were judged. */
  readonly content: string | null;
  /** For an archive: the model that judged its members. */
  readonly model: string | null;
  readonly diagnostics: readonly Said[];
}
