/**
 * Which kernel version runs which era's code, and which carries the two locks. Data only; `src/reconstruct/kernel/release.ts` reads it.
 *
 * Sources: whole kernel sources (42 trees from 5.7.14 to 7.3.4), stable changelogs, and the pushes of the stable queue. Where only a review
 * mail's date gives the point release, `basis` says "inferred".
 */

import type { EraId } from '../types.ts';

/** Eras in the order in which mainline went through them; F61 stands beside F, as the same lock in the code of 6.1. */
export const ERA_ORDER: readonly EraId[] = ['A', 'B', 'B1', 'C', 'D', 'E', 'E2', 'F61', 'F', 'F2', 'F3', 'G', 'H'];

/** Eras whose of_iommu_configure() runs under iommu_probe_device_lock (a2e7e59a9426). */
export const ERAS_WITH_FIX: ReadonlySet<EraId> = new Set(['F61', 'F', 'F2', 'F3', 'G', 'H']);

/** Eras whose __iommu_probe_device() runs under a lock (01657bc14a39). */
export const ERAS_WITH_LOCK: ReadonlySet<EraId> = new Set(['E', 'E2', 'F61', 'F', 'F2', 'F3', 'G', 'H']);

/** A change that opened an era in mainline. */
export interface MainlineEra {
  readonly era: EraId;
  /** First tag that has it, "5.7-rc1"; null: older than everything listed. */
  readonly from: string | null;
  readonly commit: string | null;
  readonly subject: string;
  readonly basis: 'read' | 'inferred';
}

export const MAINLINE_ERAS: readonly MainlineEra[] = [
  {
    era: 'A',
    from: null,
    commit: null,
    subject: 'the fwspec hangs off struct device itself',
    basis: 'read',
  },
  {
    era: 'B',
    from: '5.7-rc1',
    commit: '72acd9df18f1',
    subject: 'iommu: Move iommu_fwspec to struct dev_iommu',
    basis: 'read',
  },
  {
    era: 'B1',
    from: '5.8-rc1',
    commit: null,
    subject: 'iommu: Add probe_device() and release_device() call-backs',
    basis: 'read',
  },
  {
    era: 'C',
    from: '5.17-rc3',
    commit: 'b54240ad4943',
    subject: 'iommu: Fix potential use-after-free during probe',
    basis: 'read',
  },
  {
    era: 'D',
    from: '6.1-rc1',
    commit: '57365a04c921',
    subject: 'iommu: Move bus setup to IOMMU device registration',
    basis: 'read',
  },
  {
    era: 'E',
    from: '6.2-rc1',
    commit: '01657bc14a39',
    subject: 'iommu: Avoid races around device probe',
    basis: 'read',
  },
  {
    era: 'E2',
    from: '6.6-rc1',
    commit: 'aa0958570f24',
    subject: 'iommu: Add iommu_init/deinit_device() paired functions',
    basis: 'read',
  },
  {
    era: 'F',
    from: '6.7-rc4',
    commit: 'a2e7e59a9426',
    subject: 'iommu: Avoid more races around device probe',
    basis: 'read',
  },
  { era: 'F2', from: '6.8-rc1', commit: '17de3f5fdd35', subject: 'iommu: Retire bus ops', basis: 'read' },
  { era: 'F3', from: '6.11-rc1', commit: '3e36c15fc1cc', subject: 'iommu: Remove iommu_fwspec ops', basis: 'read' },
  {
    era: 'G',
    from: '6.15-rc1',
    commit: 'bcb81ac6ae3c',
    subject: 'iommu: Get DT/ACPI parsing into the proper probe path',
    basis: 'read',
  },
  {
    era: 'H',
    from: '6.16-rc1',
    commit: 'da33e87bd2bf',
    subject: 'iommu: Handle yet another race around registration',
    basis: 'read',
  },
];

/** A stable release that moved its branch into another era. */
export interface StableEra {
  readonly branch: string;
  /** First point release of the branch with it. */
  readonly from: number;
  readonly era: EraId;
  readonly commit: string;
  readonly basis: 'read' | 'inferred';
}

export const STABLE_ERAS: readonly StableEra[] = [
  { branch: '5.10', from: 101, era: 'C', commit: 'b54240ad4943', basis: 'read' },
  { branch: '5.15', from: 24, era: 'C', commit: 'b54240ad4943', basis: 'read' },
  { branch: '5.16', from: 10, era: 'C', commit: 'b54240ad4943', basis: 'read' },
  { branch: '6.1', from: 2, era: 'E', commit: '01657bc14a39', basis: 'read' },
  { branch: '6.1', from: 68, era: 'F61', commit: 'a2e7e59a9426', basis: 'read' },
  { branch: '6.6', from: 5, era: 'F', commit: 'a2e7e59a9426', basis: 'read' },
  { branch: '6.15', from: 1, era: 'H', commit: 'da33e87bd2bf', basis: 'read' },
];

/** One of the two commits that a user may say is or is not in his kernel. */
export interface FixCommit {
  readonly commit: 'a2e7e59a9426' | '01657bc14a39';
  /** The full hash where it is known, else the 12 digits. */
  readonly hash: string;
  readonly subject: string;
  readonly mainline: string;
  /** What its own Fixes: tag names, as the review mail of 6.6.5 has it; absent where that was not read. */
  readonly fixes?: string;
  readonly stable: readonly { readonly branch: string; readonly from: number; readonly basis: 'read' | 'inferred' }[];
}

export const FIX: FixCommit = {
  commit: 'a2e7e59a9426',
  hash: 'a2e7e59a94269484a83386972ca07c22fd188854',
  subject: 'iommu: Avoid more races around device probe',
  mainline: '6.7-rc4',
  fixes: '01657bc14a39 ("iommu: Avoid races around device probe")',
  stable: [
    { branch: '6.6', from: 5, basis: 'read' },
    { branch: '6.1', from: 68, basis: 'read' },
  ],
};

export const LOCK: FixCommit = {
  commit: '01657bc14a39',
  hash: '01657bc14a39',
  subject: 'iommu: Avoid races around device probe',
  mainline: '6.2-rc1',
  stable: [{ branch: '6.1', from: 2, basis: 'read' }],
};

/** Last point release of branches that ended without the fix. */
export const ENDED_WITHOUT_FIX: Readonly<Record<string, number>> = { '6.5': 13 };

/** The newest source that was read: what a later kernel does is taken to be the same, and said so. */
export { NEWEST_READ } from './known.ts';

/** The oldest source that the model's era A was checked against; before it the IOMMU parsing code was another one. */
export const OLDEST_READ = '4.20';
