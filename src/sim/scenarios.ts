/** Which threads meet, and what is there when they do. */

import { known } from '../remembered.ts';
import { LIVE, Machine, type Memory, type Start, type ThreadProgram } from './machine/machine.ts';
import { mergeLoads } from './machine/merge.ts';
import { IOMMU_DEV, type Procedure } from './machine/program.ts';
import type { HeapBounds } from './machine/slots.ts';
import { type Rest, restsOf } from './machine/stops.ts';
import { IN_ACPI } from './procedures/acpi.ts';
import type { Driver } from './procedures/code.ts';
import {
  type Bus,
  type Code,
  type Entry,
  type EraCode,
  type Granularity,
  type LockScope,
  since,
} from './procedures/code.ts';
import { onSecondDevice } from './procedures/devices.ts';
import { device_add } from './procedures/notifier.ts';
import { really_probe, withBuses } from './procedures/of_iommu.ts';
import { iommu_driver_probe } from './procedures/register.ts';
import { iommu_driver_remove } from './procedures/release.ts';
import { stray_store } from './procedures/stray.ts';
import type { ScenarioId } from './types.ts';

export interface Scenario {
  readonly id: ScenarioId;
  readonly means: string;
  readonly client: boolean;
  readonly walks: 0 | 1 | 2;
  /** The client was deferred before any registration: its dev->iommu and an fwspec without ops are still there (to v6.10). */
  readonly deferredBefore: boolean;
  /** An earlier attempt of the client was translated and probed in full, and deferred for another reason; the IOMMU is up and goes. */
  readonly probedBefore?: boolean;
  /** A thread in device_add() of the client. */
  readonly adds?: boolean;
  /** Client devices; 1 where nothing is said. */
  readonly devices?: 2;
  readonly heap: HeapBounds;
  /** The bus of the client; platform where nothing is said. */
  readonly bus?: Bus;
  /** Whose the client's entries in "iommus" are, where it is not one, or as many as asked for, of the instance that registers. */
  readonly entries?: readonly Entry[];
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
    id: 'device-add',
    means:
      'device_add() of the client notifies the IOMMU core while a driver is bound to it and one registration walks the bus',
    client: true,
    walks: 1,
    deferredBefore: false,
    adds: true,
    heap: { dev_iommu: 6, fwspec: 5, cfg: 5 },
  },
  {
    id: 'two-clients',
    means: 'two clients, each deferred once, are probed again while one registration walks over both',
    client: true,
    walks: 1,
    deferredBefore: true,
    devices: 2,
    heap: { dev_iommu: 7, fwspec: 7, cfg: 7 },
  },
  {
    id: 'release-vs-xlate',
    means: 'the IOMMU is unregistered while the client, translated and probed by an earlier attempt, is probed again',
    client: true,
    walks: 0,
    deferredBefore: false,
    probedBefore: true,
    heap: { dev_iommu: 4, fwspec: 4, cfg: 4 },
  },
  {
    id: 'dma-configure-toctou',
    means:
      'a client on the amba bus, whose dma_configure() reads dev->driver twice, is bound while a registration walks the bus',
    client: true,
    walks: 1,
    deferredBefore: false,
    bus: 'amba',
    heap: { dev_iommu: 4, fwspec: 4, cfg: 4 },
  },
  {
    id: 'left-over',
    means: 'two registrations walk over what a deferred client left; the client does not run',
    client: false,
    walks: 2,
    deferredBefore: true,
    heap: { dev_iommu: 5, fwspec: 5, cfg: 5 },
  },
  {
    id: 'foreign',
    means:
      'the client, deferred once, names an instance that never registers; its second attempt runs against the registration walk of another',
    client: true,
    walks: 1,
    deferredBefore: true,
    entries: [0],
    heap: { dev_iommu: 4, fwspec: 4, cfg: 4 },
  },
  {
    id: 'two-instances',
    means:
      'the client names two instances, of which the first is up; its first attempt runs while the second registers',
    client: true,
    walks: 1,
    deferredBefore: false,
    entries: [2, 1],
    heap: { dev_iommu: 4, fwspec: 4, cfg: 6 },
  },
  {
    id: 'second-provider',
    means:
      'the client is probed again, alone: its IOMMU is up and has kept what an earlier attempt left with it, and dev->iommu was freed since',
    client: true,
    walks: 0,
    deferredBefore: false,
    heap: { dev_iommu: 2, fwspec: 2, cfg: 3 },
  },
  {
    id: 'acpi',
    means:
      'a client that ACPI describes (IORT, VIOT), translated by acpi_iommu_configure_id(); any attempt, as a deferral leaves nothing, runs against one registration walk',
    client: true,
    walks: 1,
    deferredBefore: true,
    bus: 'acpi',
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
  /** Entries in the client's "iommus", all of the instance that registers; 1 where nothing is said, and none but its own where the scenario has entries. */
  readonly iommus?: 1 | 2;
  /** An instance of the driver had registered before: what it set up once for all is there, and the bus has its ops. */
  readonly earlier?: boolean;
}

