/** From what a tree's text shows to the code that the model explores: one record where all was seen, the few that are left where not. */
import { ERAS } from '../../../sim/eras/eras.ts';
import { ERA_ORDER } from '../../../sim/eras/releases.ts';
import type { EraCode } from '../../../sim/procedures/code.ts';
import type { SourceReading, Value } from './types.ts';

/** More records than this say that too little was seen. */
export const MOST_CODES = 24;

/**
 * Every consistent record that the reading leaves, the nearest eras' first. What was not seen takes the values that the eras of the shapes that were have
 * there. Empty: struct dev_iommu is not there, the signs contradict each other, or the record is of no code that can be.
 */
export function codesOf(reading: SourceReading): readonly EraCode[] {
  if (reading.devIommu.values.every((is) => is === false)) return [];
  const all = [...ERAS.values()];
  const shapes = reading.features.find((f) => f.feature === 'shape')?.values ?? [];
  const near = all.filter((era) => shapes.includes(era.shape));
  let records: Record<string, unknown>[] = [{}];
  for (const { feature, values } of reading.features) {
    // What most releases of the era do: no guess of ours.
    if (feature === 'smmuBound' && values.length !== 1) continue;
    if (!all.some((era) => feature === 'smmuBound' || feature in era)) continue;
    const usual = values.filter((v) => near.some((era) => (era as unknown as Record<string, Value>)[feature] === v));
    const left = values.length > 1 && usual.length > 0 ? usual : values;
    records = records.flatMap((record) => left.map((value) => ({ ...record, [feature]: value })));
    if (records.length > 1 << 12) return [];
  }
  const codes = records.flatMap((record) => completed(record) ?? []);
  return codes.length > MOST_CODES ? [] : codes;
}

/** With the features that no text shows, and the name of the nearest era; null where no code can be so. */
function completed(record: Record<string, unknown>): EraCode | null {
  const order = ERA_ORDER.flatMap((id) => ERAS.get(id) ?? []);
  const distance = (era: EraCode) =>
    Object.entries(record).filter(([name, value]) => name in era && era[name as keyof EraCode] !== value).length +
    (era.shape === record.shape ? 0 : 4);
  const nearest = order.reduce((best, era) => (distance(era) < distance(best) ? era : best));
  return { ...nearest, ...record };
}
