/** Gathered report to Incident: whether it is a crash at all, its title, what of it was lost. */

import { digitsOf, hexValue } from '../grammars/numeral.ts';
import type { Report, Section } from '../report.ts';
import { titleOf } from '../title/title.ts';
import type { Frame, Incident, IncidentKind, KasanReport, Loss, StackTrace } from '../types.ts';
import { inCaller } from './frames.ts';

/** Rules whose report has no end mark; any other without its mark was cut. */
const UNMARKED: ReadonlySet<string> = new Set([
  ...[
    'panic',
    'slub',
    'spinlockBug',
    'preemptible',
    'memoryBug',
    'bugText',
    'lockdep',
    'hungTask',
    'cantDie',
    'rcuStall',
    'softLockup',
    'hardLockup',
  ],
  ...['sleepingInvalid', 'schedulingAtomic', 'memoryLeak', 'netdevWait', 'sysfsDuplicate', 'ubsan', 'warningText'],
]);

/** The incident and what is lost of it, or null if the lines gathered are no crash (a stack dump, a boot loader's "WARNING:"). */
export function finishReport(report: Report, lastLine: number): { incident: Incident; losses: Loss[] } | null {
  if (!isCrash(report)) return null;
  const kind = kindOf(report);
  const { title, altTitles, type, corrupted } = titleOf(report);
  const atEnd = lastLine - report.last.span.line <= 2;
  const complete = report.ended || (UNMARKED.has(report.rule) && report.hasFrames && !atEnd);
  const main = mainSection(report);
  const kasan = report.rule === 'kasan' || report.rule === 'kfence' ? kasanOf(report) : null;
  const fault = faultOf(report);
  const incident: Incident = {
    kind,
    title,
    altTitles,
    type,
    corrupted,
    span: { line: report.first.span.line, from: report.first.span.from, to: report.last.span.to },
    lastLine: report.last.span.line,
    lines: [...new Set(report.lines)].filter((l) => l <= report.last.span.line).sort((a, b) => a - b),
    time: report.first.time,
    arch: report.arch,
    number: report.number,
    cpu: report.cpu ?? number(report.head?.get('cpu')),
    pid: report.pid ?? pidOf(report),
    comm: report.comm ?? report.head?.get('hungComm') ?? report.head?.get('comm') ?? null,
    taint: report.taint,
    cuts: report.cuts,
    release: report.release,
    build: report.build,
    hardware: report.hardware,
    workqueue: report.workqueue,
    fault,
    pc: report.pc,
    lr: report.lr,
    registers: report.registers,
    registerLines: report.registerLines,
    frames: main === null ? [] : framesOf(main, report.pc),
    code: report.code,
    modules: report.modules,
    modulesLine: report.modulesLine,
    kasan,
    ...(report.racing.length > 0 ? { racing: report.racing } : {}),
    complete,
    at: report.at,
  };
  return { incident, losses: lossesOf(report, complete, atEnd) };
}

/** What user space and boot code say with "WARNING:" on every such machine; syzkaller passes them over, too. */
const HARMLESS_WARNINGS =
  /^\/etc\/ssh\/moduli|^workqueue cpumask: online|^[Tt]he mand mount option|^Unprivileged eBPF is enabled|^See https|^Unsupported flag value|^fbcon: Driver|uses (?:wireless extensions|deprecated v2 capabilities)|^kernel not compiled with CPU_SRSO/i;

function isCrash(report: Report): boolean {
  const framed = report.first.framing !== 'plain' && report.first.framing !== 'mail';
  switch (report.rule) {
    case 'orphan':
      // A bare dump_stack() has no registers; the middle of an oops has.
      return (
        report.panicked ||
        // The kernel fills a pstore dump only when it dies.
        report.first.dump !== null ||
        isQuotedTrace(report) ||
        printsWords(report) ||
        (report.ended && report.pc !== null) ||
        (report.pc !== null && (report.registers.size >= 8 || report.lr !== null))
      );
    case 'warningText':
      return (
        !HARMLESS_WARNINGS.test(report.head?.get('text') ?? '') &&
        (report.hasFrames || framed || /^kernel stack (?:regs|frame pointer)/.test(report.head?.get('text') ?? ''))
      );
    case 'bugText':
      return report.hasFrames || (framed && (report.head?.get('text') ?? '') !== '');
    case 'headless':
      return report.died || report.abort.lines.size >= 4;
    case 'unableToHandle':
      return framed || report.died || report.hasFrames || report.address !== null || report.cuts.length > 0;
    case 'slubInfo':
      return framed;
    // sysfs_warn_dup() warns and dumps a stack: a timeline event, no crash.
    case 'sysfsDuplicate':
      return false;
    case 'ubsan':
      return report.hasFrames || framed;
    case 'oops':
      return report.hasFrames || report.pc !== null || report.pid !== null || framed;
    default:
      return true;
  }
}

