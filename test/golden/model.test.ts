/**
 * Everything that the model reaches, pinned: a row for each era, driver and scenario, a line for each outcome. UPDATE_GOLDEN=1 writes the table anew
 * (npm run test:update). A difference is a change of the model: the kernel's source decides whether it is right.
 *
 * Scenarios of three threads are pinned for a driver of each class, and only where something is locked: they take seconds a row where nothing is.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exists } from '../../src/sim/drivers/exists.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import type { EraCode } from '../../src/sim/procedures/code.ts';
import { misfit, SCENARIOS, type SetUp, startsDiffer } from '../../src/sim/scenarios.ts';
import { type Simulation, simulate } from '../../src/sim/simulate.ts';
import type { OutcomeRow } from '../../src/sim/types.ts';
import { thinned } from '../size.ts';

const GOLDEN = 'test/golden/model.json';
const UPDATE = process.env.UPDATE_GOLDEN === '1';
const THREE_THREADS = new Set(['two-walks', 'device-add', 'two-clients']);
const PINNED_DRIVERS = new Set(['apple-dart', 'arm-smmu-v3']);

function pinned(era: EraCode, driver: string, scenario: string): boolean {
  if (!THREE_THREADS.has(scenario)) return true;
  if (!PINNED_DRIVERS.has(driver) || era.lock === 'none') return false;
  return era.lock === 'global' || scenario === 'two-walks';
}

type Row = Pick<SetUp, 'iommus' | 'earlier'> & {
  readonly era: string;
  readonly driver: string;
  readonly scenario: string;
};
const ONE = { iommus: 1, earlier: false } as const;

type Table = Readonly<Record<string, readonly string[]>>;

const rows: readonly Row[] = [...ERAS.values()].flatMap((code) =>
  [...DRIVERS.values()]
    .filter((driver) => exists(driver, code.id))
    .flatMap(({ name: driver }) =>
      [...SCENARIOS.keys()]
        .filter((scenario) => pinned(code, driver, scenario) && !misfit(SCENARIOS.get(scenario)!, DRIVERS.get(driver)!))
        .map((scenario) => ({ era: code.id as string, driver, scenario, ...ONE })),
    ),
);

/** Two entries of the one instance, and an instance that was there before where that makes a difference. */
const more = rows
  .filter(({ scenario }) => scenario === 'deferred-retry' || scenario === 'first-probe')
  .flatMap((row) => [
    { ...row, iommus: 2 as const },
    ...(startsDiffer(setUpOf(row)) ? [{ ...row, earlier: true }] : []),
  ]);
const all = [...rows, ...more];

function setUpOf({ era, driver, scenario, iommus, earlier }: Row): SetUp {
  return {
    era: ERAS.get(era)!,
    driver: DRIVERS.get(driver)!,
    scenario: SCENARIOS.get(scenario)!,
    memory: 'kasan',
    granularity: 'compiled',
    ...(iommus === 2 ? { iommus } : {}),
    ...(earlier ? { earlier } : {}),
  };
}

const nameOf = ({ era, driver, scenario, iommus, earlier }: Row) =>
  `${era} ${driver} ${scenario}${iommus === 2 ? '~iommus=2' : ''}${earlier ? '~earlier' : ''}`;

function count(n: number | bigint, what: string): string {
  return `${n} ${what}${BigInt(n) === 1n ? '' : 's'}`;
}

function outcomeLine({ outcome, crash, serial, preemptions, interleavings }: OutcomeRow): string {
  const how = [crash ? 'crash' : 'quiet', ...(serial ? ['serial'] : []), count(preemptions, 'preemption')];
  return `${outcome}: ${how.join(', ')}, ${count(interleavings, 'interleaving')}`;
}

function lines(s: Simulation): readonly string[] {
  if (!s.exhaustive) throw new Error('a search that its budget ended is no golden');
  const size = [count(s.states, 'state'), count(s.transitions, 'transition'), count(s.interleavings, 'interleaving')];
  return [size.join(', '), ...s.outcomes.map(outcomeLine)];
}

const linesOf = (row: Row): readonly string[] => lines(simulate(setUpOf(row)));

if (UPDATE) {
  const table = Object.fromEntries(all.map((row) => [nameOf(row), linesOf(row)]));
  writeFileSync(GOLDEN, `${JSON.stringify(table, null, 1)}\n`);
}

describe("the model's table", () => {
  const golden: Table = JSON.parse(readFileSync(GOLDEN, 'utf8'));

  it('has a row for every era, driver and scenario, and no other', () => {
    expect(Object.keys(golden).sort()).toEqual(all.map(nameOf).sort());
  });

  const few = thinned(all, 7);

  describe.each([...ERAS.keys()])('era %s', (era) => {
    it.each(few.filter((row) => row.era === era))('$driver, $scenario', (row) => {
      expect(linesOf(row)).toEqual(golden[nameOf(row)]);
    });
  });
});
