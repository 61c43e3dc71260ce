/**
 * drivers/iommu/mtk_iommu.c. Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13; v5.7 from the patch that replaced add_device(). The instance is priv, and
 * probe_device does not test it.
 */

import {
  call,
  ERR,
  get,
  IOMMU_DEV,
  isNull,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  set,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get } from '../procedures/accessors.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { iommu_fwspec_add_ids, iommu_fwspec_free } from '../procedures/fwspec.ts';
import { fail, found, nothing, ok, ownedFwspec, ownFwspec, privOnce, probeName } from './shared.ts';

const FILE = 'drivers/iommu/mtk_iommu.c';

/** 5.10 returns &data->iommu of a NULL data. Later versions read its plat_data first, and of a multimedia IOMMU the first id, for the larb. */
const instanceOf = (code: Code): readonly Node[] =>
  since(code, '6.1')
    ? [
        get(null, 'cfg', 'cfg:mtk_iommu_data.plat_data', 'data->plat_data'),
        get(null, 'fs', 'fwspec.ids', 'larbid = MTK_M4U_TO_LARB(fwspec->ids[0])'),
        found,
      ]
    : [when(nonNull('cfg'), [found], [set('own', IOMMU_DEV.BOGUS)])];

const probe_device = (code: Code): Procedure =>
  procedure(probeName(code, 'mtk_iommu'), FILE, 'never', [
    ...(since(code, '6.8') ? dev_iommu_fwspec_get(code, 'fs') : ownFwspec(code)),
    ...dev_iommu_priv_get(code, 'cfg'),
    ...instanceOf(code),
    ok,
  ]);

/** 5.10 takes the one group from a list of its own. */
const device_group = (code: Code): Procedure | null =>
  since(code, '6.1')
    ? procedure('mtk_iommu_device_group', FILE, 'never', [
        ...dev_iommu_priv_get(code, 'cfg'),
        get(null, 'cfg', 'cfg:mtk_iommu_data.hw_list', 'hw_list = data->hw_list'),
      ])
    : null;

/** Goes over the fwspec's ids, which nobody tests. */
const mtk_iommu_config = (code: Code): Procedure =>
  procedure('mtk_iommu_config', FILE, 'usually', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    get(null, 'fs', 'fwspec.num_ids', 'i < fwspec->num_ids'),
  ]);

/** 5.10 tests data; later versions do not. */
const attach_dev = (code: Code): Procedure =>
  procedure('mtk_iommu_attach_device', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    since(code, '6.1')
      ? get(null, 'cfg', 'cfg:mtk_iommu_data.hw_list', 'hw_list = data->hw_list')
      : when(isNull('cfg'), fail(ERR.ENODEV)),
    call(mtk_iommu_config(code)),
    ok,
  ]);

/** 5.10 frees the fwspec of its own; later versions undo the device link, and test nothing. */
const release_device = (code: Code): Procedure =>
  procedure(
    'mtk_iommu_release_device',
    FILE,
    'never',
    since(code, '6.1')
      ? [
          ...dev_iommu_fwspec_get(code, 'fs'),
          ...dev_iommu_priv_get(code, 'cfg'),
          get(null, 'cfg', 'cfg:mtk_iommu_data.plat_data', 'data->plat_data'),
          get(null, 'fs', 'fwspec.ids', 'larbid = MTK_M4U_TO_LARB(fwspec->ids[0])'),
        ]
      : [...ownedFwspec(code), call(iommu_fwspec_free(code))],
  );

/** v5.12 and later. */
const get_resv_regions = (code: Code): Procedure | null =>
  since(code, '6.1')
    ? procedure('mtk_iommu_get_resv_regions', FILE, 'never', [
        ...dev_iommu_priv_get(code, 'cfg'),
        get(null, 'cfg', 'cfg:mtk_iommu_data.plat_data', 'data->plat_data'),
      ])
    : null;

export const mtk: Driver = {
  name: 'mtk_iommu',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'a multimedia IOMMU with one larb; ids in range',
    'the shape 5.10 is that of 5.10 itself: v5.16 to v6.0 look more like 6.1',
  ],
  probe: 'mtk_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) =>
    procedure('mtk_iommu_of_xlate', FILE, 'never', [...privOnce(code), call(iommu_fwspec_add_ids(code))]),
  probe_device,
  device_group,
  attach_dev,
  release_device,
  get_resv_regions,
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
