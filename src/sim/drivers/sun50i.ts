/** drivers/iommu/sun50i-iommu.c (v5.8). Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13, alike but for the group. The instance is priv. */

import { call, ERR, isNull, procedure, when } from '../machine/program.ts';
import { dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import type { Driver } from '../procedures/code.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { fail, groupOfInstance, instance, nothing, ok, probeByPriv } from './shared.ts';

const FILE = 'drivers/iommu/sun50i-iommu.c';

export const sun50i: Driver = {
  name: 'sun50i',
  file: FILE,
  since: '5.8',
  until: null,
  notes: [],
  probe: 'sun50i_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('sun50i_iommu_of_xlate', FILE, 'never', [
      instance,
      ...dev_iommu_priv_set(code, 'cfg'),
      call(iommu_fwspec_add_ids(code)),
    ]),
  probe_device: probeByPriv('sun50i_iommu', FILE),
  device_group: groupOfInstance('sun50i_iommu_device_group', FILE, 'cfg:sun50i_iommu.group'),
  attach_dev: (code) =>
    procedure('sun50i_iommu_attach_device', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      ok,
    ]),
  release_device: null,
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
