/**
 * Readings to crash reports: gathers each report's lines from whatever was printed in between. Lines of one caller (PRINTK_CALLER) belong together;
 * without callers the reports' own grammar decides: die() prints under a lock, so its lines come as one block, while the
 * "Unable to handle" and "Mem abort info" lines before it are printed by every faulting CPU at once.
 */

import type { GatheredLine } from '../gathered.ts';
import type { Reading } from '../grammars/read.ts';
import type { Understood } from '../grammars/understand.ts';
import { Report } from '../report.ts';
import type { Incident, Loss } from '../types.ts';
import { isHeadless, takeAbortLine } from './abort.ts';
import { APART, type Context, takePending, wordingOfX86 } from './context.ts';
import { finishReport } from './finish.ts';
import { callerOf, frameOf, inCaller, isFrameRule } from './frames.ts';
import { archOf, headOf, isFollowingPanic } from './heads.ts';
import { takePart } from './parts.ts';
import { StackGatherer, type TaskStack } from './stacks.ts';

/** Unknown lines of the same context after which a report without end mark is over. */
const MAX_GAP = 45;
/** arm32's "1ac0: 80275518 802a0f18 ..." and x86's rows of words. */
const STACK_DUMP = /^ *(?:[0-9a-f]{4,16}:)? *(?:[0-9a-f]{8,16}(?: |$)){2,8} *$/;
const MAX_SILENCE = 20_000_000; // microseconds

/** What one boot holds of crashes and stacks. */
export interface Assembled {
  readonly incidents: Incident[];
  readonly stacks: TaskStack[];
  readonly losses: Loss[];
  /** True if the cap on incidents cut the list. */
  readonly capped: boolean;
}

/** Assembles every crash report and task stack of one boot. `lastLine` is the number of the boot's last line. */
export function assemble(understood: readonly Understood[], lastLine: number, cap: number): Assembled {
  const assembly = new Assembly();
  for (const one of understood) assembly.take(one);
  return assembly.finish(lastLine, cap);
}

/** True if only headlines of the report stand before the line, right before it. */
function isHeadline(report: Report, line: GatheredLine): boolean {
  return !report.hasFrames && !report.ended && report.lines.length < 8 && line.span.line - report.last.span.line === 1;
}

/** exc_double_fault() says what it is, and die() says it again. */
function isSameDoubleFault(report: Report, reading: Reading): boolean {
  return report.rule === 'doubleFault' && reading.text.includes('double fault');
}

/** The syndrome that a head or "Internal error" prints: arm64's has eight digits or sixteen, arm32's three, or eight with FSR_LNX_PF of a fetch. */
function takeStatus(report: Report, digits: string | null): void {
  if (digits === null) return;
  const hex = digits.replace(/^0x/, '');
  const value = BigInt(`0x${hex}`);
  // "(0x%03x)" is arm32's format alone.
  if (report.rule === 'unhandledFault' && hex.length < 8) report.arch ??= 'arm';
  if (report.arch === 'arm' || hex.length < 8) report.abort.fsr ??= value;
  else report.abort.esr ??= value;
}

class Assembly {
  private readonly contexts = new Map<string, Context>();
  private readonly reports: Report[] = [];
  private readonly stacks = new StackGatherer();

