/** What every format shows: the statistics, where the examples are, and what changed against another batch. */
import type { Difference } from '../compare.ts';
import { type News, newness, newsOf } from '../news.ts';
import { EVERYTHING, type Selection, selected } from '../select.ts';
import type { Bucket, Statistics } from '../statistics.ts';

export interface Page {
  readonly statistics: Statistics;
  /** Path of each bucket's example by its id. */
  readonly examples: ReadonlyMap<string, string>;
  /** Null where no baseline was asked for. */
  readonly differences: readonly Difference[] | null;
  /** True where the run was interrupted: then these are the results so far. */
  readonly stopped: boolean;
  /** What of it is to be listed; everything unless it is said. */
  readonly selection?: Selection;
  /** True where something was counted before this run, and this run judged: then a bucket can be new in it. */
  readonly ran?: boolean;
}

export function exampleOf({ examples }: Page, { id }: Bucket): string | null {
  return examples.get(id) ?? null;
}

export const selectionOf = ({ selection }: Page): Selection => selection ?? EVERYTHING;

/** The buckets to list, in their order. */
export function shownOf(page: Page): readonly Bucket[] {
  return selected(page.statistics.buckets, selectionOf(page), newness(page.differences));
}

/** The same where a format lists as many as there are. */
export function allOf(page: Page): readonly Bucket[] {
  const { top } = selectionOf(page);
  const shown = shownOf(page);
  return top === null ? shown : shown.slice(0, top);
}

export function newsIn({ statistics, differences, ran }: Page): readonly News[] {
  return newsOf(statistics, differences, ran ?? false);
}

/** What is known of a bucket besides what it is, in a word or two; '' where nothing is. */
export function statusIn({ differences, ran }: Page): (bucket: Bucket) => string {
  const isNew = newness(differences);
  const canTell = differences !== null || (ran ?? false);
  return (bucket) => (canTell && isNew(bucket) ? 'new' : '');
}
