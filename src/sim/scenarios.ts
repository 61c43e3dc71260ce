/** Which threads meet, and what is there when they do. */
import type { Code, EraCode, Granularity, LockScope } from './code.ts';
import type { Driver } from './drivers/driver.ts';
import { Machine, type Memory, type ThreadProgram } from './machine.ts';
import { really_probe } from './procedures/of_iommu.ts';
import { iommu_driver_probe } from './procedures/register.ts';
import { stray_store } from './procedures/stray.ts';
import type { Procedure } from './program.ts';
import type { HeapBounds } from './slots.ts';
import type { ScenarioId } from './types.ts';

export interface Scenario {
  readonly id: ScenarioId;
  readonly means: string;
  readonly client: boolean;
  readonly walks: 0 | 1 | 2;
  /** The client was deferred before any registration: its dev->iommu and an fwspec without ops are still there (to v6.10). */
  readonly deferredBefore: boolean;
  readonly heap: HeapBounds;
}

const SCENARIO_LIST: readonly Scenario[] = [
  {
    id: 'deferred-retry',
    means: 'the client was deferred once before registration; its second attempt runs against one registration walk',
    client: true,
    walks: 1,
    deferredBefore: true,
    heap: { dev_iommu: 4, fwspec: 4, cfg: 4 },
  },
  {
    id: 'first-probe',
    means: 'the client had no earlier attempt; its first one runs against one registration walk',
    client: true,
    walks: 1,
    deferredBefore: false,
    heap: { dev_iommu: 4, fwspec: 4, cfg: 4 },
  },
  {
    id: 'two-walks',
    means: 'the client was deferred once; its second attempt runs against two registrations',
    client: true,
    walks: 2,
    deferredBefore: true,
    heap: { dev_iommu: 6, fwspec: 5, cfg: 5 },
  },
  {
    id: 'walks-only',
    means: 'two registrations walk the bus; the client does not run',
    client: false,
    walks: 2,
    deferredBefore: false,
    heap: { dev_iommu: 4, fwspec: 4, cfg: 4 },
  },
  {
    id: 'priv-without-fwspec',
    means: 'no translation, no registration: one thread stores priv of a device that has no dev->iommu',
    client: false,
    walks: 0,
    deferredBefore: false,
    heap: { dev_iommu: 1, fwspec: 1, cfg: 1 },
  },
];

export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(SCENARIO_LIST.map((s) => [s.id, s]));

export interface SetUp {
  readonly era: EraCode;
  readonly driver: Driver;
  readonly scenario: Scenario;
  readonly memory: Memory;
  readonly granularity: Granularity;
  /** Overrides how far the era's lock reaches: what a tree with one more or one fix less does. */
  readonly lock?: LockScope;
  readonly watchOverlap?: boolean;
}

const written = new WeakMap<Driver, Map<string, Procedure>>();

/** A thread's procedures, written out once for all scenarios of an era and driver that run it. */
function thread(setUp: SetUp, name: string, write: (code: Code) => Procedure): Procedure {
  const { era, driver, granularity } = setUp;
  const lock = setUp.lock ?? era.lock;
  const known = written.get(driver) ?? new Map<string, Procedure>();
  written.set(driver, known);
  // By what the code is, not by the era's name: tests change single features of an era.
  const key = [...Object.values({ ...era, lock }), granularity, name].join(' ');
  const top = known.get(key) ?? write({ ...era, lock, granularity, driver });
  known.set(key, top);
  return top;
}

/** Compiles a set-up into a machine. */
export function build(setUp: SetUp): Machine {
  const { driver, scenario } = setUp;
  const threads: ThreadProgram[] = [];
  if (scenario.client) {
    const attempt = scenario.deferredBefore ? 'deferred retry' : 'first attempt';
    const top = thread(setUp, 'client', really_probe);
    threads.push({ name: `client probe (${attempt})`, role: 'client', top });
  }
  const walk = (instance: 1 | 2) => thread(setUp, `walk ${instance}`, (code) => iommu_driver_probe(code, instance));
  if (scenario.walks === 0)
    threads.push({ name: 'a driver that stores priv', role: 'client', top: thread(setUp, 'stray', stray_store) });
  else threads.push({ name: 'IOMMU registration', role: 'walk', top: walk(1) });
  if (scenario.walks === 2) threads.push({ name: 'second IOMMU registration', role: 'walk', top: walk(2) });
  return new Machine({
    threads,
    heap: scenario.heap,
    memory: setUp.memory,
    leftByDeferral: scenario.deferredBefore,
    privIsAllocated: driver.privIsAllocated,
    watchOverlap: setUp.watchOverlap ?? false,
  });
}
