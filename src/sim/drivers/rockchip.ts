/** drivers/iommu/rockchip-iommu.c, as far as it touches dev->iommu. */
import { dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import { ERR, get, isNull, load, procedure, store, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { fail, found, groupOfInstance, instance, ok } from './shared.ts';

const FILE = 'drivers/iommu/rockchip-iommu.c';
/** dma_dev, against which of_xlate allocates: set after iommu_device_register(), in 5.10 before bus_set_iommu(). */
const dmaDev = store('late_data', 1, 'dma_dev = &pdev->dev');
export const rockchip: Driver = {
  name: 'rockchip',
  file: FILE,
  probe: 'rk_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: () =>
    procedure('rk_iommu_of_xlate', FILE, 'never', [
      load('tmp', 'late_data', 'data = devm_kzalloc(dma_dev, ...)'),
      when(isNull('tmp'), [get(null, 'tmp', 'late:device.devres_lock', 'devres_add(dma_dev, ...)')]),
      // devm memory of dma_dev: not lost with dev_iommu.
      instance,
      ...dev_iommu_priv_set('cfg'),
      ok,
    ]),
  probe_device: (code) =>
    procedure('rk_iommu_probe_device', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      // rk_iommu_from_dev() asks again, and answers NULL for NULL.
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:rk_iommu.dev', 'device_link_add(dev, iommu->dev, ...)'),
      found,
      ok,
    ]),
  device_group: groupOfInstance('rk_iommu_device_group', FILE, 'cfg:rk_iommu.group'),
  attach_dev: (code) => procedure('rk_iommu_attach_device', FILE, 'never', [...dev_iommu_priv_get(code, 'cfg'), ok]),
  before_walk: [dmaDev],
  after_register: (code) => (code.walk === 'register' ? [dmaDev] : []),
};
