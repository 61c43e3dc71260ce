/**
 * How the IOMMU drivers show in a log: symbols, modules, the names they print messages under. Data only; `src/reconstruct/kernel/driver.ts` reads it.
 *
 * Sources: drivers/iommu/ of 5.10.262, 6.1.192, 6.12.117 and 7.3.4 (of_xlate callbacks, function prefixes, `.name` of the platform drivers, Makefile
 * for the modules).
 */

import type { Arch } from '../../parser/types.ts';

export interface DriverNames {
  /** As the reports and the model call it. */
  readonly name: string;
  /** The of_xlate callback, or null where it has none. */
  readonly ofXlate: string | null;
  /** Functions that are this driver's, or one of few drivers' (`shared`). */
  readonly symbols: RegExp;
  /** Functions of `symbols` that only this one of the sharing drivers has. */
  readonly own?: RegExp;
  /**
   * Module names, as after "[" in a frame and in "Modules linked in": of the Makefile, or of the source file where Kconfig only builds it in, as vendors build
   * that, too.
   */
  readonly modules: readonly string[];
  /** Names that its devices' messages are printed under: "apple-dart 231304000.iommu: ...". */
  readonly printsAs: readonly string[];
  /** The only architecture that it builds for (Kconfig), where there is one. */
  readonly arch?: Arch;
}

export const DRIVER_NAMES: readonly DriverNames[] = [
  {
    name: 'apple-dart',
    arch: 'arm64',
    ofXlate: 'apple_dart_of_xlate',
    symbols: /^apple_dart_/,
    modules: ['apple_dart'],
    printsAs: ['apple-dart'],
  },
  {
    name: 'arm-smmu',
    ofXlate: 'arm_smmu_of_xlate',
    symbols: /^arm_smmu_/,
    own: /^arm_smmu_(?:bus_init|device_cfg_probe|master_\w*smes|test_smr_masks|write_(?:context_bank|smr|s2cr|sme)|context_fault|global_fault|init_context_bank|init_domain_context|rpm_\w+|tlb_(?:sync|inv|add)_\w+|alloc_context_bank|impl_init|get_by_fwnode)$/,
    modules: ['arm_smmu'],
    printsAs: ['arm-smmu'],
  },
  {
    name: 'arm-smmu-v3',
    arch: 'arm64',
    ofXlate: 'arm_smmu_of_xlate',
    symbols: /^arm_smmu_/,
    own: /^arm_smmu_(?:cmdq_\w+|write_(?:strtab_\w+|ste|entry)|install_ste_for_dev|device_hw_probe|init_(?:strtab|queues|one_queue|l2_strtab|bypass_stes|structures)\w*|insert_master|evtq_\w+|priq_\w+|gerror_\w+|combined_irq_\w+|atc_\w+|sync_(?:ste|cd)_\w+|alloc_cd_\w+|make_\w+|sva_\w+|set_bus_ops|aux_\w+)$/,
    modules: ['arm_smmu_v3'],
    printsAs: ['arm-smmu-v3'],
  },
  {
    name: 'qcom_iommu',
    ofXlate: 'qcom_iommu_of_xlate',
    symbols: /^qcom_iommu_/,
    own: /^qcom_iommu_(?!of_xlate$)/,
    modules: ['qcom_iommu'],
    printsAs: ['qcom-iommu', 'qcom-iommu-ctx', 'qcom_iommu'],
  },
  {
    name: 'msm_iommu',
    arch: 'arm',
    ofXlate: 'qcom_iommu_of_xlate',
    symbols: /^(?:msm_iommu_|insert_iommu_master$|qcom_iommu_of_xlate$)/,
    own: /^(?:msm_iommu_|insert_iommu_master$)/,
    modules: ['msm_iommu'],
    printsAs: ['msm_iommu'],
  },
  {
    name: 'exynos',
    ofXlate: 'exynos_iommu_of_xlate',
    symbols: /^exynos_(?:iommu|sysmmu)_/,
    modules: ['exynos_iommu'],
    printsAs: ['exynos-sysmmu'],
  },
  {
    name: 'ipmmu-vmsa',
    ofXlate: 'ipmmu_of_xlate',
    symbols: /^ipmmu_/,
    modules: ['ipmmu_vmsa'],
    printsAs: ['ipmmu-vmsa'],
  },
  {
    // Up to v6.0 mtk_iommu_v1.c named its functions mtk_iommu_* too; it has no of_xlate.
    name: 'mtk_iommu',
    ofXlate: 'mtk_iommu_of_xlate',
    symbols: /^mtk_iommu_(?!v1_)/,
    own: /^mtk_iommu_(?:of_xlate|get_\w+|mm_dts_parse|isr_\w+|domain_finalise|hw_init)$/,
    modules: ['mtk_iommu'],
    printsAs: ['mtk-iommu'],
  },
  {
    name: 'mtk_iommu_v1',
    arch: 'arm',
    ofXlate: null,
    symbols:
      /^(?:mtk_iommu_v1_|mtk_iommu_(?:probe_device|probe_finalize|release_device|attach_device|create_mapping|probe)$)/,
    own: /^(?:mtk_iommu_v1_|mtk_iommu_create_mapping$)/,
    modules: ['mtk_iommu_v1'],
    printsAs: ['mtk-iommu-v1'],
  },
  {
    name: 'omap',
    arch: 'arm',
    ofXlate: 'omap_iommu_of_xlate',
    symbols: /^omap_iommu_/,
    modules: ['omap_iommu'],
    printsAs: ['omap-iommu'],
  },
  {
    name: 'rockchip',
    ofXlate: 'rk_iommu_of_xlate',
    symbols: /^rk_iommu_/,
    modules: ['rockchip_iommu'],
    printsAs: ['rk_iommu'],
  },
  {
    name: 'sprd',
    ofXlate: 'sprd_iommu_of_xlate',
    symbols: /^sprd_iommu_/,
    modules: ['sprd_iommu'],
    printsAs: ['sprd-iommu'],
  },
  {
    name: 'sun50i',
    ofXlate: 'sun50i_iommu_of_xlate',
    symbols: /^sun50i_iommu_/,
    modules: ['sun50i_iommu'],
    printsAs: ['sun50i-iommu'],
  },
  {
    // The memory controller's driver, tegra-mc, probes it.
    name: 'tegra-smmu',
    ofXlate: 'tegra_smmu_of_xlate',
    symbols: /^tegra_smmu_/,
    modules: ['tegra_smmu'],
    printsAs: ['tegra-smmu'],
  },
  {
    name: 'virtio-iommu',
    ofXlate: 'viommu_of_xlate',
    symbols: /^viommu_/,
    modules: ['virtio_iommu'],
    printsAs: ['virtio_iommu', 'virtio-iommu'],
  },
  {
    name: 'riscv',
    arch: 'riscv',
    ofXlate: 'riscv_iommu_of_xlate',
    symbols: /^riscv_iommu_/,
    modules: ['riscv_iommu'],
    printsAs: ['riscv,iommu', 'riscv_iommu_pci', 'riscv-iommu'],
  },
  {
    name: 'vsi-iommu',
    ofXlate: 'vsi_iommu_of_xlate',
    symbols: /^vsi_iommu_/,
    modules: ['vsi_iommu'],
    printsAs: ['vsi_iommu', 'vsi-iommu'],
  },
];

