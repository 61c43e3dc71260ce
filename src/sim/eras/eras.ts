/**
 * The eras whose code this version models, each as the difference that a patch made to the one before it. Ranges by release stand in
 * releases.ts; commits and their stable releases in the kernel's own changelogs, as cited there.
 */
import type { EraCode } from '../code.ts';

/** v5.8, 5.10.0: nothing is locked, and dev_iommu_free() frees before it stores NULL. Read: patch context of b54240ad4943. */
const B1: EraCode = {
  id: 'B1',
  lock: 'none',
  walk: 'bus_set_iommu',
  free: 'free-then-null',
  shape: '5.10',
  replay: 'if-ungrouped',
};

/** v5.17, 5.10.101+, 5.15.24+: dev_iommu_free() stores NULL before it frees (b54240ad4943). Read: 5.10.262. */
const C: EraCode = { ...B1, id: 'C', free: 'null-then-free' };

/** v6.1-rc1: every iommu_device_register() walks every bus (57365a04c921); ops come from dev->iommu->iommu_dev (dev_iommu_ops, v5.18). */
const D: EraCode = { ...C, id: 'D', walk: 'register', shape: '6.1' };

/** v6.2-rc1, 6.1.2: a mutex inside __iommu_probe_device() (01657bc14a39). of_iommu_configure() does not take it. */
const E: EraCode = { ...D, id: 'E', lock: 'static' };

/** v6.6-rc1: iommu_init_device() (aa0958570f24), the group test under the lock, the replay unconditional (f188056352bc). */
const E2: EraCode = { ...E, id: 'E2', shape: '6.6', replay: 'always' };

/** v6.7-rc4, 6.6.5: the callers take the mutex, and of_iommu_configure() holds it over the translation (a2e7e59a9426). */
const F: EraCode = { ...E2, id: 'F', lock: 'global' };

/** 6.1.68: a2e7e59a9426 in the shape of 6.1: replay only without a group, the walk's group test before the lock. */
const F61: EraCode = { ...E, id: 'F61', lock: 'global' };

export const ERAS: ReadonlyMap<string, EraCode> = new Map([B1, C, D, E, E2, F, F61].map((era) => [era.id, era]));
