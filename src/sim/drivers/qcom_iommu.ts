/**
 * drivers/iommu/arm/arm-smmu/qcom_iommu.c (to v5.8 drivers/iommu/qcom_iommu.c). Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13; v5.7 from the patch that
 * replaced add_device(). The instance is priv.
 */

import { back, call, ERR, get, isNull, type Node, type Procedure, procedure, when } from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import { type Code, type Driver, since } from '../procedures/code.ts';
import { iommu_fwspec_add_ids, iommu_fwspec_free } from '../procedures/fwspec.ts';
import { fail, found, instance, nothing, ok, ownedFwspec, ownFwspec, probeName } from './shared.ts';

const FILE = 'drivers/iommu/arm/arm-smmu/qcom_iommu.c';

/** to_iommu(), from v6.8 dev_iommu_priv_get() alone: NULL ends the caller. */
const to_iommu = (code: Code): readonly Node[] => [
  ...ownFwspec(code),
  ...dev_iommu_priv_get(code, 'cfg'),
  when(isNull('cfg'), fail(ERR.ENODEV)),
];

const of_xlate = (code: Code): Procedure =>
  procedure('qcom_iommu_of_xlate', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    when(
      isNull('cfg'),
      [instance, ...dev_iommu_priv_set(code, 'cfg')],
      // WARN_ON(qcom_iommu != dev_iommu_priv_get(dev)): only one instance is ever stored here, but it may be gone.
      [...dev_iommu_priv_get(code, 'cfg'), when(isNull('cfg'), fail(ERR.EINVAL))],
    ),
    call(iommu_fwspec_add_ids(code)),
  ]);

/** A new domain goes over the fwspec's ids, which nobody tests. */
const qcom_iommu_init_domain = (code: Code): Procedure =>
  procedure('qcom_iommu_init_domain', FILE, 'usually', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    get(null, 'fs', 'fwspec.num_ids', 'i < fwspec->num_ids'),
  ]);

export const qcomIommu: Driver = {
  name: 'qcom_iommu',
  file: FILE,
  since: null,
  until: null,
  notes: ['ids in range; device links always made'],
  probe: 'qcom_iommu_device_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate,
  probe_device: (code) => procedure(probeName(code, 'qcom_iommu'), FILE, 'never', [...to_iommu(code), found, ok]),
  device_group: null,
  attach_dev: (code) =>
    procedure('qcom_iommu_attach_dev', FILE, 'never', [...to_iommu(code), call(qcom_iommu_init_domain(code)), ok]),
  release_device: (code) =>
    since(code, '6.1')
      ? null
      : procedure('qcom_iommu_release_device', FILE, 'never', [
          ...ownedFwspec(code),
          ...dev_iommu_priv_get(code, 'cfg'),
          when(isNull('cfg'), [back]),
          call(iommu_fwspec_free(code)),
        ]),
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
