/** Kernel version numbers: parsing what `uname -r` prints, ordering, and the text form that sentences use. */
import type { KernelVersion } from '../types.ts';

export type { KernelVersion } from '../types.ts';

export interface ParsedVersion {
  readonly version: KernelVersion;
  /** "6.1" without a third number or an -rc names the branch, not v6.1 itself ("v6.1" does). */
  readonly branchOnly: boolean;
  /** What follows the number, an -rcN cut off: "-403.asahi.fc39.aarch64+16k". */
  readonly suffix: string;
}

const NUMBER = /^(v?)(\d{1,3})\.(\d{1,3})(?:\.(\d{1,5}))?(?![\d])(.*)$/is;
/** "-rc3", Debian's "~rc3", Fedora's "-0.rc3.20231129git..." and the older "-20221018.rc1.git15...". */
const CANDIDATE = /^(?:[-~.]rc(\d{1,2})|-(?:0|\d{8})\.rc(\d{1,2})(?=\.))/i;

/** The version at the start of a release string, or null where none stands there. */
export function parseVersion(text: string): ParsedVersion | null {
  const m = NUMBER.exec(text.trim());
  if (m === null) return null;
  const rest = m[5] ?? '';
  const candidate = CANDIDATE.exec(rest);
  const rc = candidate === null ? null : Number(candidate[1] ?? candidate[2]);
  return {
    version: { major: Number(m[2]), minor: Number(m[3]), patch: Number(m[4] ?? 0), rc },
    branchOnly: m[1] === '' && m[4] === undefined && rc === null,
    suffix: rest.slice(candidate?.[0].length ?? 0),
  };
}

/** A version of the data tables; a bad one is a defect of this program. */
export function versionOf(text: string): KernelVersion {
  const parsed = parseVersion(text);
  if (parsed === null) throw new Error(`not a kernel version: ${text}`);
  return parsed.version;
}

/** Negative, zero or positive. Candidates come before their release. */
export function compareVersions(a: KernelVersion, b: KernelVersion): number {
  return (
    a.major - b.major ||
    a.minor - b.minor ||
    a.patch - b.patch ||
    (a.rc ?? Number.POSITIVE_INFINITY) - (b.rc ?? Number.POSITIVE_INFINITY) ||
    0
  );
}

/** "6.7-rc3", "6.7.0", "6.1.55". */
export function versionText(v: KernelVersion): string {
  if (v.rc === null) return `${v.major}.${v.minor}.${v.patch}`;
  return v.patch === 0 ? `${v.major}.${v.minor}-rc${v.rc}` : `${v.major}.${v.minor}.${v.patch}-rc${v.rc}`;
}

/** "6.1", as the tables name branches. */
export function branchOf(v: KernelVersion): string {
  return `${v.major}.${v.minor}`;
}

/** Last minor number of each major one; 4.20 was followed by 5.0, the others turn over at 19. */
const LAST_MINOR: Readonly<Record<number, number>> = { 2: 6, 3: 19, 4: 20 };

/** First candidate of the release that follows: commits on top of any 6.5 kernel of mainline are at most these. */
export function nextCandidate(v: KernelVersion): KernelVersion {
  const rolls = v.minor >= (LAST_MINOR[v.major] ?? 19);
  return rolls
    ? { major: v.major + 1, minor: 0, patch: 0, rc: 1 }
    : { major: v.major, minor: v.minor + 1, patch: 0, rc: 1 };
}
