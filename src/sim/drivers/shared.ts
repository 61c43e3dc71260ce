/** What several drivers do alike. */
import type { Code } from '../code.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get, dev_iommu_priv_set } from '../procedures/accessors.ts';
import {
  alloc,
  back,
  ERR,
  get,
  IOMMU_DEV,
  isNull,
  type Node,
  type Procedure,
  procedure,
  set,
  store,
  when,
} from '../program.ts';

export const nothing = (): readonly Node[] => [];
export const ok = set('err', ERR.OK);
export const fail = (err: number): readonly Node[] => [set('err', err), back];
export const found = set('own', IOMMU_DEV.VALID);

/** No fwspec, or one that is not this driver's: -ENODEV (all drivers with this test, up to v6.7). */
export const ownFwspec = (code: Code): readonly Node[] => [
  ...dev_iommu_fwspec_get(code, 'fs'),
  when(isNull('fs'), fail(ERR.ENODEV)),
  get('tmp', 'fs', 'fwspec.ops', 'fwspec->ops == &ops?'),
  when(isNull('tmp'), fail(ERR.ENODEV)),
];

/** The instance as priv: a cfg object that is complete from the start. */
export const instance = alloc('cfg', 'cfg', { 'cfg:ready': 1 });

/** A client's own data, allocated by probe_device once the instance is known. */
export const ownMaster: readonly Node[] = [
  alloc('cfg', 'cfg', { 'cfg:ready': 1 }),
  ...dev_iommu_priv_set('cfg'),
  found,
  ok,
];

/** Stores the instance only where priv is still NULL. */
export const privOnce = (code: Code): readonly Node[] => [
  ...dev_iommu_priv_get(code, 'cfg'),
  when(isNull('cfg'), [instance, ...dev_iommu_priv_set('cfg')]),
];

/** probe_device of the drivers that ask for priv only. */
export const probeByPriv =
  (fn: string, file: string) =>
  (code: Code): Procedure =>
    procedure(fn, file, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      when(isNull('cfg'), fail(ERR.ENODEV)),
      found,
      ok,
    ]);

/** device_group of the drivers whose group hangs off their instance: priv is followed without a test. */
export const groupOfInstance =
  (fn: string, file: string, field: `cfg:${string}`) =>
  (code: Code): Procedure =>
    procedure(fn, file, 'never', [
      ...dev_iommu_priv_get(code, 'cfg'),
      get(null, 'cfg', field, 'iommu_group_ref_get(iommu->group)'),
    ]);

/** Where a driver that does so sets its drvdata only after iommu_device_register(). */
export const drvdata = store('late_data', 1, 'platform_set_drvdata(pdev, data)');
