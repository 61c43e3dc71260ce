/**
 * Which fields each kernel function reads (r) and writes (w) itself, static inline accessors counted as their caller, the likeliest to
 * fault first. It tells two readings of one offset apart. Data only; read from the kernel sources 5.10 to 7.3 (drivers/iommu/iommu.c, of_iommu.c,
 * iommu-sysfs.c and the drivers).
 */

/** "w dev_iommu.priv". */
export type Access = `${'r' | 'w'} ${string}`;

const PROBE: readonly Access[] = [
  'r iommu_device.ops',
  'r dev_iommu.fwspec',
  'w dev_iommu.iommu_dev',
  'r dev_iommu.iommu_dev',
  'r fwspec.iommu_fwnode',
  'r fwspec.ops',
  'r iommu_device.dev',
];

/** dev_iommu_ops(): dev->iommu->iommu_dev->ops, in mainline since v5.18. */
const OPS: readonly Access[] = ['r dev_iommu.iommu_dev', 'r iommu_device.ops'];

/** What a driver does with its client in probe_device(); add_ids-only drivers store priv there. */
const DRIVER_PROBE: readonly Access[] = [
  'r dev_iommu.priv',
  'r dev_iommu.fwspec',
  'r fwspec.ops',
  'w dev_iommu.priv',
  'r fwspec.num_ids',
  'r fwspec.ids',
  'r fwspec.iommu_fwnode',
];

/** What goes over the fwspec's ids. */
const IDS: readonly Access[] = ['r fwspec.num_ids', 'r fwspec.ids', 'r dev_iommu.fwspec'];
const IDS_AND_PRIV: readonly Access[] = [...IDS, 'r dev_iommu.priv'];

