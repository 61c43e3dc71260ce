/**
 * What is known of the Android common kernels' branches: they merge stable releases, and pick besides, so that their number says too little. Data only;
 * `src/reconstruct/kernel/android.ts` reads it.
 *
 * Sources: trees of the branches as their vendors published them. android12-5.10: 5.10.198, 5.10.233. android13-5.15: 5.15.94, 5.15.123, 5.15.148 (iommu.c alone),
 * 5.15.167. android14-6.1: older trees without the fix, 6.1.135 with it, and one with another text than the stable backport's.
 */

/** Point releases at which trees of a branch were read: `last` of those without a commit, `first` of those with it; null: none was met. */
export interface Sighted {
  readonly last: number | null;
  readonly first: number | null;
}

export interface AndroidBranch {
  /** "12" of "android12". */
  readonly android: string;
  readonly branch: string;
  /** 01657bc14a39. */
  readonly lock: Sighted;
  /** a2e7e59a9426. */
  readonly fix: Sighted;
  /** of_iommu_configure() replays always where the fix is in (read: 5.15.167). */
  readonly replaysAlways?: true;
}

export const ANDROID_BRANCHES: readonly AndroidBranch[] = [
  { android: '12', branch: '5.10', lock: { last: null, first: 198 }, fix: { last: 233, first: null } },
  {
    android: '13',
    branch: '5.15',
    lock: { last: null, first: 94 },
    fix: { last: 123, first: 148 },
    replaysAlways: true,
  },
];
