/** The beginning of a release, where the log has no more of it: it stands for every release that begins so, and what is said of it holds of all of them. */
import { FIX } from '../../sim/eras/releases.ts';
import type { EraId } from '../../sim/types.ts';
import type { FixStatus } from '../types.ts';
import { carries, eraOfVersion, erasFrom, erasOfBranch, inOrder, statusOfEras } from './era.ts';
import type { ReleaseIdentity } from './release.ts';
import { type KernelVersion, parseVersion } from './version.ts';

/** Majors that are looked through; the newest that was read is 7.3. */
const MAJORS = [2, 3, 4, 5, 6, 7];
const MOST_MINORS = 40;
/** Longer than any stable branch has become. */
const MOST_PATCHES = 400;
const MOST_CANDIDATES = 12;

/** The versions whose text begins so. */
function versionsOf(prefix: string): readonly KernelVersion[] {
  const found: KernelVersion[] = [];
  const add = (text: string, version: KernelVersion): void => {
    if (text.startsWith(prefix)) found.push(version);
  };
  // Of texts that begin otherwise nothing need be made.
  const may = (text: string) => text.startsWith(prefix) || prefix.startsWith(text);
  for (const major of MAJORS) {
    if (!may(`${major}`)) continue;
    for (let minor = 0; minor < MOST_MINORS; minor++) {
      const branch = `${major}.${minor}`;
      if (!may(branch)) continue;
      const at = { major, minor, patch: 0, rc: null };
      for (let rc = 1; rc <= MOST_CANDIDATES; rc++) {
        add(`${branch}-rc${rc}`, { ...at, rc });
        add(`${branch}.0-rc${rc}`, { ...at, rc });
      }
      for (let patch = 0; patch < MOST_PATCHES; patch++) add(`${branch}.${patch}`, { ...at, patch });
    }
  }
  return found;
}

/** "6.1.19, 6.1.190 to 6.1.199": what may have stood there, where few can. */
function mayBe(prefix: string): string {
  const patch = /^\d+\.\d+\.(\d{1,3})$/.exec(prefix)?.[1];
  if (patch === undefined) return 'any release that begins so';
  const more = patch.length < 3 && patch !== '0' ? [`${prefix}0 to ${prefix}9`] : [];
  const most = patch.length === 1 && patch !== '0' ? [`${prefix}00 to ${prefix}99`] : [];
  const all = [prefix, ...more, ...most];
  return `${all.join(', ')}, or any of these with more behind the number`;
}

function statusOf(versions: readonly KernelVersion[]): FixStatus {
  const all = new Set(versions.map((v) => carries(v, FIX).status));
  // What a vendor has picked shows behind the number, which is lost.
  return all.size === 1 && all.has('present') ? 'present' : 'unknown';
}

/** What the beginning of a release leaves open. */
export function identifyPrefix(prefix: string): ReleaseIdentity {
  const parsed = parseVersion(prefix);
  // Something that is no digit stands behind the number: that is whole, and whose kernel it is stood behind it.
  const numbered = parsed !== null && /^[-+~_]/.test(parsed.suffix) && !/^-rc?$/.test(parsed.suffix);
  const versions = numbered ? [parsed.version] : versionsOf(prefix);
  const eras = new Set<EraId>(versions.flatMap((v) => eraOfVersion(v).eras));
  // A distribution's name of a kernel with ".0" says the base that it was made on.
  for (const v of versions)
    if (v.patch === 0 && v.rc === null && (numbered || prefix.endsWith('.0')))
      for (const era of [...erasOfBranch(v), ...erasFrom(eraOfVersion(v).era)]) eras.add(era);
  const all = inOrder(eras);
  const fix = all.length === 0 || eras.has('A') ? statusOfEras(all) : statusOf(versions);
  const what = numbered ? `behind ${parsed.version.major}.${parsed.version.minor}.${parsed.version.patch}` : '';
  const which = numbered ? `whose tree it is stood ${what}` : `it may be ${mayBe(prefix)}`;
  const says = fix === 'present' ? 'all of them have' : fix === 'absent' ? 'none of them has' : 'not all of them have';
  return {
    release: prefix,
    version: numbered ? parsed.version : null,
    era: null,
    eras: all,
    fix: numbered && fix === 'absent' ? 'unknown' : fix,
    lock: numbered ? 'unknown' : statusOfEras(all, 'lock'),
    code: {},
    because: `the release is cut ("${prefix}"): ${which}; ${numbered && fix !== 'present' ? 'that tree may or may not have' : says} ${FIX.commit} ("${FIX.subject}")`,
    caveat: null,
    ownPatches: true,
    vendor: null,
  };
}
