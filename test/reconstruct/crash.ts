/** Hand-made incidents and boots for the tests of this folder: what a parser would hand on, with only what a test is about filled in. */

import type {
  CodeWords,
  Event,
  Frame,
  Incident,
  KasanReport,
  ModuleInList,
  ParsedLog,
  StackTrace,
} from '../../src/parser/types.ts';

/** "apple_dart_of_xlate+0x54/0x1f8 [apple_dart]". */
export function frame(text: string, line = 50): Frame {
  const m = /^(\S+?)(?:\+(0x[0-9a-f]+)\/(0x[0-9a-f]+))?(?: \[(\w+)\])?$/.exec(text);
  if (m === null) throw new Error(`not a frame: ${text}`);
  return {
    symbol: m[1]!,
    offset: m[2] === undefined ? null : Number(m[2]),
    size: m[3] === undefined ? null : Number(m[3]),
    module: m[4] ?? null,
    reliable: true,
    line,
  };
}

/** "f94172c0 (f9002013)". */
export function code(text: string, line = 90): CodeWords {
  const words = text.split(' ');
  return {
    words: words.map((w) => Number.parseInt(w.replace(/[()]/g, ''), 16)),
    trap: words.findIndex((w) => w.startsWith('(')),
    unit: 4,
    line,
  };
}

export interface CrashText {
  readonly kind?: Incident['kind'];
  readonly arch?: Incident['arch'];
  readonly release?: string;
  readonly build?: string;
  readonly address?: bigint | null;
  readonly wording?: string | null;
  readonly access?: 'read' | 'write' | 'execute' | null;
  readonly esr?: bigint;
  readonly pc?: string;
  readonly lr?: string;
  readonly frames?: readonly string[];
  readonly code?: string;
  readonly registers?: Readonly<Record<string, bigint>>;
  readonly modules?: readonly string[];
  readonly kasan?: Partial<KasanReport>;
}

/** An arm64 oops unless told otherwise. Lines: address 10, WnR 14, oops 20, CPU 22, pc 24, registers 30, trace 50 and on, Code 90. */
export function crash(text: CrashText): Incident {
  const kasan: KasanReport | null =
    text.kasan === undefined
      ? null
      : {
          bug: 'slab-use-after-free',
          access: 'read',
          size: 8,
          address: null,
          allocated: null,
          freed: null,
          cache: null,
          objectSize: null,
          objectOffset: null,
          line: 10,
          ...text.kasan,
        };
  const modules: ModuleInList[] = (text.modules ?? []).map((m) => ({
    name: m.replace(/[+-]$/, ''),
    state: m.endsWith('+') ? '+' : m.endsWith('-') ? '-' : '',
  }));
  const hasFault = text.address !== undefined || text.esr !== undefined || text.access !== undefined;
  return {
    kind: text.kind ?? (kasan === null ? 'oops' : 'kasan'),
    title: '',
    altTitles: [],
    type: 'NULL-DEREF',
    corrupted: null,
    span: { line: 10, from: 0, to: 1 },
    lastLine: 99,
    lines: [],
    time: null,
    arch: text.arch === undefined ? 'arm64' : text.arch,
    number: 1,
    cpu: 0,
    pid: 1,
    comm: 'insmod',
    taint: null,
    cuts: [],
    release: text.release ?? null,
    build: text.build ?? null,
    hardware: null,
    workqueue: null,
    fault: hasFault
      ? {
          wording: text.wording === undefined ? 'NULL pointer dereference' : text.wording,
          address: text.address ?? null,
          access: text.access ?? null,
          esr: text.esr ?? null,
          lines: [10, 14],
        }
      : null,
    pc: text.pc === undefined ? null : frame(text.pc, 24),
    lr: text.lr === undefined ? null : frame(text.lr, 25),
    registers: new Map(Object.entries(text.registers ?? {})),
    registerLines: new Map(Object.keys(text.registers ?? {}).map((r, i) => [r, 30 + i])),
    frames: (text.frames ?? []).map((f, i) => frame(f, 50 + i)),
    code: text.code === undefined ? null : code(text.code),
    modules,
    modulesLine: modules.length === 0 ? null : 21,
    kasan,
    complete: true,
    at: {
      ...(text.address == null ? {} : { address: 10 }),
      ...(text.access == null ? {} : { wnr: 14 }),
      oops: 20,
      cpu: 22,
      ...(text.pc === undefined ? {} : { pc: 24 }),
    },
  };
}

export function stack(frames: readonly string[], line = 60): StackTrace {
  return { task: null, pid: 7, frames: frames.map((f, i) => frame(f, line + 1 + i)), line };
}

type Bare<T> = T extends unknown ? Omit<T, 'span' | 'time' | 'caller'> : never;

/** Events stand on lines 1, 2, 3 ... */
export function boot(
  incidents: readonly Incident[],
  events: readonly Bare<Event>[] = [],
  lineText: (line: number) => string | null = () => null,
): ParsedLog {
  return {
    source: { name: '-', bytes: 0, lines: 100, framings: ['plain'], boot: 0, boots: 1, kernelLog: true },
    arch: incidents[0]?.arch ?? null,
    incidents,
    events: events.map((e, i) => ({ ...e, span: { line: i + 1, from: 0, to: 1 }, time: null, caller: null }) as Event),
    fragments: [],
    losses: [],
    crashText: [],
    diagnostics: [],
    lineText,
  };
}
