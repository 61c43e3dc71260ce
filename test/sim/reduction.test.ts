/**
 * However it is searched, a scenario has the same outcomes: with partial-order reduction and without, breadth first and depth first. The graph of all
 * interleavings (graph.ts), which SPIN is held against, is the measure.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { fewestPreemptions } from '../../src/sim/explore/bounded.ts';
import { isQuietEnd } from '../../src/sim/explore/count.ts';
import { explore, type Graph, stateAt } from '../../src/sim/explore/graph.ts';
import { type Reached, reachable, type SearchOptions } from '../../src/sim/explore/reachable.ts';
import { LIVE, type Machine, type State } from '../../src/sim/machine/machine.ts';
import { end, equals, get, isNull, load, lock, store, unlock, when } from '../../src/sim/machine/program.ts';
import { quietEnds } from '../../src/sim/machine/quiet.ts';
import { build } from '../../src/sim/scenarios.ts';
import { simulate } from '../../src/sim/simulate.ts';
import { size, thinned } from '../size.ts';
import { machineOf, machines } from './random-programs.ts';
import { setUp } from './set-up.ts';

const WAYS: readonly SearchOptions[] = [
  { reduction: false, order: 'breadth-first' },
  { reduction: false, order: 'depth-first' },
  { reduction: true, order: 'breadth-first' },
  { reduction: true, order: 'depth-first' },
];

const SMALL = ['deferred-retry', 'first-probe', 'walks-only'];

/** Crashes with their threads, quiet ends by name. */
function named({ outcomes }: Reached): readonly string[] {
  return outcomes.map((o) => `${o.thread} ${o.outcome}`).sort();
}

/** The same of the graph of all interleavings. */
function ofGraph(graph: Graph, nameEnd: (machine: Machine, v: State) => readonly string[] = quietEnds) {
  const found = new Set<string>();
  // A fault that leads on went unnoticed, as a kernel without KASAN lets it.
  graph.fault.forEach((fault, edge) => {
    if (fault === 0 || graph.next[edge]! >= 0) return;
    const { thread, outcome } = graph.faults[fault - 1]!;
    found.add(`${thread} ${outcome}`);
  });
  const v = graph.machine.initial();
  for (let state = 0; state < graph.states; state++)
    if (isQuietEnd(graph, state))
      for (const name of nameEnd(graph.machine, stateAt(graph, state, v))) found.add(`-1 ${name}`);
  return [...found].sort();
}

/** Runs a schedule: the outcomes' names that it ends in. */
function endOf(machine: Machine, schedule: readonly number[]): readonly string[] {
  const v = machine.initial();
  for (const t of schedule) {
    const result = machine.step(v, t);
    if (result.is === 'stuck') return ['stuck'];
    if (result.is === 'fault' && result.fatal) return [`${result.kind} ${result.field} in ${result.fn}`];
  }
  return quietEnds(machine, v);
}

function agree(machine: Machine): { readonly all: number; readonly reduced: number } {
  const graph = explore(machine);
  const truth = ofGraph(graph);
  const found = WAYS.map((way) => reachable(machine, way));
  for (const reached of found) {
    expect(reached.exhaustive).toBe(true);
    expect(named(reached)).toEqual(truth);
  }
  const [full, deep, reduced, reducedDeep] = found.map((r) => r.states) as [number, number, number, number];
  expect([full, deep]).toEqual([graph.states, graph.states]);
  expect(reduced).toBe(reducedDeep);
  expect(reduced).toBeLessThanOrEqual(full);
  for (const { outcome, schedule } of found[2]!.outcomes) expect(endOf(machine, schedule)).toContain(outcome);
  return { all: full, reduced };
}

describe('every way of searching finds the same outcomes', () => {
  it.each([...ERAS.keys()].map((era, i) => [era, i] as const))(
    'in era %s, of drivers in the scenarios of two threads',
    (era, i) => {
      for (const driver of thinned(DRIVERS.keys(), 5, i))
        for (const scenario of SMALL) agree(build(setUp(era, driver, scenario)));
    },
  );

  it.each(['E', 'F'])('in era %s, of drivers without KASAN and with every load a step', (era) => {
    for (const driver of thinned(DRIVERS.keys(), 5))
      for (const scenario of SMALL)
        agree(build(setUp(era, driver, scenario, { memory: 'plain', granularity: 'source' })));
  });

  it.each([
    ['E', 'arm-smmu-v3'],
    ['E2', 'apple-dart'],
    ['F', 'apple-dart'],
    ['F61', 'apple-dart'],
  ])('of three threads (era %s, %s), and reduction leaves out more than half', (era, driver) => {
    const { all, reduced } = agree(build(setUp(era, driver, 'two-walks')));
    expect(reduced * 2).toBeLessThan(all);
  });

  it('of three threads without a lock (era C, arm-smmu-v3)', () => {
    const { all, reduced } = agree(build(setUp('C', 'arm-smmu-v3', 'two-walks')));
    expect(reduced * 2).toBeLessThan(all);
  });
});

