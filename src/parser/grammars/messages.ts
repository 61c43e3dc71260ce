/**
 * Messages that a cut line may have been going to be: printk formats with their conversions. `driver`: printed by that IOMMU driver's instances; null: by
 * the driver core or the IOMMU core for any device. Sources: drivers/iommu/**, drivers/base/dd.c, arch/arm64/mm/fault.c (5.10 to 7.3).
 */
export interface KnownMessage {
  readonly format: string;
  /** 'device': dev_printk(), "%s %s: " in front; 'plain': as it stands. */
  readonly prefix: 'device' | 'plain';
  readonly driver: string | null;
  /** True if the device in front is an IOMMU itself. */
  readonly iommu: boolean;
}

const device = (format: string): KnownMessage => ({ format, prefix: 'device', driver: null, iommu: false });
const plain = (format: string): KnownMessage => ({ format, prefix: 'plain', driver: null, iommu: false });
const iommu = (driver: string, ...formats: string[]): KnownMessage[] =>
  formats.map((format) => ({ format, prefix: 'device', driver, iommu: true }));

export const KNOWN_MESSAGES: readonly KnownMessage[] = [
  device('Adding to iommu group %d'),
  device('Removing from iommu group %d'),
  device('Failed to add to iommu group %d: %d'),
  device('Adding to IOMMU failed: %d'),
  device('late IOMMU probe at driver bind, something fishy here!'),
  device('smmu dev has not bound yet'),
  device('ignoring dependency for device, assuming no driver'),
  device('deferred probe timeout, ignoring dependency'),
  device('deferred probe pending'),
  device('deferred probe pending: %s'),
  device('probe with driver %s failed with error %d'),
  device('Driver %s requests probe deferral'),
  device('Added to deferred list'),
  device('Retrying from deferred list'),
  ...iommu(
    'apple-dart',
    'DART [pagesize %x, %d streams, bypass support: %d, bypass forced: %d] initialized',
    'DART [pagesize %x, %d streams, bypass support: %d, bypass forced: %d, AS %d -> %d] initialized',
    'DART [pagesize %x, %d streams, bypass support: %d, bypass forced: %d, locked: %d, AS %d -> %d] initialized',
  ),
  ...iommu(
    'arm-smmu',
    'probing hardware configuration...',
    'SMMUv%d with:',
    '\tstage 1 translation',
    '\tnested translation',
    '\taddress translation ops',
    '\t%scoherent table walk',
    '\tstream matching with %u register groups',
    '\t%u context banks (%u stage-2 only)',
    '\tSupported page sizes: 0x%08lx',
    '\tStage-1: %lu-bit VA -> %lu-bit IPA',
    '\tpreserved %d boot mapping%s',
  ),
  ...iommu(
    'arm-smmu-v3',
    'option mask 0x%x',
    'ias %lu-bit, oas %lu-bit (features 0x%08x)',
    'oas %lu-bit (features 0x%08x)',
    'allocated %u entries for %s',
    'msi_domain absent - falling back to wired irqs',
  ),
  ...iommu('qcom_iommu', 'iommu sec: pgtable size: %zu'),
  ...iommu('exynos-iommu', 'hardware version: %d.%d'),
  ...iommu('ipmmu-vmsa', 'Using IPMMU context %u', 'IPMMU context 0 is reserved'),
  ...iommu('mtk_iommu', 'Can only use one larb. Fail@larb%d-%d.', 'Unable to link %s'),
  ...iommu('virtio-iommu', 'input address: %u bits', 'page mask: %#llx'),
  {
    format: 'msm_iommu: device mapped at %p, irq %d with %d ctx banks',
    prefix: 'plain',
    driver: 'msm_iommu',
    iommu: true,
  },
  plain('%s: probe of %s failed with error %d'),
  plain('iommu: Default domain type: %s'),
  plain('iommu: DMA domain TLB invalidation policy: %s mode %s'),
  plain("sysfs: cannot create duplicate filename '%s'"),
  plain('Unable to handle kernel NULL pointer dereference at virtual address %016lx'),
  plain('Unable to handle kernel paging request at virtual address %016lx'),
  plain('Unable to handle kernel write to read-only memory at virtual address %016lx'),
  plain('Unable to handle kernel execute from non-executable memory at virtual address %016lx'),
  plain('Unable to handle kernel read from unreadable memory at virtual address %016lx'),
  plain('Unable to handle kernel access to hypervisor-protected memory at virtual address %016lx'),
  plain('Internal error: Oops: %016lx [#%d]%s%s'),
  plain('Internal error: Oops - BUG: %016lx [#%d]%s%s'),
  plain('BUG: kernel NULL pointer dereference, address: %px'),
  plain('BUG: unable to handle page fault for address: %px'),
  plain('BUG: KASAN: use-after-free in %pS'),
  plain('BUG: KASAN: slab-use-after-free in %pS'),
  plain('BUG: KASAN: null-ptr-deref in %pS'),
  plain('BUG: KASAN: double-free in %pS'),
  plain('WARNING: CPU: %d PID: %d at %s:%d %pS'),
  plain('Kernel panic - not syncing: %s'),
];
