/**
 * drivers/iommu/tegra-gart.c (Tegra20; removed in v6.7), probed by drivers/memory/tegra/mc.c. Read: 5.10.223, 6.1.176. of_xlate returns 0 and nothing else;
 * probe_device asks only whether there is an fwspec; attach_dev stores the domain as priv.
 */

import { ERR, isNull, type Procedure, procedure, when } from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import type { Code, Driver } from '../procedures/code.ts';
import { fail, found, instance, nothing, ok, probeName } from './shared.ts';

const FILE = 'drivers/iommu/tegra-gart.c';

const probe_device = (code: Code): Procedure =>
  procedure(probeName(code, 'gart_iommu'), FILE, 'never', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(isNull('fs'), fail(ERR.ENODEV)),
    found,
    ok,
  ]);

const attach_dev = (code: Code): Procedure =>
  procedure('gart_iommu_attach_dev', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    when(isNull('cfg'), [instance, ...dev_iommu_priv_set(code, 'cfg')]),
    ok,
  ]);

export const tegraGart: Driver = {
  name: 'tegra-gart',
  file: FILE,
  since: null,
  until: '6.6',
  notes: ['to v6.0 it gives no bus its ops: nobody walks, and no client is probed', 'v5.7 from 5.10'],
  probe: 'tegra_gart_probe',
  class: 'neither',
  privIsAllocated: false,
  of_xlate: () => procedure('gart_iommu_of_xlate', FILE, 'never', [ok]),
  probe_device,
  device_group: null,
  attach_dev,
  release_device: null,
  get_resv_regions: null,
  bus_ops: 'nobody',
  before_walk: [],
  after_register: nothing,
};
