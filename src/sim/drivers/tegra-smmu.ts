/**
 * drivers/iommu/tegra-smmu.c, probed by drivers/memory/tegra/mc.c. Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13. probe_device translates "iommus" itself, so that
 * the walk does not need the client; the instance is priv.
 */

import {
  back,
  call,
  ERR,
  failed,
  get,
  isNull,
  type Node,
  type Procedure,
  procedure,
  reg,
  set,
  store,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { iommu_fwspec_add_ids, iommu_fwspec_free, iommu_fwspec_init } from '../procedures/fwspec.ts';
import { archdataGet, elsewhere, fail, found, instance, nothing, ok, privCleared, probeName } from './shared.ts';

const FILE = 'drivers/iommu/tegra-smmu.c';

/** Stores priv from v5.11 on (25938c73cd79); before that it only adds the id. */
const of_xlate = (code: Code): Procedure =>
  procedure('tegra_smmu_of_xlate', FILE, 'never', [
    ...(since(code, '5.11') ? [instance, ...dev_iommu_priv_set(code, 'cfg')] : []),
    call(iommu_fwspec_add_ids(code)),
  ]);

const tegra_smmu_configure = (code: Code): Procedure =>
  procedure('tegra_smmu_configure', FILE, 'usually', [
    set('ops', 1),
    call(iommu_fwspec_init(code)),
    when(failed, [back]),
    call(of_xlate(code)),
    // Read in 6.14.0, gone in 6.17.0.
    ...(since(code, '6.17') ? [] : [when(failed, [call(iommu_fwspec_free(code))])]),
  ]);

/** v5.8 to v5.10 look for the instance here and store it; v5.7 keeps it in dev->archdata.iommu. */
const instanceOf = (code: Code): readonly Node[] =>
  since(code, '5.10') && !since(code, '5.11')
    ? [instance, ...dev_iommu_priv_set(code, 'cfg')]
    : since(code, '5.11')
      ? [...dev_iommu_priv_get(code, 'cfg'), when(isNull('cfg'), fail(ERR.ENODEV))]
      : [instance, store('dev->archdata.iommu', reg('cfg'), 'dev->archdata.iommu = smmu')];

const probe_device = (code: Code): Procedure =>
  procedure(
    probeName(code, 'tegra_smmu'),
    FILE,
    'never',
    elsewhere(code) ?? [call(tegra_smmu_configure(code)), when(failed, [back]), ...instanceOf(code), found, ok],
  );

const device_group = (code: Code): Procedure =>
  procedure('tegra_smmu_device_group', FILE, 'never', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    ...(since(code, '5.10') ? dev_iommu_priv_get(code, 'cfg') : []),
    get(null, 'fs', 'fwspec.ids', 'swgroup = fwspec->ids[0]'),
    ...(since(code, '5.10') ? [get(null, 'cfg', 'cfg:tegra_smmu.soc', 'smmu->soc')] : []),
  ]);

const attach_dev = (code: Code): Procedure =>
  procedure('tegra_smmu_attach_dev', FILE, 'never', [
    ...(since(code, '5.11')
      ? [
          ...dev_iommu_fwspec_get(code, 'fs'),
          ...dev_iommu_priv_get(code, 'cfg'),
          when(isNull('fs'), fail(ERR.ENODEV)),
          get(null, 'fs', 'fwspec.num_ids', 'index < fwspec->num_ids'),
        ]
      : // It reads "iommus" once more instead.
        [...archdataGet(code), get(null, 'cfg', 'cfg:tegra_smmu.dev', 'args.np != smmu->dev->of_node')]),
    ok,
  ]);

export const tegraSmmu: Driver = {
  name: 'tegra-smmu',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'v5.8 to v5.10 store priv in probe_device instead of of_xlate (read: 5.10.262, and 5.15.24 for the later form)',
    'iommu_fwspec_init() is called with the node of the instance itself (dev_fwnode(smmu->dev), read in 6.12.117), which is found',
  ],
  probe: 'tegra_smmu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate,
  probe_device,
  device_group,
  attach_dev,
  release_device: (code) =>
    since(code, '6.1') ? null : procedure('tegra_smmu_release_device', FILE, 'never', privCleared(code)),
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
