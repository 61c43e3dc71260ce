/** Logs as some stores show them: the newest line at the top. */

const STAMP = /\[ {0,12}(\d{1,11}\.\d{6})\]/;
const DATE = /\b(\d{4}-\d\d-\d\d[T_ ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)|(?:^|[ [])(\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)\b/;
/** Steps back that there must be, and fewer where no step goes on: a store that counts seconds has many lines of one. */
const FEWEST = 5;
const FEWEST_ALONE = 3;

/** When a line was written, as far as one can compare; null for one that does not say. */
function timeOf(line: string): string | null {
  const front = line.slice(0, 200);
  const stamp = STAMP.exec(front)?.[1];
  if (stamp !== undefined) return stamp.padStart(20);
  const date = DATE.exec(front);
  return date === null ? null : (date[1] ?? date[2]!);
}

/** True where nearly every step from line to line is back in time. `head`: the input's first bytes. */
export function isNewestFirst(head: string): boolean {
  let last: string | null = null;
  let back = 0;
  let on = 0;
  for (const line of linesOf(head)) {
    const time = timeOf(line);
    if (time === null) continue;
    if (last !== null && time.length === last.length) {
      if (time < last) back++;
      else if (time > last) on++;
    }
    // The first steps tell of nearly every log that it is none of these.
    if (on > 2 && on > back) return false;
    last = time;
  }
  return on === 0 ? back >= FEWEST_ALONE : back >= FEWEST && on * 10 <= back;
}

/** Its lines one by one: of nearly every log the first few tell. */
function* linesOf(head: string): Generator<string> {
  for (let from = 0; from < head.length; ) {
    const found = head.indexOf('\n', from);
    const to = found < 0 ? head.length : found;
    yield head.slice(from, to);
    from = to + 1;
  }
}

/** The lines in the order in which they were written; what has no time stays behind the line that it follows. */
export function oldestLineFirst(text: string): string {
  const records: string[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (records.length === 0 || timeOf(line) !== null) records.push(line);
    else records[records.length - 1] += `\n${line}`;
  }
  return `${records.reverse().join('\n')}\n`;
}