export const FUNCTION_ACCESSES: Readonly<Record<string, readonly Access[]>> = {
  of_iommu_configure: [
    'r fwspec.ops',
    'r dev_iommu.fwspec',
    'w fwspec.num_pasid_bits',
    'w fwspec.flags',
    'r fwspec.flags',
  ],
  of_iommu_configure_device: ['r fwspec.ops', 'r dev_iommu.fwspec'],
  acpi_iommu_configure_id: ['r fwspec.ops', 'r dev_iommu.fwspec'],
  acpi_dma_configure_id: ['r fwspec.ops', 'r dev_iommu.fwspec'],
  iort_iommu_configure_id: ['r fwspec.ops', 'r dev_iommu.fwspec', 'w fwspec.flags'],
  iommu_fwspec_init: ['w dev_iommu.fwspec', 'r dev_iommu.fwspec', 'r fwspec.ops', 'r fwspec.iommu_fwnode'],
  iommu_fwspec_free: ['w dev_iommu.fwspec', 'r fwspec.iommu_fwnode', 'r dev_iommu.fwspec'],
  iommu_fwspec_add_ids: [
    'r fwspec.num_ids',
    'w fwspec.ids',
    'w fwspec.num_ids',
    'r dev_iommu.fwspec',
    'w dev_iommu.fwspec',
  ],
  dev_iommu_free: ['r dev_iommu.fwspec', 'r fwspec.iommu_fwnode'],
  dev_iommu_priv_set: ['w dev_iommu.priv'],
  dev_iommu_priv_get: ['r dev_iommu.priv'],
  dev_iommu_fwspec_set: ['w dev_iommu.fwspec'],
  dev_iommu_fwspec_get: ['r dev_iommu.fwspec'],
  dev_iommu_ops: OPS,
  __iommu_probe_device: PROBE,
  iommu_init_device: PROBE,
  iommu_deinit_device: [
    'r dev_iommu.iommu_dev',
    'r iommu_device.ops',
    'r dev_iommu.fwspec',
    'r fwspec.iommu_fwnode',
    'r iommu_device.dev',
  ],
  iommu_release_device: ['r dev_iommu.iommu_dev', 'r iommu_device.ops', 'r dev_iommu.fwspec', 'r fwspec.iommu_fwnode'],
  iommu_device_link: ['r iommu_device.dev'],
  iommu_device_unlink: ['r iommu_device.dev'],
  iommu_probe_device: [...OPS, 'r dev_iommu.fwspec', 'r fwspec.ops'],
  probe_iommu_group: OPS,
  bus_iommu_probe: OPS,
  iommu_group_get_for_dev: OPS,
  iommu_get_resv_regions: OPS,
  iommu_get_def_domain_type: OPS,
  iommu_get_default_domain_type: OPS,
  iommu_alloc_default_domain: OPS,
  probe_get_default_domain_type: OPS,
  iommu_group_do_dma_attach: OPS,
  iommu_group_do_probe_finalize: OPS,
  iommu_setup_default_domain: OPS,
  iommu_create_device_direct_mappings: OPS,
  // of_xlate of these only calls iommu_fwspec_add_ids().
  arm_smmu_of_xlate: [],
  viommu_of_xlate: [],
  riscv_iommu_of_xlate: [],
  vsi_iommu_of_xlate: [],
  // Static functions that of_xlate or probe_device may keep out of line.
  ipmmu_init_platform_device: ['w dev_iommu.priv', 'r dev_iommu.priv'],
  insert_iommu_master: ['w dev_iommu.priv', 'r dev_iommu.priv'],
  mtk_iommu_v1_create_mapping: ['w dev_iommu.priv', 'r dev_iommu.priv', 'r dev_iommu.fwspec', 'r fwspec.ops'],
  mtk_iommu_create_mapping: ['w dev_iommu.priv', 'r dev_iommu.priv', 'r dev_iommu.fwspec', 'r fwspec.ops'],
  tegra_smmu_configure: ['r dev_iommu.fwspec', 'r fwspec.ops'],
  vsi_iommu_get_from_dev: ['r fwspec.iommu_fwnode', 'r dev_iommu.fwspec'],
  // What looks for devices to release, and what the drivers' callbacks call.
  remove_iommu_group: ['r dev_iommu.iommu_dev'],
  __iommu_group_remove_device: ['r dev_iommu.iommu_dev'],
  generic_single_device_group: ['r dev_iommu.iommu_dev', 'r iommu_device.singleton_group'],
  iommu_dma_get_resv_regions: ['r fwspec.iommu_fwnode', 'r dev_iommu.fwspec'],
  arm_smmu_master_alloc_smes: IDS_AND_PRIV,
  arm_smmu_master_free_smes: IDS,
  arm_smmu_domain_add_master: IDS,
  arm_smmu_master_install_s2crs: IDS,
  arm_smmu_insert_master: IDS,
  arm_smmu_remove_master: IDS,
  arm_smmu_attach_dev_ste: ['r dev_iommu.priv'],
  mtk_iommu_config: IDS,
  mtk_iommu_v1_config: IDS,
  qcom_iommu_init_domain: IDS,
  viommu_detach_dev: IDS,
  omap_iommu_count: ['r dev_iommu.priv'],
  exynos_iommu_identity_attach: ['r dev_iommu.priv'],
  ipmmu_find_group: ['r dev_iommu.priv'],
  gart_iommu_attach_dev: ['w dev_iommu.priv', 'r dev_iommu.priv'],
  riscv_iommu_attach_paging_domain: ['r dev_iommu.iommu_dev', 'r dev_iommu.priv'],
  tegra_smmu_release_device: ['w dev_iommu.priv'],
};

