/**
 * A kernel's release string: which version it is, which era's code it runs, and whether it carries the fix. Distribution names are read by
 * the rules of `sim/eras/vendors.ts`; what a name cannot tell stays open, as candidates and a caveat.
 */

import { known } from '../../remembered.ts';
import { FIX, LOCK, NEWEST_READ, OLDEST_READ } from '../../sim/eras/releases.ts';
import { VENDOR_RULES, type VendorRule } from '../../sim/eras/vendors.ts';
import type { EraId } from '../../sim/types.ts';
import type { FixStatus } from '../types.ts';
import {
  carries,
  eraOfVersion,
  erasBetween,
  erasFrom,
  erasOfBranch,
  eraWithFix,
  inOrder,
  statusOfEras,
} from './era.ts';
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
  const fromBuild = inBuild?.[1] === undefined ? null : parseVersion(inBuild[1]);
  const parsed = fromBuild ?? named;
  if (parsed === null) {
    return {
      release,
      version: null,
      era: null,
      eras: [],
      fix: 'unknown',
      lock: 'unknown',
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
    case 'branch':
      return open(release, version, vendor, erasOfBranch(version), `"${release}" names a branch`, null);
    case 'abi': {
      // Debian merges its own branch; Ubuntu takes fixes of the others too, so that its kernel may have the fix in any branch.
      const own = erasOfBranch(version);
      const eras =
        rule?.versionInBuild === undefined ? inOrder([...own, ...own.map((e) => eraWithFix(e, version))]) : own;
      return open(
        release,
        version,
        vendor,
        eras,
        `${vendor} name of a ${branchOf(version)} kernel`,
        rule?.caveat ?? null,
      );
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
    const until = `${what}: anything up to ${stable ? '' : 'v'}${versionText(end)} may be in it`;
    if (eras.length > 1) return open(release, version, null, eras, until, until);
    return exact(release, version, null, until);
  }
  if (DIRTY.test(suffix)) return exact(release, version, null, 'the tree had changes that were not committed');
  const local =
    suffix === '' ? null : `what "${suffix}" stands for is not known: patches on top cannot be told from it`;
  return exact(release, version, null, local);
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
  if (version.major === 6 && version.minor === 0 && version.patch >= 16) {
    caveats.push(`6.0.16 and later have ${LOCK.commit} too, which the model's era C lacks`);
  }
  const said = caveats.filter((c) => c !== null);
  return {
    release,
    version,
    era: at.era,
    eras: at.eras,
    fix: fix.status,
    lock: carries(version, LOCK).status,
    because: at.era === null ? `${fix.because}; ${at.because}` : fix.because,
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
    because: `${why}; ${says} ${FIX.commit} ("${FIX.subject}": v${FIX.mainline}, 6.6.5, 6.1.68)`,
    caveat,
    ownPatches: true,
    vendor,
  };
}
