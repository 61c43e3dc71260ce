/** Bytes to ParsedLog: scan, framings, grammar, events, incidents; one ParsedLog per boot in the input. */

import { latin1, utf8 } from '../bytes.ts';
import { splitBoots } from './boots.ts';
import { assemble } from './crash/incident.ts';
import { eventOf, isTorn, stackEvent } from './events.ts';
import type { Gathered, GatheredLine } from './gathered.ts';
import { fragmentOf } from './grammars/fragments.ts';
import { MARKERS } from './grammars/markers.ts';
import { Reader, type Reading } from './grammars/read.ts';
import { type Understood, understand } from './grammars/understand.ts';
import { CAPS, type Caps } from './lines/caps.ts';
import { decodeInput } from './lines/decode.ts';
import { gather } from './lines/gather.ts';
import { oldestFirst } from './lines/pstore.ts';
import { joinRecords } from './lines/records.ts';
import { toBytes } from './lines/transcode.ts';
import type { Arch, Diagnostic, Event, Fragment, FramingName, Loss, ParsedLog } from './types.ts';

export type { Caps } from './lines/caps.ts';

/** Reads a log: at least one ParsedLog, also for empty or binary input. Never throws for what the bytes hold. */
export function parseLog(bytes: Uint8Array, source: { name: string }, options: Partial<Caps> = {}): ParsedLog[] {
  const caps = { ...CAPS, ...options };
  const taken = toBytes(bytes);
  const { separator } = taken;
  const decoded = decodeInput(taken.buffer, separator);
  const { buffer } = decoded;
  const diagnostics = [...taken.diagnostics, ...decoded.diagnostics];
  const gathered = withRemains(gather(buffer, caps, separator), buffer, caps, separator);
  const reader = new Reader(caps.grammarWork, caps.line);
  const lines = joinRecords(gathered.pstore ? oldestFirst(gathered.lines) : gathered.lines);
  const understood = understand(lines, reader);
  const boots = splitBoots(understood);
  const shared: Diagnostic[] = [...diagnostics, ...gathered.diagnostics];
  if (bytes.length === 0) shared.push({ code: 'OR103', text: 'the input is empty', line: null });
  if (reader.exhausted)
    shared.push({
      code: 'OR105',
      text: 'the work cap of the grammar was reached; later lines were not parsed',
      line: null,
    });
  const joined = joinedTexts(understood);
  const physical = textReader(buffer, separator, gathered.cut);
  const lineText = (line: number) => joined.get(line) ?? physical(line);
  return boots.map((boot, index) => {
    const until = boots[index + 1]?.[0]?.line.span.line;
    const lastLine = until === undefined ? Math.max(gathered.total, 1) : until - 1;
    return parsed(boot, index, {
      boots: boots.length,
      goesOn: false,
      followed: index < boots.length - 1,
      lastLine,
      total: gathered.total,
      framings: gathered.framings,
      kernelish: gathered.kernelish,
      unframed: gathered.lines.some(isUnframed),
      bytes: bytes.length,
      caps,
      shared: index === 0 ? shared : [],
      lineText,
      name: source.name,
    });
  });
}

/** What only a crash prints. */
const CRASH_TEXT =
  /Unable to handle kernel |Internal error: \S|\b(?:pc|lr) : [A-Za-z_][\w.$]*\+0x|\b(?:PC|LR) is at [A-Za-z_][\w.$]*\+0x|BUG: KASAN: |BUG: unable to handle |Kernel panic - not syncing|\bRIP: [0-9a-f]{4}:[A-Za-z_]/;
/** A stamp whose digits someone left out, and a device of an IOMMU: what a mail quotes of a line that was cut. */
const QUOTED_STAMP = /^[>| \t]{0,20}\[ {0,8}[0-9xXyYnN?]{1,8}\.[xXyYnN?]{1,9}\] \S/;
const QUOTED_DEVICE =
  /^[>| \t]{0,20}(?:\[ {0,12}\d{1,8}\.\d{1,9}\] )?(?:[\w-]{1,40} )?[\w@,-]{1,40}\.(?:iommu|smmu|smmuv3|sysmmu|dart)(?::.{0,80})?\s*$/;
