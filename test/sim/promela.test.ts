/** The exported text as text; that it says the same as the explorer is test/differential's matter, which needs SPIN. */
import { describe, expect, it } from 'vitest';
import { exists } from '../../src/sim/drivers/exists.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { textOf } from '../../src/sim/explain/witness.ts';
import { since } from '../../src/sim/procedures/code.ts';
import { toPromela } from '../../src/sim/promela/promela.ts';
import { build, SCENARIOS, type SetUp } from '../../src/sim/scenarios.ts';

/** Every scenario with a driver of each class; the other drivers' code in one that has both its threads. */
const WHOLE = new Set(['apple-dart', 'arm-smmu-v3', 'sprd', 'mtk_iommu_v1']);

const setUps: readonly SetUp[] = [...ERAS.values()].flatMap((era) =>
  [...DRIVERS.values()]
    .filter((driver) => exists(driver, era.id))
    .flatMap((driver) =>
      [...SCENARIOS.values()]
        .filter((scenario) => WHOLE.has(driver.name) || scenario.id === 'deferred-retry')
        .flatMap((scenario) => [
          { era, driver, scenario, memory: 'kasan' as const, granularity: 'compiled' as const },
          { era, driver, scenario, memory: 'plain' as const, granularity: 'source' as const },
        ]),
    ),
);

const texts: ReadonlyMap<SetUp, string> = new Map(setUps.map((setUp) => [setUp, toPromela(setUp)]));

/** The text of each proctype. */
const proctypes = (text: string) => text.split(/^(?=proctype |init \{)/m).slice(1);

describe('a model in Promela', () => {
  it('leads every goto to a label of the same thread, and has no label twice', () => {
    for (const setUp of setUps) {
      for (const thread of proctypes(texts.get(setUp)!)) {
        const labels = [...thread.matchAll(/^(\w+):/gm)].map(([, name]) => name!);
        const known = new Set(labels);
        expect(known.size).toBe(labels.length);
        expect([...thread.matchAll(/goto (\w+)/g)].filter(([, to]) => !known.has(to!))).toEqual([]);
      }
    }
  });

  it('shows the C text of every step that it has a label for', () => {
    for (const setUp of setUps) {
      const threads = proctypes(texts.get(setUp)!);
      build(setUp).stops.forEach((stops, t) => {
        const steps = [...threads[t]!.matchAll(/^(?:end_)?S(\d+): \/\* \w+: (.*) \*\/$/gm)];
        expect(steps.length).toBeGreaterThan(1);
        expect(steps.filter(([, index, text]) => text !== textOf(stops[Number(index)]!.place.node))).toEqual([]);
      });
    }
  });

  it('has memory errors that go unnoticed only without KASAN', () => {
    const e = setUps.filter((s) => s.era.id === 'E' && s.driver.name === 'sprd' && s.scenario.id === 'deferred-retry');
    const [kasan, plain] = e.map((setUp) => texts.get(setUp)!);
    expect(kasan).toMatch(/crash: uaf-write dev_iommu\.priv in sprd_iommu_of_xlate/);
    expect(kasan).toContain('forget_fwspec(fs)');
    expect(plain).toMatch(/crash: null-write dev_iommu\.priv in sprd_iommu_of_xlate/);
    expect(plain).not.toMatch(/crash: (?:uaf|double-free)|forget_/);
  });

  it('starts with what a deferral left, where there was one', () => {
    for (const setUp of setUps)
      expect(/^ {4}iommus\[1\]\.life = LIVE;/m.test(texts.get(setUp)!)).toBe(
        setUp.scenario.probedBefore === true ||
          // Below ACPI a deferred attempt leaves nothing behind.
          (setUp.scenario.deferredBefore && setUp.scenario.bus !== 'acpi' && !since(setUp.era, '6.11')),
      );
  });
});
