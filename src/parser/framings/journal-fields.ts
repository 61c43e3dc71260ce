import type { Cut } from './cut.ts';

/** Fields of a journal record that say when and by whom it was printed. */
export const FIELDS = ['_TRANSPORT', 'PRIORITY', '_SOURCE_MONOTONIC_TIMESTAMP', '__MONOTONIC_TIMESTAMP'] as const;
export type Field = (typeof FIELDS)[number];

/** Notes a journal record's fields. The source's time stamp is printk's; the journal's own is when the record was received. */
export function takeFields(cut: Cut, value: (field: Field) => string | null): void {
  const transport = value('_TRANSPORT');
  if (transport !== null && transport !== 'kernel') cut.foreign = true;
  const level = value('PRIORITY');
  if (level !== null && /^[0-7]$/.test(level)) cut.level = Number(level);
  const time = value('_SOURCE_MONOTONIC_TIMESTAMP') ?? value('__MONOTONIC_TIMESTAMP');
  if (time !== null && /^\d{1,15}$/.test(time)) cut.time = Number(time);
}