/** A frame of a stack, or registers, whose headline may be lost. */
const FRAME =
  /(?:^|[\s>|([])(?:[A-Za-z_][\w.$]{2,80}\+0x[0-9a-f]{1,5}\/0x[0-9a-f]{1,5}\b|R[A-D]X: [0-9a-f]{16}|RSP: [0-9a-f]{4}:[0-9a-f]|pc : \[<[0-9a-f]{8}>\]|sp : [0-9a-f]{8} |x\d{1,2} ?: [0-9a-f]{16})/;
/** The same in a text of many lines, and what of them each cannot do without: looked for first, as that is several times quicker. */
const QUOTED_STAMPS = new RegExp(QUOTED_STAMP.source, 'm');
const PLACEHOLDER = /\.[xXyYnN?]{1,9}\] /;
const QUOTED_DEVICES = new RegExp(QUOTED_DEVICE.source, 'm');
const DEVICE_NAMES = ['.iommu', '.smmu', '.sysmmu', '.dart'] as const;
/** Inputs of this size are looked at line by line where no marker of a crash stands and yet such text. */
const SMALL = 64 << 10;
const EXCERPT = 16 << 10;
const MOST_CRASH_TEXT = 5;

/** A few lines that someone cut out of a report have none of the marks that it is found by. */
function withRemains(gathered: Gathered, buffer: Uint8Array, caps: Caps, separator: number): Gathered {
  if (buffer.length > SMALL || gathered.lines.some((l) => CRASH_TEXT.test(l.text))) return gathered;
  const text = latin1(buffer);
  if (!remainsIn(text) && !(buffer.length <= EXCERPT && FRAME.test(text))) return gathered;
  return { ...gather(buffer, caps, separator, true), pstore: gathered.pstore };
}

/** True for text of a crash, or a line of a mail that is quoted alone. */
function remainsIn(text: string): boolean {
  return (
    CRASH_TEXT.test(text) ||
    (PLACEHOLDER.test(text) && QUOTED_STAMPS.test(text)) ||
    (DEVICE_NAMES.some((name) => text.includes(name)) && QUOTED_DEVICES.test(text))
  );
}

/** Framings of whatever text. */
const ANYBODYS: ReadonlySet<FramingName> = new Set(['plain', 'mail', 'json-line', 'cri']);

/** True for text that no framing stands before. */
export function isUnframed(line: GatheredLine): boolean {
  return line.framing === 'plain' && line.text.trim() !== '';
}

/** What is known of the input that a boot stands in. */
export interface Whole {
  /** Those that have begun, and whether the input goes on behind them. */
  readonly boots: number;
  readonly goesOn: boolean;
  readonly followed: boolean;
  readonly lastLine: number;
  readonly total: number;
  readonly framings: ReadonlySet<FramingName>;
  readonly unframed: boolean;
  readonly kernelish: () => boolean;
  readonly bytes: number;
  readonly caps: Caps;
  readonly shared: readonly Diagnostic[];
  readonly lineText: (line: number) => string | null;
  readonly name: string;
}

/** One boot's lines, put together. */
export function parsed(boot: readonly Understood[], index: number, whole: Whole): ParsedLog {
  const { caps } = whole;
  const events: Event[] = [];
  const losses: Loss[] = [];
  const diagnostics: Diagnostic[] = [...whole.shared];
  const fragments = fragmentsOf(boot, whole);
  const fragmented = new Set(fragments.map((f) => f.span.line));
  const unread: Understood[] = [];
  for (const one of boot) {
    const { line, reading } = one;
    if (reading === null) {
      unread.push(one);
      continue;
    }
    if (reading.rule === 'dropped') {
      losses.push({ kind: 'dropped', line: line.span.line, text: reading.text });
      diagnostics.push({ code: 'OR107', text: reading.text, line: line.span.line });
      continue;
    }
    const event = beheaded(boot, line, reading, whole) ? null : eventOf(reading, line);
    if (event === null) unread.push(one);
    if (event !== null && !(event.kind === 'iommu-message' && fragmented.has(line.span.line))) events.push(event);
  }
  // pstore parts stand newest first: there the last line of the story is not the last of the file.
  const dumped = boot.some((u) => u.line.dump !== null);
  const lastLine = dumped ? boot[boot.length - 1]!.line.span.line : whole.lastLine;
  const assembled = assemble(boot, lastLine, caps.incidents);
  for (const stack of assembled.stacks) if (stack.frames.length > 0) events.push(stackEvent(stack));
  events.sort((a, b) => (dumped ? (a.time ?? 0) - (b.time ?? 0) : a.span.from - b.span.from));
  losses.push(...assembled.losses, ...sequenceGaps(boot));
  if (assembled.capped)
    diagnostics.push({
      code: 'OR106',
      text: `more than ${caps.incidents} crash reports; later ones were not read`,
      line: null,
    });
  for (const fragment of fragments)
    diagnostics.push({
      code: 'OR104',
      text: `line cut: ${fragment.completions.length} known messages start like it`,
      line: fragment.span.line,
    });
  return {
    source: {
      name: whole.name,
      bytes: whole.bytes,
      lines: whole.total,
      framings: framingsOf(whole, boot),
      boot: index,
      boots: whole.boots,
      kernelLog:
        whole.boots > 1 ||
        events.length + assembled.incidents.length + losses.length > 0 ||
        fragments.some((f) => f.completions.length > 0) ||
        [...whole.framings].some((framing) => !ANYBODYS.has(framing)) ||
        whole.kernelish(),
      ...(whole.goesOn ? { goesOn: true } : {}),
    },
    arch: archOf(assembled.incidents, events, boot),
    incidents: assembled.incidents,
    events,
    fragments,
    losses: losses.sort((a, b) => a.line - b.line),
    crashText: assembled.incidents.length > 0 ? [] : crashTextOf(unread, isWhole(boot) ? Infinity : whole.total),
    diagnostics,
    lineText: whole.lineText,
  };
}

/** Lines of an input that is nothing but a few which somebody cut out. */
const MOST_CUT_OUT = 8;

/** True for a boot whose beginning is there. */
function isWhole(boot: readonly Understood[]): boolean {
  return boot.some(({ reading }) => reading?.rule === 'banner' || reading?.rule === 'booting');
}

/** `boot`: its lines that are no events. */
function crashTextOf(boot: readonly Understood[], total: number): ParsedLog['crashText'] {
  const cpu = total <= MOST_CUT_OUT ? boot.find(({ reading }) => reading?.rule === 'cpuLine') : undefined;
  if (cpu !== undefined && !boot.some(({ line }) => CRASH_TEXT.test(line.text))) {
    const { line, reading } = cpu;
    const of = reading!.numeral('release');
    const release = of?.whole === true ? of.text : null;
    return [{ line: line.span.line, text: line.text.slice(0, 200), known: true, release }];
  }
  const found = boot.filter(({ line }) => CRASH_TEXT.test(line.text)).slice(0, MOST_CRASH_TEXT);
  if (found.length === 0 && total <= MOST_PROSE) return stackAlone(boot);
  return found.map(({ line, reading }) => ({
    line: line.span.line,
    text: line.text.slice(0, 200),
    known: reading !== null && line.text.trimStart().startsWith(reading.text.slice(0, 12)),
  }));
}

/** init's tracing (initcall_debug) names functions as frames do. */
const TRACED = /^(?:calling {2}|initcall )/;
const FEWEST_FRAMES = 2;

/** A stack without its headline, in an input that does not begin with a boot: what printed it is not there. */
function stackAlone(boot: readonly Understood[]): ParsedLog['crashText'] {
  const frames = boot.filter(({ line }) => FRAME.test(line.text) && !TRACED.test(line.text));
  if (frames.length < FEWEST_FRAMES) return [];
  const { line } = frames[0]!;
  return [{ line: line.span.line, text: line.text.slice(0, 200), known: true, release: null }];
}

/** What stands in front of an IOMMU's or an unbound device's message. */
const FRONTS: ReadonlySet<string> = new Set([
  ...['platform', 'pci', 'amba', 'usb', 'iommu:', 'Linux', 'Booting', 'Kernel', 'Command', 'Machine', 'OF:', 'DMI:'],
  ...MARKERS.filter((m) => m.rule === 'iommuMessage').map((m) => m.text.trim()),
  ...['arm-smmu-v3', 'qcom_iommu', 'mtk-iommu-v1', 'mtk_iommu', 'sysfs:'],
]);

/** True for a first line whose stamp was cut off, and perhaps more: it names a driver or a task that there is not. */
function beheaded(boot: readonly Understood[], line: GatheredLine, reading: Reading, whole: Whole): boolean {
  if (line.span.from > 0 || line.framing !== 'plain') return false;
  // ftrace aligns a task's name to the right: behind white space nothing of it is missing.
  if (reading.rule === 'ftraceRead' && line.text.startsWith(' ')) return false;
  if (FRONTS.has(line.text.trimStart().split(' ', 1)[0]!)) return false;
  if (whole.total > 4) return true;
  const stamped = boot.some((u) => u.line.time !== null || u.line.caller !== null);
  return stamped || [...whole.framings].some((framing) => framing !== 'plain' && framing !== 'mail');
}

function framingsOf({ framings, unframed }: Whole, boot: readonly Understood[]): FramingName[] {
  const seen: FramingName[] = [...framings];
  if (!seen.includes('mail') && boot.some((u) => u.line.framing === 'mail')) seen.unshift('mail');
  if (boot.some((u) => u.line.dump !== null)) seen.unshift('pstore');
  return seen.length > 1 && !unframed ? seen.filter((f) => f !== 'plain') : seen;
}

function sequenceGaps(boot: readonly Understood[]): Loss[] {
  const losses: Loss[] = [];
  let before: GatheredLine | null = null;
  for (const { line } of boot) {
    if (line.sequence !== null && before !== null && before.next === line.span.from) {
      const missing = line.sequence - before.sequence! - 1;
      if (missing > 0)
        losses.push({
          kind: 'sequence-gap',
          line: line.span.line,
          text: `${missing} records are missing before this line`,
        });
    }
    if (line.sequence !== null) before = line;
  }
  return losses;
}

/** The last line of a boot may be cut; in an input of a few lines each may be, as what people quote is. */
function fragmentsOf(boot: readonly Understood[], whole: Whole): Fragment[] {
  const few = whole.total <= 4 && whole.boots === 1 && !whole.goesOn;
  const fragments: Fragment[] = [];
  const last = boot.length - 1;
  const prose = !few && whole.total <= MOST_PROSE && boot.every(({ line }) => line.time === null);
  for (let i = few || prose ? 0 : Math.max(0, last - 1); i <= last; i++) {
    const { line, reading } = boot[i]!;
    const quoted = prose && isQuotedAlone(boot, i);
    const torn = reading !== null && isTorn(reading);
    if (reading !== null && !torn && !mayGoOn(reading)) continue;
    // Only the last non-blank line of the whole input, or of a boot that another follows.
    const blankBehind = boot.slice(i + 1).every((l) => l.line.text.trim() === '');
    const atEnd = blankBehind && (whole.followed || line.span.line >= whole.lastLine - 1);
    if (!few && !atEnd && !quoted) continue;
    const fragment = fragmentOf(placeholderTime(line), atEnd || quoted, torn);
    if (fragment !== null) fragments.push(fragment);
  }
  return fragments;
}

const MOST_PROSE = 200;

/** True for a line that a mail's prose quotes as it is: alone between blank lines, with such a stamp or device. */
function isQuotedAlone(boot: readonly Understood[], at: number): boolean {
  const { text } = boot[at]!.line;
  if (!QUOTED_STAMP.test(text) && !QUOTED_DEVICE.test(text)) return false;
  const isBlank = (one: Understood | undefined) => one === undefined || /^[>| \t]*$/.test(one.line.text);
  return isBlank(boot[at - 1]) && isBlank(boot[at + 1]);
}

/** True for what may be the start of another message. */
function mayGoOn(reading: Reading): boolean {
  return reading.rule === 'iommuMessage' || (reading.rule === 'unableToHandle' && !reading.has('address'));
}

/** "[x.yyyyyyyy] addr.iommu": a stamp whose digits someone left out. */
function placeholderTime(line: GatheredLine): GatheredLine {
  const stamp = /^\[ {0,8}[0-9xXyYnN]{1,8}\.[0-9xXyYnN]{1,9}\] /.exec(line.text);
  return stamp === null ? line : { ...line, text: line.text.slice(stamp[0].length) };
}

function archOf(incidents: ParsedLog['incidents'], events: readonly Event[], boot: readonly Understood[]): Arch | null {
  for (const incident of incidents) if (incident.arch !== null) return incident.arch;
  for (const event of events) {
    if (event.kind !== 'banner') continue;
    const compiler = `${event.compiler ?? ''} ${event.release}`;
    if (/aarch64|arm64/.test(compiler)) return 'arm64';
    if (/x86[_-]64|amd64/.test(compiler)) return 'x86_64';
    if (/arm-linux|armv7|gnueabi/.test(compiler)) return 'arm';
    if (/riscv/.test(compiler)) return 'riscv';
    if (/powerpc|ppc64/.test(compiler)) return 'powerpc';
    if (/s390/.test(compiler)) return 's390';
  }
  for (const { line, reading } of boot)
    if (reading?.rule === 'booting' && /\[0x[0-9a-f]{8}\]|0x[0-9a-f]{10}/.test(line.text)) return 'arm64';
  return null;
}

/** Whole messages of the lines at which a wrapped or fragmented one starts. */
export function joinedTexts(understood: readonly Understood[]): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  for (const { line } of understood) if (line.joined === true) texts.set(line.span.line, line.text);
  return texts;
}

/** Lines by number, found by walking the buffer again: reports quote a few dozen of them. */
function textReader(buffer: Uint8Array, separator: number, cut: Gathered['cut']): (line: number) => string | null {
  let number = 1;
  let from = 0;
  return (line) => {
    if (line < 1) return null;
    if (line < number) {
      number = 1;
      from = 0;
    }
    while (number < line) {
      const end = buffer.indexOf(separator, from);
      if (end < 0) return null;
      from = end + 1;
      number++;
    }
    if (from >= buffer.length) return null;
    const end = buffer.indexOf(separator, from);
    const to = end < 0 ? buffer.length : end;
    const cuts = cut(utf8(buffer, from, Math.min(to, from + 65536)));
    return cuts.map((c) => c.text).join('');
  };
}
