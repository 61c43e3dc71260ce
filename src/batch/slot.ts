/** An input on its way through a run: what is to be judged of it, what its line says, and what the run has to do it with. */

import { complain } from '../exit.ts';
import type { TriageOptions } from '../reconstruct/types.ts';
import type { Ledger } from './ledger.ts';
import type { Pool } from './pool.ts';
import type { Store } from './store.ts';
import type { Item } from './task.ts';
import { INPUT_SCHEMA, type InputLine, type InputStatus, type Said } from './types.ts';

/** What came of one input, as it is told. */
export interface Result {
  readonly line: InputLine;
  /** False where it was judged in this run. */
  readonly known: boolean;
  /** True for an input that the user named and that could not be read. */
  readonly given: boolean;
}

export interface Run {
  readonly ledger: Ledger;
  readonly pool: Pool;
  readonly store: Store | null;
  readonly options: TriageOptions;
  readonly result: (result: Result) => void;
  /** Hears each new line of the journal. */
  readonly judged?: (line: string) => void;
  /** Tasks that wait, are being judged, or wait for one before them. */
  readonly window: number;
  /** True once the user wants it to end. */
  readonly stopped: () => boolean;
}

/** An input with what its line says. */
export interface Entry {
  readonly path: string;
  readonly bytes: number | null;
  readonly modified: number | null;
  readonly given: boolean;
}

export interface Slot {
  readonly entry: Entry;
  /** To be judged; null where nothing is to be done. */
  readonly item: Item | null;
  /** What its line says without judging; null for an input that is known, or to be judged. */
  readonly told: Told | null;
}

export type Told = Omit<InputLine, 'schema' | 'path' | 'bytes' | 'modified'>;

/** What is to be judged of them, in their order. */
export function itemsOf(slots: readonly Slot[]): Item[] {
  return slots.flatMap(({ item }) => (item === null ? [] : [item]));
}

export function told(status: InputStatus, diagnostics: readonly Said[], content: string | null = null): Told {
  return { status, content, model: null, diagnostics };
}

/** The input's line of inputs.ndjson. */
export function lineOf({ path, bytes, modified }: Entry, { status, content, model, diagnostics }: Told): InputLine {
  return {
    schema: INPUT_SCHEMA,
    path,
    status,
    bytes,
    modified: modified === null ? null : new Date(modified).toISOString(),
    content,
    model,
    diagnostics,
  };
}

/** Said on standard error, for those who see no line of the input. */
export function complainOf({ line: { path, status, diagnostics } }: Result): void {
  const failed = status !== 'judged' && status !== 'archive';
  for (const { code, text } of diagnostics)
    complain(failed ? `${path}: ${code}: ${text}` : `warning ${code}: ${text} (${path})`);
}
