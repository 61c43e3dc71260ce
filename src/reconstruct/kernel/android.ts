/** Which of the two locks an Android common kernel has: by what was read of its branch, where its number alone says too little. */
import { ANDROID_BRANCHES, type AndroidBranch, type Sighted } from '../../sim/eras/android.ts';
import { FIX, LOCK } from '../../sim/eras/releases.ts';
import type { EraCode } from '../../sim/procedures/code.ts';
import type { FixStatus } from '../types.ts';
import { branchOf, type KernelVersion, versionText } from './version.ts';

export interface AndroidSays {
  readonly fix: FixStatus;
  readonly lock: FixStatus;
  readonly because: string;
  readonly code: Partial<EraCode>;
}

/** A commit that a branch took stays in it; before it was first met it may be there or not. */
function sighted({ last, first }: Sighted, patch: number): FixStatus {
  if (first !== null && patch >= first) return 'present';
  return last !== null && patch <= last ? 'absent' : 'unknown';
}

/** "android13-5.15", where the string names it; null for "-gki" and the like, which do not say of which Android they are. */
export function androidBranch(
  release: string,
  version: KernelVersion,
): { name: string; known: AndroidBranch | null } | null {
  const android = /android(\d{2})/.exec(release)?.[1];
  if (android === undefined) return null;
  const branch = branchOf(version);
  const known = ANDROID_BRANCHES.find((b) => b.android === android && b.branch === branch) ?? null;
  return { name: `android${android}-${branch}`, known };
}

/** What its branch says of the release; `unknown` where no tree of it was read and the number does not settle it either. */
export function androidSays(release: string, version: KernelVersion): AndroidSays {
  const found = androidBranch(release, version);
  const text = versionText(version);
  if (found?.known == null) {
    const of = found === null ? 'an Android common kernel' : found.name;
    return {
      fix: 'unknown',
      lock: 'unknown',
      because: `${of} has the stable releases up to ${text} and commits picked besides: whether ${FIX.commit} ("${FIX.subject}") is among those cannot be told from the number`,
      code: {},
    };
  }
  const { name, known } = found;
  const fix = sighted(known.fix, version.patch);
  const lock = fix === 'present' ? 'present' : sighted(known.lock, version.patch);
  const point = (patch: number) => `${known.branch}.${patch}`;
  const { last, first } = known.fix;
  const read = [
    ...(last === null ? [] : [`trees of it up to ${point(last)} do not`]),
    ...(first === null ? [] : [`those from ${point(first)} on do`]),
  ].join(', ');
  const says = { present: `${text} has`, absent: `${text} does not have`, unknown: `${text} may or may not have` }[fix];
  const picked = lock === 'present' ? ` (it picked ${LOCK.commit})` : '';
  return {
    fix,
    lock,
    because: `${name} is not ${known.branch}.y${picked}: ${says} ${FIX.commit} ("${FIX.subject}"): ${read}`,
    code:
      fix === 'present'
        ? { lock: 'global', ...(known.replaysAlways ? { replay: 'always' } : {}) }
        : lock === 'absent'
          ? {}
          : { lock: 'static' },
  };
}
