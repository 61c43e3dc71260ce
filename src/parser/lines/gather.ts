/**
 * Bytes to lines: runs the scanner, opens a window around each crash marker, and cuts the framing of every line that is looked at. Lines that hold no
 * marker and stand in no window are counted and passed over, without being decoded.
 */

import type { Cut } from '../framings/cut.ts';
import { cutFraming, framingOf } from '../framings/index.ts';
import { BINARY_LENGTH } from '../framings/journal-export.ts';
import type { Gathered, GatheredLine } from '../gathered.ts';
import { BYTE_MESSAGES, MARKERS, PSTORE_HEADERS } from '../grammars/markers.ts';
import type { Diagnostic, FramingName } from '../types.ts';
import type { Caps } from './caps.ts';
import { Neighbours } from './neighbours.ts';
import { isPstore } from './pstore.ts';
import { Scanner } from './scan.ts';
import { Sieve } from './sieve.ts';

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

/** initcall_debug's lines (init/main.c, drivers/pci/quirks.c) name functions like frames. */
const CALLED = /^(?:calling {2}|initcall )|: calling {2}| took \d+ usecs$/;

/** Bytes behind a line that its framing may look at; and before a crash marker, in which its prefaces stand. */
const BEHIND = 2048;
const BACK = 65536;
/** The rest of a stamp that the input begins inside of: the message behind it is whole. */
const TORN_STAMP = /^(?:[ \d]{0,12}\.)?\d{0,6}\](?:\[ {0,8}[TC]\d{1,7}\])? /;
/** Inputs from this size on are worth a sieve of their own. */
const SIEVED = 1 << 20;

const NEEDLES = [
  ...MARKERS.filter((m) => m.role !== 'part'),
  ...[...PSTORE_HEADERS, ...BYTE_MESSAGES].map((text) => ({ text, role: 'event' as const })),
];
let scanner: Scanner | null = null;

/** Reads the buffer's interesting lines. `separator` is the byte that ends a line. */
export function gather(buffer: Buffer, caps: Caps, separator = NEWLINE): Gathered {
  const pstore = buffer.length <= WHOLE && isPstore(buffer);
  const gatherer = new Gatherer(caps, separator, pstore);
  gatherer.feed(buffer, true);
  if (gatherer.full)
    gatherer.diagnostics.push({
      code: 'OR202',
      text: `more than ${caps.lines} lines of interest: the rest was not read`,
      line: gatherer.number,
    });
  const { lines, framings, diagnostics } = gatherer;
  return { lines, framings, total: gatherer.total, diagnostics, pstore };
}

/** Inputs up to this size are read as a whole; pstore dumps, whose order is another, are never larger. */
export const WHOLE = 4 << 20;

/**
 * The cursor over physical lines. It is fed windows of the input, each of which starts where it asked for (`wanted`) or before, and stops before a
 * line whose end or surroundings are not there yet.
 */
export class Gatherer {
  /** Lines gathered so far; who takes them out puts an empty array here. */
  lines: GatheredLine[] = [];
  readonly framings = new Set<FramingName>();
  readonly diagnostics: Diagnostic[] = [];
  /** Offset in the window, and 1-based number, of the line that is read next. */
  at = 0;
  number = 1;
  private buffer: Buffer = Buffer.alloc(0);
  private neighbours = new Neighbours(this.buffer);
  private sieve: Scanner | Sieve;
  private final = false;
  /** Where the window starts in the input, and how many bytes of a long line were left out of it. */
  private base = 0;
  private gap = 0;
  private gapAt = 0;
  private cutLines = 0;
  private end = -1;
  /** Lines still to be taken of the window around a marker. */
  private left = 0;
  /** The next marker at or behind the cursor, -1 if there is none, null if nobody looked. */
  private hit: number | null = null;
  /** Lines before the cursor were passed up to here, in newlines; how far they were looked through. */
  private last: GatheredLine | null = null;
  private sampled = false;

  constructor(
    private readonly caps: Caps,
    private readonly separator: number,
    private readonly pstore = false,
  ) {
    scanner ??= new Scanner(NEEDLES);
    this.sieve = scanner;
  }

