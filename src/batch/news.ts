/** What whoever opens the batch wants to know first: how many boots hit the race, what is new, what came back. The same sentences in every format. */
import type { Difference } from './compare.ts';
import type { Bucket, Statistics } from './statistics.ts';
import { number, plural } from './words.ts';

const RACE = 'xlate-vs-probe-free';

export interface News {
  readonly kind: 'race' | 'contradiction' | 'possible' | 'new' | 'quiet';
  readonly text: string;
  /** Ids of the buckets that it is about, for links. */
  readonly ids: readonly string[];
}

const bootsIn = (buckets: readonly Bucket[]) => buckets.reduce((sum, b) => sum + b.logs, 0);

function news(kind: News['kind'], buckets: readonly Bucket[], text: string): readonly News[] {
  return buckets.length === 0 ? [] : [{ kind, text, ids: buckets.map((b) => b.id) }];
}

/** Is a bucket new: against the baseline where there is one, else in this run. */
export function newness(differences: readonly Difference[] | null): (bucket: Bucket) => boolean {
  if (differences === null) return (bucket) => bucket.fresh;
  const ids = new Set(differences.flatMap(({ change, id }) => (change === 'new' ? [id] : [])));
  return ({ id }) => ids.has(id);
}

const isCrash = (b: Bucket) => b.title !== null || b.outcome !== null;

/** The news, the weightiest first; never none. `ran`: some of what is counted was there before this run, so that "new" means something. */
export function newsOf(
  statistics: Statistics,
  differences: readonly Difference[] | null,
  ran: boolean,
): readonly News[] {
  const { buckets, logs } = statistics;
  const of = (wanted: (b: Bucket) => boolean) => buckets.filter(wanted);
  const confirmed = of((b) => b.class === 'confirmed' && b.hypothesis === RACE);
  const exact = of((b) => b.class === 'possible' && b.contradiction);
  const possible = of((b) => b.class === 'possible' && !b.contradiction);
  const isNew = newness(differences);
  const fresh = differences !== null || ran ? of((b) => isCrash(b) && isNew(b)) : [];
  const against = differences === null ? 'in this run' : 'against the baseline';
  const race = fresh.filter((b) => b.class === 'confirmed' || b.class === 'possible').length;
  const all = `${number(bootsIn(confirmed))} of ${plural(logs, 'boot')}`;
  const hit = confirmed.length > 0;
  return [
    ...news('race', confirmed, `${all} hit the race, in ${plural(confirmed.length, 'bucket')}`),
    ...(hit || logs === 0
      ? []
      : [{ kind: 'quiet', text: `none of ${plural(logs, 'boot')} is confirmed to hit the race`, ids: [] } as const]),
    ...news(
      'contradiction',
      exact,
      `${number(bootsIn(exact))}${hit ? ' more' : ''} crash exactly so although the release has the fix, in ${plural(exact.length, 'bucket')}`,
    ),
    ...news(
      'possible',
      possible,
      `${number(bootsIn(possible))} more may be the race, in ${plural(possible.length, 'bucket')}: something is open`,
    ),
    ...news(
      'new',
      fresh,
      `${plural(fresh.length, 'bucket')} of crashes ${fresh.length === 1 ? 'is' : 'are'} new ${against}${race > 0 ? `, ${number(race)} of them confirmed or possible` : ''}`,
    ),
  ];
}