/** The client's entries in "iommus". */
export function entriesOf({ scenario, iommus }: SetUp): readonly Entry[] {
  return scenario.entries ?? (iommus === 2 ? [1, 1] : [1]);
}

/** Does it make a difference that an instance of the driver had registered before? Where it does, both starts are explored unless one is asked for. */
export function startsDiffer({ driver, era, scenario }: SetUp): boolean {
  return scenario.walks > 0 && scenario.entries === undefined && (driver.sharesData?.(era) ?? false);
}

/** Why no kernel runs the scenario with the driver; null where one does. */
export function misfit({ bus }: Scenario, { name }: Driver): string | null {
  if (bus !== 'acpi' || IN_ACPI.has(name)) return null;
  return `no ACPI table names instances of ${name}; those of ${[...IN_ACPI].join(', ')} are`;
}

/** The same set-up with every start that is open: without an earlier instance, and where that differs also with one. */
export function bothStarts(setUp: SetUp): readonly SetUp[] {
  return startsDiffer(setUp) ? [setUp, { ...setUp, earlier: true }] : [setUp];
}

/** Threads as they were written out, by the driver's number and the code. All that is made of one (its steps, its places) is forgotten with it: some 100 KB. */
const written = new Map<string, Procedure>();
const MOST_WRITTEN = 256;

const numbers = new WeakMap<Driver, number>();
let drivers = 0;

function numberOf(driver: Driver): number {
  const number = numbers.get(driver) ?? drivers++;
  numbers.set(driver, number);
  return number;
}

/** Loads that compilers merge are merged in the whole of a thread's code, not accessor by accessor. */
function compiledAs(granularity: SetUp['granularity'], top: Procedure): Procedure {
  return granularity === 'merged' ? mergeLoads(top) : top;
}

/** A thread's procedures, written out once for all scenarios of an era and driver that run it. */
function thread(setUp: SetUp, name: string, write: (code: Code) => Procedure): Procedure {
  const { era, driver, granularity } = setUp;
  const { bus = 'platform', devices = 1 } = setUp.scenario;
  const lock = setUp.lock ?? era.lock;
  // By what the code is, not by the era's name: tests change single features of an era.
  const entries = entriesOf(setUp);
  const code = [...Object.values({ ...era, lock }), granularity, bus, devices, entries.join(), name];
  return known(written, MOST_WRITTEN, `${numberOf(driver)} ${code.join(' ')}`, () =>
    compiledAs(granularity, write(withBuses({ ...era, lock, granularity, driver, bus, devices, entries }))),
  );
}

/** An fwspec without ops on a dev_iommu, left by a deferred probe of device `d` (to v6.10). */
export const leftByDeferral = (d: 1 | 2): Start['values'] => [
  [d === 1 ? 'dev->iommu' : 'dev2->iommu', d],
  [`dev_iommu${d}`, LIVE],
  [`dev_iommu${d}.dev_iommu.fwspec`, d],
  [`fwspec${d}`, LIVE],
];

/** Everything that a translation, a probe and a registration leave when they went well. */
const PROBED: Start['values'] = [
  ['dev->iommu', 1],
  ['dev_iommu1', LIVE],
  ['dev_iommu1.dev_iommu.fwspec', 1],
  ['dev_iommu1.dev_iommu.iommu_dev', IOMMU_DEV.VALID],
  ['dev_iommu1.dev_iommu.priv', 1],
  ['fwspec1', LIVE],
  ['fwspec1.fwspec.ops', 1],
  ['cfg1', LIVE],
  ['cfg1.cfg:ready', 1],
  ['dev->iommu_group', 1],
  ['iommu_group_link', 1],
  ['group->default_domain', 1],
  ['bus->iommu_ops', 1],
  ['listed1', 1],
  ['bound1', 1],
  ['late_data', 1],
  ['ready1', 1],
];

/** An instance that is up: listed, ready and bound as instance 2 where an entry names it, and its ops are the bus's. */
function upBefore({ driver, era, scenario }: SetUp): Start['values'] {
  const named = scenario.entries?.includes(2) ?? false;
  return [
    ['bus->iommu_ops', 1],
    ...(named
      ? ([
          ['listed2', 1],
          ['bound2', 1],
          ['ready2', 1],
        ] as const)
      : []),
    ...(driver.sharesData?.(era) ? ([['late_data', 1]] as const) : []),
  ];
}

