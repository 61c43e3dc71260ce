/** A witness becomes turns that a kernel can be made to take, and the model, run with them, ends in the same crash. */
import { describe, expect, it } from 'vitest';
import { decodeReplay } from '../../src/sim/explain/replay.ts';
import { rerun } from '../../src/sim/explain/witness.ts';
import { explore } from '../../src/sim/explore/graph.ts';
import { forcingPlan, type Planned } from '../../src/sim/force/plan.ts';
import { runTurns } from '../../src/sim/force/turns.ts';
import { build } from '../../src/sim/scenarios.ts';
import { simulate, simulateGraph } from '../../src/sim/simulate.ts';
import { setUp } from './set-up.ts';

function plan(replay: string) {
  const planned = forcingPlan(replay);
  if (!planned.ok) throw new Error(planned.why);
  return planned.plan;
}

const usual = ['rockchip', 'qcom_iommu'].flatMap((driver) =>
  ['deferred-retry', 'first-probe'].map((scenario) => setUp('C', driver, scenario, { memory: 'plain' })),
);

const why = (planned: Planned) => (planned.ok ? null : planned.why);

describe('forcingPlan', () => {
  it('puts gates where the witness lets threads be preempted, by what the machine code has there', () => {
    const { gates, turns, outcome } = plan('1.E.sprd.deferred-retry.plain.compiled.static.1x10,0x15,1x8,0x3');
    expect({ turns, outcome }).toEqual({
      turns: [1, 0, 1, 0],
      outcome: 'null-write dev_iommu.priv in sprd_iommu_of_xlate',
    });
    expect(gates.map((g) => [g.role, g.resume, g.moved, g.places])).toEqual([
      [
        'walk',
        2,
        0,
        [
          { event: 'store', member: 'iommu', fn: 'dev_iommu_free', nth: 1 },
          { event: 'store', member: 'iommu', fn: '__iommu_probe_device', nth: 1 },
        ],
      ],
      [
        'client',
        3,
        0,
        [
          { event: 'load', member: 'iommu', fn: '@of_xlate', nth: 1 },
          { event: 'entry', fn: '@of_xlate', nth: 1 },
        ],
      ],
      ['walk', null, 0, [{ event: 'return', fn: 'iommu_device_register', nth: 1 }]],
    ]);
  });

  it('counts what a function does from its entry, and takes the call of the allocator where compilers may merge loads', () => {
    const places = (witness: string) => plan(witness).gates[1]!.places;
    expect(places('1.E.sprd.deferred-retry.plain.compiled.static.0x13,1x14,0x2')).toEqual([
      { event: 'call', callee: 'kmalloc', fn: 'iommu_fwspec_init', nth: 1 },
      { event: 'load', member: 'iommu', fn: 'iommu_fwspec_init', nth: 2 },
    ]);
    // Without an earlier attempt dev->iommu is allocated first.
    expect(places('1.E.sprd.first-probe.plain.compiled.static.0x5,1x14,0x2')).toContainEqual({
      event: 'call',
      callee: 'kmalloc',
      fn: 'iommu_fwspec_init',
      nth: 2,
    });
  });

  it.each([
    // Two accessors in a row: gcc has one load there, for arm64 and for arm.
    ['C', 'rockchip', 'null-read rk_iommu.dev in rk_iommu_probe_device', true],
    ['C', 'rockchip', 'null-read rk_iommu.group in rk_iommu_device_group', false],
    // Allocated between the loads.
    ['C', 'rockchip', 'null-write dev_iommu.fwspec in iommu_fwspec_init', false],
    ['E', 'sprd', 'null-write dev_iommu.fwspec in iommu_fwspec_init', false],
    ['E', 'arm-smmu-v3', 'null-read fwspec.ops in of_iommu_configure', false],
  ])('era %s, %s: says whether "%s" needs a load that compilers leave out', (era, driver, outcome, reloads) => {
    const of = setUp(era, driver, 'deferred-retry', { memory: 'plain' });
    const crash = (granularity: 'compiled' | 'merged') =>
      simulate({ ...of, granularity }).outcomes.find((o) => o.outcome === outcome);
    expect(plan(crash('compiled')!.witness).reloads).toBe(reloads);
    expect(crash('merged') === undefined).toBe(reloads);
  });

  it('rests at no load that compilers leave out, where there is another place', () => {
    // dev_iommu_priv_get() right behind dev_iommu_fwspec_get(), then driver_find_device(), which finds bound instances only.
    const { gates, reloads } = plan('1.C.arm-smmu-v3.first-probe.plain.compiled.none.1x6,0x23,1x8,0x6');
    expect(reloads).toBe(false);
    expect(gates[1]!.places[0]).toEqual({ event: 'call', callee: 'driver_find_device', fn: '@probe_device', nth: 1 });
  });

  it('takes another interleaving of the same crash where the witness needs such a load and the crash does not', () => {
    const found = usual.flatMap((of) =>
      simulate(of).outcomes.flatMap((o) => {
        const planned = o.crash ? forcingPlan(o.witness) : null;
        return planned?.ok && planned.plan.outcome === o.outcome ? [{ of, planned, o }] : [];
      }),
    );
    for (const { of, planned, o } of found) {
      const { plan: made } = planned;
      if (made.reloads) continue;
      const merged = simulate({ ...of, granularity: 'merged' }).outcomes.map((m) => m.outcome);
      expect(merged, made.replay).toContain(o.outcome);
    }
    expect(found.length).toBeGreaterThan(15);
  });

  it('lets the registration have the first turn where the witness begins with the client, so that no attempt need be counted', () => {
    const { turns, gates } = plan('1.E.sprd.deferred-retry.plain.compiled.static.0x6,1x18,0x3');
    expect(turns).toEqual([1, 0, 1, 0]);
    expect(gates[0]).toMatchObject({ role: 'walk', ofClient: true });
  });

  it('stops 5.10 behind bus_set_iommu(), where its walk is', () => {
    const { gates } = plan('1.C.rockchip.deferred-retry.plain.compiled.none.1x10,0x16,1x7,0x2');
    expect(gates.at(-1)!.places).toEqual([{ event: 'return', fn: 'bus_set_iommu', nth: 1 }]);
  });

  it('names the nearest crash where the witness has its own at a place that cannot be told apart', () => {
    const { wanted, outcome } = plan('1.E.apple-dart.deferred-retry.plain.compiled.static.1x7,0x19,1x7');
    expect(wanted).toBe('null-read iommu_device.ops in iommu_group_get_for_dev');
    expect(outcome).not.toBe(wanted);
  });

  it.each([
    ['1.E.apple-dart.deferred-retry.plain.compiled.static.1x3', /no crash/],
    ['nonsense', /eight parts/],
    ['1.E.apple-dart.deferred-retry.plain.compiled.static.0x99', /cannot be taken/],
  ])('says why not: %s', (replay, reason) => {
    expect(why(forcingPlan(replay))).toMatch(reason);
  });

  it('is of one translation against one registration', () => {
    const of = setUp('E', 'apple-dart', 'two-walks', { memory: 'plain' });
    const crash = simulateGraph(explore(build(of)), of).outcomes.find((o) => o.crash)!;
    expect(why(forcingPlan(crash.witness))).toMatch(/one translation against one registration; this witness has/);
  });
});

