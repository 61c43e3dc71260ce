/**
 * drivers/iommu/riscv/iommu.c (v6.13). Read: 7.2.13. priv is an info struct of each client, allocated by probe_device; the instance is found through the
 * device of the fwspec's node, bound or not.
 */

import { call, ERR, free, get, isNull, load, type Procedure, procedure, when } from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get } from '../procedures/accessors.ts';
import type { Code, Driver } from '../procedures/code.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { fail, found, nothing, ok, ownMaster, probeName } from './shared.ts';

const FILE = 'drivers/iommu/riscv/iommu.c';

const probe_device = (code: Code): Procedure =>
  procedure(probeName(code, 'riscv_iommu'), FILE, 'never', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(isNull('fs'), fail(ERR.ENODEV)),
    get(null, 'fs', 'fwspec.iommu_fwnode', 'fwspec->iommu_fwnode->dev?'),
    get('tmp', 'fs', 'fwspec.num_ids', 'fwspec->num_ids?'),
    when(isNull('tmp'), fail(ERR.ENODEV)),
    get(null, 'fs', 'fwspec.ids', 'riscv_iommu_get_dc(iommu, fwspec->ids[i])'),
    ...ownMaster(code),
    found,
    ok,
  ]);

/** dev_to_iommu() follows dev->iommu->iommu_dev, then info is followed: neither is tested. */
const attach_dev = (code: Code): Procedure =>
  procedure('riscv_iommu_attach_paging_domain', FILE, 'never', [
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    get('idev', 'p', 'dev_iommu.iommu_dev', 'iommu_dev = iommu->iommu_dev'),
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', 'cfg:riscv_iommu_info.domain', 'info->domain'),
    ok,
  ]);

export const riscv: Driver = {
  name: 'riscv',
  file: FILE,
  since: '6.13',
  until: null,
  notes: [
    'the platform and PCI probes (iommu-platform.c, iommu-pci.c) set drvdata before they call riscv_iommu_init(), which registers',
    'v6.13 and v6.14 from 7.2',
  ],
  probe: 'riscv_iommu_init',
  class: 'add_ids',
  privIsAllocated: true,
  of_xlate: (code) => procedure('riscv_iommu_of_xlate', FILE, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device,
  device_group: null,
  attach_dev,
  release_device: (code) =>
    procedure('riscv_iommu_release_device', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      free('cfg', 'cfg', 'kfree_rcu_mightsleep(info)'),
    ]),
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
