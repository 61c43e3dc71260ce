/**
 * The fixes by which a crash is attributed (DESIGN 5): it belongs to the hypothesis whose fix makes it unreachable. They are made one after the other, each
 * on top of those before it, so that what goes with a fix belongs to its hypothesis alone.
 */
import { type EraCode, type LockScope, since } from '../procedures/code.ts';
import type { SetUp } from '../scenarios.ts';
import type { HypothesisId, ScenarioId } from '../types.ts';

export interface Fix {
  readonly hypothesis: HypothesisId;
  /** The commit; null for what no commit did, a counterfactual. */
  readonly commit: string | null;
  /** The same set-up with the fix; the very object where its code has it already, or nothing of its code is touched. */
  readonly apply: (setUp: SetUp) => SetUp;
}

/** Serialises __iommu_probe_device() with itself (v6.2). */
export const STATIC_LOCK = '01657bc14a39';
/** Holds iommu_probe_device_lock over of_iommu_configure()'s translation too (v6.7). */
export const GLOBAL_LOCK = 'a2e7e59a9426';

/** Makes the test for a group in __iommu_probe_device(), under the lock (v6.6). */
export const GROUP_TEST = '6eb4da8cf545';

const REACH: readonly LockScope[] = ['none', 'static', 'global'];

function locked(setUp: SetUp, lock: LockScope): SetUp {
  return REACH.indexOf(setUp.lock ?? setUp.era.lock) < REACH.indexOf(lock) ? { ...setUp, lock } : setUp;
}

function changed(setUp: SetUp, change: Partial<EraCode>): SetUp {
  const era = { ...setUp.era, ...change };
  return Object.values(era).join() === Object.values(setUp.era).join() ? setUp : { ...setUp, era };
}

/** No commit closes it. */
export const RELEASE: HypothesisId = 'release-vs-xlate';

/** A tree whose unregistration, and whose failed walk, frees nothing. */
export function withoutRelease(setUp: SetUp): SetUp {
  return changed(setUp, { release: 'never' });
}

export const FIXES: readonly Fix[] = [
  {
    hypothesis: 'dma-configure-toctou',
    commit: '95deee37a123',
    // Of the model's buses only amba's callback reads it twice.
    apply: (s) => (s.scenario.bus === 'amba' ? changed(s, { amba: 'reads dev->driver once' }) : s),
  },
  { hypothesis: 'probe-vs-probe', commit: STATIC_LOCK, apply: (s) => locked(s, 'static') },
  {
    hypothesis: 'probe-vs-probe',
    // For the gap that v6.15 opened in the lock; there is nothing to check again before that.
    commit: '0c8e9c148e29',
    apply: (s) => (since(s.era, '6.15') ? changed(s, { recheck: true }) : s),
  },
  { hypothesis: 'xlate-vs-probe-free', commit: GLOBAL_LOCK, apply: (s) => locked(s, 'global') },
  {
    hypothesis: 'probed-twice',
    // v6.6: the test for a group is made under the lock that the other probe held.
    commit: GROUP_TEST,
    apply: (s) => (s.era.groupTest === 'walk' ? changed(s, { groupTest: 'both' }) : s),
  },
  { hypothesis: RELEASE, commit: null, apply: withoutRelease },
];

/** The set-up with one fix more after the other, where a fix changes it. None watches for the overlap: only the era's own code is counted by it. */
export function fixedTrees(setUp: SetUp): readonly SetUp[] {
  const trees: SetUp[] = [];
  let tree = setUp;
  for (const { apply } of FIXES) {
    const fixed = withFix(tree, apply);
    if (fixed !== tree) trees.push(fixed);
    tree = fixed;
  }
  return trees;
}

/** The very object where the fix changes nothing. */
export function withFix(setUp: SetUp, apply: Fix['apply']): SetUp {
  const fixed = apply(setUp);
  return fixed === setUp ? setUp : { ...fixed, watchOverlap: false };
}

/** A scenario of its own, in one thread: nothing of the core could cure it. */
export const OWN_SCENARIO: ReadonlyMap<ScenarioId, HypothesisId> = new Map([
  ['priv-without-fwspec', 'priv-without-fwspec'],
  ['second-provider', 'second-provider'],
]);

/** What no fix of the core cures is an order inside one driver's own probe: its data are there only after iommu_device_register(). */
export const BEYOND_FIXES: HypothesisId = 'driver-data-after-registration';
