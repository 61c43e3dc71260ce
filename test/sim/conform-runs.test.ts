/**
 * Runs of the model itself, by random schedules, written down as a tracer would: each must conform, crash and all, for every era and driver, with one and
 * two registrations, also where nobody has a real trace of it.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alphabetFor, conform } from '../../src/sim/conform/conform.ts';
import { type Attempt, traced } from '../../src/sim/conform/traced.ts';
import type { Call, Crash } from '../../src/sim/conform/types.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import type { Memory } from '../../src/sim/machine/machine.ts';
import { withBuses } from '../../src/sim/procedures/of_iommu.ts';
import type { EraId } from '../../src/sim/types.ts';
import { size } from '../size.ts';

const RUNS = size(40, 600);

const CLIENT: Attempt = { role: 'client' };
const OWN: Attempt = { role: 'walk', instance: 1 };
const OTHER: Attempt = { role: 'walk', instance: 2 };

const LANES: readonly (readonly (readonly Attempt[])[])[] = [
  [[CLIENT], [OWN]],
  [[CLIENT, CLIENT], [OWN]],
  [[CLIENT, CLIENT], [OWN], [OTHER]],
  [
    [CLIENT, CLIENT, CLIENT],
    [OTHER, OWN],
  ],
];

interface Set {
  readonly era: EraId;
  readonly driver: string;
  readonly lanes: readonly (readonly Attempt[])[];
  readonly memory: Memory;
  readonly leftByDeferral: boolean;
  readonly phandles: number;
}

/** One run: `choices` pick the thread of each step, `stay` how long it goes on. */
function run({ era, driver, lanes, memory, leftByDeferral, phandles }: Set, choices: readonly number[]) {
  const alphabet = alphabetFor(ERAS.get(era)!, DRIVERS.get(driver)!);
  const code = withBuses({
    ...ERAS.get(era)!,
    granularity: 'compiled',
    driver: DRIVERS.get(driver)!,
    bus: 'platform',
    devices: 1,
  });
  const model = traced({ code, alphabet, lanes, phandles, memory, leftByDeferral });
  const { machine } = model;
  const v = machine.initial();
  const calls: Call[] = [];
  let crash: Crash | null = null;
  let crashed = -1;
  for (let i = 0; i < 2000; i++) {
    const able = machine.threads.flatMap((_, t) => (t !== crashed && machine.enabled(v, t) ? [t] : []));
    if (able.length === 0) break;
    // A thread goes on for some steps: schedules that switch at every step hardly ever get far.
    const t = able[(choices[Math.floor(i / 4) % choices.length] ?? 0) % able.length]!;
    const stop = machine.stopIndex(v, t);
    const entry = model.entries[t]![stop];
    const task = `${t}.${model.attempts[t]![stop]}`;
    const result = machine.step(v, t);
    if (entry) calls.push({ line: calls.length + 1, task, fn: entry.fn, parent: [...entry.parents][0] ?? null });
    if (result.is !== 'fault' || !result.fatal) continue;
    // The first fault crashes; a second thread that faults stops as well.
    if (crash !== null) break;
    const outcome = `${result.kind} ${result.field} in ${result.fn}`;
    crash = { line: 0, task, retried: false, target: (_, fault) => fault.outcome === outcome };
    crashed = t;
  }
  return { calls, crash, alphabet };
}

describe('every run of the model conforms to it', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  it(`by random schedules (SEED=${seed})`, () => {
    const tally = { bounded: 0, runs: 0, calls: 0, crashes: 0, outcomes: new Set<string>() };
    fc.assert(
      fc.property(
        fc.record({
          era: fc.constantFrom(...([...ERAS.keys()] as EraId[])),
          driver: fc.constantFrom(...DRIVERS.keys()),
          lanes: fc.constantFrom(...LANES),
          memory: fc.constantFrom<Memory>('plain', 'kasan'),
          leftByDeferral: fc.boolean(),
          phandles: fc.constantFrom(1, 1, 2),
        }),
        fc.array(fc.nat(5), { minLength: 8, maxLength: 60 }),
        (set, choices) => {
          const { calls, crash, alphabet } = run(set, choices);
          const trace = {
            calls,
            crash,
            filter: alphabet,
            memory: set.memory,
            lost: false,
            fromBoot: !set.leftByDeferral,
          };
          const found = conform(trace, ERAS.get(set.era)!, DRIVERS.get(set.driver)!);
          // Three registrations and attempts can be in more configurations than the search has room for; then it says so.
          if (found.bound !== null) {
            tally.bounded++;
            return;
          }
          expect([found.accepted, found.expected, found.explained.k]).toEqual([
            true,
            [],
            calls.length + (crash ? 1 : 0),
          ]);
          tally.runs++;
          tally.calls += calls.length;
          if (crash) tally.crashes++;
          if (found.outcome) tally.outcomes.add(found.outcome);
        },
      ),
      { seed, numRuns: RUNS },
    );
    console.log(`${tally.runs} runs, ${tally.calls} calls, ${tally.crashes} crashes of ${tally.outcomes.size} kinds`);
    expect(tally.crashes).toBeGreaterThan(0);
    expect(tally.bounded).toBeLessThanOrEqual(RUNS / 10);
  });
});