  take({ line, reading }: Understood): void {
    const context = this.contextOf(line);
    this.closeStale(context, line);
    if (reading === null) {
      this.takeUnknown(context, line);
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
    // Other subsystems' messages and the tracer's buffer come in between and are nobody's part.
    if (reading.rule === 'pageOwner') {
      this.takePageOwner(context, reading, line);
      return;
    }
    if (APART.has(reading.rule)) {
      if (reading.rule.startsWith('ftrace')) context.current?.interrupt(line);
      return;
    }
    if (this.stacks.take(reading, line)) {
      if (context.current !== null && ['hung-task', 'rcu-stall', 'lockup'].includes(context.current.kind)) {
        context.current.take(line);
        context.current.open('call', line);
      } else if (context.current !== null && (context.current.ended || reading.rule === 'sysrqShow'))
        context.current = null;
      return;
    }
    const head = headOf(reading);
    if (head !== null) this.takeHead(context, reading, line, head.phase);
    else if (isFrameRule(reading.rule)) this.takeFrame(context, reading, line);
    else {
      if (isHeadless(context.pending, context.current, reading)) {
        const report = new Report('headless', 'oops', null, line);
        this.reports.push(report);
        context.pending.push(report);
      }
      if (!takeAbortLine(context.pending, context.current, reading, line)) this.takeInner(context, reading, line);
    }
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

  private closeStale(context: Context, line: GatheredLine): void {
    const report = context.current;
    if (report === null) return;
    const heard = Math.max(report.last.time ?? 0, report.dumpedUntil ?? 0);
    const silent = line.time !== null && report.last.time !== null && line.time - heard > MAX_SILENCE;
    const apart = line.span.line - report.last.span.line - report.dumped;
    if (report.gap > MAX_GAP || silent || apart > 400) context.current = null;
  }

  private takeUnknown(context: Context, line: GatheredLine): void {
    this.stacks.end(line);
    if (context.rust !== null && context.rust.said === null && line.text.trim() !== '') {
      context.rust.said = line.text.trim();
      return;
    }
    const report = context.current;
    if (report === null) return;
    // User space writes to the same console without a stamp: no end of the kernel's report.
    if (report.first.time !== null && line.time === null && line.framing === 'plain') return;
    // A dump of the stack's words, which may take hundreds of lines, is the report's own.
    if (STACK_DUMP.test(line.text)) return;
    report.gap++;
    if (report.rule === 'memoryBug')
      report.lastFunction ??= /^ *last function: ([A-Za-z_]\w*)/.exec(line.text)?.[1] ?? null;
    const blank = line.text.trim() === '';
    // With a caller every line of the task is the report's until its end; without, only what no other writer could have printed.
    if (
      !report.ended &&
      !report.tail &&
      (line.caller !== null || !['oops', 'bug'].includes(report.kind)) &&
      !blank &&
      report.gap < 20
    ) {
      const gap = report.gap;
      if (report.kind !== 'warning' || line.caller !== null) report.lines.push(line.span.line);
      report.gap = gap;
      if (/\bat: |\.c:\d+ /.test(line.text)) report.held.push(line.text);
    } else if (blank) report.gap--;
  }

  /** page_owner's stacks: of a bad page the one that allocated it names the bug; in other reports they are nobody's part. */
  private takePageOwner(context: Context, reading: Reading, line: GatheredLine): void {
    const report = context.current;
    if (report?.rule !== 'memoryBug' || report.ended) {
      this.takeUnknown(context, line);
      return;
    }
    report.take(line);
    const section = report.open('other', line);
    if (reading.text.startsWith('page last allocated')) report.pageOwner ??= section;
  }

  private start(reading: Reading, line: GatheredLine): Report {
    const head = headOf(reading)!;
    const report = new Report(reading.rule, head.kind, reading, line);
    this.reports.push(report);
    return report;
  }

  private takeHead(context: Context, reading: Reading, line: GatheredLine, phase: 'fault' | 'die' | 'report'): void {
    this.stacks.end(line);
    if (phase === 'fault') this.takeFault(context, reading, line);
    else if (phase === 'die') this.takeDie(context, reading, line);
    else this.takeReport(context, reading, line);
  }

  private takeReport(context: Context, reading: Reading, line: GatheredLine): void {
    const current = context.current;
    if (reading.rule === 'panic') {
      const told = this.panicOf(context, reading, line);
      if (told !== null) {
        told.panicked = true;
        // panic_on_warn comes before the report's own stack.
        if (told.hasFrames) told.tail = true;
        if (!told.ended && told.hasFrames) told.ended = true;
        told.take(line);
        context.current = told;
        return;
      }
    }
    // SLUB's own reports hold such lines, too.
    if (reading.rule === 'slubInfo' && current !== null && !current.ended) {
      current.take(line);
      return;
    }
    // Debug options print a second headline under the first ("BUG: KASAN" has none; "WARNING: CPU" under "------[ cut here").
    if (
      (reading.rule === 'warningText' || reading.rule === 'bugText') &&
      current !== null &&
      !current.ended &&
      current.lines.length < 4
    ) {
      current.take(line);
      return;
    }
    // Inlined functions are headlines of their own in front of the one that they are inlined into.
    if (
      ['kasan', 'kmsan', 'kfence'].includes(reading.rule) &&
      current?.rule === reading.rule &&
      isHeadline(current, line)
    ) {
      current.take(line);
      return;
    }
    if (current !== null && !current.ended && !current.tail && current.kind !== 'hung-task') current.interrupted = true;
    // kmemleak names each object behind the headline that syzkaller's executor writes.
    if (reading.rule === 'memoryLeak' && current?.rule === 'memoryLeak' && !current.hasFrames) {
      current.take(line);
      return;
    }
    const report = this.start(reading, line);
    context.current = report;
    if (reading.rule === 'kernelBug' && (reading.get('file') ?? '').startsWith('rust/helpers')) {
      report.rustPanic = context.rust?.said ?? null;
      context.rust = null;
    }
  }

  /** The report that a panic ends, if it is one of those that end something. */
  private panicOf(context: Context, reading: Reading, line: GatheredLine): Report | null {
    const because = reading.get('because') ?? '';
    if (!isFollowingPanic(because)) return null;
    const told = context.current ?? this.lastOf(line.caller);
    if (told === null || told.kind === 'panic') return told;
    const near = line.span.line - told.last.span.line < 40;
    if (because.startsWith('Attempted to kill') && told.pid !== 1 && told.pid !== null && !near) return null;
    return told;
  }

  private lastOf(caller: string | null): Report | null {
    for (let i = this.reports.length - 1; i >= 0; i--)
      if (this.reports[i]!.first.caller === caller) return this.reports[i]!;
    return null;
  }

  private takeFault(context: Context, reading: Reading, line: GatheredLine): void {
    const current = context.current;
    // arm32 draws "8<--- cut here ---" before the head.
    if (reading.rule === 'unhandledFault' && !reading.has('unhandled')) return;
    const report = this.start(reading, line);
    const address = reading.get('address');
    report.address = address === null ? null : BigInt(`0x${address.replace(/^0x/, '')}`);
    report.wording = reading.get('wording') ?? wordingOfX86(reading) ?? reading.get('unhandled');
    report.mark('address', line);
    takeStatus(report, reading.get('status'));
    if (reading.has('unhandledFetch')) report.abort.access = 'execute';
    const when = reading.get('when') ?? reading.get('access');
    if (when === 'read' || when === 'write') report.abort.access = when;
    else if (when !== null) report.abort.access = 'execute';
    context.pending.push(report);
    // Another CPU's head in the middle of die()'s lines leaves them to the first.
    if (current !== null && (current.ended || !current.died || current.hasFrames)) {
      if (!current.ended && !current.tail && !(current.died && line.caller === null)) current.interrupted = true;
      if (current.ended || !current.died) context.current = null;
    }
  }

  private takeDie(context: Context, reading: Reading, line: GatheredLine): void {
    const current = context.current;
    const number = reading.get('number');
    // BUG() and list corruption print their own headline first; the trap that stops them is theirs.
    if (
      current !== null &&
      !current.died &&
      !current.ended &&
      (current.kind === 'bug' || current.kind === 'warning' || isSameDoubleFault(current, reading)) &&
      !current.hasFrames
    ) {
      current.died = true;
      current.take(line);
      current.mark('oops', line);
      current.number ??= number === null ? null : Number(number);
      return;
    }
    const report = takePending(context, reading) ?? this.start(reading, line);
    if (current !== null && !current.ended && !current.tail && current !== report) current.interrupted = true;
    report.died = true;
    report.take(line);
    report.mark('oops', line);
    report.number = number === null ? null : Number(number);
    if (reading.rule === 'internalError') {
      report.arch ??= archOf(reading);
      takeStatus(report, reading.all('hex').pop() ?? null);
    }
    context.current = report;
  }

  private takeFrame(context: Context, reading: Reading, line: GatheredLine): void {
    const frame = frameOf(reading, line);
    if (frame !== null && this.stacks.frame(frame, line)) {
      if (context.current?.kind !== 'hung-task' && context.current?.kind !== 'rcu-stall') return;
    }
    const report = context.current;
    if (report === null) return;
    report.take(line);
    if (reading.rule === 'armFrame') report.arch ??= 'arm';
    if (frame === null || report.tail) return;
    // arm32 before v3.18 or so has no "Backtrace:" line.
    const section = report.section ?? report.open('call', line, false);
    const from = reading.rule === 'armFrame' ? section.callers.at(-1) : undefined;
    section.frames.push(from === undefined ? frame : inCaller(frame, from));
    const caller = callerOf(reading, line);
    if (caller !== null) section.callers.push(caller);
  }

  private takeInner(context: Context, reading: Reading, line: GatheredLine): void {
    if (this.stacks.inner(reading, line)) return;
    let report = context.current;
    if (reading.rule === 'cutHere') {
      if (report?.hasFrames === true) context.current = null;
      return;
    }
    if (report === null) {
      report = this.adopt(context, reading, line);
      if (report === null) return;
    }
    takePart(report, reading, line);
    if (reading.rule === 'endTrace' && report.died) report.tail = true;
  }

  /** The middle of a report whose head is missing: a log that starts late. */
  private adopt(context: Context, reading: Reading, line: GatheredLine): Report | null {
    const pending = context.pending.pop();
    if (pending !== undefined && reading.rule !== 'kasanAccess') {
      context.current = pending;
      return pending;
    }
    if (
      !['modules', 'cpuLine', 'oldPid', 'pstate', 'pc', 'rip', 'registers', 'traceHead', 'nip', 'endPanic'].includes(
        reading.rule,
      )
    )
      return null;
    const report = new Report('orphan', 'other', null, line);
    this.reports.push(report);
    context.current = report;
    return report;
  }

  finish(lastLine: number, cap: number): Assembled {
    const losses: Loss[] = [];
    const incidents: Incident[] = [];
    // In the order in which they were taken up: of a pstore dump the first lines of the file are the last of the story.
    const finished = this.reports.map((report) => ({ report, made: finishReport(report, lastLine) }));
    const heads = finished.filter(({ report, made }) => report.rule !== 'orphan' && made !== null);
    for (const { report, made } of finished) {
      // A trace whose head is lost is taken for a crash only where nothing else is one.
      if (made === null || (report.rule === 'orphan' && made.incident.kind === 'other' && heads.length > 0)) continue;
      incidents.push(made.incident);
      losses.push(...made.losses);
    }
    return { incidents: incidents.slice(0, cap), stacks: this.stacks.finish(), losses, capped: incidents.length > cap };
  }
}
