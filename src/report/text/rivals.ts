/** The table of rival hypotheses. A module of its own because cli-table3 costs start-up time that only a text report with rivals should pay. */

import type { Rival } from '../../reconstruct/types.ts';
import { sanitizeAscii } from '../safe/sanitize.ts';
import { atLines, rivalsShown } from '../story/selection.ts';
import { withoutMarks } from '../story/wording.ts';
import { hang, wrap } from './layout.ts';
import { tableLines } from './table.ts';

export interface RivalsOptions {
  readonly width: number;
  readonly ascii: boolean;
}

/** Columns of the reasons, below which a table is no help. */
const NARROWEST = 28;
const LINES_PER_RIVAL = 4;

const ORDER = ['explains', 'open', 'refuted'] as const;

/**
 * Lines of the table, at most `width` columns each, and under it the rivals that nothing of this log was needed to refute (their era or the
 * model did). The cells are ASCII whatever the page is: the table library has its own idea of which other characters are two columns wide.
 */
export function rivalsTable(rivals: readonly Rival[], { width, ascii }: RivalsOptions): string[] {
  const sorted = ORDER.flatMap((status) => rivals.filter((r) => r.status === status));
  const { main: rows, rest } = rivalsShown(sorted);
  const below =
    rest.length === 0
      ? []
      : hang('', `${rows.length === 0 ? '' : 'also '}refuted: ${rest.map((r) => r.hypothesis).join(', ')}`, width);
  return rows.length === 0 ? below : [...tableOf(rows, width, ascii), ...below];
}

function tableOf(rows: readonly Rival[], width: number, ascii: boolean): string[] {
  const longest = (cells: readonly string[]) => Math.max(...cells.map((cell) => cell.length));
  const name = longest(rows.map((r) => r.hypothesis)) + 2;
  const status = longest(rows.map((r) => r.status)) + 2;
  const room = width - name - status - 4;
  const reasons = rows.map(
    ({ because, lines }) => sanitizeAscii(withoutMarks(because)) + atLines(lines, LINES_PER_RIVAL),
  );
  // No column of a sentence is left: each rival is a paragraph then.
  if (room < NARROWEST)
    return rows.flatMap((r, i) => [
      ...hang('', `${r.hypothesis}: ${r.status}`, width),
      ...hang('  ', reasons[i]!, width),
    ]);
  // Wrapped here, since the table would cut a long word.
  const cells = rows.map((r, i) => [r.hypothesis, r.status, wrap(reasons[i]!, room - 2).join('\n')]);
  return tableLines(cells, { ascii, widths: [name, status, room] });
}
