/** The table as a page of markdown, for a ticket. */
import { cell, codeCell, prose } from '../../report/safe/escape.ts';
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
import { exampleOf, newsIn, type Page, selectionOf, shownOf, statusIn } from './page.ts';

const MOST = 200;

export function renderBatchMarkdown(page: Page): string {
  const { statistics, differences } = page;
  const { cuts } = statistics;
  const buckets = shownOf(page);
  const { top, all } = selectionOf(page);
  const status = statusIn(page);
  const most = top ?? (all ? buckets.length : MOST);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = (head: readonly string[], rows: readonly (readonly string[])[]) => [
    row(head),
    row(head.map(() => '---')),
    ...rows.map(row),
    '',
  ];
  const out = [
    '# Batch',
    '',
    ...totalWords(statistics).flatMap((w) => [prose(w), '']),
    ...newsIn(page).map(({ text }) => `- ${prose(text)}`),
    '',
    ...(page.stopped ? ['Interrupted: these are the results so far.', ''] : []),
    ...table(
      ['bucket', 'class', 'what', 'boots (95 % interval)', 'seen', 'kernels', 'example'],
      buckets.slice(0, most).map((b) => [
        codeCell(b.id),
        [b.class, status(b)]
          .filter((w) => w !== '')
          .map(cell)
          .join(', '),
        [whatWords(b), whereWords(b)]
          .filter((w) => w !== '')
          .map(cell)
          .join('; '),
        `${shareWords(b.share)}${b.duplicates > 0 ? `, and ${number(b.duplicates)} duplicates` : ''}`,
        seenWords(b),
        cell(countsWords(b.releases)),
        codeCell(exampleOf(page, b) ?? ''),
      ]),
    ),
  ];
  if (buckets.length > most) out.push(`${plural(buckets.length - most, 'more bucket')}.`, '');
  if (cuts.length > 0)
    out.push(
      '## Cut while an IOMMU instance registered',
      '',
      ...cuts.slice(0, MOST).map((c) => `- ${prose(cutWords(c))}`),
      '',
    );
  if (differences !== null)
    out.push(
      '## Against the baseline',
      '',
      `${prose(TEST)}.`,
      '',
      ...table(
        ['change', 'bucket', 'what', 'counts'],
        differences
          .filter((d) => d.change !== 'same')
          .slice(0, MOST)
          .map((d) => [
            d.change,
            codeCell(d.id),
            cell(`${d.bucket.class}: ${whatWords(d.bucket)}`),
            cell(differenceWords(d)),
          ]),
      ),
    );
  return `${out.join('\n').trimEnd()}\n`;
}
