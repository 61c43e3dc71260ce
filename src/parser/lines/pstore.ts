/**
 * pstore splits a dump into records and numbers them from the newest: "Oops#1 Part1" holds the last lines, Part2 those before. Read as they stand in
 * the file, a story would begin at its end.
 */

import { find, latin1 } from '../../bytes.ts';
import type { GatheredLine } from '../gathered.ts';

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

const PART_OF_DUMP = ' Part';
/** Bytes of a dump's header line on either side of that, its newlines included. */
const AROUND = 24;
const DUMP = /[\r\n](?:Oops|Panic|Emergency|Shutdown|Unknown)#\d+ Part\d+\s*(?:[\r\n]|$)/;
const DUMP_FIRST = /^(?:Oops|Panic|Emergency|Shutdown|Unknown)#\d+ Part\d+\s*$/m;

/** True if a dump's record starts somewhere in the input. */
export function isPstore(buffer: Uint8Array): boolean {
  for (let at = find(buffer, PART_OF_DUMP); at >= 0; at = find(buffer, PART_OF_DUMP, at + 1)) {
    const from = Math.max(0, at - AROUND);
    const around = latin1(buffer, from, at + AROUND);
    if ((from === 0 ? DUMP_FIRST : DUMP).test(around)) return true;
  }
  return false;
}
