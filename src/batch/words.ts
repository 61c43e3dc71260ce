/** How a bucket, a share and a count are said, the same in every format. Text of a log is in them as it was: who prints them sanitizes. */
import { plural as pluralOf, titleWords } from '../words.ts';
import type { Difference } from './compare.ts';
import { DATED_BY, type DatedBy } from './dating.ts';
import type { Share } from './interval.ts';
import type { KnownBucket } from './known.ts';
import type { Bucket, Count, CutRow, Statistics } from './statistics.ts';

export const number = (n: number) => n.toLocaleString('en');

/** Counts in the thousands have their digits grouped. */
export const plural = (n: number, one: string, many = `${one}s`): string => pluralOf(n, one, many, number(n));

const percent = (share: number) => (share * 100).toFixed(share > 0 && share < 0.0995 ? 2 : 1);

/** "12 of 1,000 (0.69 to 2.09 %)": never a share without its count and its interval. */
export function shareWords(share: Share): string {
  const { count, of } = share;
  return `${number(count)} of ${number(of)} (${percentWords(share)})`;
}

/** "0.69 to 2.09 %". */
export function percentWords({ low, high }: Share): string {
  return `${percent(low)} to ${percent(high)} %`;
}

/** What the logs of a bucket show, in one line. */
export function whatWords(b: Bucket): string {
  const also = b.contradiction
    ? ', although the release carries the fix (judge anew with --not-fixed a2e7e59a9426?)'
    : '';
  if (b.mechanism !== null) return `${b.hypothesis}: ${b.outcome}${also}`;
  if (b.title === null)
    return b.class === 'no-crash' ? 'nothing in these logs is a crash' : 'cut before it can be told';
  return `${b.hypothesis === null ? '' : `${b.hypothesis}: `}${titleWords(b.title)}${also}`;
}

/** The same in a row of a list, what tells buckets apart first: it is cut at the right. */
export function rowWords(b: Bucket): string {
  if (b.mechanism === null) {
    const what = b.title === null ? whatWords(b) : titleWords(b.title);
    return `${b.contradiction ? 'fix present: ' : ''}${what}${b.hypothesis === null ? '' : ` (${b.hypothesis})`}`;
  }
  return `${b.contradiction ? 'fix present: ' : ''}${b.outcome} (${b.driver ?? 'driver not known'}, era ${b.era ?? 'not known'}; ${b.hypothesis})`;
}

/** The row that single crashes of other kinds share. */
export function singlesWords(singles: number): string {
  return `${plural(singles, 'single crash', 'single crashes')} of other kinds, each in a bucket of its own`;
}

/** Where: driver and era of a mechanism, the functions of another crash. */
export function whereWords(b: Bucket): string {
  if (b.mechanism !== null)
    return `${b.driver ?? 'driver not known'}, era ${b.era ?? 'not known'}, mechanism ${b.mechanism}`;
  return b.frames.length === 0 ? '' : `in ${b.frames.join(' < ')}`;
}

/** "6.1.50 (100), 6.1.20 (20), 3 more". */
export function countsWords(counts: readonly Count[], most = 3): string {
  const shown = counts.slice(0, most).map(([word, n]) => `${word} (${number(n)})`);
  return [...shown, ...(counts.length > most ? [`${number(counts.length - most)} more`] : [])].join(', ');
}

/** "2026-11-01 to 2026-11-20". */
export function seenWords({ first, last }: Bucket): string {
  if (first === null || last === null) return '';
  const [a, b] = [first.slice(0, 10), last.slice(0, 10)];
  return a === b ? a : `${a} to ${b}`;
}

const DATED: Readonly<Record<DatedBy, string>> = {
  journal: 'the journal',
  syslog: "the log's stamps",
  rtc: 'the clock chip',
  member: "the archive's date",
  file: "the file's date",
  build: "the kernel's build, before which it was not",
  none: 'nothing',
};

/** "by the clock chip", "by the clock chip and the file's date". */
export function datedWords({ datedBy: [first, last] }: Bucket): string {
  return first === 'none' ? '' : `by ${[...new Set([DATED[first], DATED[last]])].join(' and ')}`;
}

/** "open, BUG-123: seen in the lab only". */
export function knownWords({ status, fixedIn, seenOn, ticket, note }: KnownBucket): string {
  const fixed = `fixed in ${fixedIn.join(', ')}`;
  const is = {
    open: 'open',
    ignore: 'ignored',
    'fixed-in': fixed,
    reopened: `REOPENED: ${fixed}, seen on ${seenOn.join(', ')}`,
  }[status];
  return `${is}${ticket === null ? '' : `, ${ticket}`}${note === null ? '' : `: ${note}`}`;
}

/** What says when the boots were, and of how many. */
function datesWords({ dates }: Statistics): string {
  return DATED_BY.filter((by) => dates[by] > 0)
    .map((by) => `${number(dates[by])} by ${DATED[by]}`)
    .join(', ');
}

export function cutWords({ hardware, instance, drivers, share }: CutRow): string {
  const of = hardware ?? 'hardware that is not named';
  return `${of}: ${shareWords(share)} boots end while ${instance} (${drivers.join(' or ') || 'an IOMMU'}) registers`;
}

/** What was read, in sentences. */
export function totalWords(s: Statistics): readonly string[] {
  const { inputs } = s;
  const of = [
    inputs.archive > 0 ? plural(inputs.archive, 'archive') : '',
    inputs.duplicates > 0 ? plural(inputs.duplicates, 'duplicate') : '',
    inputs.refused > 0 ? `${number(inputs.refused)} not regular files` : '',
    inputs.unreadable > 0 ? `${number(inputs.unreadable)} unreadable` : '',
    inputs.defect > 0 ? plural(inputs.defect, 'defect') : '',
  ].filter((w) => w !== '');
  return [
    `${plural(s.logs, 'boot')} in ${plural(s.contents, 'log')}, from ${plural(inputs.all, 'input')}${of.length > 0 ? ` (${of.join(', ')})` : ''}`,
    Object.entries(s.classes)
      .filter(([, n]) => n > 0)
      .map(([c, n]) => `${number(n)} ${c}`)
      .join(', ') || 'no boot to count',
    ...(s.logs === 0 ? [] : [`dated: ${datesWords(s)}`]),
    ...(s.noKernelLog === 0
      ? []
      : [`${plural(s.noKernelLog, 'input')} without a kernel log, in no count (OR111; --format ndjson names them)`]),
    ...(s.stale === 0
      ? []
      : [`${plural(s.stale, 'log')} that only another version judged: in no count until a run meets them again`]),
  ];
}

export const TEST = "Fisher's exact test, two-sided, Holm's correction over all buckets, level 0.05";

export function differenceWords({ before, now, p }: Difference): string {
  return `${shareWords(before)} before, ${shareWords(now)} now, p ${p < 1e-4 ? '< 0.0001' : `= ${p.toFixed(4)}`}`;
}
