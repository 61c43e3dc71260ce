import { describe, expect, it } from 'vitest';
import { exists } from '../../src/sim/drivers/exists.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { decodeReplay } from '../../src/sim/explain/replay.ts';
import { rerun } from '../../src/sim/explain/witness.ts';
import { allPaths, pathsTo } from '../../src/sim/explore/count.ts';
import { explore } from '../../src/sim/explore/graph.ts';
import { attributed } from '../../src/sim/explored.ts';
import type { Machine, State } from '../../src/sim/machine/machine.ts';
import type { LockScope } from '../../src/sim/procedures/code.ts';
import { build } from '../../src/sim/scenarios.ts';
import { type Simulation, simulate } from '../../src/sim/simulate.ts';
import { thinned } from '../size.ts';
import { setUp } from './set-up.ts';

const EVERY = thinned(
  [...ERAS.values()].flatMap(({ id: era }) =>
    [...DRIVERS.values()]
      .filter((driver) => exists(driver, era))
      .flatMap(({ name: driver }) =>
        ['deferred-retry', 'first-probe', 'walks-only'].map((scenario) => ({ era, driver, scenario })),
      ),
  ),
  7,
);

const explored = new Map<string, Simulation>();

/** Each set-up is explored once for all promises about it. */
function simulated(era: string, driver: string, scenario: string, lock?: LockScope): Simulation {
  const key = [era, driver, scenario, lock].join(' ');
  const known = explored.get(key) ?? simulate(setUp(era, driver, scenario, lock ? { lock } : {}));
  explored.set(key, known);
  return known;
}

/** Enumerates every interleaving one by one, without a state table: what counting must agree with. */
function enumerate(machine: Machine): { interleavings: number; states: number } {
  const seen = new Set<string>();
  const walk = (v: State): number => {
    seen.add(v.join());
    let ends = 0;
    let moved = false;
    machine.threads.forEach((_, t) => {
      if (!machine.enabled(v, t)) return;
      moved = true;
      const next = v.slice();
      const result = machine.step(next, t);
      ends += result.is === 'fault' && result.fatal ? 1 : walk(next);
    });
    return moved ? ends : 1;
  };
  const interleavings = walk(machine.initial());
  return { interleavings, states: seen.size };
}

describe('the explorer', () => {
  it.each([
    ['E', 'arm-smmu', 'walks-only'],
    ['E2', 'sun50i', 'walks-only'],
    ['F', 'rockchip', 'walks-only'],
    ['F', 'arm-smmu', 'first-probe'],
  ])('counts exactly what enumerating every interleaving counts (era %s, %s, %s)', (era, driver, scenario) => {
    const machine = build(setUp(era, driver, scenario));
    const graph = explore(machine);
    const brute = enumerate(machine);
    expect(graph.states).toBe(brute.states);
    expect(allPaths(graph, pathsTo(graph))).toBe(BigInt(brute.interleavings));
    expect(graph.exhaustive).toBe(true);
  });

  it('says that it is not exhaustive when its budget ends it', () => {
    const graph = explore(build(setUp('E', 'apple-dart', 'deferred-retry')), { states: 100 });
    expect(graph.exhaustive).toBe(false);
    expect(graph.states).toBeLessThan(200);
  });

  it('names no end and counts no interleaving beyond its budget', () => {
    const part = simulate(setUp('E', 'apple-dart', 'deferred-retry'), { states: 100 });
    expect(part).toMatchObject({ exhaustive: false, outcomes: [], interleavings: 0n });
  });

  it('gives every outcome a witness that reaches it again, with as many preemptions', () => {
    for (const { era, driver, scenario } of EVERY) {
      for (const row of simulated(era, driver, scenario).outcomes) {
        const decoded = decodeReplay(row.witness);
        if (!decoded.ok) throw new Error(decoded.why);
        const run = rerun(decoded.setUp, decoded.threads);
        expect(run.stuckAt, row.witness).toBeNull();
        expect(run.witness.preemptions, row.witness).toBe(row.preemptions);
        if (row.crash) expect(run.witness.steps.at(-1)!.outcome).toBe(row.outcome);
      }
    }
  });
});

