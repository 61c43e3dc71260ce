/** drivers/iommu/mtk_iommu.c, as far as it touches dev->iommu. */
import { since } from '../code.ts';
import { dev_iommu_priv_get } from '../procedures/accessors.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { call, get, IOMMU_DEV, nonNull, procedure, set, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { found, groupOfInstance, nothing, ok, ownFwspec, privOnce } from './shared.ts';

const FILE = 'drivers/iommu/mtk_iommu.c';
export const mtk: Driver = {
  name: 'mtk_iommu',
  file: FILE,
  probe: 'mtk_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('mtk_iommu_of_xlate', FILE, 'never', [...privOnce(code), call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) =>
    procedure('mtk_iommu_probe_device', FILE, 'never', [
      ...ownFwspec(code),
      ...dev_iommu_priv_get(code, 'cfg'),
      // 5.10 returns &data->iommu of a NULL data; later versions read its plat_data first.
      ...(!since(code, '6.1')
        ? [when(nonNull('cfg'), [found], [set('own', IOMMU_DEV.BOGUS)])]
        : [get(null, 'cfg', 'cfg:mtk_iommu_data.plat_data', 'data->plat_data'), found]),
      ok,
    ]),
  device_group: groupOfInstance('mtk_iommu_device_group', FILE, 'cfg:mtk_iommu_data.plat_data'),
  attach_dev: null,
  before_walk: [],
  after_register: nothing,
};
