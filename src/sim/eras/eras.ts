/**
 * The eras' code, each as the difference that a patch made to the one before it. Ranges by release stand in releases.ts; commits and their stable
 * releases in the kernel's own changelogs, as cited there. Era A (to v5.6) has no dev_iommu: there is nothing to model, see NOT_MODELLED.
 */
import type { EraCode } from '../procedures/code.ts';
import type { EraId } from '../types.ts';

/**
 * v5.7: dev->iommu is there, and iommu_probe_device() frees it when ops->add_device() fails. Nothing is locked; dev_iommu_free() frees before it stores NULL.
 * Read: 5.7.14.
 */
const B: EraCode = {
  id: 'B',
  lock: 'none',
  walk: 'bus_set_iommu',
  free: 'free-then-null',
  shape: '5.7',
  replay: 'if-ungrouped',
  groupTest: 'nobody',
  undo: 'nothing',
  defaultDomain: 'unchecked',
  recheck: false,
  release: 'unlocked',
  amba: 'reads dev->driver twice',
  ready: false,
  smmuBound: 'null',
  readyToProbe: false,
};

/** v5.8, 5.10.0: probe_device() and bus_iommu_probe(). Read: 5.8.1. */
const B1: EraCode = { ...B, id: 'B1', shape: '5.10', groupTest: 'walk' };

/** v5.17, 5.10.101+, 5.15.24+: dev_iommu_free() stores NULL before it frees (b54240ad4943). Read: 5.10.262. */
const C: EraCode = { ...B1, id: 'C', free: 'null-then-free' };

/** v6.1-rc1: every iommu_device_register() walks every bus (57365a04c921); ops come from dev->iommu->iommu_dev (dev_iommu_ops, v5.18). */
const D: EraCode = { ...C, id: 'D', walk: 'register', shape: '6.1' };

/** v6.2-rc1, 6.1.2: a mutex inside __iommu_probe_device() (01657bc14a39). of_iommu_configure() does not take it. */
const E: EraCode = { ...D, id: 'E', lock: 'static' };

/** v6.6-rc1: iommu_init_device() (aa0958570f24), the group test under the lock, the replay unconditional (f188056352bc). */
const E2: EraCode = { ...E, id: 'E2', shape: '6.6', replay: 'always', groupTest: 'probe' };

/** v6.7-rc4, 6.6.5: the callers take the mutex, and of_iommu_configure() holds it over the translation (a2e7e59a9426). */
const F: EraCode = { ...E2, id: 'F', lock: 'global' };

/** 6.1.68: a2e7e59a9426 in the shape of 6.1: replay only without a group, the walk's group test before the lock. */
const F61: EraCode = { ...E, id: 'F61', lock: 'global' };

/** v6.8-rc1: the walk takes its ops from the fwspec and leaves devices without one alone (17de3f5fdd35). Read: 6.8.0, 6.8.1. */
const F2: EraCode = { ...F, id: 'F2', shape: '6.8' };

/**
 * v6.11-rc1: iommu_fwspec_init() looks the IOMMU up first and allocates nothing while it is not registered. Read: 6.11.11. What came to later releases of
 * the era stands in overrides.ts.
 */
const F3: EraCode = { ...F2, id: 'F3', shape: '6.11', undo: 'fwspec' };

/** v6.15.0: the walk itself calls the bus's dma_configure(), with the lock dropped (bcb81ac6ae3c; with b46064a18810 and 3832862eb9c4). */
const G: EraCode = {
  ...F3,
  id: 'G',
  shape: '6.15',
  replay: 'if-absent',
  undo: 'all-it-made',
  defaultDomain: 'checked',
  smmuBound: 'found',
};

/** v6.16-rc1, 6.15.1: two checks against the gap that G opened (0c8e9c148e29, da33e87bd2bf). Read: 7.3.4. */
const H: EraCode = { ...G, id: 'H', recheck: true, ready: true };

export const ERAS: ReadonlyMap<string, EraCode> = new Map(
  [B, B1, C, D, E, E2, F, F61, F2, F3, G, H].map((era) => [era.id, era]),
);

/** Eras whose code cannot have the race, and why. */
export const NOT_MODELLED: ReadonlyMap<string, string> = new Map([
  [
    'A',
    'to v5.6 there is no struct dev_iommu: the fwspec hangs off struct device itself, and a failing iommu_probe_device() frees dev->iommu_param, which of_xlate never touches',
  ],
]);

/** Eras whose code was put together from patches, without a tree of one of their releases: a verdict on them says so. */
export const INFERRED: ReadonlySet<EraId> = new Set();
