/**
 * drivers/iommu/exynos-iommu.c. Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13. priv is an owner struct of each client, which of_xlate allocates. No ids.
 */

import {
  alloc,
  back,
  call,
  ERR,
  get,
  isNull,
  load,
  type Node,
  type Procedure,
  procedure,
  when,
} from '../machine/program.ts';
import { dev_iommu_priv_get } from '../procedures/accessors.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { archdataGet, archdataSet, drvdata, fail, found, ok, probeName } from './shared.ts';

const FILE = 'drivers/iommu/exynos-iommu.c';

/** platform_set_drvdata() comes after iommu_device_register() up to 6.1; bbc4d205d93f (v6.2) put the registration last. */
const late = (code: Code): boolean => !since(code, '6.6');

const of_xlate = (code: Code): Procedure =>
  procedure('exynos_iommu_of_xlate', FILE, 'never', [
    ...archdataGet(code),
    ...(late(code)
      ? [load('tmp', 'late_data', 'data = platform_get_drvdata(sysmmu)') as Node, when(isNull('tmp'), fail(ERR.ENODEV))]
      : []),
    when(isNull('cfg'), [alloc('cfg', 'cfg', { 'cfg:ready': 1 }), ...archdataSet(code)]),
    ok,
  ]);

/** The owner, tested. has_sysmmu() asks again, which compilers merge; what is followed is the first answer. */
const ownerOf = (code: Code): readonly Node[] => [
  ...archdataGet(code),
  ...(code.granularity === 'source'
    ? [...archdataGet(code, 'tmp'), when(isNull('tmp'), fail(ERR.ENODEV))]
    : [when(isNull('cfg'), fail(ERR.ENODEV))]),
];

/** has_sysmmu() where its answer ends a function that returns nothing. */
const unowned = (code: Code): readonly Node[] =>
  code.granularity === 'source'
    ? [...archdataGet(code, 'tmp'), when(isNull('tmp'), [back])]
    : [when(isNull('cfg'), [back])];

const probe_device = (code: Code): Procedure =>
  procedure(probeName(code, 'exynos_iommu'), FILE, 'never', [
    ...ownerOf(code),
    get(null, 'cfg', 'cfg:exynos_iommu_owner.controllers', 'list_first_entry(&owner->controllers, ...)'),
    found,
    ok,
  ]);

/** Up to 6.5 behind has_sysmmu(); then through exynos_iommu_identity_attach(), which follows owner without a test. */
const attach_dev = (code: Code): Procedure => {
  const domain = get(null, 'cfg', 'cfg:exynos_iommu_owner.domain', 'owner->domain');
  if (!since(code, '6.6')) {
    const tested = [...ownerOf(code), domain, ok];
    return procedure('exynos_iommu_attach_device', FILE, 'never', tested);
  }
  const identity = procedure('exynos_iommu_identity_attach', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    domain,
    ok,
  ]);
  return procedure('exynos_iommu_attach_device', FILE, 'never', [...dev_iommu_priv_get(code, 'cfg'), call(identity)]);
};

/** 5.10 asks has_sysmmu(); from 6.6 on through exynos_iommu_identity_attach(), which asks for the owner itself. None of it follows one that is NULL with a test. */
const release_device = (code: Code): Procedure => {
  const domain = get(null, 'cfg', 'cfg:exynos_iommu_owner.domain', 'owner->domain');
  const identity = procedure('exynos_iommu_identity_attach', FILE, 'never', [
    // The register of the fwspec, which this driver has no use for: the caller keeps its own owner.
    ...dev_iommu_priv_get(code, 'fs'),
    get(null, 'fs', 'cfg:exynos_iommu_owner.domain', 'owner->domain'),
  ]);
  return procedure('exynos_iommu_release_device', FILE, 'never', [
    ...archdataGet(code),
    ...(since(code, '6.1') ? [] : unowned(code)),
    since(code, '6.6') ? call(identity) : domain,
    get(null, 'cfg', 'cfg:exynos_iommu_owner.controllers', 'list_for_each_entry(data, &owner->controllers, ...)'),
  ]);
};

export const exynos: Driver = {
  name: 'exynos',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'to v6.0 bus_set_iommu() is called by a core_initcall, before there are devices: no walk meets a client',
    'an owner that has no controller yet (of_xlate between its store and list_add_tail()) gives an address beside the owner, not NULL: what the core then reads there is left out',
    'v5.7 and v5.8 keep priv in dev->archdata.iommu; the shape 5.10 is that of v5.9 and later',
    'the shape 6.1 is that of 6.1 itself; v6.2 to v6.5 set drvdata before the registration (bbc4d205d93f)',
  ],
  probe: 'exynos_sysmmu_probe',
  class: 'priv_set',
  privIsAllocated: true,
  of_xlate,
  probe_device,
  device_group: null,
  attach_dev,
  release_device,
  get_resv_regions: null,
  bus_ops: 'initcall',
  before_walk: [],
  after_register: (code) => (late(code) ? [drvdata] : []),
};