/** On arm64, arm32 and riscv only a dying kernel prints its instructions; x86 does so in every dump of registers. */
function printsWords({ code }: Report): boolean {
  return code !== null && code.unit !== 1;
}

/** A call trace that the log starts with, as people quote them: its head was left out, but no dump_stack() stands on top of it. */
function isQuotedTrace(report: Report): boolean {
  const frames = mainSection(report)?.frames ?? [];
  if (report.pc !== null && (frames.length > 0 || report.at.trace !== undefined)) return true;
  const first = frames[0];
  const asked = /dump_stack|show_stack|dump_backtrace|__switch_to|__schedule|unwind_backtrace/;
  // Of a report cut in its pc line three lines stand before its registers.
  return first !== undefined && report.first.span.line <= 4 && !asked.test(first.symbol);
}

function kindOf(report: Report): IncidentKind {
  if (report.rule === 'orphan') return printsWords(report) || report.at.pc !== undefined ? 'oops' : 'other';
  if (report.rule === 'trap' && report.prefaces.length > 0) return 'bug';
  return report.kind;
}

/** The stack that the crash happened on. */
export function mainSection(report: Report): Section | null {
  const calls = report.sections.filter((s) => s.label === 'call' && s.frames.length > 0);
  // lockdep prints the dependency chain's stacks first and its own last.
  if (report.kind === 'lockdep') return calls[calls.length - 1] ?? null;
  return report.stack;
}

/** arm32's lines tell of two functions each, so that the last names where the thread came in, and the first's own place is pc. */
function framesOf({ frames, callers }: Section, pc: Frame | null): readonly Frame[] {
  const outermost = callers.at(-1);
  const [innermost] = frames;
  if (outermost === undefined || innermost === undefined) return frames;
  return [pc === null ? innermost : inCaller(innermost, pc), ...frames.slice(1), outermost];
}

function faultOf(report: Report): Incident['fault'] {
  const { abort } = report;
  if (report.narrow && isWide(report)) {
    report.cut('address', (report.address ?? 0n).toString(16).padStart(8, '0'), report.first);
    report.address = null;
  }
  if (report.kind !== 'oops' && report.kind !== 'other') return null;
  if (report.wording === null && report.address === null && abort.esr === null) return null;
  const lines = [report.at.address, ...abort.lines.values(), report.wording === null ? report.at.oops : undefined];
  const fromSyndrome = syndromeAccess(report.arch, abort.esr) ?? statusAccess(report);
  const access = abort.access ?? (abort.write === null ? fromSyndrome : abort.write ? 'write' : 'read');
  return {
    wording: report.wording,
    address: report.address,
    access,
    esr: abort.esr,
    lines: lines.filter((l): l is number => l !== undefined).sort((a, b) => a - b),
  };
}

/** These print an address with sixteen digits; arm64 did with eight up to v4.16. */
function isWide({ arch, release }: Report): boolean {
  return (arch === 'arm64' || arch === 'x86_64') && !/^[1-4]\./.test(release ?? '');
}

/** arm64 ESR_EL1: a data abort (EC 0x24, 0x25) has WnR in bit 6; an instruction abort (0x20, 0x21) executes. */
function syndromeAccess(arch: string | null, esr: bigint | null): 'read' | 'write' | 'execute' | null {
  if (esr === null || (arch !== null && arch !== 'arm64')) return null;
  const exceptionClass = Number((esr >> 26n) & 0x3fn);
  if (exceptionClass === 0x24 || exceptionClass === 0x25) return (esr >> 6n) & 1n ? 'write' : 'read';
  return exceptionClass === 0x20 || exceptionClass === 0x21 ? 'execute' : null;
}

