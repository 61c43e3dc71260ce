/** Several entries in "iommus", instances that were there before, and what single threads come to: outcomes by name. */
import { describe, expect, it } from 'vitest';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { decodeReplay, encodeReplay } from '../../src/sim/explain/replay.ts';
import { attributed } from '../../src/sim/explored.ts';
import type { SetUp } from '../../src/sim/scenarios.ts';
import { searchStarts, simulate } from '../../src/sim/simulate.ts';
import { setUp } from './set-up.ts';

const reached = (era: string, driver: string, scenario: string, more: Partial<SetUp> = {}) =>
  simulate(setUp(era, driver, scenario, more)).outcomes.map((o) => o.outcome);

/** What the second of two entries alone can come to. */
const OF_TWO = [
  'null-write dev_iommu.fwspec in iommu_fwspec_add_ids',
  'uaf-write dev_iommu.fwspec in iommu_fwspec_add_ids',
  'uaf-read fwspec.ops in iommu_fwspec_init',
  'uaf-read fwspec in krealloc',
];

describe('two entries in "iommus"', () => {
  it.each(['B1', 'C', 'D', 'E', 'E2'])('era %s: what the second entry does is reached, and only with it', (era) => {
    expect(reached(era, 'arm-smmu', 'deferred-retry', { iommus: 2 })).toEqual(expect.arrayContaining(OF_TWO));
    const one = reached(era, 'arm-smmu', 'deferred-retry');
    for (const outcome of OF_TWO) expect(one).not.toContain(outcome);
  });

  it.each(['F61', 'F', 'F2', 'F3', 'G', 'H'])('era %s: the lock around the translation ends it', (era) => {
    const two = reached(era, 'arm-smmu', 'deferred-retry', { iommus: 2 });
    for (const outcome of OF_TWO) expect(two).not.toContain(outcome);
  });

  it('everything that one entry comes to in E is reached with two as well', () => {
    const two = reached('E', 'qcom_iommu', 'deferred-retry', { iommus: 2 });
    expect(two).toEqual(expect.arrayContaining(reached('E', 'qcom_iommu', 'deferred-retry')));
  });

  it('of two instances: the ready check of 6.15.1 is passed by, since the first one has made dev->iommu', () => {
    expect(ERAS.get('H')!.ready).toBe(true);
    expect(reached('H', 'arm-smmu-v3', 'two-instances')).toContain('late-probe-warning-in-replay');
  });
});

describe('an instance that was there before', () => {
  it('lets rockchip reach what the one-instance model cuts off; both starts together have both', () => {
    const race = 'null-read fwspec.ops in of_iommu_configure';
    const data = 'null-read device.devres_lock in rk_iommu_of_xlate';
    const none = reached('E', 'rockchip', 'deferred-retry');
    const one = reached('E', 'rockchip', 'deferred-retry', { earlier: true });
    expect([none.includes(race), none.includes(data)]).toEqual([false, true]);
    expect([one.includes(race), one.includes(data)]).toEqual([true, false]);
    const any = searchStarts(setUp('E', 'rockchip', 'deferred-retry')).simulation;
    expect(any.earlier).toBe('any');
    expect(any.outcomes.map((o) => o.outcome)).toEqual(expect.arrayContaining([race, data]));
  });

  it("makes no difference to drivers whose late data are each instance's own", () => {
    for (const driver of ['exynos', 'ipmmu-vmsa', 'omap', 'apple-dart', 'msm_iommu'])
      expect(searchStarts(setUp('E', driver, 'deferred-retry')).simulation.earlier, driver).toBe('none');
  });
});

describe('what was left over, and what is not there', () => {
  it('two walks over what a deferred client left free it twice, until 01657bc14a39', () => {
    const twice = 'double-free fwspec in dev_iommu_free';
    // bus_set_iommu() looks whether the bus has ops before it stores them, so that two of them can walk.
    for (const era of ['C', 'D']) expect(reached(era, 'apple-dart', 'left-over'), era).toContain(twice);
    expect(reached('E', 'apple-dart', 'left-over')).toEqual([]);
  });

  it('a client of an instance that never registers is deferred, or crashes as any other', () => {
    const outcomes = reached('E', 'qcom_iommu', 'foreign');
    expect(outcomes).toContain('null-write dev_iommu.fwspec in iommu_fwspec_init');
    expect(outcomes).toContain('deferred');
    expect(outcomes.filter((o) => o.startsWith('bound'))).toEqual([]);
  });
});

