/**
 * A kernel's release string: which version it is, which era's code it runs, and whether it carries the fix. Distribution names are read by
 * the rules of `sim/eras/vendors.ts`; what a name cannot tell stays open, as candidates and a caveat.
 */

import { known } from '../../remembered.ts';
import { FIX, LOCK, NEWEST_READ, OLDEST_READ } from '../../sim/eras/releases.ts';
import { VENDOR_RULES, type VendorRule } from '../../sim/eras/vendors.ts';
import type { EraCode } from '../../sim/procedures/code.ts';
import type { EraId } from '../../sim/types.ts';
import type { FixStatus } from '../types.ts';
import { androidSays } from './android.ts';
import { carries, eraOfVersion, erasBetween, erasFrom, erasOfBranch, inOrder, statusOfEras, withFix } from './era.ts';
import {
  branchOf,
  compareVersions,
  type KernelVersion,
  nextCandidate,
  parseVersion,
  versionOf,
  versionText,
} from './version.ts';

export { type FixAdvice, fixAdvice } from './advice.ts';

export interface ReleaseIdentity {
  /** As given. */
  readonly release: string;
  /** Upstream version that the code is based on; null: the string names none. */
  readonly version: KernelVersion | null;
  /** Null where the string leaves more than one. */
  readonly era: EraId | null;
  readonly eras: readonly EraId[];
  /** a2e7e59a9426. */
  readonly fix: FixStatus;
  /** 01657bc14a39. */
  readonly lock: FixStatus;
  /** What the code has beyond its era and version: locks that the tree picked. */
  readonly code: Partial<EraCode>;
  /** A sentence that names the commit and the release which brought it. */
  readonly because: string;
  /** What the string cannot tell, or null. */
  readonly caveat: string | null;
  /** A tree with patches of somebody's own on top of the version, among which the fix may be. */
  readonly ownPatches: boolean;
  readonly vendor: string | null;
}

const NEXT = /(?:^|[-._])next(?=[-._+]|$)/i;
const COMMIT = /(?:^|[-._])g[0-9a-f]{7,40}(?=[-._+]|$)/i;
const DIRTY = /-dirty\b/;

/** Releases identified before: the boots of one file, and a fleet's, are of a few kernels. */
const identified = new Map<string, ReleaseIdentity>();
const MOST_IDENTIFIED = 256;

/** What `release`, and if there is one the build string of the same line ("#1 SMP Debian 6.1.76-1 (2024-02-01)"), tell of a kernel. */
export function identifyRelease(release: string, build: string | null = null): ReleaseIdentity {
  return known(identified, MOST_IDENTIFIED, `${release}\n${build ?? '\n'}`, () => identify(release, build));
}

function identify(release: string, build: string | null): ReleaseIdentity {
  const named = parseVersion(release);
  const rule = VENDOR_RULES.find((r) => matches(r, release, build));
  const inBuild = rule?.versionInBuild === undefined || build === null ? null : rule.versionInBuild.exec(build);
  const ofBuild = inBuild?.[1] === undefined ? null : parseVersion(inBuild[1]);
  // Its own compiler's version stands in a banner in the same form.
  const sameBranch = ofBuild !== null && named !== null && branchOf(ofBuild.version) === branchOf(named.version);
  const fromBuild = sameBranch ? ofBuild : null;
  const parsed = fromBuild ?? named;
  if (parsed === null) {
    return {
      release,
      version: null,
      era: null,
      eras: [],
      fix: 'unknown',
      lock: 'unknown',
      code: {},
      because: 'no kernel version stands at the start of the release string',
      caveat: null,
      ownPatches: false,
      vendor: rule?.vendor ?? null,
    };
  }
  const { version } = parsed;
  const vendor = rule?.vendor ?? null;
  // Debian's changelog version settles what its ABI name leaves open.
  const meaning = fromBuild !== null ? 'upstream' : parsed.branchOnly ? 'branch' : (rule?.number ?? 'plain');
  switch (meaning) {
    case 'upstream':
    case 'merged': {
      const said = exact(release, version, vendor, meaning === 'merged' ? (rule?.caveat ?? null) : null);
      return fromBuild === null ? said : { ...said, because: `${said.because} (version from the build string)` };
    }
    case 'picks': {
      const said = exact(release, version, vendor, rule?.caveat ?? null);
      // What the number has, no vendor takes out.
      if (said.fix === 'present' || said.era === 'A') return said;
      if (vendor !== 'Android') return picked(said);
      if (branchOf(version) === '6.6') return said;
      const { fix, lock, because, code } = androidSays(release, version);
      return { ...said, fix, because, code, lock: said.lock === 'present' ? 'present' : lock };
    }
    case 'branch':
      return open(release, version, vendor, erasOfBranch(version), `"${release}" names a branch`, null);
    case 'abi': {
      // Debian merges its own branch; Ubuntu takes fixes of the others too, so that its kernel may have the fix in any branch.
      const own = erasOfBranch(version);
      const takes = rule?.versionInBuild === undefined;
      const eras = takes ? inOrder([...own, ...own.map((e) => withFix(e).era)]) : own;
      const said = open(
        release,
        version,
        vendor,
        eras,
        `${vendor} name of a ${branchOf(version)} kernel`,
        rule?.caveat ?? null,
      );
      // In code before 01657bc14a39 the lock makes no era of its own.
      if (!takes || said.fix !== 'absent' || said.eras.includes('A')) return said;
      return {
        ...said,
        ...MAY_HAVE,
        because: `${vendor} name of a ${branchOf(version)} kernel; it may or may not have ${NAMED}`,
      };
    }
    case 'backports': {
      const base = eraOfVersion(version).eras[0]!;
      return open(
        release,
        version,
        vendor,
        erasFrom(base),
        `${vendor} kernel on the base of ${versionText(version)}`,
        rule?.caveat ?? null,
      );
    }
    case 'plain':
      return plain(release, version, parsed.suffix);
  }
}

