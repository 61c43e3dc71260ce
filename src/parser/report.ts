/**
 * A crash report while its lines are being gathered. Mutable on purpose: kernels print a report over dozens of lines, two of them at once if two
 * CPUs crash, and only the end mark says that it is whole. `crash/incident.ts` feeds it, `crash/finish.ts` makes the Incident of it.
 */

import type { GatheredLine } from './gathered.ts';
import type { Reading } from './grammars/read.ts';
import type { Arch, CodeWords, Cut, Frame, IncidentKind, IncidentPart, ModuleInList, RacingAccess } from './types.ts';

/** One stack in a report: the crash's own, or KASAN's allocation and free stacks, or a further one. */
export interface Section {
  readonly label: 'call' | 'allocated' | 'freed' | 'other';
  readonly line: number;
  readonly task: string | null;
  readonly pid: number | null;
  readonly frames: Frame[];
  /** arm32: the callers that "A from B+0x.." names, which is where syzkaller's titles look; empty elsewhere. */
  readonly callers: Frame[];
  /** True if a "Call trace:" line opened it; a lone frame without one ("Preemption disabled at:") is no stack. */
  readonly headed: boolean;
  /** True where the kernel says that it has no stack to show. */
  unavailable: boolean;
  /** Index in `frames` at which a "RIP:" line stood inside the trace (x86 exception frame), or null. */
  ripAt: number | null;
  /** Every program counter line inside the trace: what an interrupt, or an exception, had stopped; by its index in `frames`. */
  readonly stopped: { readonly at: number; readonly frame: Frame | null }[];
}

/** What the lines between the fault's head and "Internal error" say (arm64's mem_abort_decode() and its likes). */
export interface AbortBlock {
  memAbort: number | null;
  esr: bigint | null;
  /** arm32's fault status register, with FSR_LNX_PF (bit 31) of a prefetch abort. */
  fsr: bigint | null;
  write: boolean | null;
  access: 'read' | 'write' | 'execute' | null;
  lines: Map<string, number>;
}

/** The report being gathered. */
export class Report {
  readonly lines: number[] = [];
  readonly sections: Section[] = [];
  readonly at: Partial<Record<IncidentPart, number>> = {};
  readonly registers = new Map<string, bigint>();
  readonly registerLines = new Map<string, number>();
  readonly prefaces: string[] = [];
  abort: AbortBlock = { memAbort: null, esr: null, fsr: null, write: null, access: null, lines: new Map() };
  /** True once the lines of die() began: "Internal error", "Oops:". */
  died = false;
  /** True once the report's end mark was met. */
  ended = false;
  /** True if another report's first line came before this one's end. */
  interrupted = false;
  /** The report that came in between in the same context, before this one had any frame: the stack that follows is of both. */
  followedBy: Report | null = null;
  /** True while lines after the end mark (x86 repeats RIP and registers, a panic follows) are taken in without changing anything. */
  tail = false;
  number: number | null = null;
  wording: string | null = null;
  address: bigint | null = null;
  cpu: number | null = null;
  pid: number | null = null;
  comm: string | null = null;
  taint: string | null = null;
  release: string | null = null;
  /** What stands in this report and is cut. */
  readonly cuts: Cut[] = [];
  /** The address was printed in eight digits, which is whole on 32 bits only. */
  narrow = false;
  build: string | null = null;
  hardware: string | null = null;
  workqueue: string | null = null;
  pc: Frame | null = null;
  lr: Frame | null = null;
  rip: Frame | null = null;
  /** True if the first RIP line names no symbol. */
  ripless = false;
  /** True if the first RIP line stood inside a trace: older x86 reports print the exception frame there. */
  ripInside = false;
  code: CodeWords | null = null;
  modules: ModuleInList[] = [];
  modulesLine: number | null = null;
  arch: Arch | null = null;
  last: GatheredLine;
  /** Lines of the report's own context since the last one that the grammars knew. */
  gap = 0;
  /** Of the tracer's buffer, which is dumped in the middle of a report and can be of any length: lines since then, and the last one's time. */
  dumped = 0;
  dumpedUntil: number | null = null;
  kasanAccess: Reading | null = null;
  /** The accesses of a KCSAN report. */
  readonly racing: RacingAccess[] = [];
  kasanObject: { start: bigint | null; cache: string | null; size: number | null; offset: number | null } = {
    start: null,
    cache: null,
    size: null,
    offset: null,
  };
  /** Where page_owner says that the page of a bad-page report was allocated. */
  pageOwner: Section | null = null;
  /** "last function:" of a work item that leaked a lock, or the work in flight of a workqueue that is stuck. */
  lastFunction: string | null = null;
  /** First text line of a suspicious-RCU or held-lock report that names a function ("at: [<..>] foo+0x..."). */
  readonly held: string[] = [];
  /** Lines inside the trace of which no frame is left. */
  readonly holes: number[] = [];
  panicked = false;
  /** Why Rust code panicked ("attempt to add with overflow"), where this BUG() is its panic handler's. */
  rustPanic: string | null = null;
  /** Line from which another subsystem's stack mixes in (fault injection, a failed allocation): no title looks behind it. */
  mixedFrom: number | null = null;

