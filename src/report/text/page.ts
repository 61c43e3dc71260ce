/** The page of a terminal: its width, its colours, and the forms that the head and the sections share. */

import picocolors from 'picocolors';
import { sanitize, sanitizeAscii } from '../safe/sanitize.ts';
import { withoutMarks } from '../story/wording.ts';
import { clip, hang } from './layout.ts';

export interface TerminalOptions {
  /** Columns of the terminal; 80 where the output is not one. At most 120 are used. */
  readonly columns: number;
  readonly colour: boolean;
  /** No character outside ASCII: no box drawing, and the log's own shown as escapes. */
  readonly ascii: boolean;
}

export interface Page extends TerminalOptions {
  readonly width: number;
  readonly clean: (text: string) => string;
  readonly paint: ReturnType<typeof picocolors.createColors>;
}

/** Columns of a fact's label. */
export const LABEL = 10;

export function pageOf(options: TerminalOptions): Page {
  return {
    ...options,
    width: Math.min(120, Math.max(60, options.columns)),
    clean: options.ascii ? sanitizeAscii : sanitize,
    paint: picocolors.createColors(options.colour),
  };
}

/** A sentence of ours, which may name what the log named. */
export function ours(page: Page, text: string): string {
  return page.clean(withoutMarks(text));
}

/** "  kernel    6.5.6 ... wrapped under itself; nothing for an empty text. */
export function labelled(page: Page, label: string, text: string | null): string[] {
  if (text === null || text === '') return [];
  const first = `  ${label.padEnd(LABEL)}`;
  return hang(first, ours(page, text), page.width).map((line, i) =>
    i === 0 ? line.replace(label, page.paint.bold(label)) : line,
  );
}

/** A line of the log on two rows at most. */
export function quote(page: Page, first: string, text: string): string[] {
  const rows = hang(first, page.clean(text).trim(), page.width);
  if (rows.length > 2)
    rows.splice(1, rows.length, clip(`${rows[1]} ${rows[2]!.trim()}`, page.width - 4).concat(' ...'));
  return rows.map((row) => page.paint.dim(row));
}
