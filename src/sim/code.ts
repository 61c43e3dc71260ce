/**
 * What distinguishes one era's code from another's: the few features that the patches changed. Procedures are functions of this record, so an
 * era is a small difference from its neighbour (src/sim/eras/).
 */
import type { Driver } from './drivers/driver.ts';
import type { EraId } from './types.ts';

/**
 * How far iommu_probe_device_lock reaches.
 * 'none': it does not exist. 'static': inside __iommu_probe_device() only (01657bc14a39). 'global': taken by the callers, and by
 * of_iommu_configure() around the translation (a2e7e59a9426).
 */
export type LockScope = 'none' | 'static' | 'global';

/**
 * The code that a part of the model was read from, oldest first: a version stands for those after it until the next one. '5.7': add_device().
 * '5.10': probe_device(). '6.1': dev_iommu_ops(). '6.6': iommu_init_device() (aa0958570f24). '6.8': no bus ops (17de3f5fdd35). '6.11': no
 * half-made fwspec. '6.15': dma_configure() inside the walk (bcb81ac6ae3c).
 */
export const SHAPES = ['5.7', '5.10', '6.1', '6.6', '6.8', '6.11', '6.15'] as const;
export type Shape = (typeof SHAPES)[number];

/** Is this code of that shape or a later one? */
export function since(code: { readonly shape: Shape }, shape: Shape): boolean {
  return SHAPES.indexOf(code.shape) >= SHAPES.indexOf(shape);
}

/** What arm-smmu does with a client whose SMMU is not bound yet: goes on with a NULL smmu, defers it, or finds the SMMU all the same. */
export type SmmuBound = 'null' | 'defer' | 'found';

export interface EraCode {
  readonly id: EraId;
  readonly lock: LockScope;
  /** 'bus_set_iommu': one walk per driver and bus, after iommu_device_register(). 'register': every iommu_device_register() walks (57365a04c921). */
  readonly walk: 'bus_set_iommu' | 'register';
  /** dev_iommu_free(): frees first and stores NULL afterwards, or (b54240ad4943) NULL first. */
  readonly free: 'free-then-null' | 'null-then-free';
  /** Shape of __iommu_probe_device(): 5.10's, 6.1's (dev_iommu_ops()), or 6.6's with iommu_init_device() (aa0958570f24). */
  readonly shape: Shape;
  /**
   * of_iommu_configure() calls iommu_probe_device() if the device has no group, or (f188056352bc) always, or (bcb81ac6ae3c) only if dev->iommu was
   * absent when it began.
   */
  readonly replay: 'if-ungrouped' | 'always' | 'if-absent';
  /** What of_iommu_configure() undoes on error: nothing; the fwspec (v6.11); or (3832862eb9c4) dev->iommu too where it was absent when it began. */
  readonly undo: 'nothing' | 'fwspec' | 'all-it-made';
  /** iommu_device_use_default_domain() answers -EPROBE_DEFER while the group has no default domain (b46064a18810). */
  readonly defaultDomain: 'unchecked' | 'checked';
  /** iommu_init_device() looks again at dev->iommu and the group after it had dropped the lock for dma_configure() (0c8e9c148e29). */
  readonly recheck: boolean;
  /**
   * iommu_release_device() frees dev->iommu without iommu_probe_device_lock, in every version. 'never' is no kernel: without the release, what else can
   * crash (src/sim/hypotheses/explored.ts)?
   */
  readonly release: 'unlocked' | 'never';
  /** How often amba_dma_configure() reads dev->driver (v6.15: twice, up to 7.3.4; the patch that ends it was not in it). */
  readonly amba: 'reads dev->driver twice' | 'reads dev->driver once';
  /** iommu_fwspec_init() defers a device without dev->iommu until the instance's walks are over (da33e87bd2bf). */
  readonly ready: boolean;
  /** Where a release differs from what most of its era do (SMMU_BOUND in drivers/arm-smmu.ts). */
  readonly smmuBound?: SmmuBound;
}

/** 'compiled': an accessor that tests dev->iommu and follows it loads it once. 'source': every load in the source is a step. */
export type Granularity = 'compiled' | 'source';

/** The bus that the client is on. Up to v6.14 their dma_configure() differ in name only. */
export type Bus = 'platform' | 'amba';

/** An era's code with a driver, ready to be written out as procedures. */
export interface Code extends EraCode {
  readonly granularity: Granularity;
  readonly driver: Driver;
  readonly bus: Bus;
  /** Client devices on the bus that a walk finds. */
  readonly devices: 1 | 2;
}