  constructor(
    /** The head's rule in the grammars, "orphan" if the head is missing. */
    readonly rule: string,
    readonly kind: IncidentKind,
    /** The head line's reading, of an inlined function's headline the one below it; null for an orphan. */
    public head: Reading | null,
    readonly first: GatheredLine,
  ) {
    this.last = first;
    this.take(first);
  }

  take(line: GatheredLine): void {
    if (this.lines[this.lines.length - 1] !== line.span.line) this.lines.push(line.span.line);
    if (line.span.line >= this.last.span.line) this.last = line;
    this.gap = 0;
    this.dumped = 0;
  }

  /** A line of the tracer's buffer came in between. */
  interrupt(line: GatheredLine): void {
    this.dumped++;
    this.dumpedUntil = line.time;
  }

  /** Notes that a number is cut; the first of a kind counts. */
  cut(what: Cut['what'], text: string, line: GatheredLine): void {
    if (!this.cuts.some((c) => c.what === what)) this.cuts.push({ what, text, line: line.span.line });
  }

  /** Notes where a part stands; its first place counts. */
  mark(part: IncidentPart, line: GatheredLine): void {
    this.at[part] ??= line.span.line;
  }

  open(
    label: Section['label'],
    line: GatheredLine,
    headed = true,
    task: string | null = null,
    pid: number | null = null,
  ): Section {
    const section: Section = {
      label,
      line: line.span.line,
      task,
      pid,
      frames: [],
      callers: [],
      headed,
      ripAt: null,
      unavailable: false,
      stopped: [],
    };
    this.sections.push(section);
    return section;
  }

  /** The stack that frames go to now. */
  get section(): Section | null {
    return this.sections[this.sections.length - 1] ?? null;
  }

  /** A worker pool made no progress: what its workers do is the report. */
  get isWorkqueueLockup(): boolean {
    return this.rule === 'memoryBug' && this.head?.get('memoryWhat') === 'workqueue lockup';
  }

  get hasFrames(): boolean {
    return this.sections.some((s) => s.frames.length > 0 && !isLone(s));
  }

  /** The crash's own stack: the first that has a "Call trace:" line or several frames; else the first lone frame. */
  get stack(): Section | null {
    const calls = this.sections.filter((s) => s.label === 'call' && s.frames.length > 0);
    return calls.find((s) => !isLone(s)) ?? calls[0] ?? null;
  }
}

/** A frame that no "Call trace:" line announces ("Preemption disabled at:", the unlock that has no lock) is no stack. */
export function isLone(section: Section): boolean {
  return !section.headed && section.frames.length === 1 && section.callers.length === 0;
}
