/** Whose one crash of a log is: attribution by fix (DESIGN 5, `hypotheses/fixes.ts`), over all scenarios that the log allows. */
import { reachOf } from './asked.ts';
import { BEYOND_FIXES, FIXES, OWN_SCENARIO, RELEASE, withFix, withoutRelease } from './hypotheses/fixes.ts';
import type { Target } from './judge.ts';
import { type SetUp, silhouetteOf } from './scenarios.ts';
import type { HypothesisId } from './types.ts';

export interface Attribution {
  readonly hypothesis: HypothesisId;
  /** Commits with which it is still reachable: the era has them, or the model tried them. */
  readonly survives: readonly string[];
}

/** Null where no scenario reaches the target. */
export function attribute(setUps: readonly SetUp[], target: Target): Attribution | null {
  return attributeBy(setUps, (setUp) => reaches(setUp, target));
}

/**
 * Everybody whose it is. What a release frees after a walk that failed, no lock holds back: an outcome that is reached so stays reachable whatever the locks are.
 * Where it is there without any release as well, it is, by those other interleavings, theirs whose fix closes it then.
 */
export function owners(setUps: readonly SetUp[], target: Target): readonly Attribution[] {
  const last = attribute(setUps, target);
  if (last === null) return [];
  if (last.hypothesis !== RELEASE) return [last];
  const other = attribute(setUps.map(withoutRelease), target);
  return other === null ? [last] : [other, last];
}

/** The same of anything that a set-up can come to. */
export function attributeBy(setUps: readonly SetUp[], comes: (setUp: SetUp) => boolean): Attribution | null {
  // The bit that watches for overlap changes no behaviour, and the era's own code was explored with it just before.
  let trees = setUps.map((s): SetUp => ({ ...s, watchOverlap: true }));
  const coming = trees.filter(comes);
  if (coming.length === 0) return null;
  // What comes to it in a scenario of somebody's own alone is his.
  const owners = new Set(coming.map((s) => OWN_SCENARIO.get(s.scenario.id)));
  const [owner] = owners;
  if (owners.size === 1 && owner !== undefined) return { hypothesis: owner, survives: [] };
  trees = trees.filter((s) => !OWN_SCENARIO.has(s.scenario.id));
  const survives: string[] = [];
  for (const { hypothesis, commit, apply } of FIXES) {
    const fixed = trees.map((s) => withFix(s, apply));
    if (fixed.some((s, i) => s !== trees[i])) {
      trees = fixed;
      if (!trees.some(comes)) return { hypothesis, survives };
    }
    if (commit !== null) survives.push(commit);
  }
  return { hypothesis: BEYOND_FIXES, survives };
}

function reaches(setUp: SetUp, target: Target): boolean {
  const silhouette = silhouetteOf(setUp);
  return reachOf(setUp).faults.some((fault) => target(silhouette, fault));
}
