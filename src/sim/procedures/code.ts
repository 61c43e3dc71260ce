/**
 * What distinguishes one era's code from another's: the few features that the patches changed. Procedures are functions of this record, so an
 * era is a small difference from its neighbour (src/sim/eras/).
 */
import type { Node, Procedure } from '../machine/program.ts';
import type { EraId } from '../types.ts';

/**
 * How far iommu_probe_device_lock reaches.
 * 'none': it does not exist. 'static': inside __iommu_probe_device() only (01657bc14a39). 'global': taken by the callers, and by
 * of_iommu_configure() around the translation (a2e7e59a9426).
 */
export type LockScope = 'none' | 'static' | 'global';

/**
 * The code that a part of the model was read from, oldest first: a version stands for those after it until the next one. '5.7': add_device().
 * '5.10': probe_device(). '5.11': tegra-smmu's of_xlate stores priv (25938c73cd79). '6.1': dev_iommu_ops(). '6.6': iommu_init_device() (aa0958570f24).
 * '6.7': iommu_dev before device_group() (e8f52d84cf0b). '6.8': no bus ops (17de3f5fdd35). '6.11': no half-made fwspec. '6.13': omap's of_xlate
 * (c9b4a3185fcb). '6.15': dma_configure() inside the walk (bcb81ac6ae3c). '6.17': virtio-iommu finds any instance, tegra-smmu frees no fwspec.
 */
export const SHAPES = ['5.7', '5.10', '5.11', '6.1', '6.6', '6.7', '6.8', '6.11', '6.13', '6.15', '6.17'] as const;
export type Shape = (typeof SHAPES)[number];

/** Is this code of that shape or a later one? */
export function since(code: { readonly shape: Shape }, shape: Shape): boolean {
  return SHAPES.indexOf(code.shape) >= SHAPES.indexOf(shape);
}

/** What arm-smmu does with a client whose SMMU is not bound yet: goes on with a NULL smmu, defers it, or finds the SMMU all the same. */
export type SmmuBound = 'null' | 'defer' | 'found';

/** Who asks whether the device has a group already, before it is probed. */
export type GroupTest = 'nobody' | 'walk' | 'probe' | 'both';

/**
 * A kernel's code as features. The eras are names for common ones (src/sim/eras/eras.ts); any consistent record can be explored and judged
 * (src/sim/eras/record.ts), as vendors' trees are hybrids.
 */
export interface EraCode {
  /** The era that it is, or of a hybrid the nearest one: its releases, layouts and frames are taken for it. */
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
  /**
   * Where a device that has a group is left alone: probe_iommu_group() before any lock (v5.8), __iommu_probe_device() under it (v6.6), or both
   * (android14-6.1 and others that took the later test into older code).
   */
  readonly groupTest: GroupTest;
  /** What of_iommu_configure() undoes on error: nothing; the fwspec (v6.11); or (3832862eb9c4) dev->iommu too where it was absent when it began. */
  readonly undo: 'nothing' | 'fwspec' | 'all-it-made';
  /** iommu_device_use_default_domain() answers -EPROBE_DEFER while the group has no default domain (b46064a18810). */
  readonly defaultDomain: 'unchecked' | 'checked';
  /** iommu_init_device() looks again at dev->iommu and the group after it had dropped the lock for dma_configure() (0c8e9c148e29). */
  readonly recheck: boolean;
  /**
   * iommu_release_device() frees dev->iommu without iommu_probe_device_lock, in every version. 'never' is no kernel: without the release, what else can
   * crash (src/sim/explored.ts)?
   */
  readonly release: 'unlocked' | 'never';
  /** How often amba_dma_configure() reads dev->driver (v6.15: twice, up to 7.3.4; the patch that ends it was not in it). */
  readonly amba: 'reads dev->driver twice' | 'reads dev->driver once';
  /** iommu_fwspec_init() defers a device without dev->iommu until the instance's walks are over (da33e87bd2bf). */
  readonly ready: boolean;
  readonly smmuBound: SmmuBound;
  /** A device is not bound before its device_add() is over ("driver core: Don't let a device probe until it's ready"): its probe cannot meet its own notifier. */
  readonly readyToProbe: boolean;
}

/**
 * 'compiled': an accessor that tests dev->iommu and follows it loads it once. 'source': every load in the source is a step. 'merged': as compiled, and loads
 * with nothing between them that could change dev->iommu are one, as compilers make of accessors in a row (machine/merge.ts).
 */
