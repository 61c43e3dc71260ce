/** The table on a terminal: one line a bucket, cut at the right; a wide terminal has more columns. */
import { sanitize, sanitizeAscii } from '../../report/safe/sanitize.ts';
import { clip, hang, pad, widthOf } from '../../report/text/layout.ts';
import { listed } from '../select.ts';
import type { Bucket, Count } from '../statistics.ts';
import {
  cutWords,
  differenceWords,
  number,
  percentWords,
  plural,
  rowWords,
  singlesWords,
  TEST,
  totalWords,
  whatWords,
} from '../words.ts';
import { exampleOf, knownOf, newsIn, type Page, selectionOf, shownOf, statusIn } from './page.ts';

export interface TableView {
  readonly columns: number;
  readonly ascii: boolean;
}

/** Buckets shown; --all and --top have others. */
const MOST = 15;
const MOST_CUTS = 5;
/** Terminals are read line by line: of one wider than this the rest stays empty. */
const WIDEST = 240;
const NARROWEST = 72;

interface Column {
  readonly name: string;
  readonly of: (bucket: Bucket, status: (bucket: Bucket) => string) => string;
  /** Numbers stand at the right. */
  readonly right?: true;
  /** Columns that the table must have for it to be shown; the narrow table has none of these. */
  readonly from: number;
  /** Widest; a longer cell is cut. */
  readonly most: number;
}

const day = (time: string | null) => time?.slice(0, 10) ?? '';
/** "6.1.50 +3": the most frequent, and how many others. */
const leading = ([first, ...others]: readonly Count[]) =>
  first === undefined ? '' : `${first[0]}${others.length > 0 ? ` +${number(others.length)}` : ''}`;

const COLUMNS: readonly Column[] = [
  { name: 'bucket', of: (b) => b.id, from: 0, most: 12 },
  { name: 'n', of: (b) => number(b.logs), right: true, from: 0, most: 12 },
  { name: 'class', of: (b) => b.class, from: 0, most: 12 },
  { name: 'status', of: (b, status) => status(b), from: 0, most: 16 },
  { name: 'title', of: (b) => rowWords(b), from: 0, most: 96 },
  { name: 'last seen', of: (b) => day(b.last), from: 100, most: 10 },
  { name: 'first seen', of: (b) => day(b.first), from: 118, most: 10 },
  { name: 'kernels', of: (b) => leading(b.releases), from: 132, most: 24 },
  { name: '95 %', of: (b) => percentWords(b.share), from: 150, most: 16 },
  { name: 'hardware', of: (b) => leading(b.hardware), from: 170, most: 28 },
];

const GAP = 2;
/** Less of a title says nothing. */
const TITLE = 30;

/** Rows of the list, the heads first. */
function rowsOf(page: Page, buckets: readonly Bucket[], width: number, clean: (text: string) => string): string[] {
  const status = statusIn(page);
  const columns = COLUMNS.filter((c) => c.from <= width)
    .map((column) => ({ column, cells: buckets.map((b) => clean(column.of(b, status))) }))
    // A column in which nothing stands is not there.
    .filter(({ column, cells }) => column.name === 'title' || cells.some((c) => c !== ''))
    .map((c) => ({
      ...c,
      width: Math.min(c.column.most, Math.max(widthOf(c.column.name), ...c.cells.map(widthOf))),
    }));
  const others = columns.reduce((sum, c) => sum + (c.column.name === 'title' ? 0 : c.width + GAP), 0);
  const title = columns.find((c) => c.column.name === 'title')!;
  title.width = Math.max(TITLE, Math.min(title.width, width - others));
  const line = (cell: (c: (typeof columns)[number]) => string) =>
    columns
      .map((c) => {
        const text = clip(cell(c), c.width);
        return c.column.right ? text.padStart(c.width) : pad(text, c.width);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const used = columns.reduce((sum, c) => sum + c.width + GAP, -GAP);
  const paths = buckets.map((b) => clean(exampleOf(page, b) ?? ''));
  return [
    line((c) => c.column.name),
    ...buckets.map((_, i) => {
      const row = line((c) => c.cells[i]!);
      const path = paths[i]!;
      // A path is there whole or not at all.
      const room = width - used - GAP;
      return path !== '' && width >= 130 && widthOf(path) <= room ? `${pad(row, used)}  ${path}` : row;
    }),
  ];
}

export function renderTable(page: Page, { columns, ascii }: TableView): string {
  const width = Math.min(WIDEST, Math.max(NARROWEST, columns));
  const { statistics, differences } = page;
  const clean = ascii ? sanitizeAscii : sanitize;
  const said = (text: string, first = '', rest?: string) => hang(first, clean(text), Math.min(width, 120), rest);
  const out = [
    ...totalWords(statistics).flatMap((w) => said(w)),
    ...(page.stopped ? ['interrupted: these are the results so far'] : []),
    '',
    ...newsIn(page).flatMap(({ text }) => said(text, '* ')),
  ];
  const selection = selectionOf(page);
  const isIgnored = (b: Bucket) => knownOf(page, b)?.status === 'ignore';
  const { rows, singles, ignored, more } = listed(shownOf(page), selection, MOST, isIgnored);
  const list = [
    ...(rows.length > 0 ? rowsOf(page, rows, width, clean) : []),
    ...(more > 0 ? [`${number(more)} more${selection.top === null ? ': --all' : ''}`] : []),
    ...(singles.length > 0 ? [`${singlesWords(singles.length)}: --all`] : []),
    ...(ignored.length > 0 ? [`${plural(ignored.length, 'ignored bucket')}: --all`] : []),
  ];
  if (list.length > 0) out.push('', ...list);
  else if (statistics.buckets.length > 0) out.push('', 'no bucket is of what was asked for');
  if (rows.length > 0) out.push('', 'one bucket, its logs and the clearest of them: --bucket ID');
  const { cuts } = statistics;
  if (cuts.length > 0) {
    out.push('', 'cut while an IOMMU instance registered:');
    for (const cut of cuts.slice(0, selection.all ? cuts.length : MOST_CUTS)) out.push(...said(cutWords(cut), '  - '));
    if (!selection.all && cuts.length > MOST_CUTS) out.push(`  ${number(cuts.length - MOST_CUTS)} more: --all`);
  }
  if (differences !== null) {
    const changed = differences.filter((d) => d.change !== 'same');
    out.push(
      '',
      ...said(`against the baseline (${TEST}): ${changed.length === 0 ? 'nothing new, gone, more or less' : ''}`),
    );
    const most = selection.all ? changed.length : (selection.top ?? MOST);
    for (const d of changed.slice(0, most))
      out.push(
        ...said(
          `${d.id} ${d.bucket.class} ${whatWords(d.bucket)}: ${differenceWords(d)}`,
          `  ${d.change.padEnd(5)}`,
          ' '.repeat(7),
        ),
      );
    if (changed.length > most) out.push(`  ${plural(changed.length - most, 'more change')}: --all`);
  }
  return `${out.map((l) => l.trimEnd()).join('\n')}\n`;
}