/** Drivers' own functions by the ending of their names, for drivers that are not listed above. */
export const DRIVER_ACCESSES: readonly { readonly ending: RegExp; readonly accesses: readonly Access[] }[] = [
  // Clock, DMA and PHY drivers have of_xlate callbacks too.
  { ending: /(?:iommu|smmu|dart|ipmmu)_of_xlate$/, accesses: ['w dev_iommu.priv', 'r dev_iommu.priv'] },
  { ending: /(?:iommu|smmu|dart|ipmmu)(?:_v1)?_(?:probe|add)_device$/, accesses: DRIVER_PROBE },
  {
    ending:
      /(?:iommu|smmu|dart|ipmmu)(?:_v1)?_(?:device_group|attach_dev(?:ice)?(?:_\w+)?|release_device|probe_finalize|get_resv_regions)$/,
    accesses: ['r dev_iommu.priv', 'r dev_iommu.fwspec', 'r fwspec.num_ids', 'r fwspec.ids', 'r fwspec.ops'],
  },
];

/** What `dev_iommu.priv` points to, and the field of it that the first use in the walk reads. */
export const DRIVER_PRIV: readonly {
  readonly functions: RegExp;
  readonly field: string;
  readonly from: number;
  readonly to: number;
  /** How it comes to be NULL, where that is known of the driver. */
  readonly text?: string;
}[] = [
  // struct apple_dart_master_cfg begins with its stream maps.
  {
    functions: /^apple_dart_(?:probe_device|device_group|attach_dev\w*)$/,
    field: 'apple_dart_master_cfg.stream_maps',
    from: 0,
    to: 0x200,
  },
  // struct mtk_iommu_data: registers, banks and an embedded iommu_device come before plat_data.
  {
    functions: /^mtk_iommu_(?:probe_device|device_group|release_device|get_resv_regions)$/,
    field: 'mtk_iommu_data.plat_data',
    from: 0x60,
    to: 0x400,
  },
  // struct msm_iommu_ctx_dev (32-bit): of_node, num, 32 mids before it.
  {
    functions: /^qcom_iommu_of_xlate$/,
    field: 'msm_iommu_ctx_dev.num_mids',
    from: 0x88,
    to: 0x89,
    text: 'msm_iommu looks for the master that it made by priv alone: once dev->iommu was freed, as after the failed probe of a client of two providers, the list still has the master and priv is NULL',
  },
];

/**
 * Functions without a frame of their own, or out-of-line ones of other subsystems, that fault on behalf of a caller here. `field` is what the
 * caller read to get the bad pointer.
 */
export const LEAVES: readonly {
  readonly leaf: RegExp;
  readonly caller: RegExp;
  /** A further function that must be in the trace. */
  readonly below?: RegExp;
  readonly field: string;
  readonly text: string;
}[] = [
  {
    leaf: /^(?:fwnode_handle_put|of_fwnode_put|software_node_put|of_node_put|kobject_put|fwnode_handle_get)$/,
    caller:
      /^(?:dev_iommu_free|iommu_fwspec_free|__iommu_probe_device|iommu_init_device|iommu_deinit_device|iommu_release_device)$/,
    field: 'fwspec.iommu_fwnode',
    text: 'it was handed fwspec->iommu_fwnode, so the fwspec was freed, or overwritten, when that was read',
  },
  {
    leaf: /^(?:_raw_spin_lock_irqsave|do_raw_spin_lock|queued_spin_lock_slowpath|__raw_spin_lock_irqsave|lock_acquire|__lock_acquire)$/,
    caller: /^(?:devm_kmalloc|devres_add)$/,
    below: /^rk_iommu_of_xlate$/,
    field: 'device.devres_lock',
    text: 'the lock is devres_lock of a NULL struct device (the rockchip driver sets dma_dev only after it has registered): not dev->iommu',
  },
  {
    leaf: /^(?:devm_kmalloc|__devres_alloc_node)$/,
    caller: /^(?:rk_iommu_of_xlate|devm_kmalloc)$/,
    below: /^rk_iommu_of_xlate$/,
    field: 'device.numa_node',
    text: 'it reads numa_node of a NULL struct device (the rockchip driver sets dma_dev only after it has registered): not dev->iommu',
  },
];
