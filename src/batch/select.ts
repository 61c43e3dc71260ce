/** What of a batch is to be shown: the boots that count, and of their buckets those that are listed. */
import type { VerdictClass } from '../reconstruct/types.ts';
import type { Bucket } from './statistics.ts';

export interface Selection {
  /** Only these classes; all where there is none. */
  readonly classes: readonly VerdictClass[];
  /** Only what is new. */
  readonly onlyNew: boolean;
  /** Buckets listed at most; null: as many as the format has room for. */
  readonly top: number | null;
  /** Every bucket has a row of its own. */
  readonly all: boolean;
}

export const EVERYTHING: Selection = { classes: [], onlyNew: false, top: null, all: false };

/** A crash that no hypothesis explains and that came once: for whoever looks for the race, one among many. */
export function isSingle(bucket: Bucket): boolean {
  return bucket.logs === 1 && bucket.class === 'excluded' && bucket.hypothesis === null && bucket.title !== null;
}

/** The buckets of these classes, and of these the new ones. `isNew` says which those are. */
export function selected(
  buckets: readonly Bucket[],
  { classes, onlyNew }: Selection,
  isNew: (bucket: Bucket) => boolean,
): readonly Bucket[] {
  return buckets.filter((b) => (classes.length === 0 || classes.includes(b.class)) && (!onlyNew || isNew(b)));
}

export interface Listed {
  readonly rows: readonly Bucket[];
  /** Those that share one row, and those that are ignored. */
  readonly singles: readonly Bucket[];
  readonly ignored: readonly Bucket[];
  /** Behind the last row. */
  readonly more: number;
}

/** Rows of a list: at most `most` of them unless the user says otherwise; single crashes of other kinds are together, unless all are asked for. */
export function listed(
  given: readonly Bucket[],
  { top, all }: Selection,
  most: number,
  isIgnored: (bucket: Bucket) => boolean = () => false,
): Listed {
  const ignored = all ? [] : given.filter(isIgnored);
  const buckets = all ? given : given.filter((b) => !isIgnored(b));
  const own = all ? buckets : buckets.filter((b) => !isSingle(b));
  const singles = all ? [] : buckets.filter(isSingle);
  // One alone needs no words about it.
  const [kept, apart] = singles.length === 1 ? [buckets, []] : [own, singles];
  const rows = kept.slice(0, top ?? (all ? kept.length : most));
  return { rows, singles: apart, ignored, more: kept.length - rows.length };
}
