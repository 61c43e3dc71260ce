/**
 * The drivers as far as they touch dev->iommu, in the order of their own statements (drivers/iommu/, 6.1 unless a comment says otherwise).
 * `priv` holds a cfg object: for most drivers the IOMMU instance itself, which is never NULL inside; for apple-dart a per-client table that
 * is empty until the end of of_xlate, so that a walk in between computes &NULL->iommu.
 */
import { type Code, since } from '../code.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import { iommu_fwspec_add_ids, iommu_fwspec_init } from '../procedures/fwspec.ts';
import {
  alloc,
  back,
  call,
  ERR,
  get,
  IOMMU_DEV,
  isNull,
  load,
  type Node,
  nonNull,
  type Procedure,
  print,
  procedure,
  put,
  set,
  store,
  when,
} from '../program.ts';
import type { Driver } from './driver.ts';

const nothing = (): readonly Node[] => [];
const ok = set('err', ERR.OK);
const fail = (err: number): readonly Node[] => [set('err', err), back];
const found = set('own', IOMMU_DEV.VALID);

/** No fwspec, or one that is not this driver's: -ENODEV (all drivers with this test, up to v6.7). */
const ownFwspec = (code: Code): readonly Node[] => [
  ...dev_iommu_fwspec_get(code, 'fs'),
  when(isNull('fs'), fail(ERR.ENODEV)),
  get('tmp', 'fs', 'fwspec.ops', 'fwspec->ops == &ops?'),
  when(isNull('tmp'), fail(ERR.ENODEV)),
];

/** The instance as priv: a cfg object that is complete from the start. */
const instance = alloc('cfg', 'cfg', { 'cfg:ready': 1 });

/** A client's own data, allocated by probe_device once the instance is known. */
const ownMaster: readonly Node[] = [alloc('cfg', 'cfg', { 'cfg:ready': 1 }), ...dev_iommu_priv_set('cfg'), found, ok];

/** Stores the instance only where priv is still NULL. */
const privOnce = (code: Code): readonly Node[] => [
  ...dev_iommu_priv_get(code, 'cfg'),
  when(isNull('cfg'), [instance, ...dev_iommu_priv_set('cfg')]),
];

/** probe_device of the drivers that ask for priv only. */
const probeByPriv =
  (fn: string, file: string) =>
  (code: Code): Procedure =>
    procedure(fn, file, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      found,
      ok,
    ]);

/** device_group of the drivers whose group hangs off their instance: priv is followed without a test. */
const groupOfInstance =
  (fn: string, file: string, field: `cfg:${string}`) =>
  (code: Code): Procedure =>
    procedure(fn, file, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', field, 'iommu_group_ref_get(iommu->group)'),
    ]);

const DART = 'drivers/iommu/apple-dart.c';
const appleDart: Driver = {
  name: 'apple-dart',
  file: DART,
  probe: 'apple_dart_probe',
  class: 'priv_set',
  privIsAllocated: true,
  of_xlate: (code) =>
    procedure('apple_dart_of_xlate', DART, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), [alloc('cfg', 'cfg')]),
      // Unconditionally, even where cfg was there.
      ...dev_iommu_priv_set('cfg'),
      put('cfg', 'cfg:ready', 1, 'cfg->stream_maps[0].dart = dart'),
      ok,
    ]),
  probe_device: (code) =>
    procedure('apple_dart_probe_device', DART, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      get('tmp', 'cfg', 'cfg:apple_dart_master_cfg.stream_maps', 'dart = cfg->stream_maps[0].dart'),
      // &cfg->stream_maps[0].dart->iommu of an empty table is the address of a member of NULL, which no IS_ERR() catches.
      when(nonNull('tmp'), [found], [set('own', IOMMU_DEV.BOGUS)]),
      ok,
    ]),
  device_group: (code) =>
    procedure('apple_dart_device_group', DART, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:apple_dart_master_cfg.stream_maps', 'for_each_stream_map(i, cfg, stream_map)'),
    ]),
  attach_dev: (code) =>
    procedure('apple_dart_attach_dev', DART, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:apple_dart_master_cfg.stream_maps', 'cfg->stream_maps[0].dart->force_bypass'),
    ]),
  before_walk: [],
  after_register: () => [print('DART [pagesize ..., ... streams, ...] initialized')],
};

