/**
 * drivers/iommu/arm/arm-smmu/arm-smmu.c (to v5.8 drivers/iommu/arm-smmu.c), generic binding. Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13; v5.7 from the
 * patch that replaced add_device().
 */

import {
  alloc,
  back,
  call,
  ERR,
  failed,
  free,
  get,
  isNull,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  put,
  set,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, type SmmuBound, since } from '../procedures/code.ts';
import { instanceState, iommu_fwspec_add_ids, iommu_fwspec_free } from '../procedures/fwspec.ts';
import { fail, found, fwspecOf, nothing, ok, ownedFwspec, privCleared, probeName, resvRegions } from './shared.ts';

const FILE = 'drivers/iommu/arm/arm-smmu/arm-smmu.c';

/** driver_find_device() walks klist_devices, which driver_bound() fills: an instance whose probe is not over is not found, and `tmp` is NULL. */
const arm_smmu_get_by_fwnode = (code: Code, bound: SmmuBound): readonly Node[] => [
  get(null, 'fs', 'fwspec.iommu_fwnode', 'fwnode = fwspec->iommu_fwnode'),
  bound === 'found'
    ? set('tmp', 1)
    : instanceState(code.entries[0]!, 'bound', 'tmp', 'smmu = arm_smmu_get_by_fwnode(fwnode)'),
  ...(bound === 'defer' ? [when(isNull('tmp'), fail(ERR.EPROBE_DEFER))] : []),
];

/** What goes on with a NULL smmu faults at its first use: in the loop over the ids, or without ids in arm_smmu_rpm_get(). */
const useOfNull = (bound: SmmuBound, field: 'streamid_mask' | 'dev', text: string): readonly Node[] =>
  bound === 'null' ? [when(isNull('tmp'), [get(null, 'tmp', `late:arm_smmu_device.${field}`, text)])] : [];

/** Asks for fwspec and cfg once more; -EEXIST if another probe of the device has claimed its stream map entries. */
const arm_smmu_master_alloc_smes = (code: Code): Procedure =>
  procedure('arm_smmu_master_alloc_smes', FILE, 'usually', [
    ok,
    ...dev_iommu_fwspec_get(code, 'fs'),
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', 'cfg:arm_smmu_master_cfg.smmu', 'smmu = cfg->smmu'),
    get('own', 'fs', 'fwspec.num_ids', 'for_each_cfg_sme(cfg, fwspec, i, idx)'),
    when(nonNull('own'), [
      get('own', 'cfg', 'cfg:arm_smmu_master_cfg.smendx', 'cfg->smendx[i] != INVALID_SMENDX?'),
      when(nonNull('own'), fail(ERR.EEXIST)),
      put('cfg', 'cfg:arm_smmu_master_cfg.smendx', 1, 'cfg->smendx[i] = idx'),
    ]),
  ]);

const probe_device = (code: Code): Procedure => {
  const bound = code.smmuBound;
  return procedure(probeName(code, 'arm_smmu'), FILE, 'never', [
    ...fwspecOf(code),
    ...arm_smmu_get_by_fwnode(code, bound),
    get('own', 'fs', 'fwspec.num_ids', 'i < fwspec->num_ids'),
    when(nonNull('own'), [
      get(null, 'fs', 'fwspec.ids', 'sid = fwspec->ids[i]'),
      ...useOfNull(bound, 'streamid_mask', 'sid & ~smmu->streamid_mask'),
    ]),
    alloc('cfg', 'cfg'),
    ...dev_iommu_priv_set(code, 'cfg'),
    ...useOfNull(bound, 'dev', 'arm_smmu_rpm_get(smmu)'),
    call(arm_smmu_master_alloc_smes(code)),
    // out_cfg_free: its own iommu_fwspec_free(); in 6.14.0, gone in 6.17.0.
    when(failed, since(code, '6.15') ? [back] : [call(iommu_fwspec_free(code)), back]),
    found,
    ok,
  ]);
};

const device_group = (code: Code): Procedure =>
  procedure('arm_smmu_device_group', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    ...dev_iommu_fwspec_get(code, 'fs'),
    get(null, 'cfg', 'cfg:arm_smmu_master_cfg.smmu', 'smmu = cfg->smmu'),
    get(null, 'fs', 'fwspec.num_ids', 'for_each_cfg_sme(cfg, fwspec, i, idx)'),
  ]);

const attach_dev = (code: Code): Procedure =>
  procedure('arm_smmu_attach_dev', FILE, 'never', [
    ...fwspecOf(code),
    ...dev_iommu_priv_get(code, 'cfg'),
    when(isNull('cfg'), fail(ERR.ENODEV)),
    get(null, 'cfg', 'cfg:arm_smmu_master_cfg.smmu', 'smmu = cfg->smmu'),
    // In arm_smmu_domain_add_master(), later arm_smmu_master_install_s2crs().
    get(null, 'fs', 'fwspec.num_ids', 'for_each_cfg_sme(cfg, fwspec, i, idx)'),
    ok,
  ]);

const arm_smmu_master_free_smes: Procedure = procedure('arm_smmu_master_free_smes', FILE, 'usually', [
  get('tmp', 'fs', 'fwspec.num_ids', 'for_each_cfg_sme(cfg, fwspec, i, idx)'),
  when(nonNull('tmp'), [put('cfg', 'cfg:arm_smmu_master_cfg.smendx', 0, 'cfg->smendx[i] = INVALID_SMENDX')]),
]);

/** From v6.0 on without any test, and without the fwspec's end. */
const release_device = (code: Code): Procedure =>
  procedure('arm_smmu_release_device', FILE, 'never', [
    ...(since(code, '6.1') ? dev_iommu_fwspec_get(code, 'fs') : ownedFwspec(code)),
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', 'cfg:arm_smmu_master_cfg.smmu', 'arm_smmu_rpm_get(cfg->smmu)'),
    call(arm_smmu_master_free_smes),
    ...privCleared(code),
    free('cfg', 'cfg', 'kfree(cfg)'),
    ...(since(code, '6.1') ? [] : [call(iommu_fwspec_free(code))]),
  ]);

export const armSmmu: Driver = {
  name: 'arm-smmu',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'ids in range, memory and power management never failing: of the error exits of probe_device only -EEXIST is reached',
    'smmu->stream_map_mutex is not in the model: two probes at once may both claim the stream map entries',
    'a cfg that probe_device frees on its way out stays live',
  ],
  probe: 'arm_smmu_device_probe',
  class: 'add_ids',
  privIsAllocated: true,
  of_xlate: (code) => procedure('arm_smmu_of_xlate', FILE, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device,
  device_group,
  attach_dev,
  release_device,
  get_resv_regions: resvRegions('arm_smmu_get_resv_regions', FILE),
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