/** Other spellings that a user may give for --driver. */
export const DRIVER_ALIASES: Readonly<Record<string, string>> = {
  dart: 'apple-dart',
  apple_dart: 'apple-dart',
  smmu: 'arm-smmu',
  smmuv2: 'arm-smmu',
  smmuv3: 'arm-smmu-v3',
  arm_smmu: 'arm-smmu',
  arm_smmu_v3: 'arm-smmu-v3',
  'qcom-iommu': 'qcom_iommu',
  qcom: 'qcom_iommu',
  'msm-iommu': 'msm_iommu',
  'exynos-iommu': 'exynos',
  'exynos-sysmmu': 'exynos',
  ipmmu: 'ipmmu-vmsa',
  'mtk-iommu': 'mtk_iommu',
  'mtk-iommu-v1': 'mtk_iommu_v1',
  'omap-iommu': 'omap',
  'rockchip-iommu': 'rockchip',
  rk_iommu: 'rockchip',
  'sprd-iommu': 'sprd',
  'sun50i-iommu': 'sun50i',
  tegra_smmu: 'tegra-smmu',
  virtio_iommu: 'virtio-iommu',
  viommu: 'virtio-iommu',
  'riscv-iommu': 'riscv',
  vsi_iommu: 'vsi-iommu',
};

/** All names that a driver can be asked for by: one list, wherever it is printed. */
export function driverList(): string {
  return DRIVER_NAMES.map((d) => d.name).join(', ');
}
