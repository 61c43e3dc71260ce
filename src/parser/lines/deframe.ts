/** One physical line to the messages in it: decodes it, cuts its framing off, and remembers which framings the input has. */

import type { Cut } from '../framings/cut.ts';
import { cutFraming, framingOf } from '../framings/index.ts';
import { BINARY_LENGTH } from '../framings/journal-export.ts';
import type { GatheredLine } from '../gathered.ts';
import type { Diagnostic, FramingName } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { Neighbours } from './neighbours.ts';

/** First lines that tell the framing of an input without anything of interest. */
const SAMPLED = 24;
/** The rest of a stamp that the input begins inside of: the message behind it is whole. */
const TORN_STAMP = /^(?:[ \d]{0,12}\.)?\d{0,6}\](?:\[ {0,8}[TC]\d{1,7}\])? /;

/** "usb 1-1: new high-speed USB device", "EXT4-fs (mmcblk0p2): mounted", "NET: Registered PF_INET": so many of the first lines begin so. */
const KERNELISH = /^(?:[a-z][\w-]* [\w.:@-]*\d[\w.:@-]*|[a-z][a-z_-]*\d+|[A-Z][A-Z0-9]{1,7}(?:-fs)?(?: \(\w+\))?): \S/;
const LIKE = 3;

/** Takes lines at a cursor. */
export class Deframer {
  /** Lines taken so far; who hands them on puts an empty array here. */
  lines: GatheredLine[] = [];
  /** The line that was taken last. */
  last: GatheredLine | null = null;
  readonly framings = new Set<FramingName>();
  readonly diagnostics: Diagnostic[] = [];
  private neighbours: Neighbours;
  private cutLines = 0;
  private sampled = false;
  /** Framings of the first lines, for an input of which no other line says one. */
  private readonly ofSample: FramingName[] = [];
  private like = 0;

  /** Do the first lines look like a kernel's messages without any framing (printk.time=0, a snippet)? */
  get kernelish(): boolean {
    return this.like >= LIKE;
  }

  constructor(
    private readonly cursor: Cursor,
    /** Bytes of a line that are read. */
    private readonly most: number,
  ) {
    this.neighbours = new Neighbours(cursor.buffer);
  }

  /** The cursor holds another window. */
  hold(): void {
    this.neighbours = new Neighbours(this.cursor.buffer);
  }

  /** Says once, at the first of them, that a line is longer than what is read of it. */
  wasCut(size: string): void {
    if (this.cutLines++ > 0) return;
    const text = `line of ${size} bytes was cut at ${this.most}`;
    this.diagnostics.push({ code: 'OR101', text, line: this.cursor.number });
  }

  /** Reads the physical line at the cursor and moves behind it. Gives its first message: none where a framing says that the line holds none. */
  take(): Cut | undefined {
    const { cursor, most } = this;
    const { buffer, base } = cursor;
    const from = cursor.at;
    const to = cursor.endOfLine();
    const capped = to - from > most;
    const around = this.neighbours.of(from, to + 1);
    const start = around.binary ? Math.min(from + BINARY_LENGTH, to) : from;
    const physical = buffer.toString('utf8', start, capped ? start + most : to);
    if (capped) this.wasCut(String(to - from));
    const next = Math.min(to + 1, buffer.length);
    const cuts = cutFraming(from + base === 0 ? physical.replace(TORN_STAMP, '') : physical, around);
    const first = cuts[0];
    if (first?.silent === true) this.goOnAt(from + base, next + base);
    else for (const cut of cuts) this.lines.push(this.lineOf(cut, from, to, next, physical.length));
    cursor.pass();
    return first;
  }

  /** Fields of a record that hold no message: what follows them follows the message before. */
  private goOnAt(from: number, next: number): void {
    const last = this.lines[this.lines.length - 1];
    if (last !== undefined && last.next === from) this.lines[this.lines.length - 1] = { ...last, next };
  }

  private lineOf(cut: Cut, from: number, to: number, next: number, width: number): GatheredLine {
    const framing = framingOf(cut);
    this.framings.add(framing);
    const { base, buffer, number } = this.cursor;
    const gap = this.cursor.leftOutBefore(to);
    const line = {
      span: { line: number, from: from + base, to: to + base + gap },
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
      ended: to < buffer.length,
    };
    this.last = line;
    return line;
  }

  /** Looks at the framings of the window's first lines, once. */
  sample(): void {
    if (this.sampled) return;
    this.sampled = true;
    const { buffer, separator } = this.cursor;
    let from = 0;
    for (let lines = 0; lines < SAMPLED && from < buffer.length; lines++) {
      const found = buffer.indexOf(separator, from);
      const to = found < 0 ? buffer.length : found;
      const physical = buffer.toString('utf8', from, Math.min(to, from + this.most));
      if (KERNELISH.test(physical)) this.like++;
      for (const cut of cutFraming(physical, this.neighbours.of(from, to + 1)))
        if (cut.framing !== null) this.ofSample.push(cut.framing);
      from = to + 1;
    }
  }

  /** The input is over: where no line that was taken says a framing, the sample's count. */
  finish(): void {
    if (![...this.framings].some((f) => f !== 'plain')) for (const f of this.ofSample) this.framings.add(f);
  }
}
