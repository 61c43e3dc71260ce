/**
 * drivers/iommu/omap-iommu.c. Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13. probe_device reads "iommus" itself and stores an array of its own as priv; there is no
 * of_xlate up to v6.12, and then one that does nothing (c9b4a3185fcb, read in 6.13.2).
 */

import {
  alloc,
  back,
  call,
  ERR,
  free,
  get,
  isNull,
  type Node,
  type Procedure,
  print,
  procedure,
  when,
} from '../machine/program.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { bus_iommu_probe } from '../procedures/walk.ts';
import {
  archdataGet,
  archdataSet,
  elsewhere,
  fail,
  found,
  generic_single_device_group,
  ok,
  privCleared,
  probeName,
} from './shared.ts';

const FILE = 'drivers/iommu/omap-iommu.c';

const of_xlate = (code: Code): Procedure | null =>
  since(code, '6.13') ? procedure('omap_iommu_of_xlate', FILE, 'never', [ok]) : null;

const probe_device = (code: Code): Procedure =>
  procedure(
    probeName(code, 'omap_iommu'),
    FILE,
    'never',
    elsewhere(code) ?? [alloc('cfg', 'cfg', { 'cfg:ready': 1 }), ...archdataSet(code), found, ok],
  );

/** Up to v6.6 its own, with a test of priv. */
const device_group = (code: Code): Procedure => {
  if (since(code, '6.7')) return generic_single_device_group;
  return procedure('omap_iommu_device_group', FILE, 'never', [
    ...archdataGet(code),
    // -ENODEV, which the core takes for an error: left out, as of all groups' failures.
    when(isNull('cfg'), [], [get(null, 'cfg', 'cfg:omap_iommu_arch_data.iommu_dev', 'arch_data->iommu_dev')]),
  ]);
};

/** Asks for priv anew, and does not test it. */
const omap_iommu_count = (code: Code): Procedure =>
  procedure('omap_iommu_count', FILE, 'usually', [
    ...archdataGet(code),
    get(null, 'cfg', 'cfg:omap_iommu_arch_data.iommu_dev', 'while (arch_data->iommu_dev)'),
  ]);

const attach_dev = (code: Code): Procedure =>
  procedure('omap_iommu_attach_dev', FILE, 'never', [
    ...archdataGet(code),
    when(isNull('cfg'), fail(ERR.ENODEV)),
    get(null, 'cfg', 'cfg:omap_iommu_arch_data.iommu_dev', 'arch_data->iommu_dev'),
    call(omap_iommu_count(code)),
    ok,
  ]);

const release_device = (code: Code): Procedure =>
  procedure('omap_iommu_release_device', FILE, 'never', [
    ...archdataGet(code),
    when(isNull('cfg'), [back]),
    ...privCleared(code),
    free('cfg', 'cfg', 'kfree(arch_data)'),
  ]);

/** Each instance walks the bus once more by itself at the end of its probe: v5.8 to v6.12, gone in v6.13. */
const ownWalk = (code: Code): readonly Node[] =>
  since(code, '5.10') && !since(code, '6.13') ? [call(bus_iommu_probe(code))] : [];

export const omap: Driver = {
  name: 'omap',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'one instance a client; an IOMMU that does not register (DSP MMU 1) is left out',
    'to v6.0 bus_set_iommu() is called by a subsys_initcall, before there are devices; its own walk at the end of each probe is what meets a client',
  ],
  probe: 'omap_iommu_probe',
  class: 'neither',
  privIsAllocated: true,
  of_xlate,
  probe_device,
  device_group,
  attach_dev,
  release_device,
  get_resv_regions: null,
  bus_ops: 'initcall',
  before_walk: [],
  after_register: (code) => [print('... registered'), ...ownWalk(code)],
};
