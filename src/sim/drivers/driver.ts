/** What a driver contributes: of_xlate, probe_device, device_group, attach_dev, and the order of its own probe. One file a driver beside this one. */
import type { Code } from '../code.ts';
import type { Node, Procedure } from '../program.ts';

export interface Driver {
  /** As `--driver` takes it and reports print it. */
  readonly name: string;
  readonly file: string;
  /** The platform driver's probe function: the frame under iommu_device_register(). */
  readonly probe: string;
  /** of_xlate stores dev_iommu.priv, or only adds ids (drivers.json: common.class_*). */
  readonly class: 'priv_set' | 'add_ids';
  /** priv is allocated for each client (dev_iommu_free() then leaks it), or is the instance itself. */
  readonly privIsAllocated: boolean;
  readonly of_xlate: (code: Code) => Procedure;
  /** Leaves `err`, and on success the iommu_device in `own`. */
  readonly probe_device: (code: Code) => Procedure;
  /** device_group() as far as it touches shared state; null where it touches none (generic_device_group). */
  readonly device_group: ((code: Code) => Procedure) | null;
  /** attach_dev() likewise. */
  readonly attach_dev: ((code: Code) => Procedure) | null;
  /** Between iommu_device_register() and bus_set_iommu() (5.10 order): what the driver sets there. */
  readonly before_walk: readonly Node[];
  /** After iommu_device_register() (or bus_set_iommu()) returned, before the driver's probe returns. */
  readonly after_register: (code: Code) => readonly Node[];
}
