/** What a driver contributes: of_xlate, probe_device, device_group, attach_dev, and the order of its own probe. One file a driver beside this one. */
import type { Code } from '../code.ts';
import type { Node, Procedure } from '../program.ts';

/** A mainline release without a point: "6.13". */
export type Release = `${number}.${number}`;

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
   * __iommu_probe_device(), from v6.6 in iommu_init_device()), and its probe has no error exit behind iommu_device_register(). Only where the source was read.
   */
  readonly staysRegistered?: true;
  /** release_device() frees what priv points to; false where it is kept, or belongs to the instance. */
  readonly releasesPriv: boolean;
  /** Null where the ops have no of_xlate: the client's translation then ends without IOMMU. */
  readonly of_xlate: (code: Code) => Procedure | null;
  /** Leaves `err`, and on success the iommu_device in `own`. In v5.7 it bears the name of the add_device() that it was. */
  readonly probe_device: (code: Code) => Procedure;
  /** device_group() as far as it touches shared state; null where it touches none (generic_device_group). */
  readonly device_group: ((code: Code) => Procedure | null) | null;
  /** attach_dev() likewise; leaves `err`. */
  readonly attach_dev: ((code: Code) => Procedure) | null;
  /** To v6.0, who calls bus_set_iommu(): the instance's probe, an initcall before any device is there (so that it walks over none), or nobody. */
  readonly bus_ops: 'probe' | 'initcall' | 'nobody';
  /** Between iommu_device_register() and bus_set_iommu() (5.10 order): what the driver sets there. */
  readonly before_walk: readonly Node[];
  /** After iommu_device_register() (or bus_set_iommu()) returned, before the driver's probe returns. */
  readonly after_register: (code: Code) => readonly Node[];
}
