/**
 * Logs of any size in bounded memory: bytes in pieces, each boot as soon as the next one starts. Small inputs are read as a whole (parse.ts), as their
 * end may say how to read their start; of a large one only a window is held, and the lines of interest of one boot.
 */

import { allocate, concat, ofUtf8 } from '../bytes.ts';
import { BootSplitter } from './boots.ts';
import type { GatheredLine } from './gathered.ts';
import { Reader } from './grammars/read.ts';
import { type Understood, understand } from './grammars/understand.ts';
import { CAPS, type Caps } from './lines/caps.ts';
import { undecoded } from './lines/decode.ts';
import { Gatherer, WHOLE } from './lines/gather.ts';
import { joinRecords } from './lines/records.ts';
import { toBytes, utf16Of } from './lines/transcode.ts';
import { isUnframed, joinedTexts, parsed, parseLog } from './parse.ts';
import type { Diagnostic, ParsedLog } from './types.ts';

/** Bytes of a window: history, what is read, and what came last. */
const ROOM = 1 << 20;
/** A line without end keeps this much of its start. */
const HEAD = 1 << 17;
/** Lines that are understood at a time. */
const BATCH = 2048;
/** Rules that say which kernel and machine a boot is of; every part of it begins with them. */
const IDENTITY: ReadonlySet<string> = new Set(['booting', 'banner', 'cmdline', 'machine']);

/** Rules that stand at the top of a report, and in no other. */
const FIRST_LINES: ReadonlySet<string> = new Set([
  'kasan',
  'kmsan',
  'kcsan',
  'unableToHandle',
  'x86Fault',
  'generalProtection',
  'hungTask',
]);

/** Reads a log from pieces of its bytes: one ParsedLog a boot, as it ends. Never throws for what the bytes hold. */
export async function* parse(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  source: { readonly name: string },
  options: Partial<Caps> = {},
): AsyncGenerator<ParsedLog> {
  const stream = new LogStream(source, options);
  for await (const chunk of chunks) yield* stream.push(chunk);
  yield* stream.end();
}

/** The same for who has all bytes in hand: small inputs as a whole, larger ones boot by boot, so that no cap on lines leaves out what stands behind it. */
export function parseBytes(
  bytes: Uint8Array,
  source: { readonly name: string },
  options: Partial<Caps> = {},
): ParsedLog[] {
  if (bytes.length <= WHOLE) return parseLog(bytes, source, options);
  const stream = new LogStream(source, options);
  return [...stream.push(bytes), ...stream.end()];
}

/** The same for who has the pieces in hand: push() gives the boots that ended with this piece, end() the rest. */
export class LogStream {
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private large: LargeLog | null = null;

  constructor(
    private readonly source: { readonly name: string },
    private readonly options: Partial<Caps> = {},
  ) {}

  *push(chunk: Uint8Array): Generator<ParsedLog> {
    if (this.large !== null) {
      yield* this.large.push(chunk);
      return;
    }
    this.held.push(concat([chunk]));
    this.heldBytes += chunk.length;
    if (this.heldBytes <= WHOLE) return;
    const { held } = this;
    this.held = [];
    this.large = new LargeLog(this.source, { ...CAPS, ...this.options }, headOf(held));
    for (const piece of held) yield* this.large.push(piece);
  }

  end(): Iterable<ParsedLog> {
    return this.large?.end() ?? parseLog(concat(this.held), this.source, this.options);
  }
}

/** What the input begins with. */
function headOf(pieces: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  const first = pieces.filter(({ length }) => {
    size += length;
    return size - length < HEAD;
  });
  return concat(first).subarray(0, HEAD);
}

/** A log larger than what is read as a whole. */
class LargeLog {
  private readonly decoder: { decode(bytes: Uint8Array, options: { stream: boolean }): string } | null;
  private readonly gatherer: Gatherer;
  private readonly reader: Reader;
  private readonly splitter = new BootSplitter();
  private readonly window = allocate(ROOM);
  private filled = 0;
  private bytes = 0;
  private boot = 0;
  private pending: GatheredLine[] = [];
  private said: Diagnostic[];
  private parts = false;
  private readonly out: ParsedLog[] = [];

  constructor(
    private readonly source: { readonly name: string },
    private readonly caps: Caps,
    head: Uint8Array,
  ) {
    const { separator, diagnostics } = toBytes(head);
    const wide = utf16Of(head);
    this.decoder = wide === null ? null : new TextDecoder(`utf-16${wide}`);
    const encoded = wide === null ? undecoded(head) : null;
    this.said = encoded === null ? [...diagnostics] : [...diagnostics, encoded];
    this.gatherer = new Gatherer({ ...caps, lines: Infinity }, separator);
    this.reader = new Reader(caps.grammarWork, caps.line);
  }