  get full(): boolean {
    return this.lines.length >= this.caps.lines;
  }

  /** Lines of the input so far. */
  get total(): number {
    return this.number - 1;
  }

  /** Offset in the window from which on the next one must hold the input. */
  get wanted(): number {
    return Math.max(0, this.at - BACK);
  }

  /**
   * Reads as far as it goes. `dropped`: bytes at the front of the last window that are not in this one. `final`: nothing follows it.
   * The whole input may be fed at once.
   */
  feed(buffer: Buffer, final: boolean, dropped = 0): void {
    this.buffer = buffer;
    this.neighbours = new Neighbours(buffer);
    this.base += dropped;
    this.at -= dropped;
    this.gapAt -= dropped;
    this.final = final;
    this.end = -1;
    this.hit = null;
    if (buffer.length >= SIEVED && this.sieve === scanner) this.sieve = Sieve.of(scanner, NEEDLES, buffer) ?? scanner;
    if (this.sieve instanceof Sieve) this.sieve.forget();
    if (!this.sampled && (this.at === 0 || final)) this.sample();
    const ready = final ? buffer.length : this.ready();
    this.run(ready);
    if (final) this.finish();
  }

  /** `bytes` bytes at `at` of the window were left out, from the middle of a line that has no end. */
  leaveOut(at: number, bytes: number): void {
    this.gapAt = at;
    this.gap += bytes;
    if (this.cutLines++ === 0)
      this.diagnostics.push({
        code: 'OR101',
        text: `line of more than ${at - this.at} bytes was cut at ${this.caps.line}`,
        line: this.number,
      });
  }

  /** Lines that end before it, and what may belong to their records, are all there. */
  private ready(): number {
    const { buffer, separator } = this;
    return buffer.lastIndexOf(separator, Math.max(0, buffer.length - BEHIND)) + 1;
  }

  private next(ready: number): number {
    if (this.hit === null || (this.hit >= 0 && this.hit < this.at)) {
      this.hit = this.pstore && this.at === 0 ? 0 : this.sieve.find(this.buffer, this.at, ready);
      this.role = this.pstore ? 'crash' : this.sieve.role;
    }
    return this.hit;
  }
  private role: 'crash' | 'event' | 'part' = 'event';

  private run(ready: number): void {
    while (!this.full) {
      const hit = this.next(ready);
      if (this.left <= 0) {
        if (hit < 0) {
          // A preface may stand before a marker that is not there yet.
          if (!this.final && ready > this.at) this.skipTo(ready, BEFORE);
          return;
        }
        this.skipTo(hit, this.role === 'crash' ? BEFORE : 0);
        this.left = this.role === 'crash' ? AFTER : 3;
      }
      while (this.left > 0 && this.at < ready && !this.full) this.step(ready);
      if (this.at >= ready) {
        if (this.final) this.left = 0;
        return;
      }
    }
  }

  /** Takes one line of a marker's window. */
  private step(ready: number): void {
    const hit = this.next(ready);
    const marked = hit >= 0 && hit < this.endOfLine();
    const crash = this.role === 'crash';
    if (marked && crash) this.left = Math.max(this.left, AFTER);
    else if (marked) this.left = Math.max(this.left, 3);
    const looks = this.take();
    if (this.pstore) this.left = AFTER;
    else if (looks === 'part' && this.left > 3) this.left = Math.max(this.left, AFTER_PART);
    // Fields of a record that takes several lines are no lines of the kernel's.
    if (looks !== 'silent') this.left--;
    // An event's line goes on in the next only where that has no stamp of its own.
    if (this.left > 0 && this.left < 3 && this.last?.framing !== 'kmsg' && this.isStamped()) this.left = 0;
  }

  private isStamped(): boolean {
    const { buffer, at } = this;
    return buffer[at] === 91 && (buffer[at + 1] === 32 || (buffer[at + 1]! >= 48 && buffer[at + 1]! <= 57));
  }

  private endOfLine(): number {
    if (this.end < this.at) {
      const found = this.buffer.indexOf(this.separator, this.at);
      this.end = found < 0 ? this.buffer.length : found;
    }
    return this.end;
  }