const SET_UPS = [
  setUp('E', 'sprd', 'deferred-retry', { memory: 'plain' }),
  setUp('E', 'arm-smmu-v3', 'first-probe', { memory: 'plain' }),
  setUp('E', 'rockchip', 'deferred-retry', { memory: 'plain', earlier: true }),
  setUp('C', 'arm-smmu-v3', 'first-probe', { memory: 'plain' }),
  setUp('E2', 'arm-smmu-v3', 'deferred-retry', { memory: 'plain' }),
];

describe.each(SET_UPS.map((of) => ({ of, name: `${of.era.id} ${of.driver.name} ${of.scenario.id}` })))(
  '$name',
  ({ of }) => {
    const crashes = simulateGraph(explore(build(of)), of).outcomes.filter(
      (o) => o.crash && o.outcome.startsWith('null'),
    );

    it('has turns for every crash of a NULL pointer, and the plan is a run that ends in it', () => {
      expect(crashes.length).toBeGreaterThan(1);
      for (const { outcome, witness } of crashes) {
        const made = plan(witness);
        expect(made.outcome, witness).toBe(outcome);
        const decoded = decodeReplay(made.replay);
        if (!decoded.ok) throw new Error(decoded.why);
        const again = rerun(decoded.setUp, decoded.threads);
        expect(again.stuckAt).toBeNull();
        expect(again.witness.steps.at(-1)!.outcome).toBe(outcome);
        for (const gate of made.gates) expect(gate.places.length, witness).toBeGreaterThan(0);
      }
    });
  },
);

describe('runTurns', () => {
  const machine = build(setUp('E', 'sprd', 'deferred-retry', { memory: 'plain' }));

  it('says how many turns were kept where a thread never comes to its place', () => {
    const ends = machine.stops[1]!.length - 1;
    expect(
      runTurns(
        machine,
        [
          { thread: 1, until: 1 },
          { thread: 0, until: 0 },
          { thread: 0, until: 999 },
        ],
        ends && 1,
      ),
    ).toMatchObject({ kept: 2, outcome: null });
  });

  it('comes to no crash where one thread runs behind the other', () => {
    const through = machine.stops[1]!.findIndex((s) => s.end === 'registered');
    expect(runTurns(machine, [{ thread: 1, until: through }], 0)).toMatchObject({ kept: 1, outcome: null });
  });
});
