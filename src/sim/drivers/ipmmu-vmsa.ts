/** drivers/iommu/ipmmu-vmsa.c, as far as it touches dev->iommu. */
import { dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { back, call, ERR, isNull, load, nonNull, procedure, set, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { drvdata, fail, groupOfInstance, instance, ok, probeByPriv } from './shared.ts';

const FILE = 'drivers/iommu/ipmmu-vmsa.c';
export const ipmmu: Driver = {
  name: 'ipmmu-vmsa',
  file: FILE,
  probe: 'ipmmu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('ipmmu_of_xlate', FILE, 'never', [
      // Its result is ignored.
      call(iommu_fwspec_add_ids(code)),
      ...dev_iommu_priv_get(code, 'cfg'),
      when(nonNull('cfg'), [ok, back]),
      // platform_get_drvdata() is NULL until the instance's probe is nearly over; NULL is stored then.
      load('tmp', 'late_data', 'platform_get_drvdata(ipmmu_pdev)'),
      when(isNull('tmp'), [set('cfg', 0)], [instance]),
      ...dev_iommu_priv_set('cfg'),
      ok,
    ]),
  probe_device: probeByPriv('ipmmu_probe_device', FILE),
  device_group: groupOfInstance('ipmmu_find_group', FILE, 'cfg:ipmmu_vmsa_device.group'),
  attach_dev: (code) =>
    procedure('ipmmu_attach_device', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      ok,
    ]),
  before_walk: [],
  after_register: () => [drvdata],
};