describe('a client that ACPI describes', () => {
  it.each(['B1', 'C', 'D', 'E', 'E2'])('era %s: has the race, without what a half-made fwspec brings', (era) => {
    const outcomes = reached(era, 'arm-smmu-v3', 'acpi');
    expect(outcomes).toContain('null-write dev_iommu.fwspec in iommu_fwspec_init');
    // To 5.10.100 the walk's own dev_iommu_free() calls it.
    if (era !== 'B1') expect(outcomes.filter((o) => o.includes('iommu_fwspec_free'))).toEqual([]);
    expect(outcomes.filter((o) => o.includes('of_iommu'))).toEqual([]);
  });

  it.each(['F61', 'F', 'F2', 'F3', 'G', 'H'])('era %s: the same fix ends it', (era) => {
    for (const driver of ['arm-smmu-v3', 'virtio-iommu'])
      expect(reached(era, driver, 'acpi').filter((o) => o.includes(' in '))).toEqual([]);
  });

  it('is told from one in a device tree by its frames', () => {
    expect(reached('C', 'arm-smmu-v3', 'acpi')).toContain('uaf-read fwspec.ops in iort_iommu_configure_id');
    expect(reached('E', 'arm-smmu-v3', 'acpi')).toContain('uaf-read dev_iommu.fwspec in acpi_iommu_configure_id');
  });
});

describe('siblings', () => {
  it('a client that a walk probes again: 16 outcomes of arm-smmu-v3 with two registrations, ended by the test under the lock', () => {
    const at = setUp('F61', 'arm-smmu-v3', 'two-walks');
    const own = [...attributed(at)].filter(([, id]) => id === 'probed-twice');
    expect(own.length).toBe(16);
    const fixed = { ...at, era: { ...at.era, groupTest: 'both' as const } };
    expect(simulate(fixed).outcomes.filter((o) => o.crash)).toEqual([]);
  });

  it('a second provider of msm_iommu: one thread, NULL master, wherever priv is in dev->iommu', () => {
    for (const era of ERAS.keys())
      expect(
        reached(era, 'msm_iommu', 'second-provider').includes(
          'null-read msm_iommu_ctx_dev.num_mids in qcom_iommu_of_xlate',
        ),
      ).toBe(era !== 'B');
    expect(reached('E', 'apple-dart', 'second-provider').filter((o) => o.includes(' in '))).toEqual([]);
  });
});

it('replay strings carry the entries and the start', () => {
  for (const more of [{ iommus: 2 }, { earlier: true }, { iommus: 2, earlier: true }] as const) {
    const text = encodeReplay(setUp('E', 'rockchip', 'deferred-retry', more), [0, 0, 1]);
    const decoded = decodeReplay(text);
    if (!decoded.ok) throw new Error(decoded.why);
    expect(decoded.setUp).toMatchObject(more);
    expect(encodeReplay(decoded.setUp, decoded.threads)).toBe(text);
  }
  expect(decodeReplay('1.E.rockchip.deferred-retry~later.kasan.compiled.static.0')).toMatchObject({ ok: false });
});

describe('the order of release and unregistration, from the source', () => {
  it('an unregistration of any instance reads all devices', () => {
    const outcomes = reached('D', 'mtk_iommu', 'two-walks');
    for (const outcome of [
      'null-read mtk_iommu_data.plat_data',
      'uaf-read dev_iommu.fwspec',
      'uaf-read dev_iommu.priv',
      'uaf-read fwspec.ids',
    ])
      expect(outcomes).toContain(`${outcome} in mtk_iommu_release_device`);
    expect(outcomes).toContain('uaf-read dev_iommu.iommu_dev in remove_iommu_group');
  });

  it('iommu_device_unlink() of NULL returns', () => {
    expect(reached('E', 'qcom_iommu', 'first-probe').filter((o) => o.includes('iommu_device_unlink'))).toEqual([]);
  });
});
