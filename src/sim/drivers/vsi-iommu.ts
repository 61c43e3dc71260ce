/** drivers/iommu/vsi-iommu.c. Read: 7.2.13. probe_device follows the fwspec without a test and stores the instance as priv. */

import { call, get, type Procedure, procedure } from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import type { Code, Driver } from '../procedures/code.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { found, generic_single_device_group, instance, nothing, ok } from './shared.ts';

const FILE = 'drivers/iommu/vsi-iommu.c';

const probe_device = (code: Code): Procedure =>
  procedure('vsi_iommu_probe_device', FILE, 'never', [
    call(
      procedure('vsi_iommu_get_from_dev', FILE, 'usually', [
        ...dev_iommu_fwspec_get(code, 'fs'),
        get(null, 'fs', 'fwspec.iommu_fwnode', 'bus_find_device_by_fwnode(bus, fwspec->iommu_fwnode)'),
      ]),
    ),
    instance,
    ...dev_iommu_priv_set(code, 'cfg'),
    found,
    ok,
  ]);

const attach_dev = (code: Code): Procedure =>
  procedure('vsi_iommu_attach_device', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', 'cfg:vsi_iommu.dev', 'pm_runtime_resume_and_get(iommu->dev)'),
    ok,
  ]);

export const vsi: Driver = {
  name: 'vsi-iommu',
  file: FILE,
  since: '7.2',
  until: null,
  notes: [
    'the release that brought it is not established: 6.12 has it not, 7.2 has it',
    'drvdata is set before the registration, the lookup needs no bound instance',
  ],
  probe: 'vsi_iommu_probe',
  class: 'add_ids',
  privIsAllocated: false,
  of_xlate: (code) => procedure('vsi_iommu_of_xlate', FILE, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device,
  device_group: () => generic_single_device_group,
  attach_dev,
  release_device: null,
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