describe('the model', () => {
  const crashes = (era: string, driver: string, scenario: string, lock?: LockScope) =>
    simulated(era, driver, scenario, lock).outcomes.filter((o) => o.crash);

  it.each(EVERY)(
    'reaches no crash of the race with the threads one after the other ($era, $driver, $scenario)',
    ({ era, driver, scenario }) => {
      expect(crashes(era, driver, scenario).filter((o) => o.serial)).toEqual([]);
    },
  );

  it.each([...DRIVERS.keys()])(
    "leaves only releases and drivers' own data to crash on once a2e7e59a9426 is in (%s)",
    (driver) => {
      for (const era of ['F', 'F61', 'F2', 'F3', 'H'] as const) {
        if (!exists(DRIVERS.get(driver)!, era)) continue;
        for (const scenario of ['deferred-retry', 'first-probe', 'walks-only']) {
          const owners = attributed(setUp(era, driver, scenario));
          for (const { outcome } of crashes(era, driver, scenario)) {
            const owner = owners.get(outcome);
            // A failing registration unregisters itself, which frees what it probed, and takes no lock. In 6.1's code a bound client can be probed twice.
            if (owner === 'release-vs-xlate' || owner === 'probed-twice') continue;
            expect(owner, outcome).toBe('driver-data-after-registration');
            expect(outcome).toMatch(
              / (?:device\.devres_lock|arm_smmu_device\.(?:dev|streamid_mask)|iommu_ops\.of_xlate) /,
            );
          }
        }
      }
    },
  );

  it('reaches the seed in every era before the fix, with two preemptions', () => {
    for (const era of ['C', 'D', 'E', 'E2']) {
      const seed = crashes(era, 'apple-dart', 'deferred-retry').find(
        (o) => o.outcome === 'null-write dev_iommu.priv in apple_dart_of_xlate',
      );
      expect(seed, era).toMatchObject({ preemptions: 2, serial: false });
    }
  });

  it('reaches the double error exit in both threads where nothing serialises the probes, and not with 01657bc14a39', () => {
    const name = 'null-read dev_iommu.fwspec in dev_iommu_free';
    const outcomes = (lock: LockScope) => crashes('C', 'arm-smmu-v3', 'first-probe', lock).map((o) => o.outcome);
    expect(outcomes('none')).toContain(name);
    expect(outcomes('static')).not.toContain(name);
  });

  it('blames rockchip for its own order, whatever the lock', () => {
    for (const lock of ['static', 'global'] as const) {
      expect(crashes('E', 'rockchip', 'first-probe', lock).map((o) => o.outcome)).toContain(
        'null-read device.devres_lock in rk_iommu_of_xlate',
      );
    }
    // The race itself stays reachable beside it: a client that waited until the walk had freed and dma_dev was set.
    expect(crashes('E', 'rockchip', 'deferred-retry').map((o) => o.outcome)).toContain(
      'null-write dev_iommu.priv in rk_iommu_of_xlate',
    );
  });

  it('goes on past a use-after-free without KASAN, to the NULL store that real kernels show', () => {
    const plain = simulate(setUp('E', 'apple-dart', 'deferred-retry', { memory: 'plain' })).outcomes.map(
      (o) => o.outcome,
    );
    expect(plain).toContain('null-write dev_iommu.fwspec in iommu_fwspec_free');
    expect(plain.filter((name) => name.startsWith('uaf-') || name.startsWith('double-free'))).toEqual([]);
  });
});

describe('a replay string', () => {
  it.each([
    ['is empty', '', /eight parts/],
    ['is of another version', '2.E.apple-dart.deferred-retry.kasan.compiled.static.0', /version 1/],
    ['names no era', '1.Z.apple-dart.deferred-retry.kasan.compiled.static.0', /no era Z/],
    ['has no schedule', '1.E.apple-dart.deferred-retry.kasan.compiled.static.0y3', /not a run of steps/],
    ['is too long', `1.E.apple-dart.deferred-retry.kasan.compiled.static.${'0,'.repeat(5000)}`, /at most/],
  ])('that %s is refused with the reason', (_, text, why) => {
    const decoded = decodeReplay(text);
    expect(decoded.ok).toBe(false);
    if (!decoded.ok) expect(decoded.why).toMatch(why);
  });

  it('that no thread can follow stops where it stops', () => {
    const decoded = decodeReplay('1.E.apple-dart.deferred-retry.kasan.compiled.static.1x500');
    if (!decoded.ok) throw new Error(decoded.why);
    expect(rerun(decoded.setUp, decoded.threads).stuckAt).toBeGreaterThan(10);
  });
});
