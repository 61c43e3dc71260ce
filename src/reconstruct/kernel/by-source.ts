/** A tree's text in place of what a release says: the whole code where all was seen, else what was seen of it over what the release says. */
import { ERAS } from '../../sim/eras/eras.ts';
import { checked } from '../../sim/eras/record.ts';
import { ERA_ORDER } from '../../sim/eras/releases.ts';
import type { EraCode } from '../../sim/procedures/code.ts';
import type { EraId } from '../../sim/types.ts';
import type { Claim, GivenCode, TriageOptions } from '../types.ts';
import { codeOf } from './code.ts';
import { codesOf, featuresSeen } from './source/codes.ts';
import { evidenceText, type SourceReading } from './source/types.ts';
import type { KernelVersion } from './version.ts';

/** What the user's tree says of the code of this release; null where none was named, or it cannot be read there. */
export function readingFor(
  options: Pick<TriageOptions, 'source' | 'sourceAt'>,
  release: string | null,
): SourceReading | null {
  return options.source ?? options.sourceAt?.(release) ?? null;
}

/** The lock first, with file and line; a sentence for the rest, which `affected` lists. */
function claimsOf(reading: SourceReading): readonly Claim[] {
  const open = reading.features.filter((f) => f.why !== null);
  const lock = reading.features.find((f) => f.feature === 'lock');
  return [
    ...(lock?.evidence ?? []).map((e) => ({ text: `${reading.tree}: ${evidenceText(e)}`, lines: [] })),
    ...open.map((f) => ({ text: `${reading.tree}: ${f.feature} is not seen: ${f.why}`, lines: [] })),
  ];
}

/** The code, where the tree shows all of it. */
export function givenBy(reading: SourceReading): GivenCode | null {
  const { codes } = codesOf(reading);
  return codes.length === 1 ? { code: codes[0]!, who: reading.tree, because: claimsOf(reading) } : null;
}

export interface Partly {
  readonly eras: readonly EraId[];
  readonly features: Partial<EraCode>;
  readonly because: readonly Claim[];
}

/**
 * Where only some was seen: the eras that the release leaves and that the seen features can be of, with those features. `features` is what else is known of the
 * tree. A tree that fits none of them speaks against the release, and goes before it.
 */
export function partlyBy(
  reading: SourceReading,
  eras: readonly EraId[],
  version: KernelVersion | null,
  features: Partial<EraCode>,
): Partly {
  const seen = featuresSeen(reading);
  const because = claimsOf(reading);
  const overlaid = (ids: readonly EraId[]) =>
    ids.flatMap((era) => {
      const code = codeOf({ version, features }, era);
      const made = code === undefined ? null : checked({ ...code, ...seen });
      return made?.ok ? [made.code.id] : [];
    });
  if (reading.devIommu.values.every((is) => is === false)) return { eras: ['A'], features: {}, because };
  const fitting = overlaid(eras);
  const left = new Set(fitting.length > 0 ? fitting : overlaid([...ERAS.keys()] as EraId[]));
  return { eras: ERA_ORDER.filter((era) => left.has(era)), features: { ...features, ...seen }, because };
}
