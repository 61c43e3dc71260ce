/** Which release of a branch carries the fix, and what its users can do where none does. Suggestions are marked as such. */

import { ENDED_WITHOUT_FIX, FIX, LOCK } from '../../sim/eras/releases.ts';
import { carries, eraOfVersion } from './era.ts';
import { branchOf, compareVersions, type KernelVersion, versionOf, versionText } from './version.ts';

export interface FixAdvice {
  /** "6.1.y". */
  readonly branch: string;
  /** First release of that branch with a2e7e59a9426 ("6.1.68", "6.7-rc4", "6.8.0"), or null: it has none. */
  readonly fixedIn: string | null;
  /** Does `version` itself carry it. */
  readonly fixed: boolean;
  /** What is so. */
  readonly fact: string;
  /** What to do, worded as a suggestion; null where there is nothing to do. */
  readonly suggestion: string | null;
}

/** For a branch without the fix, and where the branch is not known. */
export const MOVE = 'move to 6.6.5, 6.1.68 or any later release of those branches, or to 6.7 or newer';

/** For the branch of `version`: the release with a2e7e59a9426, or how to get it. */
export function fixAdvice(version: KernelVersion): FixAdvice {
  const branch = branchOf(version);
  const stable = FIX.stable.find((s) => s.branch === branch);
  const mainline = versionOf(FIX.mainline);
  const fixed = carries(version, FIX).status === 'present';
  const of = `${branch}.y`;

  if (eraOfVersion(version).era === 'A') {
    return {
      branch: of,
      fixedIn: null,
      fixed: false,
      fact: `${of} is older than v5.7: dev->iommu, which this race is about, is not there, and ${FIX.commit} does not apply`,
      suggestion: null,
    };
  }
  if (stable !== undefined) {
    const first = `${branch}.${stable.from}`;
    return {
      branch: of,
      fixedIn: first,
      fixed,
      fact: `${of} has ${FIX.commit} since ${first}`,
      suggestion: fixed ? null : `update to ${first} or later`,
    };
  }
  if (compareVersions({ ...version, patch: 0, rc: null }, mainline) > 0) {
    const first = branch === branchOf(mainline) ? FIX.mainline : `${branch}.0`;
    return {
      branch: of,
      fixedIn: first,
      fixed,
      fact: `${of} has ${FIX.commit} since v${FIX.mainline}`,
      suggestion: fixed ? null : `update to ${first} or later`,
    };
  }
  const ended = ENDED_WITHOUT_FIX[branch];
  const hasLock = carries(version, LOCK).status === 'present';
  const fact = `no release of ${of} has ${FIX.commit}${ended === undefined ? '' : `; the branch ended at ${branch}.${ended}`}${
    hasLock ? '' : `, and ${versionText(version)} does not have ${LOCK.commit} ("${LOCK.subject}"), on which it builds`
  }`;
  const backport = hasLock
    ? `backport ${FIX.commit}`
    : `backport ${LOCK.commit} first and then ${FIX.commit} (Robin Murphy's own backport to 6.1.y, in 6.1.68, is the nearest model)`;
  return { branch: of, fixedIn: null, fixed: false, fact, suggestion: `${MOVE}; or ${backport}` };
}

/** The first release after `version`, of whatever branch, that carries the fix: "6.6.5" for any 6.5, "6.1.68" for any 5.10; null where none does. */
export function nextFixed(version: KernelVersion): string | null {
  const first = [...FIX.stable.map((s) => `${s.branch}.${s.from}`), FIX.mainline].sort((a, b) =>
    compareVersions(versionOf(a), versionOf(b)),
  );
  return first.find((release) => compareVersions(versionOf(release), version) > 0) ?? null;
}
