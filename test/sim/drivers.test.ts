/** Facts about single drivers, each as outcomes that the model reaches or does not, or as what a callback does in one version and not in another. */

import { describe, expect, it } from 'vitest';
import { absence, exists } from '../../src/sim/drivers/exists.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { DRIVER_NAMES } from '../../src/sim/drivers/names.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { ERA_ORDER } from '../../src/sim/eras/releases.ts';
import { decodeReplay } from '../../src/sim/explain/replay.ts';
import type { Node, Procedure } from '../../src/sim/machine/program.ts';
import type { Driver } from '../../src/sim/procedures/code.ts';
import { type EraCode, SHAPES, type Shape } from '../../src/sim/procedures/code.ts';
import { withBuses } from '../../src/sim/procedures/of_iommu.ts';
import { simulate } from '../../src/sim/simulate.ts';
import { setUp } from './set-up.ts';

const known = new Map<string, readonly string[]>();

/** Names of everything that an era reaches with a driver. */
function reached(era: string, driver: string, scenario: string, more: Partial<EraCode> = {}): readonly string[] {
  const key = JSON.stringify([era, driver, scenario, more]);
  const names =
    known.get(key) ??
    simulate(setUp(era, driver, scenario, { era: { ...ERAS.get(era)!, ...more } })).outcomes.map((o) => o.outcome);
  known.set(key, names);
  return names;
}

/** "w dev_iommu.priv in apple_dart_of_xlate" for each access of a callback, its callees' among them. */
function accesses(procedure: Procedure | null): readonly string[] {
  const found: string[] = [];
  const visit = (nodes: readonly Node[], fn: string): void => {
    for (const node of nodes) {
      if (node.op === 'get') found.push(`r ${node.field} in ${fn}`);
      else if (node.op === 'put') found.push(`w ${node.field} in ${fn}`);
      else if (node.op === 'free') found.push(`f ${node.type} in ${fn}`);
      else if (node.op === 'load') found.push(`r ${node.from} in ${fn}`);
      else if (node.op === 'if') {
        visit(node.then, fn);
        visit(node.else, fn);
      } else if (node.op === 'call')
        visit(node.procedure.body, node.procedure.inline === 'accessor' ? fn : node.procedure.fn);
    }
  };
  if (procedure) visit(procedure.body, procedure.fn);
  return found;
}

const drivers = [...DRIVERS.values()];
/** The newest era's code of that shape, or of the one before it: single releases have shapes between the eras'. */
const ofShape = (shape: Shape): EraCode => ({
  ...[...ERAS.values()].findLast((era) => SHAPES.indexOf(era.shape) <= SHAPES.indexOf(shape))!,
  shape,
});
const olderThan = (shape: Shape) => SHAPES.slice(0, SHAPES.indexOf(shape));

function callback(driver: Driver, shape: Shape, which: 'of_xlate' | 'probe_device' | 'device_group' | 'attach_dev') {
  const code = withBuses({ ...ofShape(shape), granularity: 'compiled', driver, bus: 'platform', devices: 1 });
  return driver[which]?.(code) ?? null;
}

const inXlate = (driver: string, shape: Shape) => accesses(callback(DRIVERS.get(driver)!, shape, 'of_xlate'));
const inProbe = (driver: string, shape: Shape) => accesses(callback(DRIVERS.get(driver)!, shape, 'probe_device'));

