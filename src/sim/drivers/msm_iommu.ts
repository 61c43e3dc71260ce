/**
 * drivers/iommu/msm_iommu.c (32-bit ARM). Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13. Its of_xlate bears the name of qcom_iommu.c's. It keeps a master of the
 * client on its instance's own list, which dev_iommu_free() does not reach, and stores it as priv only when it makes it. No ids.
 *
 * msm_iommu_lock, a spinlock with interrupts off, makes of_xlate one step for find_iommu_for_dev(), which looks at the list alone: the master is put on it
 * last here. The walk's dev_iommu_free() takes no such lock.
 */

import {
  alloc,
  ERR,
  get,
  isNull,
  load,
  type Node,
  type Procedure,
  print,
  procedure,
  store,
  when,
} from '../machine/program.ts';
import type { Code, Driver } from '../procedures/code.ts';
import { archdataGet, archdataSet, fail, found, ok, probeName } from './shared.ts';

const FILE = 'drivers/iommu/msm_iommu.c';

/** insert_iommu_master(), static with one caller: written into it, as compilers do. */
const insert_iommu_master = (code: Code): readonly Node[] => [
  ...archdataGet(code),
  load('tmp', 'late_data', 'list_empty(&iommu->ctx_list)?'),
  when(isNull('tmp'), [alloc('cfg', 'cfg', { 'cfg:ready': 1 }), ...archdataSet(code)]),
  // A master that is on the list but no longer in priv is not looked for: NULL is followed (a bug of its own).
  get(null, 'cfg', 'cfg:msm_iommu_ctx_dev.num_mids', 'sid < master->num_mids'),
  store('late_data', 1, 'list_add(&master->list, &iommu->ctx_list), spin_unlock_irqrestore(&msm_iommu_lock)'),
];

const of_xlate = (code: Code): Procedure =>
  procedure('qcom_iommu_of_xlate', FILE, 'never', [...insert_iommu_master(code), ok]);

const probe_device = (code: Code): Procedure =>
  procedure(probeName(code, 'msm_iommu'), FILE, 'never', [
    load('tmp', 'late_data', 'iommu = find_iommu_for_dev(dev)'),
    when(isNull('tmp'), fail(ERR.ENODEV)),
    found,
    ok,
  ]);

export const msmIommu: Driver = {
  name: 'msm_iommu',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'one client and one instance: the first master of the list is this client or none',
    'v5.7 and v5.8 keep priv in dev->archdata.iommu; the shape 5.10 is that of v5.9 and later',
    'attach_dev works from the list and touches no dev->iommu',
  ],
  probe: 'msm_iommu_probe',
  class: 'priv_set',
  // Allocated for each client, but the list keeps it: not a leak.
  privIsAllocated: false,
  of_xlate,
  probe_device,
  device_group: null,
  attach_dev: null,
  release_device: null,
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [],
  after_register: () => [print('device mapped at ..., irq ... with ... ctx banks')],
};