const SMMU = 'drivers/iommu/arm/arm-smmu/arm-smmu.c';
const armSmmu: Driver = {
  name: 'arm-smmu',
  file: SMMU,
  probe: 'arm_smmu_device_probe',
  class: 'add_ids',
  privIsAllocated: true,
  of_xlate: (code) => procedure('arm_smmu_of_xlate', SMMU, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) =>
    procedure('arm_smmu_probe_device', SMMU, 'never', [
      ...ownFwspec(code),
      load('tmp', 'bound1', 'smmu = arm_smmu_get_by_fwnode(fwspec->iommu_fwnode)'),
      // Only a bound SMMU is found, and the walk runs before it is. 5.10.231+ has the -EPROBE_DEFER patch; earlier and 6.1/6.6 go on with NULL.
      when(
        isNull('tmp'),
        !since(code, '6.1')
          ? fail(ERR.EPROBE_DEFER)
          : [get(null, 'tmp', 'late:arm_smmu_device.dev', 'pm_runtime_enabled(smmu->dev)')],
      ),
      ...ownMaster,
    ]),
  device_group: (code) =>
    procedure('arm_smmu_device_group', SMMU, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:arm_smmu_master_cfg.smmu', 'smmu = cfg->smmu'),
    ]),
  attach_dev: (code) =>
    procedure('arm_smmu_attach_dev', SMMU, 'never', [
      ...ownFwspec(code),
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      ok,
    ]),
  before_walk: [],
  after_register: nothing,
};

const SMMU3 = 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c';
const armSmmuV3: Driver = {
  name: 'arm-smmu-v3',
  file: SMMU3,
  probe: 'arm_smmu_device_probe',
  class: 'add_ids',
  privIsAllocated: true,
  of_xlate: (code) => procedure('arm_smmu_of_xlate', SMMU3, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) =>
    procedure('arm_smmu_probe_device', SMMU3, 'never', [
      ...ownFwspec(code),
      ...dev_iommu_priv_get(code, 'cfg'),
      // WARN_ON_ONCE(dev_iommu_priv_get(dev)): -EBUSY
      when(nonNull('cfg'), fail(ERR.EBUSY)),
      load('tmp', 'bound1', 'smmu = arm_smmu_get_by_fwnode(fwspec->iommu_fwnode)'),
      when(isNull('tmp'), fail(ERR.ENODEV)),
      ...ownMaster,
    ]),
  device_group: null,
  attach_dev: (code) =>
    procedure('arm_smmu_attach_dev', SMMU3, 'never', [
      ...dev_iommu_fwspec_get(code, 'fs'),
      when(isNull('fs'), fail(ERR.ENODEV)),
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:arm_smmu_master.smmu', 'smmu = master->smmu'),
      ok,
    ]),
  before_walk: [],
  after_register: nothing,
};

const QCOM = 'drivers/iommu/arm/arm-smmu/qcom_iommu.c';
const toQcom = (code: Code): readonly Node[] => [
  ...ownFwspec(code),
  ...dev_iommu_priv_get(code, 'cfg'),
  when(isNull('cfg'), fail(ERR.ENODEV)),
];
const qcomIommu: Driver = {
  name: 'qcom_iommu',
  file: QCOM,
  probe: 'qcom_iommu_device_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('qcom_iommu_of_xlate', QCOM, 'never', [...privOnce(code), call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) => procedure('qcom_iommu_probe_device', QCOM, 'never', [...toQcom(code), found, ok]),
  device_group: null,
  attach_dev: (code) => procedure('qcom_iommu_attach_dev', QCOM, 'never', [...toQcom(code), ok]),
  before_walk: [],
  after_register: nothing,
};

