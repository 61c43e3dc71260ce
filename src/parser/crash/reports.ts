/** The crash reports of one boot, in the order in which their first lines were met, and what is left of them once the boot is over. */

import type { GatheredLine } from '../gathered.ts';
import type { Reading } from '../grammars/read.ts';
import { Report } from '../report.ts';
import type { Incident, Loss } from '../types.ts';
import { finishReport } from './finish.ts';
import { headOf } from './heads.ts';

/** What the reports came to. */
export interface Finished {
  readonly incidents: Incident[];
  readonly losses: Loss[];
  /** True if the cap on incidents cut the list. */
  readonly capped: boolean;
}

/** Begins reports, and finishes all of them together. */
export class Reports {
  private readonly begun: Report[] = [];

  /** A report whose head is the reading. */
  begin(reading: Reading, line: GatheredLine): Report {
    return this.add(new Report(reading.rule, headOf(reading)!.kind, reading, line));
  }

  /** A report that begins with the abort's lines, as its head is lost. */
  beginHeadless(line: GatheredLine): Report {
    return this.add(new Report('headless', 'oops', null, line));
  }

  /** A report that begins in its middle. */
  beginOrphan(line: GatheredLine): Report {
    return this.add(new Report('orphan', 'other', null, line));
  }

  private add(report: Report): Report {
    this.begun.push(report);
    return report;
  }

  /** The caller's last report, or null. */
  lastOf(caller: string | null): Report | null {
    return this.begun.findLast(({ first }) => first.caller === caller) ?? null;
  }

  /** The incidents of the boot, whose last line is `lastLine`; no more than `cap`. */
  finish(lastLine: number, cap: number): Finished {
    const losses: Loss[] = [];
    const incidents: Incident[] = [];
    // In the order in which they were taken up: of a pstore dump the first lines of the file are the last of the story.
    const finished = this.begun.map((report) => ({ report, made: finishReport(report, lastLine) }));
    const heads = finished.filter(({ report, made }) => report.rule !== 'orphan' && made !== null);
    for (const { report, made } of finished) {
      // A trace whose head is lost is taken for a crash only where nothing else is one.
      if (made === null || (report.rule === 'orphan' && made.incident.kind === 'other' && heads.length > 0)) continue;
      incidents.push(made.incident);
      losses.push(...made.losses);
    }
    return { incidents: incidents.slice(0, cap), losses, capped: incidents.length > cap };
  }
}
