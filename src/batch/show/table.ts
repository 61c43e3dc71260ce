/** The table on a terminal. */

import { sanitize, sanitizeAscii } from '../../report/safe/sanitize.ts';
import { hang, wrap } from '../../report/text/layout.ts';
import { tableLines } from '../../report/text/table.ts';
import type { Bucket } from '../statistics.ts';
import {
  countsWords,
  cutWords,
  differenceWords,
  number,
  plural,
  seenWords,
  shareWords,
  TEST,
  totalWords,
  whatWords,
  whereWords,
} from '../words.ts';
import { exampleOf, type Page } from './page.ts';

export interface TableView {
  readonly columns: number;
  readonly ascii: boolean;
}

/** Buckets shown; the formats for programs have all. */
const MOST = 40;
const MOST_CUTS = 20;

function rowOf(page: Page, bucket: Bucket, width: number): string[] {
  const lines = [
    `${bucket.class.toUpperCase()} ${whatWords(bucket)}`,
    whereWords(bucket),
    bucket.releases.length > 0 ? `kernels: ${countsWords(bucket.releases)}` : '',
    bucket.hardware.length > 0 ? `hardware: ${countsWords(bucket.hardware, 2)}` : '',
    bucket.class === 'no-crash' || exampleOf(page, bucket) === null ? '' : `see ${exampleOf(page, bucket)}`,
  ];
  const share = bucket.share;
  const dup = bucket.duplicates > 0 ? `+${number(bucket.duplicates)} dup.` : '';
  return [
    bucket.id,
    [shareWords(share).replace(' (', '\n('), dup, seenWords(bucket).replace(' to ', ' to\n')]
      .filter((l) => l !== '')
      .join('\n'),
    // The library counts columns of ASCII only.
    lines
      .filter((l) => l !== '')
      .flatMap((l) => wrap(sanitizeAscii(l), width))
      .join('\n'),
  ];
}

export function renderTable(page: Page, { columns, ascii }: TableView): string {
  const width = Math.min(120, Math.max(72, columns));
  const { statistics, differences } = page;
  const clean = ascii ? sanitizeAscii : sanitize;
  const said = (text: string) => hang('', clean(text), width);
  const out = [
    ...totalWords(statistics).flatMap(said),
    ...(page.stopped ? ['interrupted: these are the results so far'] : []),
    '',
  ];
  const { buckets, cuts } = statistics;
  if (buckets.length > 0) {
    const widths = [14, 22, width - 14 - 22 - 4];
    const rows = buckets.slice(0, MOST).map((b) => rowOf(page, b, widths[2]! - 2));
    out.push(...tableLines([['bucket', 'boots (95 % interval)', 'what'], ...rows], { ascii, widths }));
    if (buckets.length > MOST) out.push(`${plural(buckets.length - MOST, 'more bucket')}; --format json has all`);
  }
  if (cuts.length > 0) {
    out.push('', 'cut while an IOMMU instance registered:');
    for (const cut of cuts.slice(0, MOST_CUTS)) out.push(...hang('  - ', clean(cutWords(cut)), width));
    if (cuts.length > MOST_CUTS) out.push(`  ${plural(cuts.length - MOST_CUTS, 'more')}; --format json has all`);
  }
  if (differences !== null) {
    const changed = differences.filter((d) => d.change !== 'same');
    out.push(
      '',
      ...said(`against the baseline (${TEST}): ${changed.length === 0 ? 'nothing new, gone, more or less' : ''}`),
    );
    for (const d of changed.slice(0, MOST))
      out.push(
        ...hang(
          `  ${d.change.padEnd(5)}`,
          clean(`${d.id} ${d.bucket.class.toUpperCase()} ${whatWords(d.bucket)}: ${differenceWords(d)}`),
          width,
        ),
      );
    if (changed.length > MOST) out.push(`  ${plural(changed.length - MOST, 'more')}; --format json has all`);
  }
  return `${out.map((l) => l.trimEnd()).join('\n')}\n`;
}
