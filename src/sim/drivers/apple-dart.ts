/** drivers/iommu/apple-dart.c, as far as it touches dev->iommu. */
import { dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import { alloc, ERR, get, IOMMU_DEV, isNull, nonNull, print, procedure, put, set, when } from '../program.ts';
import type { Driver } from './driver.ts';
import { fail, found, ok } from './shared.ts';

const FILE = 'drivers/iommu/apple-dart.c';
export const appleDart: Driver = {
  name: 'apple-dart',
  file: FILE,
  probe: 'apple_dart_probe',
  class: 'priv_set',
  privIsAllocated: true,
  of_xlate: (code) =>
    procedure('apple_dart_of_xlate', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), [alloc('cfg', 'cfg')]),
      // Unconditionally, even where cfg was there.
      ...dev_iommu_priv_set('cfg'),
      put('cfg', 'cfg:ready', 1, 'cfg->stream_maps[0].dart = dart'),
      ok,
    ]),
  probe_device: (code) =>
    procedure('apple_dart_probe_device', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      get('tmp', 'cfg', 'cfg:apple_dart_master_cfg.stream_maps', 'dart = cfg->stream_maps[0].dart'),
      // &cfg->stream_maps[0].dart->iommu of an empty table is the address of a member of NULL, which no IS_ERR() catches.
      when(nonNull('tmp'), [found], [set('own', IOMMU_DEV.BOGUS)]),
      ok,
    ]),
  device_group: (code) =>
    procedure('apple_dart_device_group', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:apple_dart_master_cfg.stream_maps', 'for_each_stream_map(i, cfg, stream_map)'),
    ]),
  attach_dev: (code) =>
    procedure('apple_dart_attach_dev', FILE, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', 'cfg:apple_dart_master_cfg.stream_maps', 'cfg->stream_maps[0].dart->force_bypass'),
    ]),
  before_walk: [],
  after_register: () => [print('FILE [pagesize ..., ... streams, ...] initialized')],
};
