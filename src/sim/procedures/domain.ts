/** drivers/iommu/iommu.c: what follows a successful probe, and the driver's calls on the way, only as far as they follow dev->iommu. */

import { call, ERR, type Node, type Procedure, procedure, set, store } from '../machine/program.ts';
import { dev_iommu_ops } from './accessors.ts';
import { type Code, since } from './code.ts';

const FILE = 'drivers/iommu/iommu.c';

export function group_of_driver(code: Code): readonly Node[] {
  const group = code.driver.device_group?.(code) ?? null;
  return group ? [call(group)] : [];
}

/** ops->release_device(), a call through a pointer: it has a frame of its own. */
export function release_device(code: Code): readonly Node[] {
  const release = (since(code, '5.10') && code.driver.release_device?.(code)) || null;
  return release ? [call(release)] : [];
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

/** v6.6. The domain is stored before any device is attached to it; what attach_dev() answers stands in `err`. */
export const iommu_setup_default_domain = (code: Code): Procedure =>
  procedure('iommu_setup_default_domain', FILE, 'never', [
    set('err', ERR.OK),
    call(iommu_get_def_domain_type(code)),
    call(iommu_get_resv_regions(code)),
    store('group->default_domain', 1, 'group->default_domain = dom'),
    ...attach(code),
  ]);

export function iommu_get_resv_regions(code: Code): Procedure {
  const own = code.driver.get_resv_regions?.(code) ?? null;
  return procedure('iommu_get_resv_regions', FILE, 'never', [
    ...(since(code, '6.1') ? dev_iommu_ops() : []),
    ...(own ? [call(own)] : []),
  ]);
}
