/** drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, as far as it touches dev->iommu. */
import { dev_iommu_fwspec_get, dev_iommu_priv_get } from '../procedures/accessors.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { call, ERR, get, isNull, load, nonNull, procedure, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { fail, nothing, ok, ownFwspec, ownMaster } from './shared.ts';

const FILE = 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c';
export const armSmmuV3: Driver = {
  name: 'arm-smmu-v3',
  file: FILE,
  probe: 'arm_smmu_device_probe',
  class: 'add_ids',
  privIsAllocated: true,
  of_xlate: (code) => procedure('arm_smmu_of_xlate', FILE, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) =>
    procedure('arm_smmu_probe_device', FILE, 'never', [
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
    procedure('arm_smmu_attach_dev', FILE, 'never', [
      ...dev_iommu_fwspec_get(code, 'fs'),
      when(isNull('fs'), fail(ERR.ENODEV)),
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:arm_smmu_master.smmu', 'smmu = master->smmu'),
      ok,
    ]),
  before_walk: [],
  after_register: nothing,
};
