/** drivers/iommu/tegra-smmu.c, as far as it touches dev->iommu. */
import type { Code } from '../code.ts';
import { dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import { iommu_fwspec_add_ids, iommu_fwspec_init } from '../procedures/fwspec.ts';
import { back, call, ERR, isNull, nonNull, type Procedure, procedure, set, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { fail, found, instance, nothing, ok } from './shared.ts';

const FILE = 'drivers/iommu/tegra-smmu.c';
const tegraXlate = (code: Code): Procedure =>
  procedure('tegra_smmu_of_xlate', FILE, 'never', [
    instance,
    ...dev_iommu_priv_set('cfg'),
    call(iommu_fwspec_add_ids(code)),
  ]);
export const tegraSmmu: Driver = {
  name: 'tegra-smmu',
  file: FILE,
  probe: 'tegra_smmu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: tegraXlate,
  // probe_device translates "iommus" itself (tegra_smmu_configure), so the walk does not need the client.
  probe_device: (code) =>
    procedure('tegra_smmu_probe_device', FILE, 'never', [
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
