/**
 * The lines that open a report (their rules are in heads.ts): the head of a fault, whose die() comes later; die()'s own lines; and all others, among
 * them a panic. Each begins a report, or belongs to the one that its context is printing.
 */

import type { GatheredLine } from '../gathered.ts';
import { digitsOf, hexValue } from '../grammars/numeral.ts';
import type { Reading } from '../grammars/read.ts';
import type { Report } from '../report.ts';
import { syndromeOf } from './abort.ts';
import { type Context, takePending, wordingOfX86 } from './context.ts';
import { isInlined } from './frames.ts';
import { archOf, isFollowingPanic } from './heads.ts';
import type { Reports } from './reports.ts';

/** Takes the head of a fault ("Unable to handle ..."): the die() that follows it may be several CPUs' heads away. */
export function takeFault(reports: Reports, context: Context, reading: Reading, line: GatheredLine): void {
  const current = context.current;
  // arm32 draws "8<--- cut here ---" before the head.
  if (reading.rule === 'unhandledFault' && !reading.has('unhandled')) return;
  // What cannot be emulated is an alignment fault, told again as any fault is.
  const trapped = context.pending.find((r) => r.rule === 'alignmentTrap' && r.address === null);
  if (reading.rule === 'unhandledFault' && trapped !== undefined) {
    trapped.take(line);
    tellFault(trapped, reading, line);
    return;
  }
  const report = reports.begin(reading, line);
  tellFault(report, reading, line);
  context.pending.push(report);
  // Another CPU's head in the middle of die()'s lines leaves them to the first.
  if (current !== null && (current.ended || !current.died || current.hasFrames)) {
    if (!current.ended && !current.tail && !(current.died && line.caller === null)) current.interrupted = true;
    if (current.ended || !current.died) context.current = null;
  }
}

/** What the head says: where, how, in which words. */
function tellFault(report: Report, reading: Reading, line: GatheredLine): void {
  const address = reading.numeral('address');
  report.address = hexValue(address);
  report.narrow = address?.whole === true && digitsOf(address.text).length === 8;
  if (address !== null && report.address === null) report.cut('address', address.text, line);
  report.wording = reading.get('wording') ?? wordingOfX86(reading) ?? reading.get('unhandled');
  report.mark('address', line);
  takeStatus(report, reading.get('status'));
  if (reading.has('unhandledFetch')) report.abort.access = 'execute';
  const when = reading.get('when') ?? reading.get('access');
  if (when === 'read' || when === 'write') report.abort.access = when;
  else if (when !== null) report.abort.access = 'execute';
}

/** Takes the first line of die(): of the fault that waits for it, of the BUG() that trapped, or of a report of its own. */
export function takeDie(reports: Reports, context: Context, reading: Reading, line: GatheredLine): void {
  const current = context.current;
  const number = reading.get('number');
  // BUG() and list corruption print their own headline first; the trap that stops them is theirs.
  if (
    current !== null &&
    !current.died &&
    !current.ended &&
    (((current.kind === 'bug' || current.kind === 'warning') && isTrapOfBug(current, reading)) ||
      isSameDoubleFault(current, reading)) &&
    !current.hasFrames
  ) {
    current.died = true;
    current.take(line);
    current.mark('oops', line);
    current.number ??= number === null ? null : Number(number);
    return;
  }
  const report = takePending(context, reading) ?? toldFault(current) ?? reports.begin(reading, line);
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

/** The syndrome that a head or "Internal error" prints: arm64's has eight digits or sixteen, arm32's three, or eight with FSR_LNX_PF of a fetch. */
function takeStatus(report: Report, digits: string | null): void {
  if (digits === null) return;
  const hex = digitsOf(digits);
  const value = BigInt(`0x${hex}`);
  // "(0x%03x)" is arm32's format alone.
  if (report.rule === 'unhandledFault' && hex.length < 8) report.arch ??= 'arm';
  if (report.arch === 'arm' || (hex.length < 8 && report.arch !== 'arm64')) report.abort.fsr ??= value;
  else report.abort.esr ??= syndromeOf(hex);
}

/** The fault whose "IP:" line, which older x86 prints in front of die()'s, has made it the one that is being printed. */
function toldFault(current: Report | null): Report | null {
  return current?.rule === 'x86Fault' && !current.died && !current.ended && current.at.trace === undefined
    ? current
    : null;
}

/** False for what no BUG() stops with, and where the trace has begun, which comes behind the trap: then it is another CPU's. */
function isTrapOfBug(report: Report, reading: Reading): boolean {
  return reading.rule !== 'generalProtection' && report.at.trace === undefined;
}

/** exc_double_fault() says what it is, and die() says it again. */
function isSameDoubleFault(report: Report, reading: Reading): boolean {
  return report.rule === 'doubleFault' && reading.text.includes('double fault');
}

/** Takes the first line of any other report, which may be a further headline of the one that is being printed. */
export function takeReport(reports: Reports, context: Context, reading: Reading, line: GatheredLine): void {
  const current = context.current;
  if (reading.rule === 'panic') {
    const told = panicOf(reports, context, reading, line);
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
    if (current.head !== null && isInlined(current.head.text)) current.head = reading;
    current.take(line);
    return;
  }
  if (current !== null && !current.ended && !current.tail && current.kind !== 'hung-task') current.interrupted = true;
  // kmemleak names each object behind the headline that syzkaller's executor writes.
  if (reading.rule === 'memoryLeak' && current?.rule === 'memoryLeak' && !current.hasFrames) {
    current.take(line);
    return;
  }
  const report = reports.begin(reading, line);
  if (current !== null && !current.ended && !current.hasFrames && line.caller !== null) current.followedBy = report;
  context.current = report;
  if (reading.rule === 'kernelBug' && (reading.get('file') ?? '').startsWith('rust/helpers')) {
    report.rustPanic = context.rust?.said ?? null;
    context.rust = null;
  }
}

/** True if only headlines of the report stand before the line, right before it. */
function isHeadline(report: Report, line: GatheredLine): boolean {
  return !report.hasFrames && !report.ended && report.lines.length < 8 && line.span.line - report.last.span.line === 1;
}

/** True for a report that is told in front of its own panic, and has no other words. */
function endsItself(report: Report, because: string): boolean {
  return (
    (report.rule === 'badStack' && /^kernel stack overflow/i.test(because)) ||
    (report.rule === 'badMode' && /^bad mode|^Unhandled exception/.test(because))
  );
}

/** The report that a panic ends, if it is one of those that end something. */
function panicOf(reports: Reports, context: Context, reading: Reading, line: GatheredLine): Report | null {
  const because = reading.get('because') ?? '';
  const own = context.current ?? context.pending.at(-1) ?? null;
  if (own !== null && !own.ended && endsItself(own, because)) {
    context.pending = context.pending.filter((r) => r !== own);
    return own;
  }
  if (!isFollowingPanic(because)) return null;
  const told = context.current ?? reports.lastOf(line.caller);
  if (told === null || told.kind === 'panic') return told;
  const near = line.span.line - told.last.span.line < 40;
  if (because.startsWith('Attempted to kill') && told.pid !== 1 && told.pid !== null && !near) return null;
  return told;
}
