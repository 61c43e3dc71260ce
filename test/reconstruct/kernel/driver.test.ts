import { describe, expect, it } from 'vitest';
import { driverByName, identifyDriver } from '../../../src/reconstruct/kernel/driver.ts';
import { DRIVER_NAMES } from '../../../src/sim/drivers/names.ts';
import { boot, type CrashText, crash, frame, stack } from '../crash.ts';

const of = (text: CrashText, events: Parameters<typeof boot>[1] = [], options = {}) => {
  const incident = crash(text);
  return identifyDriver(boot([incident], events), incident, options);
};
const instance = (driver: string) =>
  ({ kind: 'iommu-instance', driver, device: '5f000000.iommu', says: 'probing', text: '' }) as const;

describe('the driver by the crash itself', () => {
  it.each([
    ['apple_dart_of_xlate+0x54/0x1f8 [apple_dart]', 'apple-dart'],
    ['rk_iommu_of_xlate+0x30/0x90', 'rockchip'],
    ['rk_iommu_probe+0x30/0x90', 'rockchip'],
    ['sprd_iommu_of_xlate+0x84/0xa4 [sprd_iommu]', 'sprd'],
    ['sun50i_iommu_of_xlate+0x1/0x2', 'sun50i'],
    ['exynos_iommu_of_xlate+0x1/0x2', 'exynos'],
    ['exynos_sysmmu_probe+0x1/0x2', 'exynos'],
    ['ipmmu_of_xlate+0x1/0x2', 'ipmmu-vmsa'],
    ['mtk_iommu_of_xlate+0x1/0x2', 'mtk_iommu'],
    ['mtk_iommu_v1_probe_device+0x1/0x2', 'mtk_iommu_v1'],
    ['omap_iommu_probe+0x1/0x2', 'omap'],
    ['tegra_smmu_of_xlate+0x1/0x2', 'tegra-smmu'],
    ['viommu_of_xlate+0x1/0x2', 'virtio-iommu'],
    ['riscv_iommu_of_xlate+0x1/0x2', 'riscv'],
    ['vsi_iommu_of_xlate+0x1/0x2', 'vsi-iommu'],
    ['arm_smmu_device_probe+0x1/0x2 [arm_smmu]', 'arm-smmu'],
    ['arm_smmu_device_probe+0x1/0x2 [arm_smmu_v3]', 'arm-smmu-v3'],
    ['arm_smmu_write_strtab_ent+0x3e8/0x460', 'arm-smmu-v3'],
    ['arm_smmu_write_context_bank+0x1/0x2', 'arm-smmu'],
    ['qcom_iommu_device_probe+0x1/0x2', 'qcom_iommu'],
    ['insert_iommu_master+0x1/0x2', 'msm_iommu'],
    ['arm_smmu_bus_init.part.0+0x1/0x2', 'arm-smmu'],
  ])('%s is %s', (pc, driver) => {
    expect(of({ pc, arch: null }).driver).toBe(driver);
  });

  it('leaves two where a symbol has two owners, unless the architecture or something weaker decides', () => {
    expect(of({ pc: 'arm_smmu_of_xlate+0x1/0x2', arch: null })).toMatchObject({
      driver: null,
      candidates: ['arm-smmu', 'arm-smmu-v3'],
    });
    expect(of({ pc: 'qcom_iommu_of_xlate+0x1/0x2', arch: 'arm' })).toMatchObject({
      driver: null,
      candidates: ['qcom_iommu', 'msm_iommu'],
    });
    expect(of({ pc: 'qcom_iommu_of_xlate+0x1/0x2', arch: 'arm64' }).driver).toBe('qcom_iommu');
    expect(of({ pc: 'arm_smmu_of_xlate+0x1/0x2' }, [instance('arm-smmu-v3')]).driver).toBe('arm-smmu-v3');
    expect(of({ pc: 'arm_smmu_of_xlate+0x1/0x2', modules: ['arm_smmu+'] }).driver).toBe('arm-smmu');
    expect(of({ pc: 'mtk_iommu_probe_device+0x1/0x2', arch: 'arm64' }).driver).toBe('mtk_iommu');
  });

  it('lets the narrower of two frames decide', () => {
    expect(
      of({ pc: 'arm_smmu_of_xlate+0x1/0x2', frames: ['arm_smmu_of_xlate+0x1/0x2', 'arm_smmu_init_strtab+0x1/0x2'] })
        .driver,
    ).toBe('arm-smmu-v3');
  });

  it('reads the stacks of who freed and who allocated', () => {
    const kasan = {
      freed: stack(['kfree+0x1/0x2', 'dev_iommu_free+0x1/0x2', 'arm_smmu_device_probe+0x1/0x2 [arm_smmu_v3]']),
    };
    expect(of({ frames: ['of_iommu_configure+0x1/0x2'], kasan }).driver).toBe('arm-smmu-v3');
  });

  it('quotes the line', () => {
    expect(of({ pc: 'apple_dart_of_xlate+0x54/0x1f8 [apple_dart]' }).because).toMatchObject([
      { text: '`apple_dart_of_xlate [apple_dart]` is a function of apple-dart', lines: [24] },
    ]);
  });
});

describe('the driver by what stands around a crash in the core', () => {
  const core: CrashText = { pc: 'of_iommu_configure+0x250/0x2a0', frames: ['of_iommu_configure+0x250/0x2a0'] };

  it('takes a module whose init is running before what instances print and what is loaded', () => {
    expect(of({ ...core, modules: ['apple_dart+', 'arm_smmu_v3'] }, [instance('arm-smmu')]).driver).toBe('apple-dart');
    expect(of({ ...core, modules: ['arm_smmu_v3'] }, [instance('arm-smmu')]).driver).toBe('arm-smmu');
    expect(of({ ...core, modules: ['arm_smmu_v3', 'labdma'] }).driver).toBe('arm-smmu-v3');
  });

  it('takes the stacks of other tasks', () => {
    const task = {
      kind: 'task-stack',
      task: 'insmod',
      pid: 50,
      state: 'D',
      frames: [frame('apple_dart_probe+0x1/0x2')],
    } as const;
    expect(of(core, [task]).driver).toBe('apple-dart');
  });

  it('leaves several where two kinds of IOMMU print, and none where nothing does', () => {
    expect(of(core, [instance('apple-dart'), instance('arm-smmu')])).toMatchObject({
      driver: null,
      candidates: ['apple-dart', 'arm-smmu'],
    });
    expect(of(core)).toEqual({ driver: null, candidates: [], because: [] });
  });

  it('does not take a client driver for an IOMMU', () => {
    const added = { kind: 'group-add', by: 'labdma', device: '5f100000.dma', group: 0 } as const;
    expect(of({ ...core, modules: ['labdma+', 'labaux'] }, [added]).driver).toBeNull();
  });
});

describe('--driver', () => {
  it('overrides everything, in any of the usual spellings', () => {
    expect(of({ pc: 'apple_dart_of_xlate+0x1/0x2' }, [], { driver: 'rockchip-iommu' }).driver).toBe('rockchip');
    expect(driverByName('SMMUv3')).toBe('arm-smmu-v3');
    expect(driverByName('constructor')).toBeNull();
    expect(driverByName('nonesuch')).toBeNull();
    expect(of({}, [], { driver: 'nonesuch' }).driver).toBe('nonesuch');
  });

  it('knows every driver by its own name', () => {
    for (const { name } of DRIVER_NAMES) expect(driverByName(name)).toBe(name);
    expect(DRIVER_NAMES).toHaveLength(17);
  });
});
