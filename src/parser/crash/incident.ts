/**
 * Readings to crash reports: gathers each report's lines from whatever was printed in between. Lines of one caller (PRINTK_CALLER) belong together;
 * without callers the reports' own grammar decides: die() prints under a lock, so its lines come as one block, while the
 * "Unable to handle" and "Mem abort info" lines before it are printed by every faulting CPU at once.
 * Here each reading goes where it belongs: what opens a report to openings.ts, what stands in one to inside.ts, task stacks to stacks.ts.
 */

import type { GatheredLine } from '../gathered.ts';
import type { Reading } from '../grammars/read.ts';
import type { Understood } from '../grammars/understand.ts';
import type { Report } from '../report.ts';
import { isHeadless, takeAbortLine } from './abort.ts';
import { APART, type Context } from './context.ts';
import { isFrameRule } from './frames.ts';
import { headOf } from './heads.ts';
import { takeFrame, takeInner, takePageOwner, takeUnknown } from './inside.ts';
import { takeDie, takeFault, takeReport } from './openings.ts';
import { type Finished, Reports } from './reports.ts';
import { isToldByTasks, StackGatherer, type TaskStack } from './stacks.ts';

/** Unknown lines of the same context after which a report without end mark is over. */
const MAX_GAP = 45;
const MAX_SILENCE = 20_000_000; // microseconds
const MAX_APART = 400; // lines, of whatever context

/** What one boot holds of crashes and stacks. */
export interface Assembled extends Finished {
  readonly stacks: TaskStack[];
}

/** Assembles every crash report and task stack of one boot. `lastLine` is the number of the boot's last line. */
export function assemble(understood: readonly Understood[], lastLine: number, cap: number): Assembled {
  const assembly = new Assembly();
  for (const one of understood) assembly.take(one);
  return assembly.finish(lastLine, cap);
}

class Assembly {
  private readonly contexts = new Map<string, Context>();
  private readonly reports = new Reports();
  private readonly stacks = new StackGatherer();
  /** The last line that looks like what is left of a frame. */
  private torn: number | null = null;
  /** The line before, if it has a time stamp. */
  private stampedAt = -1;

  take({ line, reading }: Understood): void {
    const { stacks } = this;
    const beheaded = this.isBeheaded(line);
    this.stampedAt = line.time === null ? -1 : line.span.line;
    if (reading !== null && isFrameRule(reading.rule) && beheaded) {
      this.torn = line.span.line;
      return;
    }
    const context = this.contextOf(line);
    closeStale(context, line);
    if (reading === null) {
      if (looksTorn(line)) this.torn = line.span.line;
      takeUnknown(stacks, context, line);
      return;
    }
    // Other subsystems' messages and the tracer's buffer come in between and are nobody's part. First, as an uneventful log is made of them.
    if (APART.has(reading.rule)) {
      if (reading.rule.startsWith('ftrace')) context.current?.interrupt(line);
      return;
    }
    if (reading.rule === 'rustPanic') {
      context.rust = { line: line.span.line, said: reading.get('saidWhy') };
      return;
    }
    if (reading.rule === 'mixedStack') {
      if (line.caller === null && context.current !== null && !context.current.tail)
        context.current.mixedFrom ??= line.span.line;
      return;
    }
    if (reading.rule === 'pageOwner') {
      takePageOwner(stacks, context, reading, line);
      return;
    }
    if (stacks.take(reading, line)) {
      if (context.current !== null && isToldByTasks(context.current)) {
        context.current.take(line);
        context.current.open('call', line, false);
      } else if (context.current !== null && (context.current.ended || reading.rule === 'sysrqShow'))
        context.current = null;
      return;
    }
    this.takePart(context, reading, line);
  }

  /** Takes a line that opens a report or stands in one. */
  private takePart(context: Context, reading: Reading, line: GatheredLine): void {
    const { reports, stacks } = this;
    const head = headOf(reading);
    if (head !== null) {
      stacks.end(line);
      if (head.phase === 'fault') takeFault(reports, context, reading, line);
      else if (head.phase === 'die') takeDie(reports, context, reading, line);
      else takeReport(reports, context, reading, line);
    } else if (isFrameRule(reading.rule)) {
      noteHole(context.current, this.torn, line);
      takeFrame(stacks, context, reading, line);
    } else {
      if (isHeadless(context.pending, context.current, reading)) {
        const headless = reports.beginHeadless(line);
        if (context.torn !== undefined && line.span.line - context.torn.line <= 3)
          headless.wording = context.torn.wording;
        context.pending.push(headless);
      }
      if (!takeAbortLine(context.pending, context.current, reading, line))
        takeInner(reports, stacks, context, reading, line);
    }
  }

  /** Among stamped lines one that begins with neither stamp nor blank: its front is lost, and part of its first word may be. */
  private isBeheaded(line: GatheredLine): boolean {
    const { time, caller, level, framing, text, span } = line;
    const bare = time === null && caller === null && level === null && framing === 'plain';
    return bare && this.stampedAt === span.line - 1 && !/^\s/.test(text);
  }

  private contextOf(line: GatheredLine): Context {
    const key = line.caller ?? '';
    let context = this.contexts.get(key);
    if (context === undefined) {
      context = { current: null, pending: [], rust: null };
      this.contexts.set(key, context);
    }
    return context;
  }

  finish(lastLine: number, cap: number): Assembled {
    return { ...this.reports.finish(lastLine, cap), stacks: this.stacks.finish() };
  }
}

/** What the kernel prints between frames that is none: "<TASK>", arm32's registers. */
const BETWEEN = /^(?:<\/?[\w#]+>|(?:r\d+|fp|ip|sp|lr|pc) ?:.*)$/;

/** No words in front: SLUB's \"Freed in kfree+0x9c/0x150 age=3\" is a line of its own. */
const PLACE = /^[^A-Za-z]{0,60}[A-Za-z_][\w.$]{1,80}\+0x[\da-f]/;

const MANY_WORDS = /^\S+\s+\S+\s+\S+\s+\S/;

/** Two words at most, a stamp among them, or a place in a function with who knows what before it: a message that nobody printed so. */
function looksTorn({ text, time, width }: GatheredLine): boolean {
  const left = text.trim();
  if (left === '') return time !== null;
  if (width < 120 && PLACE.test(left)) return true;
  return width < 120 && !MANY_WORDS.test(left) && !BETWEEN.test(left);
}

/** Between two frames of one trace, in the very next lines, stands what may be a third. */
function noteHole(report: Report | null, torn: number | null, line: GatheredLine): void {
  if (report === null || torn !== line.span.line - 1 || report.last.span.line !== torn - 1) return;
  if (report.section !== null) report.holes.push(torn);
}

/** Leaves a report to itself whose end mark never came: nothing of it was read for long. */
function closeStale(context: Context, line: GatheredLine): void {
  const report = context.current;
  if (report === null) return;
  const heard = Math.max(report.last.time ?? 0, report.dumpedUntil ?? 0);
  const silent = line.time !== null && report.last.time !== null && line.time - heard > MAX_SILENCE;
  const apart = line.span.line - report.last.span.line - report.dumped;
  if (report.gap > MAX_GAP || silent || apart > MAX_APART) context.current = null;
}