  private count(from: number, to: number): number {
    const { buffer, separator, sieve } = this;
    if (sieve instanceof Sieve) return sieve.count(buffer, from, to, separator);
    let sum = 0;
    for (let i = from; i < to; i++) if (buffer[i] === separator) sum++;
    return sum;
  }

  /** Moves to `before` lines ahead of the line that holds `offset`, never backwards; counts what it passes. */
  private skipTo(offset: number, before: number): void {
    const { buffer, separator } = this;
    let start = offset > this.at ? buffer.lastIndexOf(separator, offset - 1) + 1 : this.at;
    if (start < this.at) start = this.at;
    this.number += this.count(this.at, start);
    for (let i = 0; i < before && start > this.at && offset - start < BACK; i++) {
      const previous = start < 2 ? 0 : buffer.lastIndexOf(separator, start - 2) + 1;
      start = Math.max(previous, this.at);
      this.number--;
    }
    this.moveTo(start);
  }

  private moveTo(at: number): void {
    this.at = at;
    this.end = -1;
    // What was left out of a line that is behind us counts for all that follows.
    if (this.gap > 0 && at > this.gapAt) {
      this.base += this.gap;
      this.gap = 0;
    }
  }

  /** Reads one physical line; 'part' if it looks like the inside of a crash report, 'silent' if it holds no message. */
  private take(): 'part' | 'other' | 'silent' {
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
    const cuts = cutFraming(from + this.base === 0 ? physical.replace(TORN_STAMP, '') : physical, around);
    const silent = cuts.length > 0 && cuts[0]!.silent;
    const last = this.lines[this.lines.length - 1];
    // What follows a record's fields follows its message.
    if (silent && last !== undefined && last.next === from + this.base)
      this.lines[this.lines.length - 1] = { ...last, next: next + this.base };
    if (!silent) for (const cut of cuts) this.lines.push(this.lineOf(cut, from, to, next, physical.length));
    this.moveTo(next);
    if (to > from || to < buffer.length) this.number++;
    if (silent) return 'silent';
    // An event's few lines stay few.
    if (this.left <= 3 || cuts.length === 0) return 'other';
    const { text } = cuts[0]!;
    return PART.test(text) && !CALLED.test(text) ? 'part' : 'other';
  }

  private lineOf(cut: Cut, from: number, to: number, next: number, width: number): GatheredLine {
    const framing = framingOf(cut);
    this.framings.add(framing);
    const { base } = this;
    const gap = this.gap > 0 && to > this.gapAt ? this.gap : 0;
    const line = {
      span: { line: this.number, from: from + base, to: to + base + gap },
      text: cut.text,
      time: cut.time,
      caller: cut.caller,
      level: cut.level,
      framing,
      width,
      next: next + base + gap,
      sequence: cut.sequence,
      continues: cut.continues,
      dump: null,
      ended: to < this.buffer.length,
    };
    this.last = line;
    return line;
  }

  /** Framings of the first lines, for an input of which no other line says one. */
  private readonly ofSample: FramingName[] = [];

  private sample(): void {
    const { buffer, separator } = this;
    this.sampled = true;
    let from = 0;
    for (let lines = 0; lines < SAMPLED && from < buffer.length; lines++) {
      const found = buffer.indexOf(separator, from);
      const to = found < 0 ? buffer.length : found;
      const physical = buffer.toString('utf8', from, Math.min(to, from + this.caps.line));
      for (const cut of cutFraming(physical, this.neighbours.of(from, to + 1)))
        if (cut.framing !== null) this.ofSample.push(cut.framing);
      from = to + 1;
    }
  }

  /** Counts the lines behind the last window, and reads the very last one: a log's end is where a message may be cut. */
  private finish(): void {
    const { buffer, separator } = this;
    const size = buffer.length;
    if (!this.full && this.at < size) {
      let last = size - 1;
      while (
        last > this.at &&
        size - last < 65536 &&
        (buffer[last] === separator || buffer[last] === 13 || buffer[last] === 32)
      )
        last--;
      this.skipTo(last, 0);
      this.take();
    }
    this.number += this.count(this.at, size);
    if (![...this.framings].some((f) => f !== 'plain')) for (const f of this.ofSample) this.framings.add(f);
  }
}