  *push(chunk: Uint8Array): Generator<ParsedLog> {
    this.bytes += chunk.length;
    yield* this.fill(this.decoder === null ? chunk : ofUtf8(this.decoder.decode(chunk, { stream: true })));
  }

  private *fill(text: Uint8Array): Generator<ParsedLog> {
    for (let at = 0; at < text.length; ) {
      const some = text.subarray(at, at + ROOM - this.filled);
      this.window.set(some, this.filled);
      this.filled += some.length;
      at += some.length;
      if (this.filled !== ROOM) continue;
      this.read(false);
      yield* this.out.splice(0);
    }
  }

  private dropped = 0;

  private read(final: boolean): void {
    const { gatherer, window } = this;
    gatherer.feed(window.subarray(0, this.filled), final, this.dropped);
    this.drain(final);
    if (final) return;
    const { wanted } = gatherer;
    window.copyWithin(0, wanted, this.filled);
    this.filled -= wanted;
    this.dropped = wanted;
    // A line that fills the window: its start is kept, and room made behind it.
    if (this.filled > ROOM - HEAD) {
      const kept = gatherer.at - wanted + HEAD;
      gatherer.leaveOut(gatherer.at + HEAD, this.filled - kept);
      this.filled = kept;
    }
  }

  *end(): Generator<ParsedLog> {
    if (this.decoder !== null) yield* this.fill(ofUtf8(this.decoder.decode(new Uint8Array(0), { stream: false })));
    this.read(true);
    this.emit(this.splitter.boot, 'end', Math.max(this.gatherer.total, 1));
    yield* this.out.splice(0);
  }

  /** Understands what was gathered, up to a place where nothing goes on in the next line. */
  private drain(final: boolean): void {
    const fresh = this.gatherer.handOver();
    for (const line of fresh) this.pending.push(line);
    while (this.pending.length > 0 && (final || this.pending.length > BATCH)) {
      let end = Math.min(this.pending.length, BATCH);
      if (!final || end < this.pending.length) {
        const most = end;
        while (end > 1 && this.pending[end]?.span.from === this.pending[end - 1]!.next) end--;
        if (end === 1) end = most - 1;
      }
      const lines = this.pending.splice(0, end);
      for (const one of understand(joinRecords(lines), this.reader)) this.take(one);
    }
  }

  private take(one: Understood): void {
    const { boot } = this.splitter;
    if (boot.length >= this.caps.part && (this.isBetween(boot, one) || boot.length >= 4 * this.caps.part)) {
      this.part(one.line.span.line);
      this.emit(boot, 'part', one.line.span.line - 1);
      this.splitter.boot = boot.filter(({ reading }) => reading !== null && IDENTITY.has(reading.rule)).slice(0, 16);
    }
    const ended = this.splitter.take(one);
    if (ended === null) return;
    this.emit(ended, 'boot', one.line.span.line - 1);
    this.boot++;
    this.parts = false;
  }

  /** True if no report can go on from the lines before into this one. */
  private isBetween(boot: readonly Understood[], { line, reading }: Understood): boolean {
    return line.span.from !== boot[boot.length - 1]!.line.next || (reading !== null && FIRST_LINES.has(reading.rule));
  }

  private part(line: number): void {
    if (!this.parts)
      this.said.push({
        code: 'OR108',
        text: `more than ${this.caps.part} lines of interest in one boot: it was read in parts`,
        line,
      });
    this.parts = true;
  }

  /** Hands on what stands before another part of the same boot, another boot, or the input's end. */
  private emit(boot: readonly Understood[], before: 'part' | 'boot' | 'end', lastLine: number): void {
    const { gatherer, reader, said, source } = this;
    const shared = [...said, ...gatherer.diagnostics.splice(0)];
    this.said = [];
    if (reader.exhausted)
      shared.push({
        code: 'OR105',
        text: 'the work cap of the grammar was reached; later lines were not parsed',
        line: null,
      });
    this.reader.restart();
    this.out.push(
      parsed(boot, this.boot, {
        boots: before === 'boot' ? this.boot + 2 : this.boot + 1,
        goesOn: before !== 'end',
        followed: before !== 'end',
        lastLine,
        total: gatherer.total,
        framings: gatherer.framings,
        kernelish: () => gatherer.kernelish,
        unframed: boot.some(({ line }) => isUnframed(line)),
        bytes: this.bytes,
        caps: this.caps,
        shared,
        lineText: textOf(boot),
        name: source.name,
      }),
    );
  }
}

/** Texts of the lines that were looked at, by number. */
function textOf(boot: readonly Understood[]): (line: number) => string | null {
  let texts: Map<number, string> | null = null;
  return (number) => {
    if (texts === null) {
      texts = new Map();
      for (const { line } of boot) texts.set(line.span.line, (texts.get(line.span.line) ?? '') + line.text);
      for (const [at, text] of joinedTexts(boot)) texts.set(at, text);
    }
    return texts.get(number) ?? null;
  };
}
