/**
 * drivers/iommu/mtk_iommu_v1.c (32-bit ARM). Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13; v5.7 from the patch that replaced add_device(). It has no of_xlate:
 * probe_device reads "iommus" itself, makes the fwspec and stores the instance as priv. Its functions are called mtk_iommu_* up to v6.0.
 */

import {
  back,
  call,
  ERR,
  failed,
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
import { iommu_fwspec_add_ids, iommu_fwspec_free, iommu_fwspec_init } from '../procedures/fwspec.ts';
import { elsewhere, fail, found, nothing, ok, ownedFwspec, privOnce, probeName } from './shared.ts';

const FILE = 'drivers/iommu/mtk_iommu_v1.c';
const v1 = (code: Code): string => (since(code, '6.1') ? 'mtk_iommu_v1' : 'mtk_iommu');
const dataField = (code: Code, field: string): `cfg:${string}` => `cfg:${v1(code)}_data.${field}`;

/** The fwspec for this driver's ops. Up to v6.7 one that is there is looked at here (loaded anew); then iommu_fwspec_init() does. */
const fwspecForItself = (code: Code): readonly Node[] => {
  const init = [set('ops', 1), call(iommu_fwspec_init(code)), when(failed, [back])];
  if (since(code, '6.8')) return init;
  // Asked for once more, and not used: no compiler keeps it.
  if (code.granularity === 'source') init.push(...dev_iommu_fwspec_get(code, 'fs'));
  return [
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(isNull('fs'), init, [
      ...dev_iommu_fwspec_get(code, 'fs'),
      get('tmp', 'fs', 'fwspec.ops', 'dev_iommu_fwspec_get(dev)->ops == &ops?'),
      when(isNull('tmp'), fail(ERR.EINVAL)),
    ]),
  ];
};

const create_mapping = (code: Code): Procedure =>
  procedure(`${v1(code)}_create_mapping`, FILE, 'usually', [
    ok,
    ...fwspecForItself(code),
    ...privOnce(code),
    call(iommu_fwspec_add_ids(code)),
    when(failed, [back]),
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', dataField(code, 'mapping'), 'mtk_mapping = data->mapping'),
  ]);

/** "In the deferred case, free the existed fwspec": from v5.19 up to v6.14 at least, gone in 7.2. A translation may be using it. 5.10 asks, and frees nothing. */
const freeOld = (code: Code): readonly Node[] => {
  if (since(code, '6.15')) return [];
  const asked = dev_iommu_fwspec_get(code, 'fs');
  if (!since(code, '6.1')) return asked;
  return [...asked, when(nonNull('fs'), [call(iommu_fwspec_free(code)), ...asked])];
};

/** What it tests of the fwspec in the end: its ops up to v6.7, nothing up to v6.14, that it is there in 7.2. */
const lastTest = (code: Code): readonly Node[] => {
  const there = when(isNull('fs'), fail(ERR.ENODEV));
  if (since(code, '6.15')) return [there];
  if (since(code, '6.8')) return [];
  return [there, get('tmp', 'fs', 'fwspec.ops', 'fwspec->ops == &ops?'), when(isNull('tmp'), fail(ERR.ENODEV))];
};

const probe_device = (code: Code): Procedure =>
  procedure(
    probeName(code, v1(code)),
    FILE,
    'never',
    elsewhere(code) ?? [
      ...freeOld(code),
      call(create_mapping(code)),
      // 5.10 ignores its result.
      ...(since(code, '6.1') ? [when(failed, [back])] : []),
      ...dev_iommu_fwspec_get(code, 'fs'),
      ...lastTest(code),
      ...dev_iommu_priv_get(code, 'cfg'),
      // The device link to the larb came with v5.16; 5.10 returns &data->iommu of whatever data is.
      ...(since(code, '6.1')
        ? [
            get(null, 'fs', 'fwspec.ids', 'larbid = mt2701_m4u_to_larb(fwspec->ids[0])'),
            get(null, 'cfg', dataField(code, 'larb_imu'), 'larbdev = data->larb_imu[larbid].dev'),
            found,
          ]
        : [when(isNull('cfg'), [set('own', IOMMU_DEV.BOGUS)], [found])]),
      ok,
    ],
  );

/** Goes over the fwspec's ids, which nobody tests. */
const config = (code: Code): Procedure =>
  procedure(`${v1(code)}_config`, FILE, 'usually', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    get(null, 'fs', 'fwspec.num_ids', 'i < fwspec->num_ids'),
  ]);

const attach_dev = (code: Code): Procedure =>
  procedure(`${v1(code)}_attach_device`, FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', dataField(code, 'mapping'), 'mtk_mapping = data->mapping'),
    call(config(code)),
    ok,
  ]);

/** 5.10 frees the fwspec of its own; later versions undo the device link, and test nothing. */
const release_device = (code: Code): Procedure =>
  procedure(
    `${v1(code)}_release_device`,
    FILE,
    'never',
    since(code, '6.1')
      ? [
          ...dev_iommu_fwspec_get(code, 'fs'),
          ...dev_iommu_priv_get(code, 'cfg'),
          get(null, 'fs', 'fwspec.ids', 'larbid = mt2701_m4u_to_larb(fwspec->ids[0])'),
          get(null, 'cfg', dataField(code, 'larb_imu'), 'larbdev = data->larb_imu[larbid].dev'),
        ]
      : [...ownedFwspec(code), call(iommu_fwspec_free(code))],
  );

export const mtkV1: Driver = {
  name: 'mtk_iommu_v1',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'the client gets its DMA operations from probe_finalize (arm_iommu_attach_device), which is left out: that it is bound without IOMMU says only that of_iommu_configure() gave it none',
    'one phandle, one larb',
    'from v6.8 the walk needs an fwspec and nothing leaves one behind',
    'the shape 5.10 is that of 5.10 itself, which does not free an fwspec that is there',
  ],
  probe: 'mtk_iommu_v1_probe',
  class: 'neither',
  privIsAllocated: false,
  of_xlate: () => null,
  probe_device,
  device_group: null,
  attach_dev,
  release_device,
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