function matches(rule: VendorRule, release: string, build: string | null): boolean {
  if (rule.release?.test(release)) return true;
  return build !== null && (rule.build?.test(build) ?? false);
}

/** No vendor known: a kernel.org release, or somebody's own tree. */
function plain(release: string, version: KernelVersion, suffix: string): ReleaseIdentity {
  const next = NEXT.test(suffix);
  const ahead = next || COMMIT.test(suffix) || suffix.endsWith('+') || suffix.includes('+-');
  if (ahead) {
    // Commits on top of a stable release end at the next one at most; those on top of a mainline tag, at the next -rc1.
    const stable = version.patch > 0 && !next;
    const end = stable ? { ...version, patch: version.patch + 1, rc: null } : nextCandidate(version);
    const eras = erasBetween(version, end);
    const what = next ? 'linux-next is ahead of its tag' : 'the tree has commits on top of its tag';
    const until = `${what}: anything up to ${stable ? '' : 'v'}${versionText(end)} may be in it${next ? '' : ', and what was picked'}`;
    const said =
      eras.length > 1 ? open(release, version, null, eras, until, until) : exact(release, version, null, until);
    // What a later branch has may be picked, but not before it was written: linux-next has what its date has.
    return next || said.fix !== 'absent' || said.eras.includes('A') ? said : picked(said);
  }
  if (DIRTY.test(suffix)) return exact(release, version, null, 'the tree had changes that were not committed');
  const local =
    suffix === '' ? null : `what "${suffix}" stands for is not known: patches on top cannot be told from it`;
  return exact(release, version, null, local);
}

const NAMED = `${FIX.commit} ("${FIX.subject}": v${FIX.mainline}, 6.6.5, 6.1.68)`;
const MAY_HAVE = { fix: 'unknown', lock: 'unknown' } as const;

/** A tree with commits of its own that cannot be seen: that its number lacks the fix does not say that it does. */
function picked(said: ReleaseIdentity): ReleaseIdentity {
  const number = versionText(said.version!);
  return {
    ...said,
    fix: 'unknown',
    lock: said.lock === 'present' ? 'present' : 'unknown',
    because: `${number} itself does not have ${NAMED}, but the tree has commits of its own, and whether it picked that one cannot be told from "${said.release}"`,
  };
}

/** The number says which code it is. */
function exact(release: string, version: KernelVersion, vendor: string | null, caveat: string | null): ReleaseIdentity {
  const at = eraOfVersion(version);
  const fix = carries(version, FIX);
  const caveats = [caveat];
  if (version.patch > 0 && version.rc !== null) {
    caveats.push(
      `a review candidate of ${branchOf(version)}.${version.patch}: a patch may have been dropped before the release`,
    );
  }
  if (compareVersions(version, versionOf(NEWEST_READ)) > 0) {
    caveats.push(`newer than ${NEWEST_READ}, the newest source that was read: taken to behave alike`);
  }
  if (compareVersions(version, versionOf(OLDEST_READ)) < 0) {
    caveats.push(`older than ${OLDEST_READ}: its IOMMU code was not read`);
  }
  const said = caveats.filter((c) => c !== null);
  return {
    release,
    version,
    era: at.era,
    eras: at.eras,
    fix: fix.status,
    lock: carries(version, LOCK).status,
    code: {},
    because: fix.because,
    caveat: said.length === 0 ? null : said.join('; '),
    ownPatches: caveat !== null,
    vendor,
  };
}

/** The string leaves several eras, or one in all its readings. */
function open(
  release: string,
  version: KernelVersion,
  vendor: string | null,
  eras: readonly EraId[],
  why: string,
  caveat: string | null,
): ReleaseIdentity {
  const fix = statusOfEras(eras);
  const says = {
    absent: 'no reading of it has',
    present: 'every reading of it has',
    unknown: 'it may or may not have',
  }[fix];
  return {
    release,
    version,
    era: eras.length === 1 ? eras[0]! : null,
    eras,
    fix,
    lock: statusOfEras(eras, 'lock'),
    code: {},
    because: `${why}; ${says} ${FIX.commit} ("${FIX.subject}": v${FIX.mainline}, 6.6.5, 6.1.68)`,
    caveat,
    ownPatches: true,
    vendor,
  };
}