const RK = 'drivers/iommu/rockchip-iommu.c';
/** dma_dev, against which of_xlate allocates: set after iommu_device_register(), in 5.10 before bus_set_iommu(). */
const dmaDev = store('late_data', 1, 'dma_dev = &pdev->dev');
const rockchip: Driver = {
  name: 'rockchip',
  file: RK,
  probe: 'rk_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: () =>
    procedure('rk_iommu_of_xlate', RK, 'never', [
      load('tmp', 'late_data', 'data = devm_kzalloc(dma_dev, ...)'),
      when(isNull('tmp'), [get(null, 'tmp', 'late:device.devres_lock', 'devres_add(dma_dev, ...)')]),
      // devm memory of dma_dev: not lost with dev_iommu.
      instance,
      ...dev_iommu_priv_set('cfg'),
      ok,
    ]),
  probe_device: (code) =>
    procedure('rk_iommu_probe_device', RK, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      // rk_iommu_from_dev() asks again, and answers NULL for NULL.
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:rk_iommu.dev', 'device_link_add(dev, iommu->dev, ...)'),
      found,
      ok,
    ]),
  device_group: groupOfInstance('rk_iommu_device_group', RK, 'cfg:rk_iommu.group'),
  attach_dev: (code) => procedure('rk_iommu_attach_device', RK, 'never', [...dev_iommu_priv_get(code, 'cfg'), ok]),
  before_walk: [dmaDev],
  after_register: (code) => (code.walk === 'register' ? [dmaDev] : []),
};

const SPRD = 'drivers/iommu/sprd-iommu.c';
const sprd: Driver = {
  name: 'sprd',
  file: SPRD,
  probe: 'sprd_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) => procedure('sprd_iommu_of_xlate', SPRD, 'never', [...privOnce(code), ok]),
  probe_device: (code) =>
    procedure('sprd_iommu_probe_device', SPRD, 'never', [
      ...ownFwspec(code),
      ...dev_iommu_priv_get(code, 'cfg'),
      // &sdev->iommu without a test.
      when(nonNull('cfg'), [found], [set('own', IOMMU_DEV.BOGUS)]),
      ok,
    ]),
  device_group: groupOfInstance('sprd_iommu_device_group', SPRD, 'cfg:sprd_iommu_device.group'),
  attach_dev: null,
  before_walk: [],
  after_register: nothing,
};

const SUN50I = 'drivers/iommu/sun50i-iommu.c';
const sun50i: Driver = {
  name: 'sun50i',
  file: SUN50I,
  probe: 'sun50i_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('sun50i_iommu_of_xlate', SUN50I, 'never', [
      instance,
      ...dev_iommu_priv_set('cfg'),
      call(iommu_fwspec_add_ids(code)),
    ]),
  probe_device: probeByPriv('sun50i_iommu_probe_device', SUN50I),
  device_group: groupOfInstance('sun50i_iommu_device_group', SUN50I, 'cfg:sun50i_iommu.group'),
  attach_dev: (code) =>
    procedure('sun50i_iommu_attach_device', SUN50I, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      ok,
    ]),
  before_walk: [],
  after_register: nothing,
};

const EXYNOS = 'drivers/iommu/exynos-iommu.c';
/** To 6.1: platform_set_drvdata() after iommu_device_register(). */
const drvdata = store('late_data', 1, 'platform_set_drvdata(pdev, data)');
const exynos: Driver = {
  name: 'exynos',
  file: EXYNOS,
  probe: 'exynos_sysmmu_probe',
  class: 'priv_set',
  privIsAllocated: true,
  of_xlate: (code) =>
    procedure('exynos_iommu_of_xlate', EXYNOS, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      load('tmp', 'late_data', 'data = platform_get_drvdata(sysmmu)'),
      when(isNull('tmp'), fail(ERR.ENODEV)),
      when(isNull('cfg'), [alloc('cfg', 'cfg', { 'cfg:ready': 1 }), ...dev_iommu_priv_set('cfg')]),
      ok,
    ]),
  probe_device: probeByPriv('exynos_iommu_probe_device', EXYNOS),
  device_group: null,
  attach_dev: null,
  before_walk: [drvdata],
  after_register: (code) => (code.walk === 'register' ? [drvdata] : []),
};

const IPMMU = 'drivers/iommu/ipmmu-vmsa.c';
const ipmmu: Driver = {
  name: 'ipmmu-vmsa',
  file: IPMMU,
  probe: 'ipmmu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('ipmmu_of_xlate', IPMMU, 'never', [
      // Its result is ignored.
      call(iommu_fwspec_add_ids(code)),
      ...dev_iommu_priv_get(code, 'cfg'),
      when(nonNull('cfg'), [ok, back]),
      // platform_get_drvdata() is NULL until the instance's probe is nearly over; NULL is stored then.
      load('tmp', 'late_data', 'platform_get_drvdata(ipmmu_pdev)'),
      when(isNull('tmp'), [set('cfg', 0)], [instance]),
      ...dev_iommu_priv_set('cfg'),
      ok,
    ]),
  probe_device: probeByPriv('ipmmu_probe_device', IPMMU),
  device_group: groupOfInstance('ipmmu_find_group', IPMMU, 'cfg:ipmmu_vmsa_device.group'),
  attach_dev: (code) =>
    procedure('ipmmu_attach_device', IPMMU, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      ok,
    ]),
  before_walk: [],
  after_register: () => [drvdata],
};

