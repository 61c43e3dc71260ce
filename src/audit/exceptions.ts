/**
 * Where the model differs from the kernel's text on purpose, each with its reason: what of a function is left out, steps that stand for what no text of that function
 * shows, functions that are not looked into. Whatever is not on these lists is a difference, and fails the audit.
 */

/** Functions that are not looked into where a body calls them, though they may do what the model has elsewhere. */
export const NOT_FOLLOWED: ReadonlyMap<string, string> = new Map([
  [
    'iommu_setup_dma_ops',
    'the default domain is set up under the lock or the group mutex, by whoever stored dev->iommu',
  ],
  ['viommu_probe_endpoint', 'a virtio-iommu without VIRTIO_IOMMU_F_PROBE'],
  ['rk_iommu_detach_device', 'only from another domain; it asks for priv again, and tests it'],
  ['sun50i_iommu_detach_device', 'only from another domain; it asks for priv again, and tests it'],
  ['exynos_iommu_detach_device', 'only from another domain; it asks for priv again, and tests it'],
  ['rk_iommu_identity_attach', 'only from another domain; it asks for priv again, and tests it'],
  ['sun50i_iommu_identity_attach', 'only from another domain; it asks for priv again, and tests it'],
  [
    'arm_smmu_attach_dev_identity',
    'an SMMU without direct regions: it asks for priv as arm_smmu_attach_dev_blocked() does',
  ],
  ['mtk_iommu_get_bank_id', 'an IOMMU with one bank: the fwspec is asked for, and followed only where there are more'],
  [
    'mtk_iommu_get_iova_region_id',
    'an IOMMU with one region: the fwspec is asked for, and followed only where there are more',
  ],
  ['arm_smmu_ats_supported', 'an SMMU without ATS: the fwspec is asked for, and not followed'],
]);

/** Conditions that are false in every kernel of the model's: variables, and functions that ask. */
export const NEVER: ReadonlyMap<string, string> = new Map([
  ['using_legacy_binding', 'the legacy binding of arm-smmu (mmu-masters) has no "iommus"'],
  ['dev_is_pci', 'the client is on the platform or the amba bus'],
  ['dev_is_fsl_mc', 'the client is on the platform or the amba bus'],
]);

/** Other names that a function of the model has in some releases. */
export const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['platform_probe', 'platform_drv_probe'],
  ['mtk_iommu_v1_probe', 'mtk_iommu_probe'],
]);

export interface LeftOut {
  /** Functions of the model. */
  readonly fn: RegExp;
  /** Function that the text stands in, where it was written in; null: any. */
  readonly in: string | null;
  readonly event: RegExp;
  /** The text has it on ways that the model does not go; where it stands on those that the model goes, it is held. */
  readonly elsewhere?: true;
  readonly why: string;
}

const OTHERS = "the instance's probe translates nothing, and the client's own probe begins behind what is modelled";

const GROUPED = 'a device that has a group keeps its dev->iommu until it is released';

