import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MARKERS } from '../../src/parser/grammars/markers.ts';
import { Scanner } from '../../src/parser/lines/scan.ts';
import { Sieve } from '../../src/parser/lines/sieve.ts';
import { parseLog } from '../../src/parser/parse.ts';
import { parse, parseBytes } from '../../src/parser/stream.ts';
import type { ParsedLog } from '../../src/parser/types.ts';
import { size } from '../size.ts';

const FOLDER = 'test/fixtures/logs';
const logs = readdirSync(FOLDER)
  .filter((f) => f.endsWith('.log'))
  .sort()
  .map((f) => readFileSync(`${FOLDER}/${f}`));
const NOISE = Buffer.from('[    9.000000] usb 1-1: new high-speed device, number 7 using xhci\n');

/** Logs one after the other with uneventful lines between them, of at least so many bytes. */
function long(bytes: number, noise = 200): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  for (let i = 0; size < bytes; i++) {
    const log = logs[i % logs.length]!;
    parts.push(log, Buffer.alloc(NOISE.length * noise, NOISE));
    size += log.length + NOISE.length * noise;
  }
  return Buffer.concat(parts);
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function streamed(bytes: Buffer, size: number, options = {}): Promise<ParsedLog[]> {
  const found: ParsedLog[] = [];
  for await (const log of parse(pieces(bytes, size), { name: 'x' }, options)) found.push(log);
  return found;
}

const told = ({ arch, incidents, events, fragments, losses }: ParsedLog) => ({
  ...{ arch, incidents, events, fragments, losses },
});