function startOf(setUp: SetUp): Start {
  const { because, values } = leftBefore(setUp);
  if (!setUp.earlier && !setUp.scenario.entries?.includes(2)) return { because, values };
  const up = 'An instance of the driver is up.';
  return { because: because === null ? up : `${because} ${up}`, values: [...values, ...upBefore(setUp)] };
}

/** Up, and nothing of the client is left but what a driver keeps elsewhere. */
const KEPT: Start['values'] = [
  ['bus->iommu_ops', 1],
  ['listed1', 1],
  ['bound1', 1],
  ['late_data', 1],
  ['ready1', 1],
];

function leftBefore({ scenario, era }: SetUp): Start {
  if (scenario.id === 'second-provider') {
    const because = 'The IOMMU is up, and dev->iommu of the earlier attempt was freed.';
    // v5.7 and v5.8 kept it beside dev->iommu, where nobody frees it.
    const beside: Start['values'] = [
      ['dev->archdata.iommu', 1],
      ['cfg1', LIVE],
      ['cfg1.cfg:ready', 1],
    ];
    return { because, values: since(era, '5.10') ? KEPT : [...KEPT, ...beside] };
  }
  if (scenario.probedBefore) return { because: 'Left by the earlier attempt: probed in full.', values: PROBED };
  // A deferral by ACPI makes nothing, in any version.
  if (!scenario.deferredBefore || scenario.bus === 'acpi' || since(era, '6.11')) return { because: null, values: [] };
  return {
    because: 'Left by the deferred probe: an fwspec without ops.',
    values: [...leftByDeferral(1), ...(scenario.devices === 2 ? leftByDeferral(2) : [])],
  };
}

/** The threads of a set-up, before they are compiled. */
function threadsOf(setUp: SetUp): readonly ThreadProgram[] {
  const { scenario } = setUp;
  const threads: ThreadProgram[] = [];
  // A device that is not bound before its device_add() is over has no probe that meets its own notifier.
  if (scenario.client && !(scenario.adds && setUp.era.readyToProbe)) {
    const attempt = scenario.deferredBefore || scenario.probedBefore ? 'deferred retry' : 'first attempt';
    const top = thread(setUp, 'client', really_probe);
    if (scenario.devices === 2) {
      threads.push({ name: `first client's probe (${attempt})`, role: 'client', top });
      threads.push({ name: `second client's probe (${attempt})`, role: 'client', device: 2, top: onSecondDevice(top) });
    } else threads.push({ name: `client probe (${attempt})`, role: 'client', top });
  }
  const walk = (instance: 1 | 2) => thread(setUp, `walk ${instance}`, (code) => iommu_driver_probe(code, instance));
  if (scenario.probedBefore)
    threads.push({ name: 'IOMMU unregistration', role: 'walk', top: thread(setUp, 'remove', iommu_driver_remove) });
  else if (scenario.walks === 0 && !scenario.client)
    threads.push({ name: 'a driver that stores priv', role: 'client', top: thread(setUp, 'stray', stray_store) });
  else if (scenario.walks > 0) threads.push({ name: 'IOMMU registration', role: 'walk', top: walk(1) });
  if (scenario.walks === 2) threads.push({ name: 'second IOMMU registration', role: 'walk', top: walk(2) });
  if (scenario.adds)
    threads.push({ name: "the client's device_add()", role: 'walk', top: thread(setUp, 'add', device_add) });
  return threads;
}

/** What can be seen of a scenario without running it: its threads, and the places at which each can rest. */
export interface Silhouette {
  readonly threads: readonly ThreadProgram[];
  readonly stops: readonly (readonly Rest[])[];
}

/** Few: set-ups are kept with what was judged in them, and are not to keep their threads. */
const silhouettes = new Map<SetUp, Silhouette>();
const MOST_SILHOUETTES = 256;

export function silhouetteOf(setUp: SetUp): Silhouette {
  return known(silhouettes, MOST_SILHOUETTES, setUp, () => {
    const threads = threadsOf(setUp);
    return { threads, stops: threads.map((t) => restsOf(t.top)) };
  });
}

/** Compiles a set-up into a machine. */
export function build(setUp: SetUp): Machine {
  const { driver, scenario } = setUp;
  // A second entry may allocate private data once more.
  const { heap } = scenario;
  const cfg = setUp.iommus === 2 ? Math.min(7, heap.cfg + 2) : heap.cfg;
  return new Machine({
    threads: threadsOf(setUp),
    heap: { ...heap, cfg },
    memory: setUp.memory,
    initially: startOf(setUp),
    privIsAllocated: driver.privIsAllocated,
    watchOverlap: setUp.watchOverlap ?? false,
  });
}
