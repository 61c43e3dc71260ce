/** drivers/iommu/iommu.c: what follows a successful probe, and the driver's calls on the way, only as far as they follow dev->iommu. */

import { call, type Node, type Procedure, procedure } from '../machine/program.ts';
import { dev_iommu_ops } from './accessors.ts';
import { type Code, since } from './code.ts';

const FILE = 'drivers/iommu/iommu.c';

export function group_of_driver(code: Code): readonly Node[] {
  const group = code.driver.device_group?.(code) ?? null;
  return group ? [call(group)] : [];
}

export function attach(code: Code): readonly Node[] {
  return code.driver.attach_dev ? [call(code.driver.attach_dev(code))] : [];
}

export const iommu_get_def_domain_type = (code: Code): Procedure =>
  procedure(
    since(code, '6.6') ? 'iommu_get_default_domain_type' : 'iommu_get_def_domain_type',
    FILE,
    'usually',
    since(code, '6.1') ? dev_iommu_ops() : [],
  );

export const iommu_setup_default_domain = (code: Code): Procedure =>
  procedure('iommu_setup_default_domain', FILE, 'never', [
    call(iommu_get_def_domain_type(code)),
    call(iommu_get_resv_regions(code)),
  ]);

export const iommu_get_resv_regions = (code: Code): Procedure =>
  procedure('iommu_get_resv_regions', FILE, 'never', since(code, '6.1') ? dev_iommu_ops() : []);