/** Events of the text that the model goes without. */
export const LEFT_OUT: readonly LeftOut[] = [
  {
    fn: /^iommu_fwspec_init$/,
    in: null,
    event: /^w iommu_fwspec\.(?:iommu_fwnode|ops)$/,
    why: 'written before the object is published: the model makes it so',
  },
  { fn: /^really_probe$/, in: null, event: /^op (?:probe|dma_configure)$|^w bound$/, why: OTHERS },
  {
    fn: /^iommu_bus_notifier$/,
    in: null,
    event: /^call iommu_release_device$|^r device\.iommu_group$/,
    why: 'BUS_NOTIFY_REMOVED_DEVICE and what notifies listeners: a client that is removed is not in the model',
  },
  {
    fn: /_probe$/,
    in: null,
    event: /^call iommu_device_unregister$/,
    why: "exits of the driver's probe behind its registration are not reached",
  },
  {
    fn: /^bus_set_iommu$/,
    in: 'iommu_bus_init',
    event: /^call iommu_bus_notifier$/,
    why: 'registered there; called for a device_add()',
  },
  {
    fn: /^iommu_group_get_for_dev$/,
    in: 'iommu_group_add_device',
    event: /^(?:r device\.iommu|r dev_iommu\.iommu_dev|op attach_dev)$/,
    why: 'only where the group has a domain already: the group of one client has none',
  },
  {
    fn: /^__iommu_probe_device$/,
    in: null,
    event: /^r device\.iommu_group$/,
    why: 'what the thread has stored itself, under the lock',
  },
  {
    fn: /^__iommu_probe_device$/,
    in: 'iommu_group_alloc_device',
    event: /^claim link$/,
    why: 'under the lock, for a device without a group: it does not fail',
  },
  {
    fn: /^iommu_init_device$/,
    in: null,
    event: /^op release_device$|^call iommu_device_unlink$/,
    elsewhere: true,
    why: 'device_group() and the link do not fail',
  },
  {
    fn: /^iommu_init_device$/,
    in: null,
    event: /^r device\.iommu$|^r dev_iommu\.iommu_dev$/,
    why: 'max_pasids and attach_deferred, which the model has not, of the object that the thread has just written to, under the lock',
  },
  ...['__iommu_device_set_domain', 'iommu_create_device_direct_mappings'].map((name) => ({
    fn: /^(?:__iommu_probe_device|iommu_setup_default_domain)$/,
    in: name,
    event: /^r device\.iommu$/,
    why: `attach_deferred and require_direct, which the model has not; ${GROUPED}`,
  })),
  {
    fn: /^iommu_setup_default_domain$/,
    in: 'iommu_group_alloc_default_domain',
    event: /^r (?:device\.iommu|dev_iommu\.iommu_dev)$/,
    why: `its ops, asked for once more; ${GROUPED}`,
  },
  {
    fn: /^iommu_setup_default_domain$/,
    in: null,
    event: /^r (?:device\.iommu|dev_iommu\.iommu_dev)$|^w iommu_group\.default_domain$/,
    elsewhere: true,
    why: 'a warning where a direct mapping fails, and what undoes a change of domain: nothing fails',
  },
  {
    fn: /^(?:iommu_deinit_device|__iommu_group_remove_device)$/,
    in: null,
    event: /^r device\.iommu_group$/,
    why: 'the group that the caller has, read once more: only a release of the same device changes it',
  },
  {
    fn: /^iommu_deinit_device$/,
    in: null,
    event: /^r device\.iommu$/,
    why: `attach_deferred, which the model has not; ${GROUPED}`,
  },
  {
    fn: /^iommu_setup_default_domain$/,
    in: 'iommu_create_device_direct_mappings',
    event: /^call iommu_get_resv_regions$/,
    elsewhere: true,
    why: 'tried again where a direct mapping failed: nothing fails',
  },
  {
    fn: /^iommu_deinit_device$/,
    in: null,
    event: /^op attach_dev$/,
    elsewhere: true,
    why: 'release_domain: no driver of the model has one',
  },
  {
    fn: /^iommu_deinit_device$/,
    in: null,
    event: /^w iommu_group\.default_domain$/,
    why: 'a group that its last device has left: who looks at it then is not followed',
  },
  {
    fn: /./,
    in: 'iommu_fwspec_ops',
    event: /^r listed$/,
    why: 'asked for without an fwspec, too: no instance of a device tree is listed without a node',
  },
  {
    fn: /^arm_smmu_attach_dev_ste$/,
    in: 'iommu_get_domain_for_dev',
    event: /^r device\.iommu_group$/,
    why: 'the domain that it leaves, for a comparison',
  },
  {
    fn: /^arm_smmu_release_device$/,
    in: null,
    event: /^r device\.iommu$/,
    why: 'dev->iommu->require_direct, which the model has not',
  },
  {
    fn: /^arm_smmu_probe_device$/,
    in: null,
    event: /^r iommu_fwspec\.ids$/,
    why: '5.10 takes their address first (master->sids = fwspec->ids), which reads nothing',
  },
  {
    fn: /^arm_smmu_probe_device$/,
    in: 'dev_iommu_priv_set',
    event: /^r device\.iommu$|^w dev_iommu\.priv$/,
    elsewhere: true,
    why: 'the exits that put NULL into priv: memory and ids do not fail',
  },
  {
    fn: /^arm_smmu_attach_dev$/,
    in: null,
    event: /^call arm_smmu_detach_dev$/,
    why: 'only from another domain does it do anything',
  },
  {
    fn: /^viommu_detach_dev$/,
    in: null,
    event: /^r iommu_fwspec\.(?:num_ids|ids)$/,
    elsewhere: true,
    why: 'only where a domain is attached',
  },
  {
    fn: /^exynos_iommu_release_device$/,
    in: null,
    event: /^r device\.iommu_group$/,
    elsewhere: true,
    why: 'only where a domain is attached, for a warning',
  },
];

export interface Stands {
  readonly fn: RegExp;
  /** The step's text, or the event of a call; null: all of them. */
  readonly text: string | null;
  readonly why: string;
}

/** Steps of the model that no text of their function shows. */
export const STANDS_FOR: readonly Stands[] = [
  {
    fn: /^really_probe$/,
    text: 'iommu_get_domain_for_dev(dev)',
    why: "what the client's driver finds when it asks, behind all this",
  },
  {
    fn: /_probe$/,
    text: 'bus_set_iommu() at the initcall',
    why: 'long before: in the model it stands where it first makes a difference',
  },
  {
    fn: /^rk_iommu_of_xlate$/,
    text: 'devres_add(dma_dev, ...)',
    why: 'inside devm_kzalloc(), which follows the device that it is given',
  },
  {
    fn: /^arm_smmu_probe_device$/,
    text: 'sid = master->sids[i]',
    why: "in 5.10 through the address of the fwspec's ids, which is another struct's member by then",
  },
  {
    fn: /^qcom_iommu_of_xlate$/,
    text: 'list_add(&master->list, &iommu->ctx_list), spin_unlock_irqrestore(&msm_iommu_lock)',
    why: 'msm_iommu_lock makes all of it one step for who looks at the list: it stands where the lock is dropped',
  },
];

const POINTERS = 'a chain of pointers: who is called is not in its text';

/** Functions of the model that are not held, each with the reason. */
export const NOT_HELD: readonly (readonly [RegExp, string])[] = [
  [/^device_add$/, POINTERS],
  [
    /^device_release_driver_internal$|^platform_remove$| remove$/,
    `the IOMMU driver's unbind, down to iommu_device_unregister(): ${POINTERS}`,
  ],
  [/^krealloc$/, "the allocator's own, of which the model has that it looks at the object"],
  [/^caller_of_dev_iommu_priv_set$/, 'no function of the kernel'],
];
