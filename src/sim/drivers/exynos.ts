/** drivers/iommu/exynos-iommu.c, as far as it touches dev->iommu. */
import { dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import { alloc, ERR, isNull, load, procedure, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { drvdata, fail, ok, probeByPriv } from './shared.ts';

const FILE = 'drivers/iommu/exynos-iommu.c';
export const exynos: Driver = {
  name: 'exynos',
  file: FILE,
  probe: 'exynos_sysmmu_probe',
  class: 'priv_set',
  privIsAllocated: true,
  of_xlate: (code) =>
    procedure('exynos_iommu_of_xlate', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      load('tmp', 'late_data', 'data = platform_get_drvdata(sysmmu)'),
      when(isNull('tmp'), fail(ERR.ENODEV)),
      when(isNull('cfg'), [alloc('cfg', 'cfg', { 'cfg:ready': 1 }), ...dev_iommu_priv_set('cfg')]),
      ok,
    ]),
  probe_device: probeByPriv('exynos_iommu_probe_device', FILE),
  device_group: null,
  attach_dev: null,
  before_walk: [drvdata],
  after_register: (code) => (code.walk === 'register' ? [drvdata] : []),
};
