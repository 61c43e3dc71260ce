/** A kernel version's era and whether it carries the two locks, from the tables of `sim/eras/releases.ts`. */

import {
  ENDED_WITHOUT_FIX,
  ERA_ORDER,
  ERAS_WITH_FIX,
  ERAS_WITH_LOCK,
  type FixCommit,
  LOCK,
  MAINLINE_ERAS,
  STABLE_ERAS,
} from '../../sim/eras/releases.ts';
import type { EraCode } from '../../sim/procedures/code.ts';
import type { EraId } from '../../sim/types.ts';
import type { FixStatus } from '../types.ts';
import { branchOf, compareVersions, type KernelVersion, versionOf, versionText } from './version.ts';

export interface EraOfVersion {
  readonly era: EraId;
  readonly eras: readonly EraId[];
  /** Which commit, by which release, makes it this era. */
  readonly because: string;
}

const ordered = (eras: Iterable<EraId>): EraId[] => {
  const set = new Set(eras);
  return ERA_ORDER.filter((era) => set.has(era));
};

/** The era of a mainline or stable version, exact. */
export function eraOfVersion(v: KernelVersion): EraOfVersion {
  const stable = STABLE_ERAS.filter((s) => s.branch === branchOf(v) && v.patch >= s.from).at(-1);
  if (stable !== undefined) {
    return {
      era: stable.era,
      eras: [stable.era],
      because: `${versionText(v)} has ${stable.commit}, which came into ${stable.branch}.y with ${stable.branch}.${stable.from}`,
    };
  }
  // Later point releases of a branch stay with the code of its .0 unless a stable row above says otherwise.
  const tag = v.patch > 0 ? { ...v, patch: 0, rc: null } : v;
  const found = MAINLINE_ERAS.findLast((m) => m.from === null || compareVersions(tag, versionOf(m.from)) >= 0)!;
  const opened =
    found.from === null
      ? `${versionText(v)} is older than v5.7: ${found.subject}`
      : `${versionText(v)} has the code of v${found.from}${found.commit === null ? '' : ` (${found.commit})`}: ${found.subject}`;
  return { era: found.era, eras: [found.era], because: opened };
}

/** Every era that some commit between two versions of one line of development can be in. */
export function erasBetween(from: KernelVersion, to: KernelVersion): EraId[] {
  const eras = new Set<EraId>([...eraOfVersion(from).eras, ...eraOfVersion(to).eras]);
  for (const m of MAINLINE_ERAS) {
    if (m.from === null) continue;
    const at = versionOf(m.from);
    if (compareVersions(at, from) > 0 && compareVersions(at, to) <= 0) eras.add(m.era);
  }
  return ordered(eras);
}

/** Eras that the stable branch `v` belongs to has been in, from its .0 on. */
export function erasOfBranch(v: KernelVersion): EraId[] {
  const first = eraOfVersion({ ...v, patch: 0, rc: null }).eras;
  return ordered([...first, ...STABLE_ERAS.filter((s) => s.branch === branchOf(v)).map((s) => s.era)]);
}

/** The given era and all later ones: what a tree that rebases subsystems on an old base may hold. */
export function erasFrom(era: EraId): EraId[] {
  return ERA_ORDER.slice(ERA_ORDER.indexOf(era));
}

/** Eras in table order, each once. */
export function inOrder(eras: Iterable<EraId>): EraId[] {
  return ordered(eras);
}

/** Does this exact version carry the commit, and the sentence that says so. */
export function carries(v: KernelVersion, fix: FixCommit): { status: 'absent' | 'present'; because: string } {
  const name = `${fix.commit} ("${fix.subject}")`;
  const text = versionText(v);
  if (compareVersions(v, versionOf(fix.mainline)) >= 0) {
    return { status: 'present', because: `${text} has ${name}: it is in mainline since v${fix.mainline}` };
  }
  const branch = branchOf(v);
  const stable = fix.stable.find((s) => s.branch === branch);
  if (stable === undefined) {
    const ended = fix.commit === LOCK.commit ? undefined : ENDED_WITHOUT_FIX[branch];
    const branchSays =
      v.rc !== null && v.patch === 0
        ? `${text} is older`
        : ended !== undefined
          ? `${branch}.y ended at ${branch}.${ended} without it`
          : `${branch}.y never had it`;
    return {
      status: 'absent',
      because: `${text} does not have ${name}: it is in mainline since v${fix.mainline}, ${branchSays}`,
    };
  }
  const first = `${stable.branch}.${stable.from}`;
  const inferred = stable.basis === 'inferred' ? " (the number is inferred from the review mail's date)" : '';
  return v.patch >= stable.from
    ? { status: 'present', because: `${text} has ${name}: it came into ${branch}.y with ${first}${inferred}` }
    : { status: 'absent', because: `${text} does not have ${name}: it came into ${branch}.y with ${first}${inferred}` };
}

/** What a set of eras says of the fix (or of the earlier lock). */
export function statusOfEras(eras: readonly EraId[], what: 'fix' | 'lock' = 'fix'): FixStatus {
  const having = what === 'fix' ? ERAS_WITH_FIX : ERAS_WITH_LOCK;
  if (eras.length === 0) return 'unknown';
  if (eras.every((era) => having.has(era))) return 'present';
  return eras.some((era) => having.has(era)) ? 'unknown' : 'absent';
}

/** Code as an era and what differs from it: trees that a vendor picked into are no era of the kernel's own. */
export interface CodeOfTree {
  readonly era: EraId;
  readonly code: Partial<EraCode>;
}

/**
 * The same code with a2e7e59a9426 added. Where 01657bc14a39 is in, that is an era of the table, in its own shape (v6.2 to v6.5 are of 6.1's); before, the lock in
 * code of that age, whose walk is bus_set_iommu()'s.
 */
export function withFix(era: EraId): CodeOfTree {
  switch (era) {
    case 'B':
    case 'B1':
    case 'C':
      return { era, code: { lock: 'global' } };
    case 'D':
    case 'E':
      return { era: 'F61', code: {} };
    case 'E2':
      return { era: 'F', code: {} };
    default:
      return { era, code: {} };
  }
}

/** The same code with 01657bc14a39 added. */
export function withLock(era: EraId): CodeOfTree {
  if (era === 'D') return { era: 'E', code: {} };
  return { era, code: era === 'B' || era === 'B1' || era === 'C' ? { lock: 'static' } : {} };
}

/** The era of the same code with a2e7e59a9426 taken out, or null where later code was built on it. */
export function eraWithoutFix(era: EraId): EraId | null {
  switch (era) {
    case 'F61':
      return 'E';
    case 'F':
      return 'E2';
    case 'F2':
    case 'F3':
    case 'G':
    case 'H':
      return null;
    default:
      return era;
  }
}
