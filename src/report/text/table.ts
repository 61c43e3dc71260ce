/** Tables of the terminal, by cli-table3: neither colour (it would colour even when piped) nor rules between the rows. */
import Table from 'cli-table3';

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
const NO_RULES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

export interface TableOptions {
  readonly ascii?: boolean;
  /** Columns of each cell, two of padding included; longer text is wrapped. */
  readonly widths?: readonly number[];
}

/**
 * Lines of a table. The cells must be ASCII whatever the page is: the library has its own idea of which other characters are two columns wide.
 */
export function tableLines(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const table = new Table({
    style: { head: [], border: [] },
    chars: options.ascii ? { ...ASCII, ...NO_RULES } : NO_RULES,
    wordWrap: true,
    ...(options.widths ? { colWidths: [...options.widths] } : {}),
  });
  for (const row of rows) table.push([...row]);
  return table.toString().split('\n');
}
