/** drivers/iommu/sun50i-iommu.c, as far as it touches dev->iommu. */
import { dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { call, ERR, isNull, procedure, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { fail, groupOfInstance, instance, nothing, ok, probeByPriv } from './shared.ts';

const FILE = 'drivers/iommu/sun50i-iommu.c';
export const sun50i: Driver = {
  name: 'sun50i',
  file: FILE,
  probe: 'sun50i_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('sun50i_iommu_of_xlate', FILE, 'never', [
      instance,
      ...dev_iommu_priv_set('cfg'),
      call(iommu_fwspec_add_ids(code)),
    ]),
  probe_device: probeByPriv('sun50i_iommu_probe_device', FILE),
  device_group: groupOfInstance('sun50i_iommu_device_group', FILE, 'cfg:sun50i_iommu.group'),
  attach_dev: (code) =>
    procedure('sun50i_iommu_attach_device', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      ok,
    ]),
  before_walk: [],
  after_register: nothing,
};
