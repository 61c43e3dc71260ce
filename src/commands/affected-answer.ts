/** `affected` with the trees that its options name. */
import { type AffectedOptions, affectedBy } from '../answers/affected.ts';
import { readingNamed, type TreeOptions } from './reading.ts';

/** Throws UsageError where nothing names a kernel, or what names it cannot be read. */
export function printAffected(
  release: string | null,
  driver: string | null,
  options: AffectedOptions & TreeOptions,
): string {
  return affectedBy(release, driver, options, () => readingNamed(options, release));
}