/** arm32: bit 11 of the DFSR is WnR, in both formats; FSR_LNX_PF, bit 31, marks a prefetch abort. Other traps print 0. */
function statusAccess(report: Report): 'read' | 'write' | 'execute' | null {
  const { fsr } = report.abort;
  if (fsr === null || fsr === 0n || report.arch !== 'arm') return null;
  if ((fsr & 0x8000_0000n) !== 0n) return 'execute';
  return (fsr & 0x800n) === 0n ? 'read' : 'write';
}

function kasanOf(report: Report): KasanReport {
  const head = report.head!;
  const access = report.kasanAccess?.get('access') ?? null;
  const { kasanAccess, kasanObject } = report;
  const from = kasanAccess?.numeral('address') == null ? head : kasanAccess;
  const printed = from.numeral('address');
  const address = from.rule === 'kasanAccess' ? hexValue(printed) : printed && BigInt(`0x${digitsOf(printed.text)}`);
  if (printed !== null && address === null) report.cut('address', printed.text, report.first);
  const agrees = offsetAgrees(address, kasanObject);
  if (!agrees) report.cut('offset', String(kasanObject.offset), report.first);
  const stack = (label: Section['label']): StackTrace | null => {
    const section = report.sections.find((s) => s.label === label);
    return section === undefined
      ? null
      : { task: section.task, pid: section.pid, frames: section.frames, line: section.line };
  };
  // KFENCE's own words are "use-after-free read", "invalid free", "memory corruption".
  const [bug = '', does] = / (read|write)$/.test(head.get('bug') ?? '')
    ? head.get('bug')!.split(/ (?=\w+$)/)
    : [head.get('bug') ?? ''];
  return {
    bug: report.rule === 'kfence' && bug === 'invalid free' ? 'invalid-free' : bug,
    access: access === 'Read' || does === 'read' ? 'read' : access === 'Write' || does === 'write' ? 'write' : null,
    size: number(report.kasanAccess?.get('number')),
    address,
    allocated: stack('allocated'),
    freed: stack('freed'),
    cache: report.kasanObject.cache,
    objectSize: report.kasanObject.size,
    objectOffset: agrees ? kasanObject.offset : null,
    line: report.first.span.line,
  };
}

/** KASAN's report says twice where in its object the access was: the address less the object's, and in words. Objects of the power-of-two caches are aligned to their size. */
function offsetAgrees(address: bigint | null, { start, offset, cache }: Report['kasanObject']): boolean {
  if (address === null || offset === null) return true;
  const low = (value: bigint) => BigInt.asUintN(56, value);
  if (start !== null) return low(address - start) === BigInt(offset);
  const aligned = /^kmalloc(?:-\w+)?-(\d+)$/.exec(cache ?? '')?.[1];
  const size = aligned === undefined ? 0 : Number(aligned);
  return size === 0 || (size & (size - 1)) !== 0 || Number(address & BigInt(size - 1)) === offset % size;
}

/** Where no CPU line was printed: KASAN's "by task comm/pid", the hung task, the new WARNING header. */
function pidOf(report: Report): number | null {
  const task = report.kasanAccess?.get('task') ?? report.head?.get('warnTask') ?? null;
  const slash = task === null ? null : /\/(\d+)\s*$/.exec(task);
  return slash === null ? number(report.head?.get('pid')) : Number(slash[1]);
}

function number(text: string | null | undefined): number | null {
  return text === null || text === undefined || text === '' ? null : Number(text);
}

function lossesOf(report: Report, complete: boolean, atEnd: boolean): Loss[] {
  const losses: Loss[] = [];
  const line = report.first.span.line;
  if (report.rule === 'internalError')
    losses.push({
      kind: 'console-level',
      line,
      text: 'the lines above "Internal error" (the address among them) are not in the log',
    });
  else if (report.rule === 'orphan' || report.rule === 'headless')
    losses.push({ kind: 'cut-start', line, text: 'the log starts inside a crash report' });
  for (const hole of report.holes) losses.push({ kind: 'torn', line: hole, text: 'a line of the call trace is torn' });
  if (!complete && atEnd && !UNMARKED.has(report.rule))
    losses.push({ kind: 'cut-end', line: report.last.span.line, text: 'the log ends inside a crash report' });
  return losses;
}
