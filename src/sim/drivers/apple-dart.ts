/**
 * drivers/iommu/apple-dart.c (v5.15). Read: 6.1.176, 6.12.107, 7.2.13. priv is a table of each client's own, empty until the end of of_xlate: a walk
 * in between computes &NULL->iommu. No ids in the fwspec.
 */

import {
  alloc,
  back,
  ERR,
  free,
  get,
  IOMMU_DEV,
  isNull,
  nonNull,
  type Procedure,
  print,
  procedure,
  put,
  set,
  when,
} from '../machine/program.ts';
import { dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { fail, found, ok, privCleared, probeName, resvRegions } from './shared.ts';

const FILE = 'drivers/iommu/apple-dart.c';

const of_xlate = (code: Code): Procedure =>
  procedure('apple_dart_of_xlate', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    when(isNull('cfg'), [alloc('cfg', 'cfg')]),
    // Unconditionally, even where cfg was there.
    ...dev_iommu_priv_set(code, 'cfg'),
    put('cfg', 'cfg:ready', 1, 'cfg->stream_maps[0].dart = dart'),
    ok,
  ]);

const probe_device = (code: Code): Procedure =>
  procedure(probeName(code, 'apple_dart'), FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    when(isNull('cfg'), fail(ERR.ENODEV)),
    get('tmp', 'cfg', 'cfg:apple_dart_master_cfg.stream_maps', 'dart = cfg->stream_maps[0].dart'),
    // &cfg->stream_maps[0].dart->iommu of an empty table is the address of a member of NULL, which no IS_ERR() catches.
    when(nonNull('tmp'), [found], [set('own', IOMMU_DEV.BOGUS)]),
    ok,
  ]);

const device_group = (code: Code): Procedure =>
  procedure('apple_dart_device_group', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', 'cfg:apple_dart_master_cfg.stream_maps', 'for_each_stream_map(i, cfg, stream_map)'),
  ]);

/** One for all domain types up to v6.6; then the paging domains' own, which follows cfg->stream_maps[0].dart in apple_dart_finalize_domain(). */
const attach_dev = (code: Code): Procedure =>
  procedure(since(code, '6.8') ? 'apple_dart_attach_dev_paging' : 'apple_dart_attach_dev', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', 'cfg:apple_dart_master_cfg.stream_maps', 'cfg->stream_maps[0].dart'),
    ok,
  ]);

/** Up to v5.19 it asks whether there is a cfg. */
const release_device = (code: Code): Procedure =>
  procedure('apple_dart_release_device', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    ...(since(code, '6.1') ? [] : [when(isNull('cfg'), [back])]),
    ...privCleared(code),
    free('cfg', 'cfg', 'kfree(cfg)'),
  ]);

export const appleDart: Driver = {
  name: 'apple-dart',
  file: FILE,
  since: '5.15',
  until: null,
  notes: ['one DART and one stream a client', 'no difference between the versions read but the name of attach_dev'],
  probe: 'apple_dart_probe',
  class: 'priv_set',
  privIsAllocated: true,
  staysRegistered: true,
  of_xlate,
  probe_device,
  device_group,
  attach_dev,
  release_device,
  get_resv_regions: resvRegions('apple_dart_get_resv_regions', FILE),
  bus_ops: 'probe',
  before_walk: [],
  after_register: () => [print('DART [pagesize ..., ... streams, ...] initialized')],
};
