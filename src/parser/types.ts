/**
 * What the parser hands on: every value is a readonly plain object that carries the span of bytes it came from,
 * so that each claim in a report can quote its line. Nothing after the scanner sees raw bytes.
 */

import type { Event, Frame, Span } from './event-types.ts';

/** How the kernel's lines were wrapped by whatever captured them; names as in the reports (`source.framings`). */
export type FramingName =
  | 'dmesg' // "[    1.234567] msg"
  | 'dmesg-caller' // "[    1.234567][   T44] msg" and the spaced form; also "[   T44] msg" of printk.time=0
  | 'level' // "<6>[    1.234567] msg", pstore records
  | 'syslog' // RFC 3164 or ISO time, host, "kernel:"
  | 'journal' // journalctl -o short-monotonic and relatives
  | 'dmesg-json' // dmesg --json
  | 'kmsg' // "6,1509,12767657146,-;msg" of /dev/kmsg and extended netconsole
  | 'netconsole' // the same in fragments ("ncfrag="), or with the caller alone in front
  | 'journal-json' // journalctl -o json, json-pretty
  | 'journal-export' // journalctl -o export
  | 'logcat' // logcat -b kernel
  | 'lava' // a LAVA job's YAML list
  | 'journal-verbose' // journalctl -o verbose
  | 'cri' // a container runtime's or CI runner's stamp with stream and flag
  | 'json-line' // a JSON object or string a line
  | 'vendor' // a vendor's CPU, task or clock behind the stamp
  | 'learned' // regular over the input's lines, and in no list
  | 'pstore' // "Oops#1 Part1" records
  | 'mail' // quoted or wrapped paste
  | 'plain'; // no prefix at all

/** One kernel message with its framing cut off. */
export interface Line {
  readonly span: Span;
  /** The message, framing removed, joined if a paste had wrapped it; never trimmed at the start (a leading blank is the kernel's). */
  readonly text: string;
  /** Microseconds since boot, or null where the framing has no kernel time stamp. */
  readonly time: number | null;
  /** PRINTK_CALLER tag, such as "T44" (task) or "C0" (interrupt context on a CPU). */
  readonly caller: string | null;
  /** printk level 0..7 where the framing shows it. */
  readonly level: number | null;
  readonly framing: FramingName;
}

export type Arch = 'arm64' | 'arm' | 'x86_64' | 'x86' | 'riscv' | 'powerpc' | 's390' | 'mips';

/** The `Code:` line: what it prints as units of 32 bits (arm64, arm32), 16 (Thumb-2, riscv) or 8 (x86), and at which of them pc stood (in brackets). */
export interface CodeWords {
  readonly words: readonly number[];
  readonly trap: number;
  /** Bytes of each word. */
  readonly unit: 4 | 2 | 1;
  readonly line: number;
  /** The first word begins an instruction: of words that a kernel's own build gave, a log cannot say so. */
  readonly aligned?: true;
}

export interface StackTrace {
  readonly task: string | null;
  readonly pid: number | null;
  readonly frames: readonly Frame[];
  readonly line: number;
}

/** One of the two accesses that a KCSAN report is about, with its own stack. */
export interface RacingAccess {
  readonly does: 'read' | 'write';
  readonly address: bigint;
  readonly size: number;
  readonly pid: number | null;
  readonly frames: readonly Frame[];
  readonly line: number;
}

/** The parts of a KASAN or KFENCE report that say what was freed, where and by whom. */
export interface KasanReport {
  /** "use-after-free", "slab-use-after-free", "null-ptr-deref", "double-free", "invalid-free", ... as printed. */
  readonly bug: string;
  readonly access: 'read' | 'write' | null;
  readonly size: number | null;
  readonly address: bigint | null;
  readonly allocated: StackTrace | null;
  readonly freed: StackTrace | null;
  /** The slab object: its cache's name and size, and how many bytes inside it the access was. */
  readonly cache: string | null;
  readonly objectSize: number | null;
  readonly objectOffset: number | null;
  readonly line: number;
}

export interface ModuleInList {
  readonly name: string;
  /** '+': its init function is still running; '-': it is being unloaded. */
  readonly state: '+' | '-' | '';
}

/** What the log says of the memory fault itself. */
export interface FaultLines {
  /** "NULL pointer dereference", "paging request", "write to read-only memory", ... as printed; null if only the oops line is left. */
  readonly wording: string | null;
  readonly address: bigint | null;
  /** From WnR, ESR, x86's #PF line or error code; null where nothing says. */
  readonly access: 'read' | 'write' | 'execute' | null;
  /** arm64 ESR_EL1 or null. */
  readonly esr: bigint | null;
  /** Line numbers of everything above. */
  readonly lines: readonly number[];
}

export type IncidentKind =
  | 'oops' // a kernel memory fault or other die(): registers and trace follow
  | 'kasan'
  | 'kfence'
  | 'bug' // BUG()/BUG_ON, list corruption, refcount BUG
  | 'warning'
  | 'panic'
  | 'lockup' // soft or hard lockup
  | 'rcu-stall'
  | 'hung-task'
  | 'lockdep'
  | 'atomic-sleep'
  | 'ubsan'
  | 'other';

/** A number of which the log holds a part only: whatever begins so (or ends so) may have stood there. */
export interface Cut {
  readonly what: 'release' | 'address' | 'syndrome' | 'register' | 'offset' | 'comm';
  /** What is left of it. */
  readonly text: string;
  readonly line: number;
}

