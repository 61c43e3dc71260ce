/** drivers/iommu/iommu.c: iommu_fwspec_init(), iommu_fwspec_free(), iommu_fwspec_add_ids(). */

import {
  alloc,
  back,
  call,
  ERR,
  free,
  get,
  isNull,
  load,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  put,
  type Register,
  reg,
  set,
  store,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_fwspec_set } from './accessors.ts';
import { type Code, type Entry, since } from './code.ts';

const FILE = 'drivers/iommu/iommu.c';

/** Leaves dev->iommu in `p`: the object that is there, or a new one that it publishes with a plain store. */
export const dev_iommu_get: Procedure = procedure('dev_iommu_get', FILE, 'accessor', [
  load('p', 'dev->iommu', 'param = dev->iommu'),
  when(isNull('p'), [alloc('p', 'dev_iommu'), store('dev->iommu', reg('p'), 'dev->iommu = param (new)')]),
]);

/** Makes the fwspec and publishes it: the second half of iommu_fwspec_init() in every version. */
const newFwspec: readonly Node[] = [
  ...dev_iommu_get.body,
  alloc('fs', 'fwspec', { 'fwspec.ops': reg('ops') }),
  ...dev_iommu_fwspec_set(reg('fs'), 'fwspec'),
];

/**
 * To v6.10: needs the ops that iommu_ops_from_fwnode() found in `ops` (0: the IOMMU has not registered yet). An fwspec that is there already is
 * accepted if its ops are the same, else -EINVAL. The caller's `ops` survive.
 */
function fwspecOfOps(code: Code): readonly Node[] {
  return [
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
    ...newFwspec,
  ];
}

/** dst = iommu_fwspec_ops(fwspec): the registered IOMMU whose node the fwspec in `fs` names (v6.11; no fwspec: none on a DT system). */
export function iommu_fwspec_ops(code: Code, dst: Register): readonly Node[] {
  return [
    when(
      isNull('fs'),
      [set(dst, 0)],
      [
        get(null, 'fs', 'fwspec.iommu_fwnode', 'fwnode = fwspec->iommu_fwnode'),
        instanceState(code.entries[0]!, 'listed', dst, 'ops = iommu_ops_from_fwnode(fwnode)'),
      ],
    ),
  ];
}

/** What is known of the instance that an entry names: of one that never registers nothing ever is. */
export function instanceState(entry: Entry, what: 'listed' | 'ready' | 'bound', dst: Register, text: string): Node {
  return entry === 0 ? set(dst, 0) : load(dst, `${what}${entry}`, text);
}

/**
 * v6.11: looks the IOMMU up itself, and before it is registered allocates nothing. da33e87bd2bf: nor before its walks are over, unless the device
 * is being walked (it has a dev->iommu). Leaves 1 in `ops` where it returns 0.
 */
function fwspecOfNode(code: Code, entry: Entry): readonly Node[] {
  return [
    set('err', ERR.OK),
    instanceState(entry, 'listed', 'ops', 'iommu = iommu_from_fwnode(iommu_fwnode)'),
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(isNull('ops'), [set('err', ERR.EPROBE_DEFER), back]),
    ...(code.ready
      ? [
          load('p', 'dev->iommu', '!dev->iommu?'),
          when(isNull('p'), [
            instanceState(entry, 'ready', 'tmp', 'READ_ONCE(iommu->ready)?'),
            when(isNull('tmp'), [set('err', ERR.EPROBE_DEFER), back]),
          ]),
        ]
      : []),
    when(nonNull('fs'), [...iommu_fwspec_ops(code, 'tmp'), when(isNull('tmp'), [set('err', ERR.EINVAL)]), back]),
    ...newFwspec,
  ];
}

/** `entry`: whose node it is called with. */
export function iommu_fwspec_init(code: Code, entry: Entry = code.entries[0]!): Procedure {
  const body = since(code, '6.11') ? fwspecOfNode(code, entry) : fwspecOfOps(code);
  return procedure('iommu_fwspec_init', FILE, 'never', body);
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

/** It has room for the ids that a few entries bring, so that the object stays where it is: krealloc() looks at it and hands it back. */
const krealloc: Procedure = procedure('krealloc', 'mm/slab_common.c', 'never', [
  get(null, 'fs', 'fwspec', 'ksize(fwspec)'),
]);

/** The first id is written into the preallocated slot; for each further one krealloc(), and the pointer is stored again. No fwspec: -EINVAL, silently. */
export function iommu_fwspec_add_ids(code: Code): Procedure {
  return procedure('iommu_fwspec_add_ids', FILE, 'never', [
    set('err', ERR.OK),
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(isNull('fs'), [set('err', ERR.EINVAL), back]),
    get('tmp', 'fs', 'fwspec.num_ids', 'new_num = fwspec->num_ids + 1'),
    when(nonNull('tmp'), [call(krealloc), ...dev_iommu_fwspec_set(reg('fs'), 'fwspec')]),
    put('fs', 'fwspec.ids', 1, 'fwspec->ids[0] = id'),
    put('fs', 'fwspec.num_ids', 1, 'fwspec->num_ids = new_num'),
  ]);
}
