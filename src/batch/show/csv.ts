/** Buckets for a spreadsheet, which runs what begins like a formula: such a cell gets an apostrophe in front. */
import { sanitize } from '../../report/safe/sanitize.ts';
import type { Bucket } from '../statistics.ts';
import { countsWords } from '../words.ts';
import { allOf, exampleOf, knownOf, type Page } from './page.ts';

/** Also behind blanks, which some spreadsheets pass over. */
const FORMULA = /^\s*[=+\-@|%]/;

/** A cell by RFC 4180. */
export function cell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = sanitize(value ?? '');
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

const COLUMNS =
  'bucket,class,hypothesis,outcome,mechanism,driver,era,title,frames,boots,of,low,high,duplicates,first,last,releases,hardware,example,change,p,status,ticket,note';

function knownCells(page: Page, bucket: Bucket): readonly (string | null)[] {
  const known = knownOf(page, bucket);
  return [known?.status ?? null, known?.ticket ?? null, known?.note ?? null];
}

export function renderCsv(page: Page): string {
  const changes = new Map(page.differences?.map((d) => [d.id, d]));
  const here = allOf(page).map((b) => ({ b, d: changes.get(b.id) }));
  const gone = (page.differences ?? [])
    .filter((d) => d.change === 'gone')
    .map((d) => ({ b: { ...d.bucket, logs: 0, share: d.now }, d }));
  const rows = [...here, ...gone].map(({ b, d }) =>
    [
      ...[b.id, b.class, b.hypothesis, b.outcome, b.mechanism, b.driver, b.era, b.title, b.frames.join(' < ')],
      ...[b.logs, b.share.of, b.share.low, b.share.high, b.duplicates, b.first, b.last],
      ...[
        countsWords(b.releases, 20),
        countsWords(b.hardware, 20),
        exampleOf(page, b),
        d?.change ?? null,
        d?.p ?? null,
        ...knownCells(page, b),
      ],
    ]
      .map(cell)
      .join(','),
  );
  return `${[COLUMNS, ...rows].join('\r\n')}\r\n`;
}
