/** Lines that a terminal broke at its last column, in the middle of a word, and that somebody copied so. */

import { startIn } from '../framings/starts.ts';

/** Columns that a terminal may have; lines that must be as long as the longest. */
const NARROWEST = 60;
const WIDEST = 320;
const FEWEST = 3;
/** Columns in which the last word of a line would have begun. */
const WORD = 6;
const STAMPED = /^(?:<\d{1,2}>)?\[ {0,12}\d{1,11}\.\d{6}\]/;

/** The width at which a log's first lines are broken, or null where they are not: several lines are as long as the longest, and none is longer. */
export function foldOf(head: string): number | null {
  let longest = 0;
  let count = 0;
  for (let from = 0; from < head.length; ) {
    const found = head.indexOf('\n', from);
    if (found < 0) break;
    const length = found - from - (head.charCodeAt(found - 1) === 13 ? 1 : 0);
    if (length > WIDEST) return null;
    if (length > longest) {
      longest = length;
      count = 1;
    } else if (length === longest) count++;
    from = found + 1;
  }
  return longest >= NARROWEST && count >= FEWEST ? longest : null;
}

function frontOf(line: string): string {
  return line.slice(0, 4).replace(/\d/g, '0');
}

/**
 * The lines put together again, or null. A screen that cuts its lines leaves as many of one length: then what follows them begins as messages do, and
 * nothing is joined.
 */
export function unfolded(text: string, width: number): string | null {
  const lines = text.split(/\r?\n/);
  if (lines.some((line) => line.length > width)) return null;
  const stamped = lines.filter((line) => STAMPED.test(line)).length * 3 > lines.length;
  const fronts = new Map<string, number>();
  for (const line of lines) fronts.set(frontOf(line), (fronts.get(frontOf(line)) ?? 0) + 1);
  const usual = Math.max(FEWEST, lines.length / 20);
  // What follows a broken line begins as no line does.
  const begins = (line: string) =>
    stamped ? STAMPED.test(line) : line === '' || startIn(line)?.at === 0 || fronts.get(frontOf(line))! >= usual;
  const goingOn = (least: number, most: number) =>
    lines.flatMap(({ length }, i) =>
      length >= least && length <= most && i + 1 < lines.length && !begins(lines[i + 1]!) ? [i] : [],
    );
  const full = lines.filter((line) => line.length === width).length;
  const ahead = goingOn(width, width);
  // A mailer breaks between words: then as many lines that go on are a few columns shorter.
  if (ahead.length <= FEWEST || ahead.length * 2 < full) return null;
  if (goingOn(width - WORD, width - 1).length * 2 > ahead.length) return null;
  const joins = new Set(ahead);
  let out = '';
  for (const [i, line] of lines.entries()) out += joins.has(i) ? line : i + 1 < lines.length ? `${line}\n` : line;
  return out;
}
