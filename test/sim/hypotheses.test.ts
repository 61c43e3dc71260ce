import { describe, expect, it } from 'vitest';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { crashesOf, EXPLORED } from '../../src/sim/hypotheses/explored.ts';
import { HYPOTHESES } from '../../src/sim/hypotheses/hypotheses.ts';
import { simulate } from '../../src/sim/simulate.ts';
import { setUp } from './set-up.ts';

describe('attribution by fix', () => {
  it.each([...ERAS.keys()])('gives every crash of the model to exactly one hypothesis (era %s)', (era) => {
    for (const driver of ['apple-dart', 'arm-smmu', 'arm-smmu-v3', 'rockchip']) {
      for (const scenario of ['deferred-retry', 'first-probe', 'walks-only', 'priv-without-fwspec']) {
        const at = setUp(era, driver, scenario);
        const all = simulate(at).outcomes.filter((o) => o.crash);
        const owners = [...EXPLORED].map((h) => crashesOf(at, h));
        for (const { outcome } of all) {
          expect(owners.filter((o) => o.has(outcome)).length, `${era} ${driver} ${scenario} ${outcome}`).toBe(1);
        }
        expect(owners.reduce((n, o) => n + o.size, 0)).toBe(all.length);
      }
    }
  });

  it('finds the race only in eras that are listed for it, and two probes at once only where nothing locks', () => {
    for (const id of ['xlate-vs-probe-free', 'probe-vs-probe'] as const) {
      for (const era of ERAS.keys()) {
        const found = ['deferred-retry', 'first-probe', 'walks-only'].some(
          (s) => crashesOf(setUp(era, 'apple-dart', s), id).size > 0,
        );
        expect(found, `${id} in ${era}`).toBe(HYPOTHESES.get(id)!.eras.includes(ERAS.get(era)!.id));
      }
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

  it('says which hypotheses it explores', () => {
    expect(
      [...HYPOTHESES.values()]
        .filter((h) => h.modelled)
        .map((h) => h.id)
        .sort(),
    ).toEqual([...EXPLORED].sort());
  });
});
