/** From what a tree's text shows to the code that the model explores: one record where all was seen, the few that are left where not. */
import { ERAS } from '../../../sim/eras/eras.ts';
import { checked } from '../../../sim/eras/record.ts';
import type { EraCode } from '../../../sim/procedures/code.ts';
import type { ReadFeature, SourceReading, Value } from './types.ts';

/** More records than this say that too little was seen. */
const MOST_CODES = 24;
const MOST_RECORDS = 1 << 12;

export interface Codes {
  readonly codes: readonly EraCode[];
  /** Why there is none. */
  readonly why: string | null;
}

/** Features that show with single drivers, or in no scenario of a boot: unseen, they are what most of the era's releases have. */
const BESIDE: ReadonlySet<ReadFeature> = new Set(['smmuBound', 'readyToProbe', 'amba']);

const none = (why: string): Codes => ({ codes: [], why });
const of = (code: EraCode, feature: ReadFeature): Value => code[feature];

/**
 * Every consistent record that the reading leaves. What was not seen takes the values that eras of the shapes that were seen have there. None where struct
 * dev_iommu is not there, where the signs contradict each other, or where no tree can be so by what the model knows.
 */
export function codesOf(reading: SourceReading): Codes {
  if (reading.devIommu.values.every((is) => is === false)) return none('struct dev_iommu is not there');
  const against = reading.features.find((f) => f.values.length === 0);
  if (against !== undefined) return none(`${against.feature}: ${against.why}`);
  const all = [...ERAS.values()];
  const shapes = reading.features.find((f) => f.feature === 'shape')!.values;
  const near = all.filter((era) => shapes.includes(era.shape));
  let records: Partial<Record<ReadFeature, Value>>[] = [{}];
  for (const { feature, values } of reading.features) {
    if (BESIDE.has(feature) && values.length !== 1) continue;
    const usual = values.filter((value) => near.some((era) => of(era, feature) === value));
    const left = values.length > 1 && usual.length > 0 ? usual : values;
    records = records.flatMap((record) => left.map((value) => ({ ...record, [feature]: value })));
    if (records.length > MOST_RECORDS) return none('too little of it was seen');
  }
  const made = records.map((record) => completed(record));
  const codes = made.flatMap((one) => (one.ok ? [one.code] : []));
  const refused = made.find((one) => !one.ok);
  if (codes.length === 0) return none(refused?.ok === false ? refused.why : 'too little of it was seen');
  return codes.length > MOST_CODES ? none('too little of it was seen') : { codes, why: null };
}

/** With what no text shows from the era that is nearest in what was seen. */
function completed(record: Partial<Record<ReadFeature, Value>>): ReturnType<typeof checked> {
  const differs = (era: EraCode) =>
    Object.entries(record).filter(([name, v]) => of(era, name as ReadFeature) !== v).length;
  const distance = (era: EraCode) => differs(era) + (era.shape === record.shape ? 0 : 4);
  const nearest = [...ERAS.values()].reduce((best, era) => (distance(era) < distance(best) ? era : best));
  return checked({ ...nearest, ...record } as EraCode);
}

/** The features that were seen, for a tree whose release says the rest. */
export function featuresSeen(reading: SourceReading): Partial<EraCode> {
  return Object.fromEntries(
    reading.features.flatMap((f) => (f.why === null && f.values.length === 1 ? [[f.feature, f.values[0]]] : [])),
  );
}
