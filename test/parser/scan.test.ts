import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventOf } from '../../src/parser/events.ts';
import type { GatheredLine } from '../../src/parser/gathered.ts';
import { MARKERS } from '../../src/parser/grammars/markers.ts';
import { GRAMMARS, Reader } from '../../src/parser/grammars/read.ts';
import { Scanner } from '../../src/parser/lines/scan.ts';
import { parseLog } from '../../src/parser/parse.ts';

const EVENT_RULES = [
  ...new Set(
    MARKERS.filter((m) => m.role === 'event' && m.rule !== 'booting' && m.rule !== 'dropped').map((m) => m.rule),
  ),
];
const scanner = new Scanner(MARKERS.filter((m) => m.role !== 'part'));

const line = (text: string): GatheredLine => ({
  ...{ span: { line: 1, from: 0, to: text.length }, text, time: null, caller: null, level: null, framing: 'dmesg' },
  ...{ width: text.length, next: text.length, sequence: null, dump: null, ended: true },
});

it('finds every marker wherever it stands', () => {
  const needles = MARKERS.filter((m) => m.role !== 'part' && m.word !== true).map((m) => m.text);
  fc.assert(
    fc.property(
      fc.constantFrom(...needles),
      fc.string({ maxLength: 40 }),
      fc.string({ maxLength: 40 }),
      (needle, before, after) => {
        const buffer = Buffer.from(`${before}${needle}${after}`, 'utf8');
        const at = scanner.find(buffer, 0, buffer.length);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThanOrEqual(Buffer.byteLength(before, 'utf8'));
      },
    ),
    { seed: 20231103, numRuns: 2000, verbose: 1 },
  );
});

it('finds a word where it is one, and not inside a longer one', () => {
  const at = (text: string) => scanner.find(Buffer.from(text), 0, text.length);
  expect(at('[    1.0] pstate: 60000005 (nZCv daif)')).toBe(10);
  expect(at('pstate: 60000005')).toBe(0);
  expect(at('[    1.0] intel_pstate: Intel P-state driver initializing')).toBe(-1);
});

it('drops no line that an event rule of the grammar accepts', () => {
  const messages = new Set<string>();
  // The grammar's own accepted examples, and every line of the fixtures.
  for (const text of readFileSync('src/parser/grammars/events.ohm', 'utf8').matchAll(/^\s*\/\/\+ (".*")\s*$/gm))
    messages.add(JSON.parse(text[1]!) as string);
  for (const file of readdirSync('test/fixtures/logs').filter((f) => f.endsWith('.log')))
    for (const text of readFileSync(`test/fixtures/logs/${file}`, 'latin1').split('\n'))
      messages.add(text.replace(/^\[[^\]]*\](?:\[[^\]]*\])? /, ''));
  let accepted = 0;
  const reader = new Reader(1e9, 4096);
  for (const text of messages) {
    for (const rule of EVENT_RULES) {
      if (!GRAMMARS.events().match(text, rule).succeeded()) continue;
      const reading = reader.read('events', rule, text)!;
      if (eventOf(reading, line(text)) === null) continue;
      accepted++;
      const buffer = Buffer.from(text);
      expect(scanner.find(buffer, 0, buffer.length), `${rule}: ${text}`).toBeGreaterThanOrEqual(0);
      // And alone in a log, far from any crash, it comes out as an event.
      const log = Buffer.from(
        `${'[    1.000000] nothing of note\n'.repeat(300)}[    2.000000] ${text}\n${'[    3.000000] nothing of note\n'.repeat(300)}`,
      );
      expect(parseLog(log, { name: 'x' }).flatMap((l) => l.events).length, text).toBeGreaterThanOrEqual(1);
      break;
    }
  }
  expect(accepted).toBeGreaterThan(60);
});

it('remembers a shape without mixing up what stood in it', () => {
  const reader = new Reader(1e9, 4096);
  fc.assert(
    fc.property(fc.nat(99), fc.nat(0xffffff), (group, address) => {
      const reading = reader.read(
        'events',
        'groupAdd',
        `platform ${address.toString(16)}.dma: Adding to iommu group ${group}`,
      )!;
      expect([reading.get('device'), reading.last('group')]).toEqual([`${address.toString(16)}.dma`, String(group)]);
    }),
    { seed: 7, numRuns: 500, verbose: 1 },
  );
});
