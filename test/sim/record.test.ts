/** Code as features: any record that a tree can have is explored, named and judged; what cannot be is refused with the reason. */
import { describe, expect, it } from 'vitest';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { FEATURES } from '../../src/sim/eras/features.ts';
import { checked, eraOfCode, nameOfCode, readCode, withFeatures } from '../../src/sim/eras/record.ts';
import { decodeReplay, encodeReplay } from '../../src/sim/explain/replay.ts';
import type { EraCode } from '../../src/sim/procedures/code.ts';
import { simulate } from '../../src/sim/simulate.ts';
import { HYBRIDS, hybrid, setUp } from './set-up.ts';

const why = (era: string, set: string) => {
  const made = withFeatures(ERAS.get(era)!, set);
  return made.ok ? null : made.why;
};

const crashes = (code: EraCode, scenario = 'deferred-retry') =>
  simulate({ ...setUp('E', 'apple-dart', scenario), era: code })
    .outcomes.filter((o) => o.crash)
    .map((o) => o.outcome);

describe('a record of code', () => {
  it('of each era is consistent, and is that era', () => {
    for (const era of ERAS.values()) {
      expect(checked(era), era.id).toEqual({ ok: true, code: era });
      expect(eraOfCode(era)).toBe(era.id);
      expect(nameOfCode(era)).toBe(`era ${era.id}`);
    }
  });

  it('has every feature of the code, with the value of every era among its values', () => {
    for (const era of ERAS.values()) {
      const { id: _, ...features } = era;
      for (const [name, value] of Object.entries(features)) {
        const feature = FEATURES.find((f) => f.name === name);
        expect(
          feature?.values.map((v) => v.value),
          `${era.id} ${name}`,
        ).toContain(value);
      }
    }
  });

  it.each([
    ['C', 'lock=static', "5.10's code plus the lock of 01657bc14a39"],
    ['B1', 'lock=static', "v5.8's code plus the lock of 01657bc14a39"],
    ['F61', 'groupTest=both', /^6\.1\.68's code plus the test for a group in __iommu_probe_device\(\) too/],
    [
      'C',
      'lock=global,replay=always',
      /^5\.10's code plus the lock of a2e7e59a9426 and the unconditional replay of f188056352bc$/,
    ],
    ['E', 'lock=global', 'era F61'],
    ['D', 'lock=static', 'era E'],
    ['F', 'shape=6.11,undo=fwspec', 'era F3'],
  ])('%s with %s is %s', (era, set, name) => {
    const made = withFeatures(ERAS.get(era)!, set);
    expect(made.ok && nameOfCode(made.code)).toEqual(typeof name === 'string' ? name : expect.stringMatching(name));
  });

  it.each([
    ['E', 'undo=fwspec', /undo needs shape 6\.11/],
    ['C', 'ready=yes', /ready needs shape 6\.11/],
    ['F3', 'recheck=yes', /recheck needs shape 6\.15/],
    ['E2', 'walk=bus_set_iommu', /no bus_set_iommu\(\)/],
    ['B', 'walk=register', /no bus_iommu_probe\(\)/],
    ['E', 'replay=if-absent', /3832862eb9c4/],
    ['F3', 'replay=if-ungrouped', /f188056352bc/],
    ['C', 'defaultDomain=checked', /v5\.19/],
    ['F3', 'amba=once', /bcb81ac6ae3c/],
    ['B', 'groupTest=probe', /asks for no group/],
    ['E', 'groupTest=nobody', /v5\.7's alone/],
    ['F', 'groupTest=both', /6eb4da8cf545/],
    ['F', 'lock=none', /need the lock/],
    ['E', 'locks=none', /locks is no feature of the code; they are lock, /],
    ['E', 'lock=all', /lock is one of none, static, global, not all/],
    ['E', 'lock=none,lock=static', /twice/],
    ['E', 'lock', /no FEATURE=VALUE/],
    ['E', '', /no FEATURE=VALUE/],
  ])('refuses %s with %s, and says why', (era, set, reason) => {
    expect(why(era, set)).toMatch(reason);
  });

  it('is read from JSON, whole or as what differs from an era', () => {
    const { id: _, ...features } = ERAS.get('E')!;
    expect(readCode(features)).toEqual({ ok: true, code: { ...ERAS.get('E')! } });
    expect(readCode({ era: 'C', lock: 'static' })).toMatchObject({ ok: true, code: { id: 'C', lock: 'static' } });
    expect(readCode({ era: 'H', ready: false })).toMatchObject({ ok: true, code: { ready: false } });
    for (const [given, reason] of [
      [null, /object of features/],
      [[], /object of features/],
      [{ lock: 'static' }, /says nothing of walk, /],
      [{ era: 'Z' }, /no era Z/],
      [{ era: 'E', lock: 3 }, /must be a word/],
      [{ era: 'E', __proto__: null, constructor: 'x' }, /no feature/],
    ] as const) {
      const made = readCode(given);
      expect(made.ok ? null : made.why).toMatch(reason);
    }
  });

  it.each(HYBRIDS)('$tree: replay strings carry what it is', ({ era, set }) => {
    const at = { ...setUp(era, 'apple-dart', 'deferred-retry'), era: hybrid(era, set) };
    const text = encodeReplay(at, [0, 1, 1]);
    const decoded = decodeReplay(text);
    if (!decoded.ok) throw new Error(decoded.why);
    const { lock } = decoded.setUp;
    expect({ ...decoded.setUp.era, lock: lock ?? decoded.setUp.era.lock }).toEqual(at.era);
    expect(encodeReplay(decoded.setUp, decoded.threads)).toBe(text);
  });
});

describe("vendors' trees", () => {
  it('the lock alone closes in 5.10 what two probes at once do, and leaves the race', () => {
    const [plain, locked] = [crashes(ERAS.get('C')!), crashes(hybrid('C', 'lock=static'))];
    expect(plain).toContain('null-read dev_iommu.fwspec in dev_iommu_free');
    expect(locked).not.toContain('null-read dev_iommu.fwspec in dev_iommu_free');
    expect(locked).toContain('null-write dev_iommu.priv in apple_dart_of_xlate');
    expect(locked.filter((o) => !plain.includes(o))).toEqual([]);
  });

  it.each(HYBRIDS.filter(({ set }) => set.includes('lock=global') || set.includes('groupTest')))(
    '$tree has the fix: no crash is left',
    ({ era, set }) => {
      for (const scenario of ['deferred-retry', 'first-probe']) expect(crashes(hybrid(era, set), scenario)).toEqual([]);
    },
  );

  it('the test for a group under the lock keeps a replay from probing a grouped device again', () => {
    // A walk that groups the client between its translation and its replay, where the replay asks nothing itself.
    const with_ = hybrid('C', 'lock=global,replay=always,groupTest=both');
    const without = hybrid('C', 'lock=global,replay=always');
    const size = (code: EraCode) => simulate({ ...setUp('E', 'apple-dart', 'first-probe'), era: code }).states;
    expect(size(with_)).toBeLessThan(size(without));
  });
});
