/** drivers/iommu/iommu.c: dev_iommu_free(), the end of every failing probe, in its two orders. */

import { call, free, get, load, nonNull, type Procedure, procedure, store, when } from '../machine/program.ts';
import type { Code } from './code.ts';
import { iommu_fwspec_free } from './fwspec.ts';

const FILE = 'drivers/iommu/iommu.c';

/** Before b54240ad4943: the fwspec through its own function, which loads dev->iommu anew each time, then the object, then the NULL. */
function free_then_null(code: Code): Procedure {
  return procedure('dev_iommu_free', FILE, 'usually', [
    call(iommu_fwspec_free(code)),
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    free('p', 'dev_iommu', 'kfree(dev->iommu)'),
    store('dev->iommu', 0, 'dev->iommu = NULL'),
  ]);
}

/**
 * NULL first, then the frees (b54240ad4943); param itself is not tested. The fwspec pointer is loaded again after fwnode_handle_put(), a call
 * that no compiler can look through.
 */
export function dev_iommu_free(code: Code): Procedure {
  if (code.free === 'free-then-null') return free_then_null(code);
  return procedure('dev_iommu_free', FILE, 'usually', [
    load('p', 'dev->iommu', 'param = dev->iommu'),
    store('dev->iommu', 0, 'dev->iommu = NULL'),
    get('fs', 'p', 'dev_iommu.fwspec', 'fwspec = param->fwspec'),
    when(nonNull('fs'), [
      ...(code.granularity === 'source'
        ? [get('fs', 'p', 'dev_iommu.fwspec', 'fwspec = param->fwspec (loaded again)')]
        : []),
      get(null, 'fs', 'fwspec.iommu_fwnode', 'fwnode_handle_put(param->fwspec->iommu_fwnode)'),
      get('fs', 'p', 'dev_iommu.fwspec', 'fwspec = param->fwspec (after the call)'),
      when(nonNull('fs'), [free('fs', 'fwspec', 'kfree(param->fwspec)')]),
    ]),
    free('p', 'dev_iommu', 'kfree(param)'),
  ]);
}
