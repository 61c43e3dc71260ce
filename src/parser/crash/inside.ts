/** The lines inside a report: frames of its stack, what the grammars know of its other lines (parts.ts), and what no grammar knows. */

import type { GatheredLine } from '../gathered.ts';
import type { Reading } from '../grammars/read.ts';
import type { Report } from '../report.ts';
import type { Context } from './context.ts';
import { callerOf, frameOf, inCaller, isInlined } from './frames.ts';
import { takePart } from './parts.ts';
import type { Reports } from './reports.ts';
import { isToldByTasks, type StackGatherer } from './stacks.ts';

/** arm32's "1ac0: 80275518 802a0f18 ..." and x86's rows of words. */
const STACK_DUMP = /^ *(?:[0-9a-f]{4,16}:)? *(?:[0-9a-f]{8,16}(?: |$)){2,8} *$/;

/** Takes a line of a trace: of an open task stack, or of the report that is being printed. */
export function takeFrame(stacks: StackGatherer, context: Context, reading: Reading, line: GatheredLine): void {
  // A symboliser names the functions inlined at a place above it: they are no frames of the stack, which is the same without them.
  if (isInlined(reading.text)) {
    if (context.current !== null && !stacks.isOpen(line)) context.current.take(line);
    return;
  }
  const frame = frameOf(reading, line);
  if (frame !== null && stacks.frame(frame, line)) {
    if (context.current === null || context.current.kind === 'lockup' || !isToldByTasks(context.current)) return;
  }
  const report = context.current;
  if (report === null) return;
  report.take(line);
  if (reading.rule === 'armFrame') report.arch ??= 'arm';
  if (frame === null || report.tail) return;
  // arm32 before v3.18 or so has no "Backtrace:" line.
  const section = report.section ?? report.open('call', line, false);
  const from = reading.rule === 'armFrame' ? section.callers.at(-1) : undefined;
  // Each line of arm32's names the function that the one above was called from.
  const named = section.callers.length === section.frames.length;
  if (from !== undefined && named && frame.symbol !== from.symbol) report.holes.push(line.span.line);
  section.frames.push(from === undefined ? frame : inCaller(frame, from));
  const caller = callerOf(reading, line);
  if (caller !== null) section.callers.push(caller);
}

/** Takes any other line that the grammars know. */
export function takeInner(
  reports: Reports,
  stacks: StackGatherer,
  context: Context,
  reading: Reading,
  line: GatheredLine,
): void {
  if (stacks.inner(reading, line)) return;
  let report = context.current;
  if (reading.rule === 'cutHere') {
    if (report?.hasFrames === true) context.current = null;
    return;
  }
  if (report === null) {
    report = adopt(reports, context, reading, line);
    if (report === null) return;
  }
  takePart(report, reading, line);
  if (reading.rule === 'endTrace' && report.died) report.tail = true;
}

/** The middle of a report whose head is missing: a log that starts late. */
function adopt(reports: Reports, context: Context, reading: Reading, line: GatheredLine): Report | null {
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
  context.current = reports.beginOrphan(line);
  return context.current;
}

/** Words of "Unable to handle kernel ... at virtual address" that no other message has, of a line that is not whole. */
const TORN_HEAD =
  /nable to handle kernel (?:(NULL)|pag)|(dereference) at virtual address|ing request at virtual address/;

/** Takes a line that no grammar knows. */
export function takeUnknown(stacks: StackGatherer, context: Context, line: GatheredLine): void {
  stacks.end(line);
  if (context.rust !== null && context.rust.said === null && line.text.trim() !== '') {
    context.rust.said = line.text.trim();
    return;
  }
  const report = context.current;
  const torn = TORN_HEAD.exec(line.text);
  if (torn !== null)
    context.torn = {
      line: line.span.line,
      wording: torn[1] === undefined && torn[2] === undefined ? 'paging request' : 'NULL pointer dereference',
    };
  if (report === null) return;
  // User space writes to the same console without a stamp: no end of the kernel's report.
  if (report.first.time !== null && line.time === null && line.framing === 'plain') return;
  // A dump of the stack's words, which may take hundreds of lines, is the report's own.
  if (STACK_DUMP.test(line.text)) return;
  if (report.section !== null && line.text.includes('(stack is not available)')) report.section.unavailable = true;
  report.gap++;
  if (report.isWorkqueueLockup)
    report.lastFunction ??= /^ *in-flight: \d+:([A-Za-z_]\w*) for \d+s/.exec(line.text)?.[1] ?? null;
  else if (report.rule === 'memoryBug')
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
    if (report.kind !== 'warning' || line.caller !== null) report.lines.push(line.span.line);
    if (/\bat: |\.c:\d+ /.test(line.text)) report.held.push(line.text);
  } else if (blank) report.gap--;
}

/** page_owner's stacks: of a bad page the one that allocated it names the bug; in other reports they are nobody's part. */
export function takePageOwner(stacks: StackGatherer, context: Context, reading: Reading, line: GatheredLine): void {
  const report = context.current;
  if (report?.rule !== 'memoryBug' || report.ended) {
    takeUnknown(stacks, context, line);
    return;
  }
  report.take(line);
  const section = report.open('other', line);
  if (reading.text.startsWith('page last allocated')) report.pageOwner ??= section;
}
