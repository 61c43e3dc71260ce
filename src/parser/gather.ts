/**
 * Bytes to lines: runs the scanner, opens a window around each crash marker, and cuts the framing of every line that is looked at. Lines that hold no
 * marker and stand in no window are counted and passed over, without being decoded.
 */
import type { Caps } from './caps.ts';
import type { Cut } from './framings/cut.ts';
import { cutFraming, framingOf } from './framings/index.ts';
import { BINARY_LENGTH } from './framings/journal-export.ts';
import { BYTE_MESSAGES, MARKERS, PSTORE_HEADERS } from './markers.ts';
import { Neighbours } from './neighbours.ts';
import { Scanner } from './scan.ts';
import type { Diagnostic, FramingName, Line } from './types.ts';

const NEWLINE = 10;
/** First lines that tell the framing of an input without anything of interest. */
const SAMPLED = 24;
/** Lines before a crash marker that are read with it: its prefaces. */
const BEFORE = 14;
/** Lines after a crash marker, and after a line that looks like a report's inside. */
const AFTER = 160;
const AFTER_PART = 60;
const PART =
  /\+0x[0-9a-f]{1,8}\/0x|^[^a-z]{0,40} *x\d{1,2} *: |us[+!#@*$ ]?: | <-(?:- )?\w|^#|\.[ch]:\d|^ *(?:R[A-Z]{2}|R\d\d|[re]?[abcd][xhl]): /i;

/** A line that was looked at, with what the assembly needs besides: whether the next one in the array follows it in the file. */
export interface GatheredLine extends Line {
  /** Physical length in characters, framing included: wrapped pastes break near a column. */
  readonly width: number;
  /** Offset one past its newline: equals the next line's `span.from` when nothing stands between. */
  readonly next: number;
  readonly sequence: number | null;
  /** True if the text goes on where the record before it stopped. */
  readonly continues?: boolean;
  /** True if the text is that of several physical lines, of which this is the first. */
  readonly joined?: boolean;
  /** The pstore dump that the line stands in ("Oops#1"), or null. */
  readonly dump: string | null;
  /** False for the input's last line when no newline ends it. */
  readonly ended: boolean;
}

/** Every line that was looked at, in file order, and what is known of the input as a whole. */
export interface Gathered {
  readonly lines: GatheredLine[];
  readonly framings: Set<FramingName>;
  readonly total: number;
  readonly diagnostics: Diagnostic[];
  readonly pstore: boolean;
}

let scanner: Scanner | null = null;

/** Reads the buffer's interesting lines. `separator` is the byte that ends a line. */
export function gather(buffer: Buffer, caps: Caps, separator = NEWLINE): Gathered {
  scanner ??= new Scanner([
    ...MARKERS.filter((m) => m.role !== 'part'),
    ...[...PSTORE_HEADERS, ...BYTE_MESSAGES].map((text) => ({ text, role: 'event' as const })),
  ]);
  const walk = new Walk(buffer, caps, separator);
  const pstore = isPstore(buffer);
  const size = buffer.length;
  let hit = pstore ? 0 : scanner.find(buffer, 0, size);
  let role = pstore ? 'crash' : scanner.role;
  while (hit >= 0 && !walk.full) {
    walk.skipTo(hit, role === 'crash' ? BEFORE : 0);
    let left = role === 'crash' ? AFTER : 3;
    while (left > 0 && walk.at < size && !walk.full) {
      const marked = hit >= 0 && hit < walk.endOfLine();
      if (marked && role === 'crash') left = Math.max(left, AFTER);
      else if (marked) left = Math.max(left, 3);
      const looks = walk.take();
      if (pstore) left = AFTER;
      else if (looks === 'part' && left > 3) left = Math.max(left, AFTER_PART);
      // Fields of a record that takes several lines are no lines of the kernel's.
      if (looks !== 'silent') left--;
      if (hit >= 0 && hit < walk.at) {
        hit = scanner.find(buffer, walk.at, size);
        role = scanner.role;
      }
    }
    if (hit >= 0 && hit < walk.at) {
      hit = scanner.find(buffer, walk.at, size);
      role = scanner.role;
    }
  }
  if (walk.full)
    walk.diagnostics.push({
      code: 'OR202',
      text: `more than ${caps.lines} lines of interest: the rest was not read`,
      line: walk.number,
    });
  walk.finish();
  if (![...walk.framings].some((f) => f !== 'plain')) walk.sample();
  return {
    lines: walk.lines,
    framings: walk.framings,
    total: walk.number - 1,
    diagnostics: walk.diagnostics,
    pstore,
  };
}

function isPstore(buffer: Buffer): boolean {
  if (buffer.length > 4 << 20) return false;
  return /^(?:Oops|Panic|Emergency|Shutdown|Unknown)#\d+ Part\d+\s*$/m.test(buffer.toString('latin1'));
}

/** The cursor over physical lines. */
class Walk {
  readonly lines: GatheredLine[] = [];
  readonly framings = new Set<FramingName>();
  readonly diagnostics: Diagnostic[] = [];
  /** Offset and 1-based number of the line that `take` reads next. */
  at = 0;
  number = 1;
  private readonly neighbours: Neighbours;
  private cutLines = 0;
  private end = -1;

  constructor(
    private readonly buffer: Buffer,
    private readonly caps: Caps,
    private readonly separator: number,
  ) {
    this.neighbours = new Neighbours(buffer);
  }

  get full(): boolean {
    return this.lines.length >= this.caps.lines;
  }

  endOfLine(): number {
    if (this.end < this.at) {
      const found = this.buffer.indexOf(this.separator, this.at);
      this.end = found < 0 ? this.buffer.length : found;
    }
    return this.end;
  }

  /** Moves to `before` lines ahead of the line that holds `offset`, never backwards; counts what it passes. */
  skipTo(offset: number, before: number): void {
    const { buffer, separator } = this;
    const starts: number[] = [];
    let start = this.at;
    for (let i = this.at; i < offset; i++) {
      if (buffer[i] !== separator) continue;
      if (before > 0) {
        starts.push(start);
        if (starts.length > before) starts.shift();
      }
      start = i + 1;
      this.number++;
    }
    this.at = start;
    if (starts.length > 0) {
      this.number -= starts.length;
      this.at = starts[0]!;
    }
    this.end = -1;
  }

  /** Reads one physical line; 'part' if it looks like the inside of a crash report, 'silent' if it holds no message. */
  take(): 'part' | 'other' | 'silent' {
    const { buffer, caps } = this;
    const from = this.at;
    const to = this.endOfLine();
    const capped = to - from > caps.line;
    const around = this.neighbours.of(from, to + 1);
    const start = around.binary ? Math.min(from + BINARY_LENGTH, to) : from;
    const physical = buffer.toString('utf8', start, capped ? start + caps.line : to);
    if (capped && this.cutLines++ === 0)
      this.diagnostics.push({
        code: 'OR101',
        text: `line of ${to - from} bytes was cut at ${caps.line}`,
        line: this.number,
      });
    const next = Math.min(to + 1, buffer.length);
    const cuts = cutFraming(physical, around);
    const silent = cuts.length > 0 && cuts[0]!.silent;
    const last = this.lines[this.lines.length - 1];
    // What follows a record's fields follows its message.
    if (silent && last !== undefined && last.next === from) this.lines[this.lines.length - 1] = { ...last, next };
    if (!silent) for (const cut of cuts) this.lines.push(this.lineOf(cut, from, to, next, physical.length));
    this.at = next;
    if (to < buffer.length) this.number++;
    else if (to > from) this.number++;
    if (silent) return 'silent';
    return cuts.length > 0 && PART.test(cuts[0]!.text) ? 'part' : 'other';
  }

  private lineOf(cut: Cut, from: number, to: number, next: number, width: number): GatheredLine {
    const framing = framingOf(cut);
    this.framings.add(framing);
    return {
      span: { line: this.number, from, to },
      text: cut.text,
      time: cut.time,
      caller: cut.caller,
      level: cut.level,
      framing,
      width,
      next,
      sequence: cut.sequence,
      continues: cut.continues,
      dump: null,
      ended: to < this.buffer.length,
    };
  }

  /** Notes the framing of an uneventful input by its first lines. */
  sample(): void {
    const { buffer, separator } = this;
    let from = 0;
    for (let lines = 0; lines < SAMPLED && from < buffer.length; lines++) {
      const found = buffer.indexOf(separator, from);
      const to = found < 0 ? buffer.length : found;
      const physical = buffer.toString('utf8', from, Math.min(to, from + this.caps.line));
      for (const cut of cutFraming(physical, this.neighbours.of(from, to + 1)))
        if (cut.framing !== null) this.framings.add(cut.framing);
      from = to + 1;
    }
  }

  /** Counts the lines behind the last window, and reads the very last one: a log's end is where a message may be cut. */
  finish(): void {
    const { buffer, separator } = this;
    const size = buffer.length;
    if (this.full || this.at >= size) {
      for (let i = this.at; i < size; i++) if (buffer[i] === separator) this.number++;
      return;
    }
    let last = size - 1;
    while (
      last > this.at &&
      size - last < 65536 &&
      (buffer[last] === separator || buffer[last] === 13 || buffer[last] === 32)
    )
      last--;
    this.skipTo(last, 0);
    this.take();
    for (let i = this.at; i < size; i++) if (buffer[i] === separator) this.number++;
  }
}
