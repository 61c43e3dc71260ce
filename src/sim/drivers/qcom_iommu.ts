/** drivers/iommu/arm/arm-smmu/qcom_iommu.c, as far as it touches dev->iommu. */
import type { Code } from '../code.ts';
import { dev_iommu_priv_get } from '../procedures/accessors.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { call, ERR, isNull, type Node, procedure, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { fail, found, nothing, ok, ownFwspec, privOnce } from './shared.ts';

const FILE = 'drivers/iommu/arm/arm-smmu/qcom_iommu.c';
const toQcom = (code: Code): readonly Node[] => [
  ...ownFwspec(code),
  ...dev_iommu_priv_get(code, 'cfg'),
  when(isNull('cfg'), fail(ERR.ENODEV)),
];
export const qcomIommu: Driver = {
  name: 'qcom_iommu',
  file: FILE,
  probe: 'qcom_iommu_device_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('qcom_iommu_of_xlate', FILE, 'never', [...privOnce(code), call(iommu_fwspec_add_ids(code))]),
  probe_device: (code) => procedure('qcom_iommu_probe_device', FILE, 'never', [...toQcom(code), found, ok]),
  device_group: null,
  attach_dev: (code) => procedure('qcom_iommu_attach_dev', FILE, 'never', [...toQcom(code), ok]),
  before_walk: [],
  after_register: nothing,
};
