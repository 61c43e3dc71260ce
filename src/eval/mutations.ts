/**
 * A log with one number damaged: cut at each of its digits from either end, the rest of the line as it was (a serial port that lost characters), or the line cut at
 * each column (a pager, a screen's edge, a torn line). The log says less then, and no more: what is made of it must not be stronger.
 */

export interface Mutation {
  /** 1-based. */
  readonly line: number;
  readonly what: string;
  readonly text: string;
}

/** Hexadecimal and decimal numbers, in whatever word they stand. */
const NUMBER = /0x[0-9a-f]+|(?<![a-z_])[0-9a-f]{8,}|\d+/gi;
/** What a pager writes over the last column. */
const PAGER = '>';

/** The line damaged in every way, each text once. */
export function mutationsOf(line: string): readonly { readonly what: string; readonly text: string }[] {
  const made = new Map<string, string>();
  const add = (text: string, what: string): void => {
    if (text !== line && !made.has(text)) made.set(text, what);
  };
  for (const { 0: number, index } of line.matchAll(NUMBER)) {
    const [before, after] = [line.slice(0, index), line.slice(index + number.length)];
    for (let kept = 0; kept < number.length; kept++) {
      add(before + number.slice(0, kept) + after, `${number} cut to its first ${kept}`);
      if (kept > 0) add(before + number.slice(-kept) + after, `${number} cut to its last ${kept}`);
    }
  }
  for (let column = 1; column < line.length; column++) {
    add(line.slice(0, column), `cut at column ${column}`);
    add(line.slice(0, column) + PAGER, `cut at column ${column} by a pager`);
    add(line.slice(column), `begun at column ${column}`);
  }
  return [...made].map(([text, what]) => ({ what, text }));
}

/** Every mutation of every line of a log. */
export function* mutationsOfLog(log: string): Generator<Mutation> {
  const lines = log.split('\n');
  for (const [i, line] of lines.entries())
    for (const { what, text } of mutationsOf(line))
      yield { line: i + 1, what, text: [...lines.slice(0, i), text, ...lines.slice(i + 1)].join('\n') };
}

/**
 * Characters that no number, name or release of the kernel's holds: marks of pagers, editors and screens, of a paste's markup and quoting, what stands for a
 * byte that was lost, controls that a terminal acts on.
 */
const STRAY = [
  ...['>', '<', '\\', '|', '"', "'", '`', ',', ';', ')', ']', '}', '*', '^', '=', '@', '!', '%', '&'],
  ...['\u2026', '\u21a9', '\u00ad', '\u200b', '\ufffd', '\u00b7', '\0', '\b', '\x1b[1D', '\x1b[7m>\x1b[27m'],
];

/** The log with one such character put into one of its lines, or in place of a character; `draw(n)` is a number below n. */
export function strayIn(log: string, draw: (below: number) => number): Mutation {
  const lines = log.split('\n');
  const at = draw(lines.length);
  const line = lines[at]!;
  const column = draw(line.length + 1);
  const mark = STRAY[draw(STRAY.length)]!;
  const over = draw(2);
  const text = line.slice(0, column) + mark + line.slice(column + over);
  return {
    line: at + 1,
    what: `${JSON.stringify(mark)} ${over === 1 ? 'over' : 'at'} column ${column + 1}`,
    text: [...lines.slice(0, at), text, ...lines.slice(at + 1)].join('\n'),
  };
}
