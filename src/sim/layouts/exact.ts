/** The layouts of one kernel's own build, by its debug information: they stand in place of the known ones (structs.ts) wherever they are there. */
import type { StructLayout, StructName } from './structs.ts';

export interface Place {
  readonly offset: number;
  readonly size: number;
}

/**
 * What a vmlinux's or module's debug information says of every field that the model names. Plain data. Decoders of all processors and the readers of
 * addresses get it through `LayoutQuery.exact` (reconstruct/fault/fields.ts).
 */
export interface ExactLayouts {
  /** As reports name it: "--vmlinux vmlinux". */
  readonly name: string;
  /** Bytes of a pointer. */
  readonly word: 4 | 8;
  /** Offset of `iommu` in struct device; null where it is not told. */
  readonly deviceIommu: number | null;
  readonly structs: Readonly<Partial<Record<StructName, Readonly<Record<string, Place>>>>>;
  /** sizeof() of those. */
  readonly sizes: Readonly<Partial<Record<StructName, number>>>;
  /** Fields of drivers' own structs and others that the model names: "mtk_iommu_data.plat_data". */
  readonly others: Readonly<Record<string, Place>>;
}

/** The kernel's names of the structs that the model calls by shorter ones. */
export const KERNEL_NAMES: Readonly<Record<StructName, string>> = {
  dev_iommu: 'dev_iommu',
  fwspec: 'iommu_fwspec',
  iommu_device: 'iommu_device',
};

/** A member that tells the struct from another of the same name. */
export const TELLING_MEMBER: Readonly<Record<StructName, string>> = {
  dev_iommu: 'fwspec',
  fwspec: 'iommu_fwnode',
  iommu_device: 'ops',
};

/** Further fields that the model or the reader of faults names. */
export const OTHER_FIELDS: readonly (readonly [struct: string, field: string])[] = [
  ['apple_dart_master_cfg', 'stream_maps'],
  ['mtk_iommu_data', 'plat_data'],
  ['arm_smmu_device', 'dev'],
  ['arm_smmu_device', 'streamid_mask'],
  ['amba_driver', 'driver_managed_dma'],
  ['iommu_ops', 'of_xlate'],
  ['device', 'devres_lock'],
  ['device', 'numa_node'],
  ['msm_iommu_ctx_dev', 'num_mids'],
];

/** The exact layout in the form of a known one: of any era and version. Null where it does not say. */
export function layoutOf(exact: ExactLayouts, struct: StructName): StructLayout | null {
  const fields = exact.structs[struct];
  if (fields === undefined) return null;
  return { struct, word: exact.word, eras: [], from: '', to: '', config: `the layout of ${exact.name}`, fields };
}
