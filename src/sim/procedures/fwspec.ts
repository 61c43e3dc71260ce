/** drivers/iommu/iommu.c: iommu_fwspec_init(), iommu_fwspec_free(), iommu_fwspec_add_ids(). */
import type { Code } from '../code.ts';
import {
  alloc,
  back,
  ERR,
  free,
  get,
  isNull,
  load,
  nonNull,
  type Procedure,
  procedure,
  put,
  reg,
  set,
  store,
  when,
} from '../program.ts';
import { dev_iommu_fwspec_get, dev_iommu_fwspec_set } from './accessors.ts';

const FILE = 'drivers/iommu/iommu.c';

/** Leaves dev->iommu in `p`: the object that is there, or a new one that it publishes with a plain store. */
export const dev_iommu_get: Procedure = procedure('dev_iommu_get', FILE, 'accessor', [
  load('p', 'dev->iommu', 'param = dev->iommu'),
  when(isNull('p'), [alloc('p', 'dev_iommu'), store('dev->iommu', reg('p'), 'dev->iommu = param (new)')]),
]);

/**
 * Needs the ops that iommu_ops_from_fwnode() found in `ops` (0: the IOMMU has not registered yet). An fwspec that is there already is
 * accepted if its ops are the same, else -EINVAL. The caller's `ops` survive.
 */
export function iommu_fwspec_init(code: Code): Procedure {
  return procedure('iommu_fwspec_init', FILE, 'never', [
    set('err', ERR.OK),
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(nonNull('fs'), [
      get('tmp', 'fs', 'fwspec.ops', 'ops == fwspec->ops?'),
      when(
        isNull('tmp'),
        [when(nonNull('ops'), [set('err', ERR.EINVAL)])],
        [when(isNull('ops'), [set('err', ERR.EINVAL)])],
      ),
      back,
    ]),
    ...dev_iommu_get.body,
    alloc('fs', 'fwspec', { 'fwspec.ops': reg('ops') }),
    ...dev_iommu_fwspec_set(reg('fs'), 'fwspec'),
  ]);
}

/** kfree() comes before the pointer is cleared, and the clearing loads dev->iommu anew. */
export function iommu_fwspec_free(code: Code): Procedure {
  return procedure('iommu_fwspec_free', FILE, 'never', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(nonNull('fs'), [
      get(null, 'fs', 'fwspec.iommu_fwnode', 'fwnode_handle_put(fwspec->iommu_fwnode)'),
      free('fs', 'fwspec', 'kfree(fwspec)'),
      ...dev_iommu_fwspec_set(0, 'NULL'),
    ]),
  ]);
}

/** One id: written into the preallocated slot, no krealloc(). No fwspec: -EINVAL, silently. */
export function iommu_fwspec_add_ids(code: Code): Procedure {
  return procedure('iommu_fwspec_add_ids', FILE, 'never', [
    set('err', ERR.OK),
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(isNull('fs'), [set('err', ERR.EINVAL), back]),
    get(null, 'fs', 'fwspec.num_ids', 'new_num = fwspec->num_ids + 1'),
    put('fs', 'fwspec.ids', 1, 'fwspec->ids[0] = id'),
    put('fs', 'fwspec.num_ids', 1, 'fwspec->num_ids = new_num'),
  ]);
}
