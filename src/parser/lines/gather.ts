/**
 * Bytes to lines: opens a window around each crash marker and each event's marker, and has the lines in it read (deframe.ts). Lines that hold no marker
 * and stand in no window are counted and passed over (cursor.ts), without being decoded.
 */

import type { Cut } from '../framings/cut.ts';
import type { Gathered, GatheredLine } from '../gathered.ts';
import type { Diagnostic, FramingName } from '../types.ts';
import type { Caps } from './caps.ts';
import { BACK, Cursor } from './cursor.ts';
import { Deframer, STUDIED_BYTES } from './deframe.ts';
import { MarkerFinder } from './finder.ts';
import { isPstore } from './pstore.ts';

const NEWLINE = 10;
/** Inputs up to this size are read as a whole; pstore dumps, whose order is another, are never larger. */
export const WHOLE = 4 << 20;
/** Lines before a crash marker that are read with it: its prefaces. */
const BEFORE = 14;
/** Lines after a crash marker, and after a line that looks like a report's inside. */
const AFTER = 160;
const AFTER_PART = 60;
/** Lines from an event's marker on. */
const EVENT = 3;
/** Bytes behind a line that its framing may look at. */
const BEHIND = STUDIED_BYTES;
const PART =
  /\+0x[0-9a-f]{1,8}\/0x|^[^a-z]{0,40} *x\d{1,2} *: |us[+!#@*$ ]?: | <-(?:- )?\w|^#|\.[ch]:\d|^ *(?:R[A-Z]{2}|R\d\d|[re]?[abcd][xhl]): /i;

/** initcall_debug's lines (init/main.c, drivers/pci/quirks.c) name functions like frames. */
const CALLED = /^(?:calling {2}|initcall )|: calling {2}| took \d+ usecs$/;

/** Reads the buffer's interesting lines. `separator` is the byte that ends a line. */
export function gather(buffer: Uint8Array, caps: Caps, separator = NEWLINE, everything = false): Gathered {
  const pstore = buffer.length <= WHOLE && isPstore(buffer);
  const gatherer = new Gatherer(caps, separator, pstore || everything);
  gatherer.feed(buffer, true);
  const { lines, framings, total, diagnostics } = gatherer;
  if (gatherer.full)
    diagnostics.push({
      code: 'OR202',
      text: `more than ${caps.lines} lines of interest: the rest was not read`,
      line: gatherer.number,
    });
  const kernelish = () => gatherer.kernelish;
  return { lines, framings, total, diagnostics, pstore, kernelish, cut: (physical) => gatherer.cut(physical) };
}

/**
 * The windows around markers. It is fed pieces of the input, each of which starts where it asked for (`wanted`) or before, and stops before a line
 * whose end or surroundings are not there yet.
 */
export class Gatherer {
  private readonly finder: MarkerFinder;
  private readonly cursor: Cursor;
  private readonly deframer: Deframer;
  private final = false;
  /** Lines still to be taken of the window around a marker. */
  private left = 0;

  constructor(
    private readonly caps: Caps,
    separator: number,
    private readonly pstore = false,
  ) {
    this.finder = new MarkerFinder(pstore);
    this.cursor = new Cursor(separator, this.finder);
    this.deframer = new Deframer(this.cursor, caps.line);
  }

  /** Do the first lines look like a kernel's without any framing? */
  get kernelish(): boolean {
    return this.deframer.kernelish;
  }

  /** Lines gathered so far, or since they were handed over. */
  get lines(): GatheredLine[] {
    return this.deframer.lines;
  }

  /** Cuts a line as this input's lines are cut. */
  cut(physical: string): Cut[] {
    return this.deframer.cut(physical);
  }

  /** The lines gathered so far, for who keeps them from here on. */
  handOver(): GatheredLine[] {
    const { lines } = this.deframer;
    this.deframer.lines = [];
    return lines;
  }

  get framings(): Set<FramingName> {
    return this.deframer.framings;
  }

  get diagnostics(): Diagnostic[] {
    return this.deframer.diagnostics;
  }

  get full(): boolean {
    return this.deframer.lines.length >= this.caps.lines;
  }

  /** Offset in the piece, and 1-based number, of the line that is read next. */
  get at(): number {
    return this.cursor.at;
  }

  get number(): number {
    return this.cursor.number;
  }

  /** Lines of the input so far. */
  get total(): number {
    return this.cursor.number - 1;
  }

  /** Offset in the piece from which on the next one must hold the input. */
  get wanted(): number {
    return Math.max(0, this.cursor.at - BACK);
  }

  /**
   * Reads as far as it goes. `dropped`: bytes at the front of the last piece that are not in this one. `final`: nothing follows it.
   * The whole input may be fed at once.
   */
  feed(buffer: Uint8Array, final: boolean, dropped = 0): void {
    this.final = final;
    this.cursor.hold(buffer, dropped);
    this.deframer.hold();
    this.finder.hold(buffer);
    // Another window takes the place of this one.
    if (this.cursor.at === 0 && !final) this.deframer.sample();
    this.run(final ? buffer.length : this.ready());
    if (final) this.finish();
  }

  /** `bytes` bytes at `at` of the piece were left out, from the middle of a line that has no end. */
  leaveOut(at: number, bytes: number): void {
    this.deframer.wasCut(`more than ${at - this.cursor.at}`);
    this.cursor.leaveOut(at, bytes);
  }

  /** Lines that end before it, and what may belong to their records, are all there. */
  private ready(): number {
    const { buffer, separator } = this.cursor;
    return buffer.lastIndexOf(separator, Math.max(0, buffer.length - BEHIND)) + 1;
  }

  private run(ready: number): void {
    const { cursor, finder } = this;
    while (!this.full) {
      const hit = finder.next(cursor.at, ready);
      if (this.left <= 0) {
        if (hit < 0) {
          // A preface may stand before a marker that is not there yet.
          if (!this.final && ready > cursor.at) cursor.skipTo(ready, BEFORE);
          return;
        }
        const crash = finder.role === 'crash';
        this.deframer.study(hit, crash);
        cursor.skipTo(hit, crash ? BEFORE : 0);
        this.left = crash ? AFTER : EVENT;
      }
      while (this.left > 0 && cursor.at < ready && !this.full) this.step(ready);
      if (cursor.at >= ready) {
        if (this.final) this.left = 0;
        return;
      }
    }
  }

  /** Takes one line of a marker's window. */
  private step(ready: number): void {
    const { cursor, deframer, finder } = this;
    const hit = finder.next(cursor.at, ready);
    if (hit >= 0 && hit < cursor.endOfLine()) {
      const crash = finder.role === 'crash';
      this.left = Math.max(this.left, crash ? AFTER : EVENT);
      deframer.study(hit, crash);
    }
    const first = deframer.take();
    if (this.pstore) this.left = AFTER;
    // An event's few lines stay few.
    else if (this.left > EVENT && isPart(first)) this.left = Math.max(this.left, AFTER_PART);
    // Fields of a record that takes several lines are no lines of the kernel's.
    if (first?.silent !== true) this.left--;
    // An event's line goes on in the next only where that has no stamp of its own.
    if (this.left > 0 && this.left < EVENT && deframer.last?.framing !== 'kmsg' && cursor.isStamped()) this.left = 0;
  }

  /** Counts the lines behind the last window, and reads the very last one: a log's end is where a message may be cut. */
  private finish(): void {
    const { cursor, deframer } = this;
    const { buffer, separator } = cursor;
    const size = buffer.length;
    if (!this.full && cursor.at < size) {
      let last = size - 1;
      while (
        last > cursor.at &&
        size - last < 65536 &&
        (buffer[last] === separator || buffer[last] === 13 || buffer[last] === 32)
      )
        last--;
      cursor.skipTo(last, 0);
      deframer.take();
    }
    cursor.countTo(size);
    deframer.finish();
  }
}

/** True for a message that looks like the inside of a crash report. */
function isPart(message: Cut | undefined): boolean {
  return message !== undefined && !message.silent && PART.test(message.text) && !CALLED.test(message.text);
}
