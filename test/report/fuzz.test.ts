/**
 * Bytes to JSON and text, all the way: what was made of real lines (test/parser/mutated.ts), or of whole crashes, neither throws nor takes long, its JSON and what
 * CI reads of it hold by their schemas and readers, and nothing active comes out. `npm run fuzz` makes 2,000 of them, or as many as FUZZ_MINUTES give time for; a failure prints its seed and path.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import { input, mutated } from '../parser/mutated.ts';
import { size } from '../size.ts';
import { activeIn } from './attacks.ts';
import { readKtap } from './ci/ktap.ts';
import { wrongJunit, wrongKcidb, wrongSarif, XMLLINT } from './ci/readers.ts';
import { rendered } from './samples.ts';

const MINUTES = Number(process.env.FUZZ_MINUTES ?? 0);
/** One that is judged takes as long as fifty that are only read. */
const RUNS = MINUTES > 0 ? 1e9 : Number(process.env.FUZZ_RUNS ?? size(2000, 75_000)) / 50;
const SEED = Number(process.env.FUZZ_SEED ?? 20231103);
/** Milliseconds of processor time that an input of a few kilobytes may take; the budget of a log is some seconds. */
const HANG = 15_000;

const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync('schema/triage.schema.json', 'utf8')));

const LOGS = ['samples/dmesg', 'test/fixtures/cases'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => readFileSync(`${folder}/${name}`, 'latin1')),
);

/** A whole log with some of its lines cut, doubled, swapped, or others between: its crash is judged and explored. */
const whole = fc
  .tuple(
    fc.constantFrom(...LOGS),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(4), mutated), {
      maxLength: 8,
    }),
  )
  .map(([log, changes]) => {
    const lines = log.split('\n');
    for (const [where, kind, other] of changes) {
      const at = Math.floor(where * lines.length);
      const line = lines[at] ?? '';
      const half = line.slice(0, Math.floor(line.length / 2));
      const put = [[], [line, line], [half], [other, line], [half + other]][kind]!;
      lines.splice(at, 1, ...put);
    }
    return Buffer.from(lines.join('\n'), 'latin1');
  });

it('bytes come to whole JSON and harmless text, in time', { timeout: 7_200_000 }, async () => {
  let slowest = 0;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(input, whole), async (bytes) => {
      runs++;
      const start = process.cpuUsage();
      const triages = triage(bytes, { name: 'fuzz.log' });
      expect(triages.length).toBeGreaterThan(0);
      for (const line of (await rendered('ndjson', triages)).trimEnd().split('\n')) {
        validate(JSON.parse(line));
        expect(validate.errors ?? []).toEqual([]);
        expect(activeIn(line)).toBe(null);
      }
      for (const line of (await rendered('text', triages)).split('\n')) expect(activeIn(line)).toBe(null);
      const { user, system } = process.cpuUsage(start);
      // What CI reads, by its own readers.
      expect(wrongSarif(await rendered('sarif', triages))).toBe(null);
      expect(wrongKcidb(await rendered('kcidb', triages))).toBe(null);
      expect(readKtap(await rendered('ktap', triages)).length).toBe(triages.length);
      if (XMLLINT) expect(wrongJunit(await rendered('junit', triages))).toBe(null);
      slowest = Math.max(slowest, (user + system) / 1000);
      expect((user + system) / 1000).toBeLessThan(HANG);
    }),
    {
      ...{ seed: SEED, numRuns: RUNS, verbose: 1 },
      ...(MINUTES > 0 ? { interruptAfterTimeLimit: MINUTES * 60_000, markInterruptAsFailure: false } : {}),
    },
  );
  console.log(`fuzz: ${runs} inputs to JSON and text, seed ${SEED}, the slowest took ${slowest.toFixed(0)} ms`);
});
