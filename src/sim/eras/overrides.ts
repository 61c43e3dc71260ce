/**
 * What single releases have that their era began without: features of the code by the release that brought them. Data only; `src/reconstruct/kernel/code.ts`
 * reads it, in this order.
 *
 * Sources: whole trees of 5.7.14 to 7.3.4, Debian's changelogs, announcements and pushes of the stable queue, and the kernel's own list of fixed releases for
 * CVE-2024-56568 (229e6ee43d2a).
 */
import type { Driver, EraCode } from '../procedures/code.ts';
import { ERAS } from './eras.ts';

export interface Override {
  /** The commit, or what is known of it. */
  readonly what: string;
  /** First mainline tag with it. */
  readonly mainline: string;
  /** First point release of each stable branch with it; the lowest that was read, where it may have come before. */
  readonly stable: readonly { readonly branch: string; readonly from: number }[];
  /** Only code of this shape; null: any. */
  readonly shape: EraCode['shape'] | null;
  readonly features: Partial<EraCode>;
}

export const OVERRIDES: readonly Override[] = [
  {
    what: '25938c73cd79: tegra-smmu stores priv in of_xlate',
    mainline: '5.11-rc1',
    stable: [],
    shape: '5.10',
    features: { shape: '5.11' },
  },
  {
    what: 'e8f52d84cf0b: iommu_dev is stored before device_group()',
    mainline: '6.7-rc1',
    stable: [],
    shape: '6.6',
    features: { shape: '6.7' },
  },
  {
    what: 'c9b4a3185fcb: omap has an of_xlate',
    mainline: '6.13-rc1',
    stable: [],
    shape: '6.11',
    features: { shape: '6.13' },
  },
  {
    what: '72b6f7cd89ce: virtio-iommu finds any instance; tegra-smmu frees no fwspec',
    mainline: '6.17-rc1',
    stable: [],
    shape: '6.15',
    features: { shape: '6.17' },
  },
  {
    what: '229e6ee43d2a: arm-smmu defers a client whose SMMU is not bound',
    mainline: '6.13-rc1',
    stable: [
      { branch: '5.10', from: 231 },
      { branch: '5.15', from: 174 },
      { branch: '6.1', from: 120 },
      { branch: '6.6', from: 66 },
      { branch: '6.12', from: 4 },
    ],
    shape: null,
    features: { smmuBound: 'defer' },
  },
  {
    what: '7d835134d4e1, 97cb1fa02726: arm-smmu and arm-smmu-v3 find an instance that is not bound',
    mainline: '6.14-rc1',
    stable: [],
    shape: null,
    features: { smmuBound: 'found' },
  },
  {
    what: 'b46064a18810: iommu_device_use_default_domain() defers while there is no default domain',
    mainline: '6.15-rc1',
    stable: [
      { branch: '6.6', from: 90 },
      { branch: '6.12', from: 26 },
      { branch: '6.14', from: 2 },
    ],
    shape: null,
    features: { defaultDomain: 'checked' },
  },
  {
    what: '3832862eb9c4: of_iommu_configure() takes back all that it made',
    mainline: '6.15-rc1',
    // In 6.14.y it stands right before the release of 6.14.9 (the review tree's pushes of May and June 2025).
    stable: [
      { branch: '6.12', from: 31 },
      { branch: '6.14', from: 9 },
    ],
    shape: null,
    features: { undo: 'all-it-made' },
  },
  {
    // 6.18.33 has it; in which release of 6.18.y it came was not established. v7.1 is inferred: its merge window lacks it, 7.2.13 has it.
    what: "driver core: Don't let a device probe until it's ready",
    mainline: '7.1-rc1',
    stable: [
      { branch: '5.10', from: 258 },
      { branch: '6.1', from: 175 },
      { branch: '6.12', from: 86 },
      { branch: '6.18', from: 33 },
    ],
    shape: null,
    features: { readyToProbe: true },
  },
];

/** The part of a set-up that says which features it looks at. */
interface Looks {
  readonly era: EraCode;
  readonly driver: Driver;
  readonly scenario: { readonly adds?: boolean };
}

/** Shapes that one driver alone tells from the one before them. */
const OF_DRIVER: Readonly<Record<string, string>> = {
  '5.11': 'tegra-smmu',
  '6.13': 'omap',
  '6.17': 'virtio-iommu, tegra-smmu',
};

/** arm-smmu-v3 only finds instances that are not bound, or does not. */
function looksForBound(driver: string, era: EraCode, base: EraCode): boolean {
  if (driver === 'arm-smmu-v3') return (era.smmuBound === 'found') !== (base.smmuBound === 'found');
  return driver === 'arm-smmu';
}

/**
 * The set-up without those features of its release that nothing in it looks at: then it is its era's, under the era's name, and what was explored of that is
 * found again.
 */
export function withoutUnused<S extends Looks>(setUp: S): S {
  const { era, driver, scenario } = setUp;
  const base = ERAS.get(era.id);
  if (base === undefined || base === era) return setUp;
  const code: EraCode = {
    ...era,
    ...(looksForBound(driver.name, era, base) ? {} : { smmuBound: base.smmuBound }),
    ...(scenario.adds === true ? {} : { readyToProbe: base.readyToProbe }),
    ...(OF_DRIVER[era.shape]?.includes(driver.name) === false ? { shape: base.shape } : {}),
  };
  return { ...setUp, era: JSON.stringify(code) === JSON.stringify(base) ? base : code };
}
