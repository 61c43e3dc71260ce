/** Releases in the order of their versions, grouped by branch: 6.6.9 before 6.6.10, and both in 6.6. */
import { branchOf, compareVersions, parseVersion } from '../reconstruct/kernel/version.ts';

/** By version, then by what is behind it; what is no version comes last. */
export function compareReleases(a: string, b: string): number {
  const [x, y] = [parseVersion(a), parseVersion(b)];
  if (x === null || y === null) return Number(x === null) - Number(y === null) || (a < b ? -1 : a > b ? 1 : 0);
  return compareVersions(x.version, y.version) || (a < b ? -1 : a > b ? 1 : 0);
}

/** "6.6" of "6.6.9-403.asahi"; null where no version stands there. */
export function branchOfRelease(release: string): string | null {
  const parsed = parseVersion(release);
  return parsed === null ? null : branchOf(parsed.version);
}

/** Is a release one of those that a user named: "6.6" takes the branch, "6.6.9" that version with whatever is behind it, anything else what begins so? */
export function isOfRelease(release: string, named: string): boolean {
  const wanted = parseVersion(named);
  const parsed = parseVersion(release);
  if (wanted === null || parsed === null) return release.startsWith(named);
  if (wanted.branchOnly && wanted.suffix === '') return branchOf(wanted.version) === branchOf(parsed.version);
  return compareVersions(wanted.version, parsed.version) === 0 && parsed.suffix.startsWith(wanted.suffix);
}
