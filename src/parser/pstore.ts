/**
 * pstore splits a dump into records and numbers them from the newest: "Oops#1 Part1" holds the last lines, Part2 those before. Read as they stand in
 * the file, a story would begin at its end.
 */
import type { GatheredLine } from './gather.ts';

const HEADER = /^(Oops|Panic|Emergency|Shutdown|Unknown)#(\d+) Part(\d+)\s*$/;

/**
 * The lines in the order in which the kernel printed them, each dump's marked with its name; header lines left out. What stands before the first
 * header (a boot that then shows what the last one left) stays in front.
 */
export function oldestFirst(lines: readonly GatheredLine[]): GatheredLine[] {
  const records: { dump: string; part: number; lines: GatheredLine[] }[] = [{ dump: '', part: 0, lines: [] }];
  for (const line of lines) {
    const header = HEADER.exec(line.text);
    if (header === null) records[records.length - 1]!.lines.push(line);
    else records.push({ dump: `${header[1]}#${header[2]}`, part: Number(header[3]), lines: [] });
  }
  const dumps = [...new Set(records.map((r) => r.dump))];
  return dumps.flatMap((dump) =>
    records
      .filter((r) => r.dump === dump)
      .sort((a, b) => b.part - a.part)
      .flatMap((r) => (dump === '' ? r.lines : r.lines.map((line) => ({ ...line, dump })))),
  );
}