describe('the drivers', () => {
  it('are those that a log is searched for, and no other', () => {
    const inLogs = DRIVER_NAMES.map((d) => d.name);
    // tegra-gart prints and crashes under no name of its own.
    expect([...DRIVERS.keys()].sort()).toEqual([...inLogs, 'tegra-gart'].sort());
  });

  it('have an of_xlate of the name that logs show', () => {
    for (const { name, ofXlate } of DRIVER_NAMES) {
      const last = callback(DRIVERS.get(name)!, '6.15', 'of_xlate');
      expect(last?.fn ?? null, name).toBe(ofXlate);
    }
  });

  it.each(drivers.filter((d) => d.class !== 'priv_set'))(
    '$name, not of the class that stores priv, never does so in of_xlate',
    (d) => {
      for (const shape of SHAPES)
        expect(accesses(callback(d, shape, 'of_xlate')).filter((a) => a.startsWith('w dev_iommu.priv'))).toEqual([]);
    },
  );

  it.each(drivers.filter((d) => d.class === 'priv_set'))(
    '$name, of the class that stores priv, does so in of_xlate',
    (d) => {
      // tegra-smmu of v5.8 to v5.10 stores it in probe_device.
      for (const shape of [d.name === 'tegra-smmu' ? '5.11' : '5.10', '6.1', '6.6'] as const)
        expect(accesses(callback(d, shape, 'of_xlate'))).toContain(
          `w dev_iommu.priv in ${callback(d, shape, 'of_xlate')!.fn}`,
        );
      for (const shape of ['6.8', '6.11', '6.15'] as const)
        expect(accesses(callback(d, shape, 'of_xlate'))).toContain('w dev_iommu.priv in dev_iommu_priv_set');
    },
  );

  it('store priv through a function with a frame of its own from v6.8 on', () => {
    const own = 'null-write dev_iommu.priv in dev_iommu_priv_set';
    expect(reached('F2', 'apple-dart', 'deferred-retry', { lock: 'none' })).toContain(own);
    expect(reached('F', 'apple-dart', 'deferred-retry', { lock: 'none' })).not.toContain(own);
  });

  it('test dev->iommu before they read priv, but for v5.7', () => {
    const unchecked = 'null-read dev_iommu.priv in qcom_iommu_of_xlate';
    expect(reached('B', 'qcom_iommu', 'deferred-retry')).toContain(unchecked);
    expect(reached('B1', 'qcom_iommu', 'deferred-retry')).not.toContain(unchecked);
  });

  it('look at fwspec->ops in probe_device up to v6.7 only', () => {
    for (const name of ['arm-smmu', 'arm-smmu-v3', 'qcom_iommu', 'sprd', 'mtk_iommu', 'virtio-iommu']) {
      const owner = (shape: Shape) => inProbe(name, shape).some((a) => a.startsWith('r fwspec.ops'));
      expect([owner('6.6'), owner('6.8')], name).toEqual([true, false]);
    }
  });

  it('were called by add_device() in v5.7', () => {
    for (const d of drivers.filter((d) => exists(d, 'B')))
      expect(callback(d, '5.7', 'probe_device')!.fn).toMatch(/_add_device$/);
  });

  it('leave no crash behind once the lock of a2e7e59a9426 is there, but for their own order traps', () => {
    const trap = /null-read (?:device\.devres_lock|arm_smmu_device\.\w+) /;
    // A registration that fails in the walk (tegra-smmu, whose probe_device refuses a fwspec without ops) is unregistered without the lock.
    for (const d of drivers.filter((d) => exists(d, 'F') && d.name !== 'tegra-smmu'))
      for (const scenario of ['deferred-retry', 'first-probe', 'walks-only'])
        expect(
          reached('F', d.name, scenario).filter((o) => /^(?:null|uaf|double)/.test(o) && !trap.test(o)),
          d.name,
        ).toEqual([]);
  });
});

describe('eras and drivers', () => {
  it.each([
    ['apple-dart', 'B', false],
    ['apple-dart', 'B1', true],
    ['sprd', 'B', false],
    ['sprd', 'B1', true],
    ['sun50i', 'B', false],
    ['sun50i', 'B1', true],
    ['riscv', 'F61', false],
    ['riscv', 'F2', false],
    ['riscv', 'F3', true],
    ['vsi-iommu', 'G', false],
    ['vsi-iommu', 'H', true],
    ['tegra-gart', 'E2', true],
    ['tegra-gart', 'F2', false],
    ['tegra-gart', 'F3', false],
  ] as const)('%s in era %s: %s', (driver, era, was) => {
    expect(exists(DRIVERS.get(driver)!, era)).toBe(was);
  });

  it('meet in one stretch of eras for every driver', () => {
    for (const driver of drivers) {
      const line = ERA_ORDER.filter((era) => era !== 'F61').map((era) => (exists(driver, era) ? '+' : '-'));
      expect(line.join(''), driver.name).toMatch(/^-*\++-*$/);
    }
  });

  it('that never met are refused, with the reason', () => {
    expect(absence(DRIVERS.get('riscv')!, 'E')).toMatch(
      /^no kernel of era E has the driver riscv, which came with v6\.13$/,
    );
    expect(decodeReplay('1.H.tegra-gart.first-probe.kasan.compiled.global.0')).toMatchObject({
      ok: false,
      why: 'no kernel of era H has the driver tegra-gart, which was last in v6.6',
    });
  });
});