export type Granularity = 'compiled' | 'source' | 'merged';

/** Whose an entry of "iommus" is. */
export type Entry = 0 | 1 | 2;

/** The bus that the client is on. Up to v6.14 their dma_configure() differ in name only. 'acpi': the platform bus, and ACPI instead of a device tree. */
export type Bus = 'platform' | 'amba' | 'acpi';

/**
 * How many translations of this thread are open above a probe that may start another one (v6.15): a walk's probe calls dma_configure(), whose replay, if
 * the device lost its dev->iommu meanwhile, is a probe again. The model follows two; the replay of the second ends in 'nested-beyond-bound'. 'never': the
 * client's own, whose replay finds dev->driver set and translates no second time.
 */
export type Nested = 'never' | 0 | 1 | 2;

/** An era's code with a driver, ready to be written out as procedures. */
export interface Code extends EraCode {
  readonly granularity: Granularity;
  readonly driver: Driver;
  readonly bus: Bus;
  /**
   * What the client's "iommus" names, an entry each: the instance that registers (1), another one (2), or one that never registers (0). The fwspec's node is
   * the first one's.
   */
  readonly entries: readonly Entry[];
  /** Client devices on the bus that a walk finds. */
  readonly devices: 1 | 2;
  /**
   * dev->bus->dma_configure(): from v6.15 a walk's probe calls it, whose replay is a probe again. Reached through the bus here as there, so that init.ts
   * need not know of_iommu.ts, which knows it.
   */
  readonly dma_configure: (code: Code, nested: Nested) => Procedure;
}

/** A mainline release without a point: "6.13". */
export type Release = `${number}.${number}`;

/** What a driver contributes: of_xlate, probe_device, device_group, attach_dev, and the order of its own probe. One file a driver in src/sim/drivers. */
export interface Driver {
  /** As `--driver` takes it and reports print it. */
  readonly name: string;
  readonly file: string;
  /** First and last mainline release that has the driver; null: before v5.7, and to this day. */
  readonly since: Release | null;
  readonly until: Release | null;
  /** What the model of it rests on and leaves out, for a page that lists it. */
  readonly notes: readonly string[];
  /** The platform driver's probe function: the frame under iommu_device_register(). */
  readonly probe: string;
  /** of_xlate stores dev_iommu.priv, or only adds ids, or touches nothing (or there is none). */
  readonly class: 'priv_set' | 'add_ids' | 'neither';
  /** priv is allocated for each client (dev_iommu_free() then leaks it), or is the instance itself. */
  readonly privIsAllocated: boolean;
  /**
   * Once registered it stays so: `suppress_bind_attrs` keeps sysfs from unbinding it, its module is held while a device is probed (try_module_get() in
   * __iommu_probe_device(), from v6.6 in iommu_init_device()), and no exit of its probe unregisters it. Only where the source was read.
   */
  readonly staysRegistered?: true;
  /** Null where the ops have no of_xlate: the client's translation then ends without IOMMU. */
  readonly of_xlate: (code: Code) => Procedure | null;
  /** Leaves `err`, and on success the iommu_device in `own`. In v5.7 it bears the name of the add_device() that it was. */
  readonly probe_device: (code: Code) => Procedure;
  /** device_group() as far as it touches shared state; null where it touches none (generic_device_group). */
  readonly device_group: ((code: Code) => Procedure | null) | null;
  /** attach_dev() likewise; leaves `err`. */
  readonly attach_dev: ((code: Code) => Procedure) | null;
  /** What it publishes late is one for all its instances (rockchip's dma_dev), so that an earlier instance makes a difference. */
  readonly sharesData?: (code: EraCode) => boolean;
  /** release_device() likewise: called where a probe fails behind probe_device(), and by iommu_release_device(). In v5.7 nothing calls it so. */
  readonly release_device: ((code: Code) => Procedure | null) | null;
  /** get_resv_regions() likewise, for a domain of the DMA API. */
  readonly get_resv_regions: ((code: Code) => Procedure | null) | null;
  /** To v6.0, who calls bus_set_iommu(): the instance's probe, an initcall before any device is there (so that it walks over none), or nobody. */
  readonly bus_ops: 'probe' | 'initcall' | 'nobody';
  /** Between iommu_device_register() and bus_set_iommu() (5.10 order): what the driver sets there. */
  readonly before_walk: readonly Node[];
  /** After iommu_device_register() (or bus_set_iommu()) returned, before the driver's probe returns. */
  readonly after_register: (code: Code) => readonly Node[];
}
