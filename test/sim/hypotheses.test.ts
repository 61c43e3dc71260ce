import { describe, expect, it } from 'vitest';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { attributed, EXPLORED } from '../../src/sim/explored.ts';
import { HYPOTHESES } from '../../src/sim/hypotheses/hypotheses.ts';
import { since } from '../../src/sim/procedures/code.ts';
import type { SetUp } from '../../src/sim/scenarios.ts';
import { simulate } from '../../src/sim/simulate.ts';
import type { HypothesisId } from '../../src/sim/types.ts';
import { thinned } from '../size.ts';
import { setUp } from './set-up.ts';

/** Names of the outcomes that belong to a hypothesis. */
const crashesOf = (of: SetUp, hypothesis: HypothesisId): ReadonlySet<string> =>
  new Set([...attributed(of)].filter(([, id]) => id === hypothesis).map(([outcome]) => outcome));

/** Siblings of single drivers. */
const DRIVERS_OF: Readonly<Partial<Record<HypothesisId, readonly string[]>>> = {
  'probed-twice': ['arm-smmu-v3'],
  'second-provider': ['msm_iommu'],
};

describe('attribution by fix', () => {
  it.each([...ERAS.keys()])('gives every crash of the model to exactly one hypothesis (era %s)', (era) => {
    for (const driver of thinned(['apple-dart', 'arm-smmu', 'arm-smmu-v3', 'rockchip'], 2)) {
      for (const scenario of [
        'deferred-retry',
        'first-probe',
        'walks-only',
        'release-vs-xlate',
        'dma-configure-toctou',
        'left-over',
        'foreign',
        'two-instances',
        'second-provider',
        'priv-without-fwspec',
      ]) {
        const at = setUp(era, driver, scenario);
        const all = simulate(at).outcomes.filter((o) => o.crash);
        const owners = [...EXPLORED].map((h) => crashesOf(at, h));
        for (const { outcome } of all) {
          expect(owners.filter((o) => o.has(outcome)).length, `${era} ${driver} ${scenario} ${outcome}`).toBe(1);
        }
      }
    }
  });

  it.each([...HYPOTHESES.values()])('finds $id in the eras that are listed for it, and in no other', (hypothesis) => {
    for (const [id, era] of thinned(ERAS, 3)) {
      const scenarios = new Set([hypothesis.scenario, 'deferred-retry', 'first-probe', 'walks-only']);
      // A walk against a walk, in eras whose instances each have one, takes three threads where the client must translate first.
      if (hypothesis.id === 'probe-vs-probe' && since(era, '6.15')) scenarios.add('device-add');
      const found = (DRIVERS_OF[hypothesis.id] ?? ['apple-dart', 'rockchip', 'qcom_iommu']).some((driver) =>
        [...scenarios].some((s) => crashesOf(setUp(id, driver, s), hypothesis.id).size > 0),
      );
      expect(found, `${hypothesis.id} in ${id}`).toBe(hypothesis.eras.includes(era.id));
    }
  });

  it('a store of priv without a translation needs no second thread', () => {
    const [crash] = simulate(setUp('E', 'apple-dart', 'priv-without-fwspec')).outcomes;
    expect(crash).toMatchObject({
      outcome: 'null-write dev_iommu.priv in caller_of_dev_iommu_priv_set',
      crash: true,
      serial: true,
      preemptions: 0,
      interleavings: 1n,
    });
  });

  it('explores every hypothesis', () => {
    expect([...EXPLORED].sort()).toEqual([...HYPOTHESES.keys()].sort());
  });
});
