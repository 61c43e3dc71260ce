/** The status that a user gives a bucket. */
import { parseVersion } from '../reconstruct/kernel/version.ts';

const FIXED = /^fixed-in\s+(\S.*)$/;

/** Releases of "fixed-in 6.1.68, 6.6.5", none of "open" and "ignore"; null where a status is none of these. */
export function releasesOfStatus(status: string): readonly string[] | null {
  if (status === 'open' || status === 'ignore') return [];
  const list =
    FIXED.exec(status)?.[1]
      ?.split(/[\s,]+/)
      .filter((r) => r !== '') ?? [];
  return list.length > 0 && list.every((r) => parseVersion(r) !== null) ? list : null;
}