const MTK = 'drivers/iommu/mtk_iommu.c';
const mtk: Driver = {
  name: 'mtk_iommu',
  file: MTK,
  probe: 'mtk_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('mtk_iommu_of_xlate', MTK, 'never', [...privOnce(code), call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) =>
    procedure('mtk_iommu_probe_device', MTK, 'never', [
      ...ownFwspec(code),
      ...dev_iommu_priv_get(code, 'cfg'),
      // 5.10 returns &data->iommu of a NULL data; later versions read its plat_data first.
      ...(!since(code, '6.1')
        ? [when(nonNull('cfg'), [found], [set('own', IOMMU_DEV.BOGUS)])]
        : [get(null, 'cfg', 'cfg:mtk_iommu_data.plat_data', 'data->plat_data'), found]),
      ok,
    ]),
  device_group: groupOfInstance('mtk_iommu_device_group', MTK, 'cfg:mtk_iommu_data.plat_data'),
  attach_dev: null,
  before_walk: [],
  after_register: nothing,
};

const TEGRA = 'drivers/iommu/tegra-smmu.c';
const tegraXlate = (code: Code): Procedure =>
  procedure('tegra_smmu_of_xlate', TEGRA, 'never', [
    instance,
    ...dev_iommu_priv_set('cfg'),
    call(iommu_fwspec_add_ids(code)),
  ]);
const tegraSmmu: Driver = {
  name: 'tegra-smmu',
  file: TEGRA,
  probe: 'tegra_smmu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: tegraXlate,
  // probe_device translates "iommus" itself (tegra_smmu_configure), so the walk does not need the client.
  probe_device: (code) =>
    procedure('tegra_smmu_probe_device', TEGRA, 'never', [
      set('ops', 1),
      call(iommu_fwspec_init(code)),
      when(nonNull('err'), [back]),
      call(tegraXlate(code)),
      when(nonNull('err'), [back]),
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      found,
      ok,
    ]),
  device_group: null,
  attach_dev: null,
  before_walk: [],
  after_register: nothing,
};

const VIRTIO = 'drivers/iommu/virtio-iommu.c';
const virtio: Driver = {
  name: 'virtio-iommu',
  file: VIRTIO,
  probe: 'viommu_probe',
  class: 'add_ids',
  privIsAllocated: true,
  of_xlate: (code) => procedure('viommu_of_xlate', VIRTIO, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) =>
    procedure('viommu_probe_device', VIRTIO, 'never', [
      ...ownFwspec(code),
      load('tmp', 'bound1', 'viommu = viommu_get_by_fwnode(fwspec->iommu_fwnode)'),
      when(isNull('tmp'), fail(ERR.ENODEV)),
      ...ownMaster,
    ]),
  device_group: null,
  attach_dev: null,
  before_walk: [],
  after_register: nothing,
};

/** Every driver that the model knows, by name. */
export const DRIVERS: ReadonlyMap<string, Driver> = new Map(
  [appleDart, armSmmu, armSmmuV3, qcomIommu, rockchip, sprd, sun50i, exynos, ipmmu, mtk, tegraSmmu, virtio].map((d) => [
    d.name,
    d,
  ]),
);

/**
 * A driver that the model does not have, known by its of_xlate's name only: it is taken to store priv and to look at priv in probe_device, as
 * all drivers of the priv_set class do. A verdict that rests on it says so and is never `confirmed`.
 */
export function stranger(of_xlate: string): Driver {
  const file = 'a driver outside the model';
  return {
    name: of_xlate,
    file,
    probe: 'iommu_driver_probe',
    class: 'priv_set',
    privIsAllocated: false,
    of_xlate: (code) => procedure(of_xlate, file, 'never', [...privOnce(code), ok]),
    probe_device: probeByPriv('iommu_driver_probe_device', file),
    device_group: null,
    attach_dev: null,
    before_walk: [],
    after_register: nothing,
  };
}
