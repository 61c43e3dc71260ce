/**
 * drivers/iommu/ipmmu-vmsa.c with CONFIG_IOMMU_DMA (R-Car Gen3). Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13; v5.7 from the patch that replaced
 * add_device(). The instance is priv.
 */

import {
  back,
  call,
  ERR,
  get,
  isNull,
  load,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  put,
  set,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import { drvdata, fail, groupOfInstance, instance, ok, probeByPriv } from './shared.ts';

const FILE = 'drivers/iommu/ipmmu-vmsa.c';

/** platform_set_drvdata() comes after iommu_device_register(), and NULL is stored until then; from v6.15 before it. */
const late = (code: Code): boolean => !since(code, '6.15');

/** ipmmu_init_platform_device(), static with one caller: written into it, as compilers do. */
const stored = (code: Code): readonly Node[] => [
  ...(late(code)
    ? [
        load('tmp', 'late_data', 'platform_get_drvdata(ipmmu_pdev)') as Node,
        when(isNull('tmp'), [set('cfg', 0)], [instance]),
      ]
    : [instance]),
  ...dev_iommu_priv_set(code, 'cfg'),
];

const of_xlate = (code: Code): Procedure =>
  procedure('ipmmu_of_xlate', FILE, 'never', [
    // Its result is ignored.
    call(iommu_fwspec_add_ids(code)),
    ...dev_iommu_priv_get(code, 'cfg'),
    when(nonNull('cfg'), [ok, back]),
    ...stored(code),
    ok,
  ]);

const attach_dev = (code: Code): Procedure =>
  procedure('ipmmu_attach_device', FILE, 'never', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    ...dev_iommu_priv_get(code, 'cfg'),
    when(isNull('cfg'), fail(ERR.ENODEV)),
    get(null, 'fs', 'fwspec.num_ids', 'i < fwspec->num_ids'),
    ok,
  ]);

/** Read in 6.12, which disables each of the fwspec's micro TLBs; before it only what 32-bit ARM has for the domain. */
const release_device = (code: Code): Procedure | null =>
  since(code, '6.11')
    ? procedure('ipmmu_release_device', FILE, 'never', [
        ...dev_iommu_fwspec_get(code, 'fs'),
        ...dev_iommu_priv_get(code, 'cfg'),
        get('tmp', 'fs', 'fwspec.num_ids', 'i < fwspec->num_ids'),
        when(nonNull('tmp'), [
          get(null, 'fs', 'fwspec.ids', 'utlb = fwspec->ids[i]'),
          put('cfg', 'cfg:ipmmu_vmsa_device.utlb_ctx', 1, 'mmu->utlb_ctx[utlb] = IPMMU_CTX_INVALID'),
        ]),
        get(null, 'cfg', 'cfg:ipmmu_vmsa_device.mapping', 'arm_iommu_release_mapping(mmu->mapping)'),
      ])
    : null;

export const ipmmu: Driver = {
  name: 'ipmmu-vmsa',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'without CONFIG_IOMMU_DMA (R-Car Gen2), and for the root IPMMU, which registers nothing, it is another driver',
    'that v6.15 is the first release with drvdata before the registration is inferred: 6.12 has it after, 7.2 before',
  ],
  probe: 'ipmmu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate,
  probe_device: probeByPriv('ipmmu', FILE),
  device_group: groupOfInstance('ipmmu_find_group', FILE, 'cfg:ipmmu_vmsa_device.group'),
  attach_dev,
  release_device,
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [],
  after_register: (code) => (late(code) ? [drvdata] : []),
};
