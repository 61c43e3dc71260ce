/** What is said of a rival, and on which lines it rests. */
import type { Rival } from '../types.ts';

export type Row = Omit<Rival, 'hypothesis'>;

export const refuted = (because: string, lines: readonly number[] = []): Row => ({ status: 'refuted', because, lines });
export const explains = (because: string, lines: readonly number[] = []): Row => ({
  status: 'explains',
  because,
  lines,
});
export const open = (because: string, lines: readonly number[] = []): Row => ({ status: 'open', because, lines });
