/** One physical line to the messages in it: decodes it, cuts its framing off, and remembers which framings the input has. */

import { ofLatin1, utf8 } from '../../bytes.ts';
import type { Cut } from '../framings/cut.ts';
import { cutFraming, cutSample, framingOf } from '../framings/index.ts';
import { BINARY_LENGTH } from '../framings/journal-export.ts';
import { Learned, learn } from '../framings/learned.ts';
import { startIn } from '../framings/starts.ts';
import { usual } from '../framings/usual.ts';
import type { GatheredLine } from '../gathered.ts';
import type { Diagnostic, FramingName } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { Neighbours } from './neighbours.ts';

/** First lines that tell the framing of an input without anything of interest. */
const SAMPLED = 24;
/** The rest of a stamp that the input begins inside of: the message behind it is whole. */
const TORN_STAMP = /^(?:[ \d]{0,12}\.)?\d{0,6}\](?:\[ {0,8}[TC]\d{1,7}\])? /;

const STAMPED = /^(?:\[ {0,12}\d{1,11}\.\d{6}\] *){1,3}/;

/** Lines around a marker that no framing explains from which one may be learned, and bytes of them; how often that is tried. */
const STUDIED_BEFORE = 24;
const STUDIED_BEHIND = 120;
export const STUDIED_BYTES = 16 << 10;
const STUDIES = 24;
/** Bytes of a line from which something is learned. */
const STUDIED_WIDTH = 400;

/** Bytes that may close what somebody opened in front of a line. */
const CLOSERS: ReadonlySet<number> = new Set(ofLatin1('"\'`|>,;}*~$'));

/** True if the marker stands right behind printk's stamp, and that at the line's start: nearly every line of nearly every log. */
function isPlain(buffer: Uint8Array, separator: number, hit: number): boolean {
  if (buffer[hit - 1] !== 32 || buffer[hit - 2] !== 93 || buffer[hit - 9] !== 46) return false;
  for (let at = hit - 10; at >= 0; at--)
    if (buffer[at] === 91) return at === 0 || buffer[at - 1] === separator;
    else if (buffer[at] !== 32 && (buffer[at]! < 48 || buffer[at]! > 57)) return false;
  return false;
}

