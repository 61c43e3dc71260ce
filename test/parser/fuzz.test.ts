/**
 * Inputs made of real lines: mutated, spliced, truncated, laden with escapes, in any framing. None may throw or take long, and what comes out must hold
 * together. `npm run fuzz` makes 100,000 of them; a failure prints its seed and path.
 */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { headOf } from '../../src/parser/crash/heads.ts';
import { eventOf } from '../../src/parser/events.ts';
import type { GatheredLine } from '../../src/parser/gathered.ts';
import { type GrammarName, MARKERS } from '../../src/parser/grammars/markers.ts';
import { Reader } from '../../src/parser/grammars/read.ts';
import { Scanner } from '../../src/parser/lines/scan.ts';
import { parseLog } from '../../src/parser/parse.ts';
import { size } from '../size.ts';
import { examples } from './lines.ts';
import { input, mutated } from './mutated.ts';
import { rememberMatches } from './remembered.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? size(400, 4000));
const SEED = Number(process.env.FUZZ_SEED ?? 20231103);
/** Milliseconds of processor time: an input of a few dozen lines takes a few, and other work on the machine counts for nothing. */
const HANG = 5000;

if (RUNS > 1000) rememberMatches();

it(`${RUNS} inputs without a throw or a hang (seed ${SEED})`, { timeout: 7_200_000 }, async () => {
  let slowest = 0;
  await fc.assert(
    fc.asyncProperty(input, async (bytes) => {
      const start = process.cpuUsage();
      const logs = parseLog(bytes, { name: 'fuzz' });
      const { user, system } = process.cpuUsage(start);
      const took = (user + system) / 1000;
      slowest = Math.max(slowest, took);
      expect(took).toBeLessThan(HANG);
      expect(logs.length).toBeGreaterThan(0);
      for (const log of logs) {
        for (const { span } of log.events) expect(span.from <= span.to && span.line >= 1).toBe(true);
        for (const i of log.incidents) {
          expect(i.title.length > 0 && i.title.length <= 130 && i.span.line <= i.lastLine).toBe(true);
          expect(i.lines.every((l) => l >= 1 && l <= log.source.lines + 1)).toBe(true);
        }
        for (const loss of log.losses) log.lineText(loss.line);
      }
    }),
    { seed: SEED, numRuns: RUNS, verbose: 1 },
  );
  console.log(`fuzz: ${RUNS} inputs, seed ${SEED}, the slowest took ${slowest.toFixed(0)} ms`);
});

const HEADS = MARKERS.filter((m) => m.role !== 'part');
const RULES = [...new Map(HEADS.map((m) => [m.rule, m.grammar])).entries()];
const scanner = new Scanner(HEADS);
const lineOf = (text: string): GatheredLine => ({
  ...{ span: { line: 1, from: 0, to: text.length }, text, time: null, caller: null, level: null, framing: 'dmesg' },
  ...{ width: text.length, next: text.length, sequence: null, dump: null, ended: true },
});

it(`the scan finds every line that a rule takes for an event or a crash's first line (seed ${SEED})`, {
  timeout: 7_200_000,
}, async () => {
  const all = examples();
  const reader = new Reader(1e12, 4096);
  let accepted = 0;
  const message = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...all) }, mutated);
  await fc.assert(
    fc.asyncProperty(message, async (raw) => {
      const text = raw.replace(/[\r\n]/g, ' ').slice(0, 400);
      for (const [rule, grammar] of RULES as [string, GrammarName][]) {
        const reading = reader.read(grammar, rule, text);
        if (reading === null || (headOf(reading) === null && eventOf(reading, lineOf(text)) === null)) continue;
        // A headline that was cut behind "BUG:" is one inside a window only; alone it would be any program's.
        if (rule === 'bugText' && reading.get('text') === null) continue;
        accepted++;
        const buffer = Buffer.from(text);
        expect(scanner.find(buffer, 0, buffer.length), `${rule}: ${text}`).toBeGreaterThanOrEqual(0);
      }
    }),
    { seed: SEED, numRuns: all.length + Math.min(RUNS, 20_000), verbose: 1, examples: all.map((e) => [e] as [string]) },
  );
  expect(accepted).toBeGreaterThan(200);
});
