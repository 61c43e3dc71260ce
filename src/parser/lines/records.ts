/** Records that came in pieces: extended netconsole's fragments, and text that continues the record before it. */

import type { GatheredLine } from '../gathered.ts';

/** The longest message that pieces are joined to. */
const LONGEST = 8192;

/** The lines with each piece joined to the one that it continues, if that stands right before it. */
export function joinRecords(lines: readonly GatheredLine[]): readonly GatheredLine[] {
  if (!lines.some((l) => l.continues)) return lines;
  const joined: GatheredLine[] = [];
  for (const line of lines) {
    const before = joined[joined.length - 1];
    const follows =
      before !== undefined &&
      (before.next === line.span.from || before.span.line === line.span.line) &&
      // Two tasks' records may alternate.
      (before.caller === line.caller || before.caller === null || line.caller === null);
    if (!line.continues || !follows || before.text.length > LONGEST) {
      joined.push(line);
      continue;
    }
    joined[joined.length - 1] = {
      ...before,
      text: before.text + line.text,
      joined: true,
      span: { ...before.span, to: line.span.to },
      next: line.next,
      sequence: line.sequence ?? before.sequence,
      ended: line.ended,
    };
  }
  return joined;
}
