/** The table of rival hypotheses. A module of its own because cli-table3 costs start-up time that only a text report with rivals should pay. */

import Table from 'cli-table3';
import type { Rival } from '../reconstruct/types.ts';
import { sanitizeAscii } from './sanitize.ts';

const ASCII = {
  top: '-',
  'top-mid': '+',
  'top-left': '+',
  'top-right': '+',
  bottom: '-',
  'bottom-mid': '+',
  'bottom-left': '+',
  'bottom-right': '+',
  left: '|',
  right: '|',
  middle: '|',
};
/** No rules between the rows: the table is read beside a diagram, and every line counts. */
const NO_RULES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

export interface RivalsOptions {
  readonly width: number;
  readonly ascii: boolean;
}

/**
 * Lines of the table, at most `width` columns each. The cells are ASCII whatever the page is: the table library has its own idea of which other
 * characters are two columns wide.
 */
export function rivalsTable(rivals: readonly Rival[], { width, ascii }: RivalsOptions): string[] {
  const longest = (cells: readonly string[]) => Math.max(...cells.map((cell) => cell.length));
  const name = longest(rivals.map((r) => r.hypothesis)) + 2;
  const status = longest(rivals.map((r) => r.status)) + 2;
  const table = new Table({
    style: { head: [], border: [] },
    chars: ascii ? { ...ASCII, ...NO_RULES } : NO_RULES,
    colWidths: [name, status, Math.max(16, width - name - status - 4)],
    wordWrap: true,
  });
  const order = ['explains', 'open', 'refuted'] as const;
  for (const rival of order.flatMap((one) => rivals.filter((r) => r.status === one))) {
    const lines = rival.lines.length === 0 ? '' : ` (line ${rival.lines.slice(0, 4).join(', ')})`;
    table.push([rival.hypothesis, rival.status, sanitizeAscii(rival.because) + lines]);
  }
  return table.toString().split('\n');
}
