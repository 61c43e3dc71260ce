/**
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c (to v5.8 drivers/iommu/arm-smmu-v3.c). Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13; v5.7 from the patch that
 * replaced add_device(). drvdata is set before iommu_device_register() in all of them.
 */

import {
  call,
  ERR,
  free,
  get,
  isNull,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get } from '../procedures/accessors.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { iommu_fwspec_add_ids, iommu_fwspec_free } from '../procedures/fwspec.ts';
import {
  fail,
  found,
  fwspecOf,
  instanceByFwnode,
  nothing,
  ok,
  ownedFwspec,
  ownMaster,
  probeName,
  resvRegions,
} from './shared.ts';

const FILE = 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c';

/** Up to v6.13 driver_find_device() finds bound instances only; 7d835134d4e1 looks among all devices of the bus. */
const arm_smmu_get_by_fwnode = (code: Code): readonly Node[] =>
  instanceByFwnode(code, code.smmuBound !== 'found', 'smmu = arm_smmu_get_by_fwnode(fwnode)');

/**
 * The client's own struct as priv, and its ids: 5.10 takes their number before it stores the struct, and goes over them afterwards; since cdf315f907d4, in 6.1, a function
 * of its own asks for the fwspec anew.
 */
const master = (code: Code): readonly Node[] => {
  if (!since(code, '6.1')) {
    const [made, ...stored] = ownMaster(code);
    const number = get(null, 'fs', 'fwspec.num_ids', 'master->num_sids = fwspec->num_ids');
    return [made!, number, ...stored, get(null, 'fs', 'fwspec.ids', 'sid = master->sids[i]')];
  }
  const insert = procedure('arm_smmu_insert_master', FILE, 'usually', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    get(null, 'fs', 'fwspec.num_ids', 'master->num_streams = fwspec->num_ids'),
    get(null, 'fs', 'fwspec.ids', 'sid = fwspec->ids[i]'),
  ]);
  return [...ownMaster(code), call(insert)];
};

const probe_device = (code: Code): Procedure => {
  const untouched = [...dev_iommu_priv_get(code, 'cfg'), when(nonNull('cfg'), fail(ERR.EBUSY))];
  return procedure(probeName(code, 'arm_smmu'), FILE, 'never', [
    ...fwspecOf(code),
    // WARN_ON_ONCE(dev_iommu_priv_get(dev)); v5.7 took a priv that was there for a second add_device().
    ...(since(code, '5.10') ? untouched : []),
    ...arm_smmu_get_by_fwnode(code),
    ...master(code),
    found,
    ok,
  ]);
};

const attach_dev = (code: Code): Procedure =>
  procedure('arm_smmu_attach_dev', FILE, 'never', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(isNull('fs'), fail(ERR.ENODEV)),
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', 'cfg:arm_smmu_master.smmu', 'smmu = master->smmu'),
    ok,
  ]);

const arm_smmu_detach_dev: Procedure = procedure('arm_smmu_detach_dev', FILE, 'usually', [
  get(null, 'cfg', 'cfg:arm_smmu_master.domain', 'smmu_domain = master->domain'),
]);

/** With the tree of streams of cdf315f907d4, as arm_smmu_insert_master(). */
const arm_smmu_remove_master = (code: Code): Procedure =>
  procedure('arm_smmu_remove_master', FILE, 'usually', [
    get(null, 'cfg', 'cfg:arm_smmu_master.smmu', 'smmu = master->smmu'),
    ...dev_iommu_fwspec_get(code, 'fs'),
    get(null, 'fs', 'fwspec.num_ids', 'i < fwspec->num_ids'),
  ]);

/** From v6.11 at the latest (read in 6.12.117) the STE is put back through the blocked domain, whose attach asks for priv anew and does not test it. */
const arm_smmu_attach_dev_blocked = (code: Code): Procedure =>
  procedure('arm_smmu_attach_dev_blocked', FILE, 'never', [
    call(
      procedure('arm_smmu_attach_dev_ste', FILE, 'usually', [
        // The register of the fwspec: the caller keeps its own master.
        ...dev_iommu_priv_get(code, 'fs'),
        get(null, 'fs', 'cfg:arm_smmu_master.cd_table', 'arm_smmu_ssids_in_use(&master->cd_table)'),
      ]),
    ),
  ]);

/** From v6.0 on without any test, and without the fwspec's end. */
const release_device = (code: Code): Procedure =>
  procedure('arm_smmu_release_device', FILE, 'never', [
    ...ownedFwspec(code),
    ...dev_iommu_priv_get(code, 'cfg'),
    call(since(code, '6.11') ? arm_smmu_attach_dev_blocked(code) : arm_smmu_detach_dev),
    ...(since(code, '6.1') ? [call(arm_smmu_remove_master(code))] : []),
    free('cfg', 'cfg', 'kfree(master)'),
    ...(since(code, '6.1') ? [] : [call(iommu_fwspec_free(code))]),
  ]);

export const armSmmuV3: Driver = {
  name: 'arm-smmu-v3',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'release_device: dev->iommu->require_direct, which v6.12 reads, is left out, as is SVA; v6.8 to v6.10 are taken to detach as 6.1 does',
    'ids in range and memory never failing: the exits that put NULL into priv (up to v6.7) are not reached',
  ],
  probe: 'arm_smmu_device_probe',
  class: 'add_ids',
  privIsAllocated: true,
  staysRegistered: true,
  of_xlate: (code) => procedure('arm_smmu_of_xlate', FILE, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device,
  device_group: null,
  attach_dev,
  release_device,
  get_resv_regions: resvRegions('arm_smmu_get_resv_regions', FILE),
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
