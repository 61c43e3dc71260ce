/** Delays derived from a witness lead the model into the same crash, and the ones that were used to make the sample logs are found. */
import { describe, expect, it } from 'vitest';
import { delaysFor, runDelayed } from '../../src/sim/explain/delays.ts';
import { decodeReplay } from '../../src/sim/explain/replay.ts';
import { explore } from '../../src/sim/explore/graph.ts';
import { build } from '../../src/sim/scenarios.ts';
import { simulateGraph } from '../../src/sim/simulate.ts';
import { setUp } from './set-up.ts';

const places = (replay: string) => delaysFor(replay)!.points.map((p) => `T${p.thread} ${p.fn}: ${p.before}`);

describe('delaysFor', () => {
  it('sleeps before the free and before the use, as the delays did with which the sample was made', () => {
    const delays = delaysFor('1.E.apple-dart.deferred-retry.plain.compiled.static.1x9,0x15,1x9,0x3')!;
    expect(delays.starts.map((s) => s.name)).toEqual(['IOMMU registration', 'client probe (deferred retry)']);
    expect(delays.points).toMatchObject([
      { thread: 1, fn: 'dev_iommu_free', before: 'dev->iommu = NULL', accessor: null, units: 2, lets: [0] },
      {
        thread: 0,
        fn: 'apple_dart_of_xlate',
        before: 'iommu = dev->iommu',
        accessor: 'dev_iommu_priv_get()',
        units: 2,
        lets: [1],
      },
    ]);
  });

  it('leaves out what the crash does not need: the other thread may run to its end', () => {
    expect(places('1.E.apple-dart.deferred-retry.plain.compiled.static.0x7,1x10,0x2')).toEqual([
      'T0 iommu_fwspec_free: iommu = dev->iommu',
    ]);
  });

  it('has nothing to say of a run that passes, of one thread, and of no run', () => {
    expect(delaysFor('1.E.apple-dart.deferred-retry.plain.compiled.static.1x3')).toBeNull();
    expect(delaysFor('nonsense')).toBeNull();
  });
});

const SET_UPS = [
  setUp('E', 'apple-dart', 'deferred-retry'),
  setUp('E', 'sprd', 'deferred-retry', { memory: 'plain' }),
  setUp('C', 'qcom_iommu', 'deferred-retry', { memory: 'plain' }),
  setUp('C', 'arm-smmu-v3', 'first-probe'),
  setUp('E2', 'arm-smmu-v3', 'deferred-retry'),
];

describe.each(SET_UPS.map((of) => ({ of, name: `${of.era.id} ${of.driver.name} ${of.scenario.id}` })))(
  '$name',
  ({ of }) => {
    const crashes = simulateGraph(explore(build(of)), of).outcomes.filter((o) => o.crash);

    it('comes to every crash by delays, and to none of them without', () => {
      expect(crashes.length).toBeGreaterThan(0);
      for (const { outcome, witness, serial } of crashes) {
        const delays = delaysFor(witness);
        expect(delays, witness).not.toBeNull();
        expect(delays!.outcome).toBe(outcome);
        const decoded = decodeReplay(witness);
        const segments = decoded.ok ? decoded.threads.filter((t, i, all) => t !== all[i - 1]) : [];
        const starts = new Map(delays!.starts.map(({ thread }) => [thread, segments.indexOf(thread)]));
        for (const first of [false, true])
          expect(runDelayed(build(of), starts, delays!.points, outcome, first)).toBe(true);
        // Each delay is needed: without it, some way of running on misses the crash.
        for (const point of delays!.points) {
          const rest = delays!.points.filter((p) => p !== point);
          expect([false, true].every((w) => runDelayed(build(of), starts, rest, outcome, w))).toBe(false);
        }
        if (!serial) expect(delays!.points.length, witness).toBeGreaterThan(0);
      }
    });
  },
);