describe('parse', () => {
  it('gives of a small input what parseLog() gives, however it is cut', async () => {
    for (const bytes of logs.slice(0, 8)) {
      const whole = parseLog(bytes, { name: 'x' });
      for (const size of [7, 4096]) {
        const found = await streamed(bytes, size);
        expect(found.map((l) => ({ ...l, lineText: null }))).toEqual(whole.map((l) => ({ ...l, lineText: null })));
        for (const [i, log] of found.entries())
          for (const line of log.incidents.flatMap((c) => c.lines))
            expect(log.lineText(line)).toBe(whole[i]!.lineText(line));
      }
    }
  });

  it('gives of a large one the boots that parseLog() gives, with their lines', async () => {
    const bytes = long(9 << 20);
    const whole = parseLog(bytes, { name: 'x' }, { lines: 1e9, grammarWork: 1e9 });
    expect(whole.length).toBeGreaterThan(50);
    for (const size of [65_521, 3 << 20]) {
      const found = await streamed(bytes, size);
      expect(found.length).toBe(whole.length);
      expect(found.map(told)).toEqual(whole.map(told));
    }
    const found = await streamed(bytes, 1 << 18);
    expect(found.map((l) => l.source.boot)).toEqual(whole.map((l) => l.source.boot));
    expect(found[0]!.source).toMatchObject({ boots: 2, goesOn: true });
    expect(found.at(-1)!.source).toMatchObject({
      boots: whole.length,
      lines: whole[0]!.source.lines,
    });
    const [quoted] = found[3]!.incidents;
    if (quoted) expect(found[3]!.lineText(quoted.span.line)).toBe(whole[3]!.lineText(quoted.span.line));
  });

  it('reads all of a large input that is at hand, behind more lines than a whole one may have', () => {
    const line = (i: number) => `[${String(i).padStart(5)}.000000] platform ${i}.dma: Adding to iommu group ${i}\n`;
    const banner = (i: number) => `[    0.000000] Linux version 6.1.${i} (a@b) (gcc) #1\n`;
    const boot = (i: number) => banner(i) + Array.from({ length: 8_000 }, (_, n) => line(n)).join('');
    const bytes = Buffer.from(Array.from({ length: 20 }, (_, i) => boot(i)).join(''));
    const found = parseBytes(bytes, { name: 'x' });
    expect(found.map((l) => l.events.length)).toEqual(Array(20).fill(8_001));
    expect(found.flatMap((l) => l.diagnostics)).toEqual([]);
  });

  it('hands on a boot before the input ends', async () => {
    const bytes = long(6 << 20);
    let given = 0;
    function* counted() {
      for (const piece of pieces(bytes, 1 << 16)) {
        given += piece.length;
        yield piece;
      }
    }
    for await (const _ of parse(counted(), { name: 'x' })) break;
    expect(given).toBeLessThan(bytes.length - (1 << 20));
  });

  it('reads on behind a boot of more lines than are kept together, and says so', async () => {
    const line = (i: number) => `[${String(i).padStart(5)}.000000] platform ${i}.dma: Adding to iommu group ${i}\n`;
    const crash = logs.find((l) => parseLog(l, { name: 'x' })[0]!.incidents.length > 0)!;
    const report = crash.subarray(crash.indexOf('Unable to handle'));
    const bytes = Buffer.concat([
      Buffer.from('[    0.000000] Linux version 6.1.1 (a@b) (gcc) #1\n'),
      Buffer.from(Array.from({ length: 90_000 }, (_, i) => line(i)).join('')),
      Buffer.from('[90001.000000] '),
      report,
    ]);
    const found = await streamed(bytes, 1 << 18, { part: 5_000 });
    expect(found.length).toBeGreaterThan(3);
    expect(found.flatMap((l) => l.diagnostics.map((d) => d.code)).filter((c) => c === 'OR108')).toHaveLength(1);
    expect(found.every((l) => l.source.boot === 0)).toBe(true);
    expect(found.at(-1)!.incidents).toHaveLength(1);
    // Each part knows its kernel.
    expect(found.every((l) => l.events.some((e) => e.kind === 'banner'))).toBe(true);
    expect(found.reduce((n, l) => n + l.events.filter((e) => e.kind === 'group-add').length, 0)).toBeGreaterThanOrEqual(
      90_000,
    );
  });

  it('reads a line of 64 MB in little memory, and what follows it', async () => {
    const head = Buffer.alloc(5 << 20, NOISE);
    const endless = Buffer.alloc(64 << 20, 'a');
    const found = await streamed(
      Buffer.concat([head, Buffer.from('\n'), endless, Buffer.from('\n'), logs[1]!]),
      1 << 20,
    );
    const alone = parseLog(logs[1]!, { name: 'x' });
    expect(found.flatMap((l) => l.diagnostics.map((d) => d.code))).toContain('OR101');
    expect(found.at(-1)!.incidents.map((i) => i.title)).toEqual(alone.at(-1)!.incidents.map((i) => i.title));
    const off = head.length + 1 + endless.length + 1;
    expect(found.at(-1)!.events.map((e) => e.span.from)).toEqual(alone.at(-1)!.events.map((e) => e.span.from + off));
  });

  it('reads UTF-16 in pieces', async () => {
    const text = long(5 << 20).toString('latin1');
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    const found = await streamed(bytes, 99_991);
    expect(found.map(told)).toEqual((await streamed(Buffer.from(text, 'latin1'), 1 << 18)).map(told));
  });
});

describe('the sieve', () => {
  const needles = MARKERS.filter((m) => m.role !== 'part');
  const exact = new Scanner(needles);

  it('finds what the exact scanner finds, in the same order, and counts newlines', () => {
    const bytes = long(2 << 20, 20);
    const sieve = Sieve.of(exact, needles, bytes)!;
    expect(sieve).not.toBeNull();
    let hits = 0;
    for (let at = 0; ; hits++) {
      const found = exact.find(bytes, at, bytes.length);
      expect(sieve.find(bytes, at, bytes.length)).toBe(found);
      if (found < 0) break;
      at = found + 1;
    }
    expect(hits).toBeGreaterThan(1000);
    expect(sieve.count(bytes, 3, bytes.length - 5, 10)).toBe(
      bytes.subarray(3, -5).toString('latin1').split('\n').length - 1,
    );
  });

  it('misses no marker wherever it stands, also at the edges of what it holds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...needles),
        fc.integer({ min: -60, max: 60 }),
        fc.boolean(),
        ({ text }, off, late) => {
          const bytes = Buffer.alloc(300_000, '. ');
          const at = (late ? bytes.length - text.length - 60 : 256 * 1024) + off;
          bytes.write(text, at);
          const sieve = Sieve.of(exact, needles, bytes)!;
          expect(sieve.find(bytes, 0, bytes.length)).toBe(exact.find(bytes, 0, bytes.length));
        },
      ),
      { seed: 11, numRuns: size(150, 2000), verbose: 1 },
    );
  });
});
