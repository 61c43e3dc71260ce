/** drivers/iommu/virtio-iommu.c, as far as it touches dev->iommu. */
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { call, ERR, isNull, load, procedure, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { fail, nothing, ownFwspec, ownMaster } from './shared.ts';

const FILE = 'drivers/iommu/virtio-iommu.c';
export const virtio: Driver = {
  name: 'virtio-iommu',
  file: FILE,
  probe: 'viommu_probe',
  class: 'add_ids',
  privIsAllocated: true,
  of_xlate: (code) => procedure('viommu_of_xlate', FILE, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) =>
    procedure('viommu_probe_device', FILE, 'never', [
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
