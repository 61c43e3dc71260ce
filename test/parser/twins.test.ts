/** A log and the same log as a symboliser gives it back: one crash, one title, one bucket. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Judging } from '../../src/batch/judge.ts';
import { headOf } from '../../src/batch/store.ts';
import { parseLog } from '../../src/parser/parse.ts';

const FOLDERS = ['samples/dmesg', 'test/fixtures/logs'];
/** A frame, or a line that names the program counter, as decode_stacktrace.sh and syzkaller's symboliser know one. */
const PLACE =
  /^(.*?)((?:pc : |lr : |RIP: 0010:|epc : )?)([A-Za-z_][\w.]*)(\+0x[0-9a-f]+\/0x[0-9a-f]+)((?: \[\w+\])?.*)$/;
const SAID = /WARNING: |BUG: |kernel BUG|, at: | <-|\(unreliable\)| from \[/;

/** The log with file and line at each place, and in front of every `nth` one a function or two that were inlined there. */
function symbolised(text: string, nth: number): string {
  let place = 0;
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const found = SAID.test(line) ? null : PLACE.exec(line);
    if (found === null) {
      lines.push(line);
      continue;
    }
    const [, before, label, name, offset, after] = found as unknown as [string, string, string, string, string, string];
    place++;
    if (place % nth === 1 % nth)
      for (let i = 0; i <= place % 2; i++)
        lines.push(`${before}${label}inlined_here_${i} include/linux/inlined.h:${40 + i} [inline]`);
    lines.push(`${before}${label}${name}${offset} drivers/some/${name.replace(/\..*/, '')}.c:${100 + place}${after}`);
  }
  return lines.join('\n');
}

const LOGS = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .map((file) => `${folder}/${file}`),
).filter(
  (path) => /\+0x[0-9a-f]+\/0x/.test(readFileSync(path, 'latin1')) && !/\[inline\]/.test(readFileSync(path, 'latin1')),
);
const PAIRS = LOGS.flatMap((path) => [1, 3].map((nth) => ({ path, nth })));

function bucketsOf(bytes: Buffer): readonly unknown[] {
  const judging = new Judging({});
  judging.push(bytes);
  return judging.end('0'.repeat(64), 'twin', 0).lines.map((line) => headOf(line).buckets);
}

describe('a symbolised log', () => {
  it('is tried as at least fifty twins', () => {
    expect(PAIRS.length).toBeGreaterThanOrEqual(50);
  });

  for (const { path, nth } of PAIRS)
    it(`has the titles and the bucket of the raw one: ${path}, inlined at every ${nth === 1 ? '' : `${nth}rd `}place`, () => {
      const raw = readFileSync(path);
      const twin = Buffer.from(symbolised(raw.toString('latin1'), nth), 'latin1');
      expect(twin.equals(raw)).toBe(false);
      const titles = (bytes: Buffer) =>
        parseLog(bytes, { name: 'twin' }).flatMap((log) => log.incidents.map((i) => i.title));
      expect(titles(twin)).toEqual(titles(raw));
      expect(bucketsOf(twin)).toEqual(bucketsOf(raw));
    });
});
