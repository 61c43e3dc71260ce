/** drivers/iommu/arm/arm-smmu/arm-smmu.c, as far as it touches dev->iommu. */
import { since } from '../code.ts';
import { dev_iommu_priv_get } from '../procedures/accessors.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { call, ERR, get, isNull, load, procedure, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { fail, nothing, ok, ownFwspec, ownMaster } from './shared.ts';

const FILE = 'drivers/iommu/arm/arm-smmu/arm-smmu.c';
export const armSmmu: Driver = {
  name: 'arm-smmu',
  file: FILE,
  probe: 'arm_smmu_device_probe',
  class: 'add_ids',
  privIsAllocated: true,
  of_xlate: (code) => procedure('arm_smmu_of_xlate', FILE, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) =>
    procedure('arm_smmu_probe_device', FILE, 'never', [
      ...ownFwspec(code),
      load('tmp', 'bound1', 'smmu = arm_smmu_get_by_fwnode(fwspec->iommu_fwnode)'),
      // Only a bound FILE is found, and the walk runs before it is. 5.10.231+ has the -EPROBE_DEFER patch; earlier and 6.1/6.6 go on with NULL.
      when(
        isNull('tmp'),
        !since(code, '6.1')
          ? fail(ERR.EPROBE_DEFER)
          : [get(null, 'tmp', 'late:arm_smmu_device.dev', 'pm_runtime_enabled(smmu->dev)')],
      ),
      ...ownMaster,
    ]),
  device_group: (code) =>
    procedure('arm_smmu_device_group', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:arm_smmu_master_cfg.smmu', 'smmu = cfg->smmu'),
    ]),
  attach_dev: (code) =>
    procedure('arm_smmu_attach_dev', FILE, 'never', [
      ...ownFwspec(code),
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      ok,
    ]),
  before_walk: [],
  after_register: nothing,
};
