/** The date that a boot counts under: the log's own, else the archive member's, else the file's; and which of them it is. */
import { isPlausible, SLACK } from './dates.ts';

/** Where a date came from. build: only that it was not before. none: nothing says. */
export const DATED_BY = ['journal', 'syslog', 'rtc', 'member', 'file', 'build', 'none'] as const;
export type DatedBy = (typeof DATED_BY)[number];

/** What the log says, and what holds it; times in milliseconds since 1970, NaN where there is none. */
export interface Told {
  readonly date: number;
  readonly by: DatedBy;
  /** The year of `date` is not known: it is of 2000. */
  readonly yearless: boolean;
  readonly built: number;
  /** When the input was written, and whether it is an archive's member. */
  readonly modified: number;
  readonly member: boolean;
}

const atYear = (date: number, year: number) => {
  const d = new Date(date);
  d.setUTCFullYear(year);
  return d.getTime();
};

/** The last year in which that day is not behind the time the input was written; without that the first one since the kernel was built. */
function withYear({ date, built, modified }: Told): number {
  if (isPlausible(modified)) {
    const year = new Date(modified).getUTCFullYear();
    const time = [atYear(date, year), atYear(date, year - 1)].find((t) => t <= modified + SLACK);
    if (time !== undefined && !(time < built - SLACK)) return time;
  }
  if (!isPlausible(built)) return Number.NaN;
  const year = new Date(built).getUTCFullYear();
  return [atYear(date, year), atYear(date, year + 1)].find((t) => t >= built - SLACK) ?? Number.NaN;
}

export function dateOf(told: Told): { readonly time: number; readonly by: DatedBy } {
  const { built, modified, member } = told;
  const own = told.yearless ? withYear(told) : told.date;
  if (isPlausible(own)) return { time: own, by: told.by };
  // A copy keeps no date, an archive made reproducibly has that of its source: neither is before the kernel was built.
  if (isPlausible(modified) && !(modified < built - SLACK)) return { time: modified, by: member ? 'member' : 'file' };
  if (isPlausible(built)) return { time: built, by: 'build' };
  return { time: Number.NaN, by: 'none' };
}
