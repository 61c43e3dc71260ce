/** What whoever opens the batch wants to know first: how many boots hit the race, what is new, what came back. The same sentences in every format. */
import type { Difference } from './compare.ts';
import type { KnownBucket } from './known.ts';
import { compareReleases } from './releases.ts';
import type { Bucket, Statistics } from './statistics.ts';
import { number, plural, rowWords } from './words.ts';

const RACE = 'xlate-vs-probe-free';

export interface News {
  readonly kind: 'reopened' | 'race' | 'contradiction' | 'possible' | 'new' | 'known' | 'ignored' | 'quiet';
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

/** What is known, by the id of the bucket. */
export type KnownBuckets = ReadonlyMap<string, KnownBucket>;

const few = (releases: readonly string[]) => {
  const sorted = [...releases].sort(compareReleases);
  return `${sorted.slice(0, 3).join(', ')}${sorted.length > 3 ? ` and ${number(sorted.length - 3)} others` : ''}`;
};

/** A sentence for each bucket that came back. */
function reopened(buckets: readonly Bucket[], known: KnownBuckets): readonly News[] {
  return buckets.flatMap((b): News[] => {
    const is = known.get(b.id);
    if (is?.status !== 'reopened') return [];
    const boots = b.releases.reduce((sum, [release, n]) => sum + (is.seenOn.includes(release) ? n : 0), 0);
    const what = `${b.id}${is.ticket === null ? '' : ` (${is.ticket})`} is back: fixed in ${is.fixedIn.join(', ')}`;
    const text = `${what}, seen on ${few(is.seenOn)} in ${plural(boots, 'boot')}: ${rowWords(b)}`;
    return [{ kind: 'reopened', text, ids: [b.id] }];
  });
}

/** The news, the weightiest first; never none. `ran`: some of what is counted was there before this run, so that "new" means something. */
export function newsOf(
  statistics: Statistics,
  differences: readonly Difference[] | null,
  ran: boolean,
  known: KnownBuckets = new Map(),
): readonly News[] {
  const { logs } = statistics;
  const isIgnored = (b: Bucket) => known.get(b.id)?.status === 'ignore';
  const ignored = statistics.buckets.filter(isIgnored);
  const buckets = statistics.buckets.filter((b) => !isIgnored(b));
  const noted = buckets.filter((b) => known.has(b.id));
  const of = (wanted: (b: Bucket) => boolean) => buckets.filter(wanted);
  const confirmed = of((b) => b.class === 'confirmed' && b.hypothesis === RACE);
  const exact = of((b) => b.class === 'possible' && b.contradiction);
  const possible = of((b) => b.class === 'possible' && !b.contradiction);
  const isNew = newness(differences);
  const fresh = differences !== null || ran ? of((b) => isCrash(b) && !known.has(b.id) && isNew(b)) : [];
  const against = differences === null ? 'in this run' : 'against the baseline';
  const race = fresh.filter((b) => b.class === 'confirmed' || b.class === 'possible').length;
  const all = `${number(bootsIn(confirmed))} of ${plural(logs, 'boot')}`;
  const hit = confirmed.length > 0;
  const fixed = noted.filter((b) => known.get(b.id)!.status !== 'open').length;
  return [
    ...reopened(buckets, known),
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
    ...news(
      'known',
      noted,
      `${number(bootsIn(noted))} in ${plural(noted.length, 'known bucket')}: ${number(noted.length - fixed)} open, ${number(fixed)} said to be fixed`,
    ),
    ...news(
      'ignored',
      ignored,
      `${number(bootsIn(ignored))} in ${plural(ignored.length, 'bucket')} that ${ignored.length === 1 ? 'is' : 'are'} ignored`,
    ),
  ];
}
