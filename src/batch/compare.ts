/** Two batches beside each other: which buckets are new, gone, more or less. */
import { fisher, holm, type Share, shareOf } from './interval.ts';
import type { Bucket, Statistics } from './statistics.ts';

export type Change = 'new' | 'gone' | 'more' | 'less' | 'same';

export interface Difference {
  readonly id: string;
  readonly change: Change;
  readonly bucket: Bucket;
  readonly before: Share;
  readonly now: Share;
  /** Fisher's exact test, two-sided, after Holm's correction over all buckets. */
  readonly p: number;
}

/** At or below it a difference is one. */
export const LEVEL = 0.05;

const ORDER: readonly Change[] = ['new', 'gone', 'more', 'less', 'same'];

/** Buckets are the same where any of their ids is: one of two batches may have seen more of their frames. */
export function compare(before: Statistics, now: Statistics): readonly Difference[] {
  const idsOf = (b: Bucket) => [b.id, ...b.aliases];
  const old = new Map(before.buckets.flatMap((b) => idsOf(b).map((id) => [id, b] as const)));
  const met = new Set<Bucket>();
  const pairs = now.buckets.map((bucket) => {
    const counterparts = new Set(idsOf(bucket).flatMap((id) => old.get(id) ?? []));
    for (const one of counterparts) met.add(one);
    return { bucket, was: [...counterparts].reduce((sum, b) => sum + b.logs, 0), is: bucket.logs };
  });
  const gone = before.buckets.filter((b) => !met.has(b)).map((bucket) => ({ bucket, was: bucket.logs, is: 0 }));
  const all = [...pairs, ...gone];
  const p = holm(all.map(({ was, is }) => fisher(is, now.logs, was, before.logs)));
  return all
    .map(({ bucket, was, is }, i): Difference => {
      const differs = p[i]! <= LEVEL;
      const more = is / Math.max(1, now.logs) > was / Math.max(1, before.logs);
      const change = was === 0 ? 'new' : is === 0 ? 'gone' : !differs ? 'same' : more ? 'more' : 'less';
      return { id: bucket.id, change, bucket, before: shareOf(was, before.logs), now: shareOf(is, now.logs), p: p[i]! };
    })
    .sort((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change) || a.p - b.p || (a.id < b.id ? -1 : 1));
}
