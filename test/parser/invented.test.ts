/**
 * Framings that nobody uses: constants, counters, times, words and brackets put together at random, in front of each line or behind its stamp, with or
 * without something behind. The story told is the same. `FRAMINGS_SEED` and `FRAMINGS_RUNS` say which and how many.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseLog } from '../../src/parser/parse.ts';
import { parse } from '../../src/parser/stream.ts';
import { size } from '../size.ts';
import { story, told } from './told.ts';
import { type Record_, recordsOf } from './writers.ts';

const SEED = Number(process.env.FRAMINGS_SEED ?? 20261126);
const RUNS = Number(process.env.FRAMINGS_RUNS ?? size(40, 400));

type Part = (r: Record_, i: number) => string;
const two = (n: number) => String(n % 60).padStart(2, '0');
const HEX = (n: number) => n.toString(16).padStart(4, '0');

const CONSTANTS = [
  'vm-7:',
  'lab/board3',
  'console.log:',
  'tty=S0',
  '=>',
  'host_a.example',
  '#dmesg',
  'k!',
  '%%',
  'dut@rack2:',
];
const WORDS = ['kworker', 'init', 'swapper', 'udevd', 'sh'];
const PARTS: readonly Part[] = [
  (_r, i) => `${i}`,
  (_r, i) => String(i).padStart(6),
  (_r, i) => String(i).padStart(5, '0'),
  (_r, i) => `0x${HEX(4096 + i * 3)}`,
  (_r, i) => `12:${two((i / 60) | 0)}:${two(i)}`,
  (_r, i) => `2024/01/05 12:${two((i / 60) | 0)}:${two(i)}.${String(i % 1000).padStart(3, '0')}`,
  (_r, i) => `17364530${two(i)}.${String(100000 + i)}`,
  (_r, i) => `+${i}.${i % 10}s`,
  (_r, i) => `Mon 05 Jan 12h${two(i)}`,
  (_r, i) => WORDS[i % WORDS.length]!,
  (_r, i) => `cpu${i % 4}`,
];
const BRACKETS = ['[]', '()', '{}', '<>'];

/** "<12>" is syslog's priority, whoever wrote it: a number alone stands in other brackets. */
const bracketed = fc
  .tuple(fc.constantFrom(...PARTS), fc.constantFrom(...BRACKETS))
  .filter(([of, b]) => b !== '<>' || !/^\d+$/.test(of({ time: '0.0', caller: '', text: '' }, 7).trim()))
  .map(
    ([of, b]): Part =>
      (r, i) =>
        `${b[0]}${of(r, i)}${b[1]}`,
  );

const constant = fc.constantFrom(...CONSTANTS).map(
  (text): Part =>
    () =>
      text,
);
const part = fc.oneof(constant, fc.constantFrom(...PARTS), bracketed);
/** Each has a constant with punctuation or a bracket: what has neither is no framing but words. */
const framing = fc.record({
  parts: fc.array(part, { minLength: 0, maxLength: 3 }),
  anchor: fc.oneof(constant, bracketed),
  at: fc.nat(3),
  between: fc.constantFrom(' ', '  ', '\t', ' - ', ' | '),
  behind: fc.constantFrom(' ', ': ', '> ', ' | ', '\t', ' - '),
  tail: fc.constantFrom('', '', '', '`', ' |', '"', '</td>', "',"),
  stamp: fc.constantFrom('behind', 'before', 'none'),
});

