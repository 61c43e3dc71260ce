/**
 * Taking any one lock or ordering out of an era changes what the model reaches: some outcome comes, goes, becomes serial or takes other preemptions. Numbers
 * of states do not count here, as any change of the code moves them. A mutant is looked for with every driver, in every scenario of two threads first.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { exists } from '../../src/sim/drivers/exists.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { Machine } from '../../src/sim/machine/machine.ts';
import { build, SCENARIOS, type SetUp } from '../../src/sim/scenarios.ts';
import { simulateMachine } from '../../src/sim/simulate.ts';
import { thinned } from '../size.ts';
import { EQUIVALENT, MUTATIONS, type Mutation } from './mutations.ts';

/** Three threads only for what two do not show, and for drivers that behave differently on a second probe. */
const ROWS: readonly { readonly driver: string; readonly scenario: string; readonly iommus?: 2 }[] = [
  ...[...DRIVERS.keys()].flatMap((driver) =>
    ['deferred-retry', 'first-probe', 'walks-only', 'release-vs-xlate'].map((scenario) => ({ driver, scenario })),
  ),
  ...['apple-dart', 'arm-smmu-v3'].map((driver) => ({ driver, scenario: 'dma-configure-toctou' })),
  ...['arm-smmu-v3', 'sprd', 'mtk_iommu_v1'].map((driver) => ({ driver, scenario: 'two-walks' })),
  { driver: 'arm-smmu', scenario: 'deferred-retry', iommus: 2 as const },
  { driver: 'arm-smmu-v3', scenario: 'acpi' },
];

const setUps: readonly SetUp[] = [...ERAS.values()].flatMap((era) =>
  ROWS.filter(({ driver }) => exists(DRIVERS.get(driver)!, era.id)).map(({ driver, scenario, iommus = 1 }) => ({
    era,
    ...(iommus === 2 ? { iommus } : {}),
    driver: DRIVERS.get(driver)!,
    scenario: SCENARIOS.get(scenario)!,
    memory: 'kasan' as const,
    granularity: 'compiled' as const,
  })),
);

/** The mutant's machine; null where the set-up has nothing of what the mutation takes out. */
function mutant(setUp: SetUp, { era, driver, thread }: Mutation): Machine | null {
  const changedEra = era ? era(setUp.era) : setUp.era;
  const changedDriver = driver ? driver(setUp.driver, setUp.era) : setUp.driver;
  if (changedEra === null || changedDriver === null) return null;
  const { options } = build({ ...setUp, era: changedEra, driver: changedDriver });
  const threads = thread ? options.threads.map(thread) : options.threads;
  if (thread && threads.every((t, i) => t === options.threads[i])) return null;
  // A mutant may allocate more than the kernel: the bounds must not be what gives it away.
  return new Machine({ ...options, threads, heap: { dev_iommu: 7, fwspec: 7, cfg: 7 } });
}

function reached(machine: Machine, setUp: SetUp): string {
  const { outcomes } = simulateMachine(machine, setUp);
  return outcomes.map((o) => `${o.outcome} ${o.serial} ${o.preemptions}`).join('\n');
}

const table = new Map<SetUp, string>();

function original(setUp: SetUp): string {
  const row = table.get(setUp) ?? reached(build(setUp), setUp);
  table.set(setUp, row);
  return row;
}

/** 'absent' where the era has nothing of the kind; else the first row that notices, or null. */
function killedBy(eraId: string, mutation: Mutation): 'absent' | string | null {
  let found = false;
  for (const setUp of setUps) {
    if (setUp.era.id !== eraId) continue;
    const machine = mutant(setUp, mutation);
    if (machine === null) continue;
    found = true;
    if (reached(machine, setUp) !== original(setUp)) return `${setUp.driver.name} ${setUp.scenario.id}`;
  }
  return found ? null : 'absent';
}

let mutants = 0;
let killed = 0;
const left: string[] = [];

describe.each([...ERAS.keys()].map((era, i) => [era, i] as const))('era %s', (era, i) => {
  it.each(thinned(MUTATIONS, 6, i).map((m) => m.name))('%s', (name) => {
    const by = killedBy(era, MUTATIONS.find((m) => m.name === name)!);
    if (by === 'absent') return;
    const reason = EQUIVALENT.get(`${era} ${name}`);
    if (reason !== undefined) {
      // An equivalent mutant that a change of the model brings to life is to be counted again.
      left.push(`${era} ${name}: ${reason}`);
      expect(by).toBeNull();
      return;
    }
    mutants++;
    if (by !== null) killed++;
    expect(by, 'no row of the table notices').not.toBeNull();
  });
});

afterAll(() => {
  console.info(`mutants killed: ${killed} of ${mutants}; equivalent and left out: ${left.length}`);
});
