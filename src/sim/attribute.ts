/**
 * Attribution by fix (DESIGN 5): a crash belongs to the race whose fix makes it unreachable. The model decides, by running the era's code with
 * 01657bc14a39's lock alone, and with a2e7e59a9426's.
 */
import { reachableWith, type Target } from './judge.ts';
import type { SetUp } from './scenarios.ts';
import type { HypothesisId } from './types.ts';

export interface Attribution {
  readonly hypothesis: HypothesisId;
  /** Reachable with the era's own code, with the static lock of 01657bc14a39, with the global one of a2e7e59a9426. */
  readonly reachable: { readonly own: boolean; readonly static: boolean; readonly global: boolean };
}

/** Over all scenarios that the log allows; null where none reaches the target. */
export function attribute(setUps: readonly SetUp[], target: Target): Attribution | null {
  const any = (lock: 'none' | 'static' | 'global' | null) =>
    setUps.some((s) => reachableWith(s, lock ?? s.lock ?? s.era.lock, target));
  const reachable = { own: any(null), static: any('static'), global: any('global') };
  if (!reachable.own) return null;
  if (reachable.global) {
    // What neither lock cures is a release, or an order inside one driver's own probe: its data are there only after iommu_device_register().
    const kept = setUps.map((s): SetUp => ({ ...s, era: { ...s.era, release: 'never' }, lock: 'global' }));
    const released = !kept.some((s) => reachableWith(s, 'global', target));
    return { hypothesis: released ? 'release-vs-xlate' : 'driver-data-after-registration', reachable };
  }
  return { hypothesis: reachable.static ? 'xlate-vs-probe-free' : 'probe-vs-probe', reachable };
}