/** One crash report of the kernel, its lines gathered from whatever was mixed in between. */
export interface Incident {
  readonly kind: IncidentKind;
  /** syzkaller's title, e.g. "BUG: unable to handle kernel NULL pointer dereference in apple_dart_of_xlate". */
  readonly title: string;
  readonly altTitles: readonly string[];
  /** syzkaller's crash type: NULL-DEREF, KASAN-UAF-READ, WARNING, HANG, ... */
  readonly type: string;
  /** Why no title can be trusted (cut, interleaved), or null. */
  readonly corrupted: string | null;
  /** From the report's first line to its last one. */
  readonly span: Span;
  readonly lastLine: number;
  /** Numbers of the lines that belong to this report (others in between do not). */
  readonly lines: readonly number[];
  /** Microseconds since boot of the first line, or null. */
  readonly time: number | null;
  readonly arch: Arch | null;
  /** "Internal error: Oops: ... [#2]" gives 2. */
  readonly number: number | null;
  readonly cpu: number | null;
  readonly pid: number | null;
  readonly comm: string | null;
  readonly taint: string | null;
  /** Numbers of the report that are cut: their values are null here. */
  readonly cuts: readonly Cut[];
  /** Release as printed in the "CPU: ... 6.1.192 #1" line, whole. */
  readonly release: string | null;
  /** What follows the release there, e.g. "#1 Debian 6.1.76-1". */
  readonly build: string | null;
  readonly hardware: string | null;
  /** "events_unbound deferred_probe_work_func". */
  readonly workqueue: string | null;
  readonly fault: FaultLines | null;
  readonly pc: Frame | null;
  readonly lr: Frame | null;
  /** Register name ("x0", "x29", "sp") to value. */
  readonly registers: ReadonlyMap<string, bigint>;
  /** Line on which each register stands. */
  readonly registerLines: ReadonlyMap<string, number>;
  /** The call trace, innermost first; empty where the report was cut before it. KASAN: the access's own stack. */
  readonly frames: readonly Frame[];
  readonly code: CodeWords | null;
  readonly modules: readonly ModuleInList[];
  readonly modulesLine: number | null;
  /** Of KASAN and KFENCE. */
  readonly kasan: KasanReport | null;
  /** Of KCSAN: its two accesses, or the one that it knows. */
  readonly racing?: readonly RacingAccess[];
  /** True when the report's end mark was seen ("end trace", KASAN's bar). */
  readonly complete: boolean;
  /** Line numbers by part, for quoting: "address", "esr", "oops", "modules", "cpu", "hardware", "workqueue", "pc", "lr", "trace", "code", "end". */
  readonly at: Readonly<Partial<Record<IncidentPart, number>>>;
}

export type IncidentPart =
  | 'address'
  | 'esr'
  | 'wnr'
  | 'oops'
  | 'modules'
  | 'cpu'
  | 'hardware'
  | 'workqueue'
  | 'pc'
  | 'lr'
  | 'trace'
  | 'code'
  | 'end';

export type { DeferralKind, Event, Frame, Span } from './event-types.ts';

/** A line cut short, with what it could have become. */
export interface Fragment {
  readonly span: Span;
  readonly time: number | null;
  readonly text: string;
  /** The device the fragment names ("15000000.iommu"), or null. */
  readonly device: string | null;
  /** Known message formats of which the text is a proper prefix, printk conversions kept ("%s"). */
  readonly completions: readonly string[];
}

/** Something of the log that is known to be missing. */
export interface Loss {
  readonly kind: 'dropped' | 'sequence-gap' | 'cut-start' | 'cut-end' | 'console-level' | 'torn';
  readonly line: number;
  readonly text: string;
}

/** A coded remark for the user; `line` null: of the whole input. Codes are listed in src/diagnostics.ts. */
export interface Diagnostic {
  readonly code: string;
  readonly text: string;
  readonly line: number | null;
}

/** One boot's worth of log: several boots in one file are several of these. */
export interface ParsedLog {
  readonly source: {
    readonly name: string;
    readonly bytes: number;
    readonly lines: number;
    readonly framings: readonly FramingName[];
    readonly boot: number;
    /** Boots in the input; where that is large and went on behind this one, those that have begun. */
    readonly boots: number;
    /** Some line of the input is a kernel's. */
    readonly kernelLog: boolean;
    /** True where it went on: then `boots`, `bytes` and `lines` are those up to there. */
    readonly goesOn?: true;
  };
  readonly arch: Arch | null;
  readonly incidents: readonly Incident[];
  readonly events: readonly Event[];
  readonly fragments: readonly Fragment[];
  readonly losses: readonly Loss[];
  /** Where no report of a crash could be put together: lines with what only a crash prints. `known`: they were read, and more of the report is missing. */
  readonly crashText: readonly {
    readonly line: number;
    readonly text: string;
    readonly known: boolean;
    /** Of a CPU line, which a warning and a dumped stack have as well: the release in it. */
    readonly release?: string | null;
  }[];
  readonly diagnostics: readonly Diagnostic[];
  /**
   * Text of one line by its number, for quoting (message with framing cut off, or null if out of range). Where a mailer wrapped a message, or
   * netconsole sent it in pieces, the line at which it starts gives it whole. Reads the input again: call it for
   * the few lines that a report quotes only.
   */
  readonly lineText: (line: number) => string | null;
}