describe('a driver with a way of its own', () => {
  it('sprd: the walk takes &NULL->iommu for an instance', () => {
    expect(reached('E2', 'sprd', 'deferred-retry')).toContain('null-read iommu_device.dev in iommu_device_link');
    expect(reached('E', 'sprd', 'deferred-retry')).toContain('null-read iommu_device.ops in iommu_group_get_for_dev');
  });

  it('msm_iommu: of_xlate bears the name of qcom_iommu.c, and adds no id', () => {
    for (const era of ['C', 'D', 'E', 'E2'])
      expect(reached(era, 'msm_iommu', 'deferred-retry')).toContain('null-write dev_iommu.priv in qcom_iommu_of_xlate');
    expect(inXlate('msm_iommu', '6.6').some((a) => a.includes('iommu_fwspec_add_ids'))).toBe(false);
    expect(inXlate('qcom_iommu', '6.6').some((a) => a.includes('iommu_fwspec_add_ids'))).toBe(true);
  });

  it('msm_iommu: a master that is on the list but not in priv is followed all the same', () => {
    expect(reached('F', 'msm_iommu', 'two-clients')).toContain(
      'null-read msm_iommu_ctx_dev.num_mids in qcom_iommu_of_xlate',
    );
  });

  it('tegra-gart: of_xlate touches nothing', () => {
    for (const shape of ['5.10', '6.1', '6.6'] as const) expect(inXlate('tegra-gart', shape)).toEqual([]);
    for (const era of ['B1', 'C', 'D', 'E', 'E2', 'F', 'F61'])
      expect(reached(era, 'tegra-gart', 'deferred-retry').filter((o) => o.endsWith('of_xlate'))).toEqual([]);
  });

  it('tegra-gart: nobody walks for it up to v6.0', () => {
    expect(reached('C', 'tegra-gart', 'deferred-retry')).toEqual(['bound-without-iommu', 'deferred']);
    expect(reached('D', 'tegra-gart', 'deferred-retry')).toContain(
      'null-write dev_iommu.priv in gart_iommu_attach_dev',
    );
  });

  it('exynos: no walk meets a client where an initcall sets the bus up', () => {
    for (const era of ['B1', 'C'])
      expect(reached(era, 'exynos', 'deferred-retry').filter((o) => /^(?:null|uaf|double)/.test(o))).toEqual([]);
    expect(reached('D', 'exynos', 'deferred-retry')).toContain('null-write dev_iommu.priv in exynos_iommu_of_xlate');
  });

  it('mtk_iommu_v1: the walk frees an fwspec that of_iommu_configure() uses', () => {
    for (const era of ['D', 'E'])
      expect(reached(era, 'mtk_iommu_v1', 'deferred-retry')).toEqual(
        expect.arrayContaining([
          'uaf-read fwspec.ops in of_iommu_configure',
          'double-free fwspec in iommu_fwspec_free',
        ]),
      );
    const frees = (shape: Shape) => inProbe('mtk_iommu_v1', shape).includes('f fwspec in iommu_fwspec_free');
    expect(SHAPES.filter(frees)).toEqual(olderThan('6.15').slice(SHAPES.indexOf('6.1')));
  });

  it('mtk_iommu_v1 and omap: without of_xlate a translation ends without IOMMU', () => {
    expect(callback(DRIVERS.get('omap')!, '6.1', 'of_xlate')).toBeNull();
    expect(reached('C', 'omap', 'first-probe')).not.toContain('bound-with-iommu');
    // The walk has made mtk_iommu_v1's client an fwspec with ops, if it came first.
    expect(reached('C', 'mtk_iommu_v1', 'first-probe')).toEqual(
      expect.arrayContaining(['bound-with-iommu', 'bound-without-iommu']),
    );
  });

  it('omap: each instance walks the bus once more by itself', () => {
    expect(reached('C', 'omap', 'walks-only').length + reached('C', 'omap', 'deferred-retry').length).toBeGreaterThan(
      0,
    );
    expect(reached('C', 'omap', 'deferred-retry')).toContain('bound-without-iommu-then-grouped');
  });

  it('mtk_iommu: 5.10 returns &NULL->iommu, later versions read plat_data through NULL', () => {
    const bogus = /^null-read iommu_device\./;
    const platData = 'null-read mtk_iommu_data.plat_data in mtk_iommu_probe_device';
    expect(reached('C', 'mtk_iommu', 'deferred-retry').some((o) => bogus.test(o))).toBe(true);
    expect(reached('C', 'mtk_iommu', 'deferred-retry')).not.toContain(platData);
    expect(reached('E', 'mtk_iommu', 'deferred-retry')).toContain(platData);
  });

  it('arm-smmu: a client whose SMMU is not bound crashes, or fails the registration, or is served', () => {
    const crash = 'null-read arm_smmu_device.streamid_mask in arm_smmu_probe_device';
    const bound = (smmuBound: 'null' | 'defer' | 'found') => reached('F', 'arm-smmu', 'first-probe', { smmuBound });
    expect(bound('null')).toContain(crash);
    expect(bound('defer')).not.toContain(crash);
    expect(bound('defer')).toContain('registration-failed');
    for (const outcome of [crash, 'registration-failed']) expect(bound('found')).not.toContain(outcome);
  });

  it('arm-smmu: frees the fwspec itself on its way out, up to v6.14', () => {
    const frees = (shape: Shape) => inProbe('arm-smmu', shape).includes('f fwspec in iommu_fwspec_free');
    expect(SHAPES.filter(frees)).toEqual(olderThan('6.15'));
  });

  it('rockchip, exynos and ipmmu: their order traps end where the kernel ended them', () => {
    const late = (driver: string) =>
      SHAPES.filter((shape) =>
        accesses(callback(DRIVERS.get(driver)!, shape, 'of_xlate')).some((a) => a.startsWith('r late_data')),
      );
    expect(late('exynos')).toEqual(olderThan('6.6'));
    expect(late('ipmmu-vmsa')).toEqual(olderThan('6.15'));
    expect(late('rockchip')).toEqual(olderThan('6.15'));
  });

  it('rockchip, exynos, msm, omap and tegra: priv was not in dev->iommu in v5.7', () => {
    for (const driver of ['rockchip', 'exynos', 'msm_iommu', 'omap', 'tegra-smmu'])
      for (const which of ['of_xlate', 'probe_device'] as const)
        expect(
          accesses(callback(DRIVERS.get(driver)!, '5.7', which)).filter((a) => a.includes('dev_iommu.priv')),
          driver,
        ).toEqual([]);
  });
});