describe('an invented framing', () => {
  let tried = 0;
  let equal = 0;
  afterAll(() => console.log(`invented framings: seed ${SEED}, ${tried} tried, ${equal} equal`));
  for (const sample of ['dart-null-priv-6.1', 'smmuv3-kasan-uaf-6.6', 'no-crash-6.12']) {
    const records = recordsOf(readFileSync(`samples/dmesg/${sample}.log`, 'utf8'));
    const stamped = (r: Record_) => `[${r.time.padStart(12)}]`;
    const expected = story(Buffer.from(records.map((r) => `${stamped(r)} ${r.text}\n`).join('')));
    it(`${sample}: the same story`, () => {
      fc.assert(
        fc.property(framing, ({ parts, anchor, at, between, behind, tail, stamp }) => {
          const all = [...parts.slice(0, at), anchor, ...parts.slice(at)];
          const front = (r: Record_, i: number) => all.map((of) => of(r, i)).join(between) + behind;
          const line = (r: Record_, i: number) =>
            stamp === 'none'
              ? front(r, i) + r.text
              : stamp === 'behind'
                ? `${front(r, i)}${stamped(r)} ${r.text}`
                : `${stamped(r)} ${front(r, i)}${r.text}`;
          const log = records.map((r, i) => `${line(r, i)}${tail}`).join('\n');
          tried++;
          expect(story(Buffer.from(`${log}\n`)), log.split('\n', 1)[0]).toEqual(expected);
          equal++;
        }),
        { seed: SEED, numRuns: RUNS },
      );
    }, 600_000);
  }
});

describe('what is no framing', () => {
  const texts = (bytes: string) => {
    const [log] = parseLog(Buffer.from(bytes), { name: 'x' });
    return { log: log!, framings: log!.source.framings };
  };
  it('prose that quotes the kernel keeps its words', () => {
    const mail = `Hi,
I see "Unable to handle kernel NULL pointer" here, and then: Internal error: it stops.
The pc : is somewhere in the driver, while Hardware name: says nothing.
If you grep for Call trace: you find it.
`;
    const { log, framings } = texts(mail);
    expect(framings).toEqual(['plain']);
    expect(log.lineText(2)).toBe(mail.split('\n')[1]);
    expect(log.incidents).toEqual([]);
  });
  it('a clean log has none', () => {
    const { framings } = texts(readFileSync('samples/dmesg/no-crash-6.12.log', 'utf8'));
    expect(framings).not.toContain('learned');
  });
  it("the kernel's own fronts stay: watchdog, locks, addresses", () => {
    const fronts = `[    1.000001] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [sh:1]
[    1.000002] watchdog: Modules linked in:
[    1.000003] CPU: 0 PID: 1 Comm: sh Not tainted 6.1.0 #1
[    1.000004]  #0: ffff000000112233 (&dev->mutex){....}-{3:3}, at: __driver_attach+0xa0/0x1b0
[    1.000005]  #1: ffff000000112244 (&dev->mutex){....}-{3:3}, at: really_probe+0xa8/0x4f0
`;
    expect(texts(fronts).framings).toEqual(['dmesg']);
  });
});

describe('a large log', () => {
  const NOISE = 4 << 20;
  const FRONTS: readonly ((r: Record_, i: number) => string)[] = [
    (r, i) => `vm-7: <${i}s> [${r.time.padStart(12)}] ${r.text}`,
    (r) => `[${r.time.padStart(12)}] {lab} cpu3: ${r.text}`,
    (r) => `\`[${r.time.padStart(12)}] ${r.text}\``,
    (r) => `2025-01-09T20:04:27.123456789Z stdout F [${r.time.padStart(12)}] ${r.text}`,
    (r) => JSON.stringify({ log: `[${r.time.padStart(12)}] ${r.text}\n`, stream: 'stdout' }),
    (r) => `Mär 22 07:00:53 m1 kernel: ${r.text}`,
  ];
  const records = recordsOf(readFileSync('samples/dmesg/dart-null-priv-6.1.log', 'utf8'));
  it.each(FRONTS)('is read piece by piece as the small one: framing %#', async (front) => {
    const own = records.map((r, i) => `${front(r, i)}\n`).join('');
    const noise = `${front({ time: '0.900000', caller: '', text: 'usb 1-1: new high-speed device, number 7' }, 1)}\n`;
    const filler = noise.repeat(Math.ceil(NOISE / noise.length));
    const logs = [];
    for await (const log of parse([Buffer.from(filler), Buffer.from(own)], { name: 'x' })) logs.push(log);
    const whole = told(parseLog(Buffer.from(own), { name: 'x' }));
    const incidents = logs.flatMap((l) => told([l]).incidents);
    expect(incidents).toEqual(whole.incidents);
    expect(incidents).toHaveLength(1);
    expect(logs.flatMap((l) => told([l]).events)).toEqual(whole.events);
  });
});
