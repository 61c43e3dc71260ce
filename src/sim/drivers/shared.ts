/** What several drivers do alike. */

import {
  alloc,
  back,
  call,
  ERR,
  get,
  IOMMU_DEV,
  isNull,
  load,
  type Node,
  type Procedure,
  procedure,
  put,
  type Register,
  reg,
  set,
  store,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import { type Code, since } from '../procedures/code.ts';
import { instanceState } from '../procedures/fwspec.ts';

export const nothing = (): readonly Node[] => [];
export const ok = set('err', ERR.OK);
export const fail = (err: number): readonly Node[] => [set('err', err), back];
export const found = set('own', IOMMU_DEV.VALID);

/** ops->probe_device() came with v5.8; the same work was ops->add_device()'s in v5.7. */
export const probeName = (code: Code, prefix: string): string =>
  `${prefix}_${since(code, '5.10') ? 'probe_device' : 'add_device'}`;

/** No fwspec, or one that is not this driver's: -ENODEV. Up to v6.7: e7080665c977 left the test to the core. Leaves the fwspec in `fs`. */
export const ownFwspec = (code: Code): readonly Node[] =>
  since(code, '6.8')
    ? []
    : [
        ...dev_iommu_fwspec_get(code, 'fs'),
        when(isNull('fs'), fail(ERR.ENODEV)),
        get('tmp', 'fs', 'fwspec.ops', 'fwspec->ops == &ops?'),
        when(isNull('tmp'), fail(ERR.ENODEV)),
      ];

/** The same for a driver that goes on to use the fwspec: from v6.8 it loads it and does not test it. */
export const fwspecOf = (code: Code): readonly Node[] =>
  since(code, '6.8') ? dev_iommu_fwspec_get(code, 'fs') : ownFwspec(code);

/** A driver that reads "iommus" itself finds none of its instances behind an entry that never registers. */
export const elsewhere = (code: Code): readonly Node[] | null => (code.entries[0] === 0 ? fail(ERR.ENODEV) : null);

/** The instance as priv: a cfg object that is complete from the start. */
export const instance = alloc('cfg', 'cfg', { 'cfg:ready': 1 });

/** A client's own data, allocated by probe_device once the instance is known. */
export const ownMaster = (code: Code): readonly Node[] => [
  alloc('cfg', 'cfg', { 'cfg:ready': 1 }),
  ...dev_iommu_priv_set(code, 'cfg'),
];

/** Stores the instance only where priv is still NULL. */
export const privOnce = (code: Code): readonly Node[] => [
  ...dev_iommu_priv_get(code, 'cfg'),
  when(isNull('cfg'), [instance, ...dev_iommu_priv_set(code, 'cfg')]),
];

/** exynos, msm, omap, rockchip and tegra kept their data in dev->archdata.iommu up to v5.8, where dev_iommu_free() does not reach it. */
export const archdataGet = (code: Code, dst: Register = 'cfg'): readonly Node[] =>
  since(code, '5.10')
    ? dev_iommu_priv_get(code, dst)
    : [load(dst, 'dev->archdata.iommu', 'priv = dev->archdata.iommu')];
export const archdataSet = (code: Code): readonly Node[] =>
  since(code, '5.10')
    ? dev_iommu_priv_set(code, 'cfg')
    : [store('dev->archdata.iommu', reg('cfg'), 'dev->archdata.iommu = priv')];

/** probe_device of the drivers that ask for priv only. */
export const probeByPriv =
  (prefix: string, file: string) =>
  (code: Code): Procedure =>
    procedure(probeName(code, prefix), file, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      found,
      ok,
    ]);

/** v6.7: the group hangs off the iommu_device; dev->iommu and its iommu_dev, which iommu_init_device() has just set, are followed without a test. */
export const generic_single_device_group: Procedure = procedure(
  'generic_single_device_group',
  'drivers/iommu/iommu.c',
  'never',
  [
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    get('idev', 'p', 'dev_iommu.iommu_dev', 'iommu_dev = iommu->iommu_dev'),
    get(null, 'idev', 'iommu_device.singleton_group', 'iommu_dev->singleton_group'),
  ],
);

const privGet = (code: Code): readonly Node[] => dev_iommu_priv_get(code, 'cfg');

/** device_group of the drivers with one group an instance: priv is followed without a test; from v6.7 generic_single_device_group(). */
export const groupOfInstance =
  (fn: string, file: string, field: `cfg:${string}`, priv: (code: Code) => readonly Node[] = privGet) =>
  (code: Code): Procedure =>
    since(code, '6.7')
      ? generic_single_device_group
      : procedure(fn, file, 'never', [...priv(code), get(null, 'cfg', field, 'iommu_group_ref_get(iommu->group)')]);

/**
 * To v5.19 a release looked first whether the fwspec is the driver's own (and freed it in the end); then it does what it does unasked. Leaves the fwspec in `fs`.
 */
export const ownedFwspec = (code: Code): readonly Node[] =>
  since(code, '6.1')
    ? []
    : [
        ...dev_iommu_fwspec_get(code, 'fs'),
        when(isNull('fs'), [back]),
        get('tmp', 'fs', 'fwspec.ops', 'fwspec->ops == &ops?'),
        when(isNull('tmp'), [back]),
      ];

/** dev_iommu_priv_set(dev, NULL) in a release_device(), up to v6.7. */
export const privCleared = (code: Code): readonly Node[] =>
  since(code, '6.8')
    ? []
    : [load('p', 'dev->iommu', 'iommu = dev->iommu'), put('p', 'dev_iommu.priv', 0, 'iommu->priv = NULL')];

/** Asks for the fwspec and follows it without a test. */
export const iommu_dma_get_resv_regions = (code: Code): Procedure =>
  procedure('iommu_dma_get_resv_regions', 'drivers/iommu/dma-iommu.c', 'never', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    get(null, 'fs', 'fwspec.iommu_fwnode', 'is_of_node(dev_iommu_fwspec_get(dev)->iommu_fwnode)'),
  ]);

/** get_resv_regions() of the drivers that add regions of their own and call iommu_dma_get_resv_regions(). */
export const resvRegions =
  (fn: string, file: string, own: (code: Code) => readonly Node[] = nothing) =>
  (code: Code): Procedure =>
    procedure(fn, file, 'never', [...own(code), call(iommu_dma_get_resv_regions(code))]);

/** Where a driver does so: its drvdata is set only after iommu_device_register(). */
export const drvdata = store('late_data', 1, 'platform_set_drvdata(pdev, data)');

/** The instance that the fwspec in `fs` names, in `tmp`. `boundOnly`: driver_find_device() finds bound instances alone, and -ENODEV else; later code any on the bus. */
export const instanceByFwnode = (code: Code, boundOnly: boolean, text: string): readonly Node[] => [
  get(null, 'fs', 'fwspec.iommu_fwnode', 'fwnode = fwspec->iommu_fwnode'),
  ...(boundOnly ? [instanceState(code.entries[0]!, 'bound', 'tmp', text), when(isNull('tmp'), fail(ERR.ENODEV))] : []),
];
