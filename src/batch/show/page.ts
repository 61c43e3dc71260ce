/** What every format shows: the statistics, where the examples are, and what changed against another batch. */
import type { Difference } from '../compare.ts';
import type { Bucket, Statistics } from '../statistics.ts';

export interface Page {
  readonly statistics: Statistics;
  /** Path of each bucket's example by its id. */
  readonly examples: ReadonlyMap<string, string>;
  /** Null where no baseline was asked for. */
  readonly differences: readonly Difference[] | null;
  /** True where the run was interrupted: then these are the results so far. */
  readonly stopped: boolean;
}

export function exampleOf({ examples }: Page, { id }: Bucket): string | null {
  return examples.get(id) ?? null;
}
