/** The same story from whatever captured, carried, stored or quoted it; and what is said where an encoding is too large to be taken off. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../src/parser/parse.ts';
import { parse } from '../../src/parser/stream.ts';
import { processorTime } from '../processor-time.ts';
import { size } from '../size.ts';
import { CAPTURES } from './captures.ts';
import { story } from './told.ts';
import { MORE_WRITERS, recordsOf, WRITERS } from './writers.ts';

const recordsIn = (sample: string) => recordsOf(readFileSync(`samples/dmesg/${sample}.log`, 'utf8'));
const ALL = ['dart-null-priv-6.1', 'no-crash-6.12', 'smmuv3-kasan-uaf-6.6', 'dart-release-says-fixed-6.6'];

for (const sample of ALL.slice(0, size(2, ALL.length))) {
  describe(`${sample}, as people have it`, () => {
    const records = recordsIn(sample);
    const expected = story(WRITERS['callers, glued']!(records));
    for (const [name, write] of Object.entries(CAPTURES))
      it(name, () => expect(story(write(records))).toEqual(expected));
  });
}

describe('an encoding', () => {
  const records = recordsIn('dart-null-priv-6.1');
  const DECODED = ['RTF', 'Markdown, escaped by an editor', 'a colour in letters', 'newest first'];
  it.each(DECODED)('is said once it is taken off: %s', (name) => {
    const [log] = parseLog(CAPTURES[name]!(records), { name: 'x' });
    expect(log!.diagnostics.map((d) => d.code)).toContain('OR112');
  });

  const LARGE = ['quoted-printable, headers lost', 'base64, headers lost', 'HTML, an element a line', 'mail, base64'];
  it.each(LARGE)('of more than 4 MB is said, where it is left on: %s', async (name) => {
    const many = Array.from({ length: Math.ceil((5 << 20) / 60 / records.length) }, () => records).flat();
    const codes = [];
    for await (const log of parse([MORE_WRITERS[name]!(many)], { name: 'x' }))
      for (const { code } of log.diagnostics) codes.push(code);
    expect(codes).toContain('OR113');
  });

  it('is not seen in a large log as the kernel prints it', async () => {
    const own = WRITERS.dmesg!(recordsIn('no-crash-6.12'));
    const codes = [];
    for await (const log of parse([Buffer.alloc(5 << 20, own)], { name: 'x' }))
      for (const { code } of log.diagnostics) codes.push(code);
    expect(codes).not.toContain('OR113');
  });

  it('costs no more than its length, whatever pretends to be one', () => {
    const unit = Buffer.from('{\\rtf1{\\info{a}{b\\_c\\_d\\_e}ESC[32m&lt;<p>\\[ 1.2\\]=3D=20');
    for (const bytes of [Buffer.alloc(2 << 20, unit), Buffer.alloc(2 << 20, `${unit}\n`)]) {
      const milliseconds = processorTime(() => parseLog(bytes, { name: 'x' }));
      expect(milliseconds).toBeLessThan(4000);
    }
  });
});

describe("a screen's edge", () => {
  it('is no fold: lines that are cut there are not put together', () => {
    const cut = recordsIn('dart-null-priv-6.1').map((r) => `[${r.time.padStart(12)}] ${r.text}`.slice(0, 80));
    const [log] = parseLog(Buffer.from(`${cut.join('\n')}\n`), { name: 'x' });
    expect(log!.source.lines).toBe(cut.length);
  });
});

describe('docs/FRAMINGS.md', () => {
  it('has every framing, and none that is not one', () => {
    const types = readFileSync('src/parser/types.ts', 'utf8');
    const union = types.slice(types.indexOf('type FramingName'), types.indexOf('// no prefix at all'));
    const names = [...union.matchAll(/^ {2}\| '([\w-]+)'/gm)].map((m) => m[1]!);
    const page = readFileSync('docs/FRAMINGS.md', 'utf8');
    const table = page.slice(page.indexOf('| ---'), page.indexOf('## What is learned'));
    const listed = [...table.matchAll(/^\| ((?:`[\w-]+`(?:, )?)+) \|/gm)].flatMap((m) =>
      m[1]!.replaceAll('`', '').split(', '),
    );
    expect(listed.sort()).toEqual(names.sort());
  });
});
