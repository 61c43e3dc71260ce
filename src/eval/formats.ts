/**
 * The framing of one captured log each: is it recognised, and is it taken off every line? The folder's TABLE.md says how each file was captured; what
 * is expected follows from that description, never from a file's name.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLog } from '../parser/parse.ts';
import type { FramingName } from '../parser/types.ts';

/** What a description in the table means for `source.framings`; the first that fits. */
const EXPECTED: readonly (readonly [described: RegExp, framing: FramingName])[] = [
  [/dmesg --json/, 'dmesg-json'],
  [/journalctl -o json/, 'journal-json'],
  [/journalctl -o export/, 'journal-export'],
  [/ncfrag|netconsole/, 'netconsole'],
  [/kmsg-record|\/dev\/kmsg records/, 'kmsg'],
  [/logcat/, 'logcat'],
  [/LAVA job log/, 'lava'],
  [/pstore-part|ramoops/, 'pstore'],
  [/^dmesg-x$|level-prefix|level-only|syslog\(2\)/, 'level'],
  [/syslog3164|journal-short|journal-iso|lava-prefix|abrt syslog|abrt negative/, 'syslog'],
  [/journal-monotonic/, 'journal'],
  [/printk caller|caller-space|caller id|syzkaller console with executor|NUL bytes/, 'dmesg-caller'],
  [/mail paste|mail\/commit|gutter/, 'mail'],
  [
    /dmesg|serial|uboot|ansi|interleave|syzkaller console|android|abrt|vmcore|arm32|glued|missing newline|annotations|new WARN|truncated/,
    'dmesg',
  ],
];
/** Descriptions of a form that has no framing left to name. */
const BARE = /decode_stacktrace/;
/** What a line would start with if a framing had been left on it. */
const RESIDUE =
  /^(?:\[ {0,12}\d{1,10}\.\d{3,9}(?: <[ \d.+]+>)?\](?:\s|\[)|<\d{1,2}>|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [^ ]+ kernel: |\d,\d{1,12},\d{6,18},[-c+][,;]|kern {2}:|"msg": )/;

interface Row {
  readonly file: string;
  readonly format: string;
}

/** Files with their framing right, of all that the table names; a miss says what was found. */
export function evaluateFormats(folder: string): { right: number; total: number; misses: string[] } {
  const table = join(folder, 'TABLE.md');
  const result = { right: 0, total: 0, misses: [] as string[] };
  if (!existsSync(table)) return result;
  const files = readdirSync(folder);
  for (const { file, format } of rowsOf(readFileSync(table, 'utf8'))) {
    if (!files.includes(file)) continue;
    result.total++;
    const wrong = wrongWith(join(folder, file), format);
    if (wrong === null) result.right++;
    else result.misses.push(`${file}: ${wrong} (${format})`);
  }
  return result;
}

function rowsOf(table: string): Row[] {
  return table.split('\n').flatMap((line) => {
    const [, file, format] = line.split('|').map((cell) => cell.trim());
    return file === undefined || format === undefined || !/\.\w+$/.test(file) ? [] : [{ file, format }];
  });
}

function wrongWith(path: string, format: string): string | null {
  const logs = parseLog(readFileSync(path), { name: path });
  const found = new Set(logs.flatMap((log) => log.source.framings));
  const expected = EXPECTED.find(([described]) => described.test(format))?.[1];
  const plain = BARE.test(format) || expected === undefined;
  // A table that describes what a log holds says nothing of its callers.
  const met = !plain && (found.has(expected) || (expected === 'dmesg' && found.has('dmesg-caller')));
  if (!plain && !met) return `${expected} not found, but ${[...found].join(' ')}`;
  if (plain && [...found].some((f) => f !== 'plain' && f !== 'mail')) return `found ${[...found].join(' ')}`;
  const log = logs[0]!;
  for (let line = 1; line <= log.source.lines; line++) {
    const text = log.lineText(line) ?? '';
    if (RESIDUE.test(text)) return `line ${line} keeps its framing: ${text.slice(0, 60)}`;
  }
  return null;
}
