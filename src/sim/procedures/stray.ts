/** Code that stores a client's priv without a translation before it: what `priv-without-fwspec` is about. */

import { alloc, call, end, type Procedure, procedure } from '../machine/program.ts';
import { dev_iommu_priv_set } from './accessors.ts';
import type { Code } from './code.ts';

/** No driver of the kernel's own: it stands for whoever calls dev_iommu_priv_set() on a device that has no "iommus". */
export const STRAY = 'caller_of_dev_iommu_priv_set';

/** Nothing made an fwspec, so nothing made dev->iommu; dev_iommu_priv_set() does not test it. One thread, no order to get wrong. */
export function stray_store(code: Code): Procedure {
  const store = procedure(STRAY, code.driver.file, 'never', [alloc('cfg', 'cfg'), ...dev_iommu_priv_set(code, 'cfg')]);
  return procedure('really_probe', 'drivers/base/dd.c', 'never', [
    call(procedure('platform_probe', 'drivers/base/platform.c', 'never', [call(store)])),
    end('bound-without-iommu'),
  ]);
}