/** init's tracing, ARM's backtraces, watchdogs and lockdep's titles: the kernel's own words stand in front of what looks like a beginning. */
const OWN =
  /^(?:calling {2}|initcall |\[<[0-9a-f]{8,16}>\] | ?[\w.]{1,80} from [\w.]{1,80}\+0x|watchdog: BUG: |rcu: INFO: |\[ BUG: )/;

/** True for what stands behind a stamp and is a message from its first character on, blanks aside. */
function isWhole(text: string): boolean {
  if (OWN.test(text)) return true;
  const at = startIn(text)?.at ?? 0;
  return at === 0 || text.slice(0, at).trim() === '';
}

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
  /** Framings that this input showed and no list has; null until something asked for one. */
  private learned: Learned | null = null;
  private studies = 0;
  private partial = false;
  private sampled = false;
  /** Framings of the first lines, for an input of which no other line says one. */
  private readonly ofSample: FramingName[] = [];
  private like = 0;

  /** Do the first lines look like a kernel's messages without any framing (printk.time=0, a snippet)? */
  get kernelish(): boolean {
    this.sample();
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

  /** Cuts a line as this input's lines are cut. */
  cut(physical: string): Cut[] {
    return cutFraming(physical, undefined, this.learned);
  }

  /** Where the line of a marker, at `hit`, is not explained by what is known, learns from the lines around it. */
  study(hit: number, crash: boolean): void {
    const { buffer, separator } = this.cursor;
    if (this.studies >= STUDIES || hit === 0) return;
    // Of the timeline's markers only a boot's first lines tell where a message begins: "Booting Linux", "Linux version".
    if (!crash && buffer[hit] !== 66 && buffer[hit] !== 76) return;
    const most = Math.min(buffer.length, hit + this.most);
    let ends = hit;
    while (ends < most && buffer[ends] !== separator) ends++;
    const end = buffer[ends - (buffer[ends - 1] === 13 ? 2 : 1)]!;
    const closed = end > 127 || CLOSERS.has(end);
    if (!closed && isPlain(buffer, separator, hit)) return;
    const front = buffer.subarray(Math.max(0, hit - STUDIED_WIDTH), hit).lastIndexOf(separator);
    if (front < 0 && hit > STUDIED_WIDTH) return;
    const from = front < 0 ? 0 : Math.max(0, hit - STUDIED_WIDTH) + front + 1;
    if (hit === from && !closed) return;
    const line = utf8(buffer, from, Math.min(ends, from + STUDIED_WIDTH));
    if (!closed && isWhole(line.replace(STAMPED, ''))) return;
    const neighbours = new Neighbours(buffer);
    const learned = this.learned ?? new Learned();
    const read = (at: number, next: number, text: string) => cutSample(text, neighbours.of(at, next), learned);
    const { cut } = read(from, ends + 1, line);
    const open = closed && learned.tail === null;
    if (cut.silent || (!cut.foreign && !open && isWhole(cut.text))) return;
    this.studies++;
    const around = this.linesAround(from);
    learn(
      learned,
      around.map((l) => l.text),
      (_text, i) => read(around[i]!.from, around[i]!.next, around[i]!.text),
    );
    if (learned.isEmpty) return;
    this.learned = learned;
  }

  /** Lines on either side of the one that starts there. */
  private linesAround(from: number): { readonly text: string; readonly from: number; readonly next: number }[] {
    const { buffer, separator } = this.cursor;
    const least = Math.max(0, from - STUDIED_BYTES);
    let start = from;
    for (let i = 0; i < STUDIED_BEFORE && start > least; i++) {
      const before = start < 2 ? 0 : buffer.lastIndexOf(separator, start - 2) + 1;
      if (before < least) break;
      start = before;
    }
    const lines: { readonly text: string; readonly from: number; readonly next: number }[] = [];
    const most = Math.min(buffer.length, from + STUDIED_BYTES);
    while (start < most && lines.length < STUDIED_BEFORE + STUDIED_BEHIND) {
      const found = buffer.indexOf(separator, start);
      const to = found < 0 ? buffer.length : found;
      const text = utf8(buffer, start, Math.min(to, start + STUDIED_WIDTH));
      lines.push({ text, from: start, next: to + 1 });
      start = to + 1;
    }
    return lines;
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
    const next = Math.min(to + 1, buffer.length);
    // The character in front of a newline that a serial line leaves behind is none of the message's.
    const end = buffer[to - 1] === 13 && to > from ? to - 1 : to;
    const plain = this.learned === null && to - from <= most ? usual(buffer, from, end) : null;
    if (plain !== null) {
      this.partial = false;
      this.lines.push(this.lineOf(plain, from, to, next, to - from));
      cursor.pass();
      return plain;
    }
    const capped = to - from > most;
    const around = this.neighbours.of(from, to + 1);
    const start = around.binary ? Math.min(from + BINARY_LENGTH, to) : from;
    const physical = utf8(buffer, start, capped ? start + most : to);
    if (capped) this.wasCut(String(to - from));
    const cuts = cutFraming(from + base === 0 ? physical.replace(TORN_STAMP, '') : physical, around, this.learned);
    this.follow(cuts);
    const first = cuts[0];
    if (first?.silent === true) this.goOnAt(from + base, next + base);
    else for (const cut of cuts) this.lines.push(this.lineOf(cut, from, to, next, physical.length));
    cursor.pass();
    return first;
  }

  /** A record whose line before was partial goes on here. */
  private follow(cuts: readonly Cut[]): void {
    const first = cuts[0];
    if (first === undefined) return;
    if (this.partial && first.framing === 'cri') first.continues = true;
    this.partial = cuts[cuts.length - 1]!.partial;
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

  /** Looks at the framings of the window's first lines, once: of most inputs the lines that are taken say more, and nobody asks for it. */
  sample(): void {
    if (this.sampled) return;
    this.sampled = true;
    const { buffer, separator } = this.cursor;
    let from = 0;
    for (let lines = 0; lines < SAMPLED && from < buffer.length; lines++) {
      const found = buffer.indexOf(separator, from);
      const to = found < 0 ? buffer.length : found;
      const physical = utf8(buffer, from, Math.min(to, from + this.most));
      if (KERNELISH.test(physical)) this.like++;
      for (const cut of cutFraming(physical, this.neighbours.of(from, to + 1)))
        if (cut.framing !== null) this.ofSample.push(cut.framing);
      from = to + 1;
    }
  }

  /** The input is over: where no line that was taken says a framing, the sample's count. */
  finish(): void {
    for (const framing of this.framings) if (framing !== 'plain') return;
    this.sample();
    for (const framing of this.ofSample) this.framings.add(framing);
  }
}