/** All of a final state that does not depend on how objects are numbered: more than any outcome's name says. */
function everything(machine: Machine, v: State): readonly string[] {
  const at = (name: string) => machine.read(v, name);
  const object = (type: string, id: number) => (id === 0 ? 'NULL' : at(`${type}${id}`) > LIVE ? 'freed' : 'live');
  const iommu = at('dev->iommu');
  const fwspec = iommu === 0 ? 0 : at(`dev_iommu${iommu}.dev_iommu.fwspec`);
  const alive = (type: 'dev_iommu' | 'fwspec') =>
    Array.from({ length: machine.options.heap[type] }, (_, i) => at(`${type}${i + 1}`)).filter((life) => life === LIVE);
  return [
    [
      ...machine.threads.map((_, t) => machine.result(v, t) ?? 'blocked'),
      ...['listed1', 'listed2', 'iommu_group_link', 'iommu_probe_device_lock'].map(at),
      object('dev_iommu', iommu),
      object('fwspec', fwspec),
      fwspec === 0 ? '' : at(`fwspec${fwspec}.fwspec.ops`),
      alive('dev_iommu').length,
      alive('fwspec').length,
    ].join(),
  ];
}

describe('a random program', () => {
  it('has the same crashes and the same final states with reduction', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const truth = ofGraph(explore(machine), everything);
        for (const way of WAYS) {
          const reached = reachable(machine, { ...way, nameEnd: everything });
          expect(reached.exhaustive).toBe(true);
          expect(named(reached)).toEqual(truth);
        }
      }),
      { numRuns: size(500, 3000) },
    );
  });
});

describe('the fewest preemptions', () => {
  it('are the same with the graph of all interleavings and without', () => {
    for (const era of ERAS.keys()) {
      for (const scenario of SMALL) {
        const at = setUp(era, 'apple-dart', scenario);
        const machine = build(at);
        const { outcomes } = simulate(at);
        const fewest = fewestPreemptions(machine, new Set(outcomes.map((o) => o.outcome)), { states: 1_000_000 });
        for (const { outcome, preemptions } of outcomes) {
          const own = fewest.get(outcome)!;
          expect([era, scenario, outcome, own.preemptions]).toEqual([era, scenario, outcome, preemptions]);
          expect(endOf(machine, own.threads)).toContain(outcome);
        }
      }
    }
  });
});

describe('a budget', () => {
  const at = setUp('E', 'apple-dart', 'two-walks');
  const machine = build(at);

  it.each(WAYS)('that ends a search is told (%o)', (way) => {
    const reached = reachable(machine, { ...way, budget: { states: 500 } });
    expect(reached.exhaustive).toBe(false);
    expect(reached.states).toBeLessThan(510);
  });

  it('that ends the search of all interleavings leaves the reduced one to find every outcome, without counts', () => {
    const whole = simulate(at);
    const part = simulate(at, { states: 40_000 });
    expect([whole.exhaustive, whole.reduction, whole.countsExact]).toEqual([true, false, true]);
    expect([part.exhaustive, part.reduction, part.countsExact]).toEqual([true, true, false]);
    expect(part.outcomes.map((o) => o.outcome)).toEqual(whole.outcomes.map((o) => o.outcome));
    part.outcomes.forEach((o, i) => {
      const truth = whole.outcomes[i]!;
      if (o.preemptionsExact) expect(o.preemptions).toBe(truth.preemptions);
      else expect(o.preemptions).toBeGreaterThanOrEqual(truth.preemptions);
      expect(o.serial).toBe(truth.serial);
      expect(o.interleavings).toBeLessThanOrEqual(truth.interleavings);
    });
  });

  it('leaves outcomes out, and says so, where reduction is switched off', () => {
    const part = simulate(at, { states: 2_000, reduction: false });
    expect([part.exhaustive, part.reduction, part.countsExact]).toEqual([false, false, false]);
  });

  it('too small for the reduced search as well is told', () => {
    const part = simulate(at, { states: 500 });
    expect([part.exhaustive, part.reduction, part.countsExact]).toEqual([false, true, false]);
  });
});

describe('reduction', () => {
  it('waits for the owner of a lock that a thread in its set waits for', () => {
    const MUTEX = 'iommu_probe_device_lock';
    // Only if the third thread's section comes first, and then the second's before the store of the first, does it end as deferred.
    const machine = machineOf(
      [
        [store('listed1', 1, 'listed1 = 1'), end('registered')],
        [
          lock(MUTEX),
          load('tmp', 'listed2', 'tmp = listed2'),
          when(isNull('tmp'), [unlock(MUTEX), end('probe-failed')]),
          load('tmp', 'listed1', 'tmp = listed1'),
          unlock(MUTEX),
          when(isNull('tmp'), [end('deferred')]),
          end('bound-with-iommu'),
        ],
        [lock(MUTEX), store('listed2', 1, 'listed2 = 1'), unlock(MUTEX), end('registered')],
      ],
      true,
      false,
    );
    expect(named(reachable(machine))).toContain('-1 deferred');
    agree(machine);
  });

  it('refuses a machine that tells objects apart by their numbers, which depend on who allocates first', () => {
    const follow = get('fs', 'p', 'dev_iommu.fwspec', 'fs = p->fwspec');
    const body = [
      load('p', 'dev->iommu', 'p = dev->iommu'),
      when(equals('p', 2), [end('deferred')]),
      follow,
      end('registered'),
    ];
    expect(() => reachable(machineOf([body], true, true))).toThrow(/object 2 by its number/);
  });

  it('refuses a machine that watches for overlaps, which depend on the order of all steps', () => {
    const watching = build(setUp('E', 'apple-dart', 'first-probe', { watchOverlap: true }));
    expect(() => reachable(watching)).toThrow(/overlap/);
  });
});
