/** What every format shows: the statistics, where the examples are, and what changed against another batch. */
import type { Difference } from '../compare.ts';
import type { Detail } from '../details.ts';
import type { KnownBucket } from '../known.ts';
import { type KnownBuckets, type News, newness, newsOf } from '../news.ts';
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
  /** What --known says, by the id of the bucket. */
  readonly known?: KnownBuckets;
  /** What the clearest log of a bucket shows; null where it is not at hand. */
  readonly details?: (bucket: Bucket) => Detail | null;
  /** Paths of each bucket's logs by its id, the example's first. */
  readonly paths?: ReadonlyMap<string, readonly string[]>;
  /** The file that the page is written to. */
  readonly file?: string | null;
}

export function exampleOf({ examples }: Page, { id }: Bucket): string | null {
  return examples.get(id) ?? null;
}

export const selectionOf = ({ selection }: Page): Selection => selection ?? EVERYTHING;

/** The buckets to list: what came back first, then in their order. */
export function shownOf(page: Page): readonly Bucket[] {
  const shown = selected(page.statistics.buckets, selectionOf(page), newness(page.differences));
  const isBack = (b: Bucket) => knownOf(page, b)?.status === 'reopened';
  return shown.some(isBack) ? [...shown.filter(isBack), ...shown.filter((b) => !isBack(b))] : shown;
}

export function knownOf({ known }: Page, { id }: Bucket): KnownBucket | null {
  return known?.get(id) ?? null;
}

/** The same where a format lists as many as there are. */
export function allOf(page: Page): readonly Bucket[] {
  const { top } = selectionOf(page);
  const shown = shownOf(page);
  return top === null ? shown : shown.slice(0, top);
}

export function newsIn({ statistics, differences, ran, known }: Page): readonly News[] {
  return newsOf(statistics, differences, ran ?? false, known);
}

/** "BUG-123" of a ticket's address. */
export function ticketName(ticket: string): string {
  return /^https?:\/\//.test(ticket) ? (ticket.replace(/\/+$/, '').split(/[/=]/).at(-1) ?? ticket) : ticket;
}

/** What is known of a bucket besides what it is, in a word or two; '' where nothing is. */
export function statusIn(page: Page): (bucket: Bucket) => string {
  const isNew = newness(page.differences);
  const canTell = page.differences !== null || (page.ran ?? false);
  return (bucket) => {
    const known = knownOf(page, bucket);
    if (known === null) return canTell && isNew(bucket) ? 'new' : '';
    const word = { open: '', ignore: 'ignored', 'fixed-in': 'fixed', reopened: 'REOPENED' }[known.status];
    const ticket = known.ticket === null ? '' : ticketName(known.ticket);
    return [word, ticket].filter((w) => w !== '').join(' ') || 'known';
  };
}
