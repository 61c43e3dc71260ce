/** A tree and a release that contradict each other. */
import { ERAS } from '../../sim/eras/eras.ts';
import type { EraCode } from '../../sim/procedures/code.ts';
import type { KernelIdentity } from '../types.ts';
import { codesOf } from './code.ts';
import type { ReadFeature, SourceReading } from './source/types.ts';
import type { KernelVersion } from './version.ts';
import { compareVersions, parseVersion, versionText } from './version.ts';

/** What tells the eras apart for the race: a release whose era differs here is not of this tree. */
const TELLING: readonly ReadFeature[] = ['lock', 'walk', 'free', 'shape'];

/**
 * A sentence for each contradiction: the tree's own version is another one, or no code that the release may have (`codes`; empty: unknown) agrees with a
 * feature that was seen. `release`: as the log or the user names it.
 */
export function againstRelease(
  reading: SourceReading,
  release: string | null,
  version: KernelVersion | null,
  codes: readonly EraCode[],
): readonly string[] {
  if (release === null) return [];
  const said: string[] = [];
  const own = reading.version === null ? null : parseVersion(reading.version);
  const branchOnly = parseVersion(release)?.branchOnly ?? false;
  if (version !== null && own !== null) {
    const same = branchOnly
      ? own.version.major === version.major && own.version.minor === version.minor
      : compareVersions(own.version, version) === 0;
    if (!same)
      said.push(
        `${reading.tree} is of ${versionText(own.version)} by its Makefile, and the release is ${release}: another kernel's source`,
      );
  }
  for (const { feature, values, evidence, why } of reading.features) {
    if (why !== null || values.length !== 1 || codes.length === 0 || !TELLING.includes(feature)) continue;
    const expected = [...new Set(codes.map((code) => (code as unknown as Record<string, unknown>)[feature]))];
    if (expected.includes(values[0])) continue;
    const at =
      evidence[0] === undefined
        ? ''
        : ` (${evidence[0].file}${evidence[0].line === null ? '' : `:${evidence[0].line}`})`;
    said.push(
      `by its release ${release} has ${feature} ${expected.join(' or ')}, and ${reading.tree} has ${values[0]}${at}`,
    );
  }
  return said;
}

/** What a kernel may be by its release alone. Shapes between the eras' show in single drivers only, and count as their era's too. */
export function codesByRelease(kernel: KernelIdentity): readonly EraCode[] {
  const codes = codesOf(kernel);
  return [...codes, ...codes.map((code) => ({ ...code, shape: ERAS.get(code.id)!.shape }))];
}
