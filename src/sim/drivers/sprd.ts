/** drivers/iommu/sprd-iommu.c, as far as it touches dev->iommu. */
import { dev_iommu_priv_get } from '../procedures/accessors.ts';
import { IOMMU_DEV, nonNull, procedure, set, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { found, groupOfInstance, nothing, ok, ownFwspec, privOnce } from './shared.ts';

const FILE = 'drivers/iommu/sprd-iommu.c';
export const sprd: Driver = {
  name: 'sprd',
  file: FILE,
  probe: 'sprd_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) => procedure('sprd_iommu_of_xlate', FILE, 'never', [...privOnce(code), ok]),
  probe_device: (code) =>
    procedure('sprd_iommu_probe_device', FILE, 'never', [
      ...ownFwspec(code),
      ...dev_iommu_priv_get(code, 'cfg'),
      // &sdev->iommu without a test.
      when(nonNull('cfg'), [found], [set('own', IOMMU_DEV.BOGUS)]),
      ok,
    ]),
  device_group: groupOfInstance('sprd_iommu_device_group', FILE, 'cfg:sprd_iommu_device.group'),
  attach_dev: null,
  before_walk: [],
  after_register: nothing,
};
