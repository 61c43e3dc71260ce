/**
 * The drivers as far as they touch dev->iommu, in the order of their own statements (drivers/iommu/), one file each. `priv` holds a cfg object: for
 * most drivers the IOMMU instance itself, which is never NULL inside; for apple-dart a per-client table that is empty until the end of of_xlate,
 * so that a walk in between computes &NULL->iommu.
 */
import { procedure } from '../machine/program.ts';
import type { Driver } from '../procedures/code.ts';
import { appleDart } from './apple-dart.ts';
import { armSmmu } from './arm-smmu.ts';
import { armSmmuV3 } from './arm-smmu-v3.ts';
import { exynos } from './exynos.ts';
import { ipmmu } from './ipmmu-vmsa.ts';
import { msmIommu } from './msm_iommu.ts';
import { mtk } from './mtk_iommu.ts';
import { mtkV1 } from './mtk_iommu_v1.ts';
import { omap } from './omap.ts';
import { qcomIommu } from './qcom_iommu.ts';
import { riscv } from './riscv.ts';
import { rockchip } from './rockchip.ts';
import { nothing, ok, privOnce, probeByPriv } from './shared.ts';
import { sprd } from './sprd.ts';
import { sun50i } from './sun50i.ts';
import { tegraGart } from './tegra-gart.ts';
import { tegraSmmu } from './tegra-smmu.ts';
import { virtio } from './virtio-iommu.ts';
import { vsi } from './vsi-iommu.ts';

/** Every driver that the model knows, by name. */
export const DRIVERS: ReadonlyMap<string, Driver> = new Map(
  [
    appleDart,
    armSmmu,
    armSmmuV3,
    qcomIommu,
    msmIommu,
    rockchip,
    sprd,
    sun50i,
    exynos,
    ipmmu,
    mtk,
    mtkV1,
    omap,
    tegraSmmu,
    tegraGart,
    virtio,
    riscv,
    vsi,
  ].map((d) => [d.name, d]),
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
    since: null,
    until: null,
    notes: [],
    probe: 'iommu_driver_probe',
    class: 'priv_set',
    privIsAllocated: false,
    of_xlate: (code) => procedure(of_xlate, file, 'never', [...privOnce(code), ok]),
    probe_device: probeByPriv('iommu_driver', file),
    device_group: null,
    attach_dev: null,
    release_device: null,
    get_resv_regions: null,
    bus_ops: 'probe',
    before_walk: [],
    after_register: nothing,
  };
}
