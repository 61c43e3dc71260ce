/**
 * What a batch knows, in columns of numbers: which contents were judged, what each boot came to, which inputs hold them. Some 120 bytes a log, whatever
 * its verdict says in full. Everything that is printed is made from it at the end, so that the order in which things came to be known shows nowhere.
 */
import { createHash } from 'node:crypto';
import type { VerdictClass } from '../reconstruct/types.ts';
import { hasNoYear } from './dates.ts';
import { DATED_BY } from './dating.ts';
import { Column, Table128 } from './table128.ts';
import type { Cut, Head, InputLine, InputStatus } from './types.ts';

export const CLASSES: readonly VerdictClass[] = ['confirmed', 'possible', 'insufficient', 'excluded', 'no-crash'];
export const STATUSES: readonly InputStatus[] = ['judged', 'archive', 'refused', 'unreadable', 'defect'];

/** In place of a class: no kernel log, so that it is no boot in any rate. */
export const APART = 0xff;

/** Beside what a boot is dated by: the date has no year. */
export const YEARLESS = 0x80;

export const NONE = 0xffffffff;
/** Different words of one kind that are kept; what comes later counts as "(others)". */
const MOST_WORDS = 65_536;
const OTHERS = '(others)';

/** Words by number. The first is none. */
export class Words {
  private readonly numbers = new Map<string, number>();
  readonly words: (string | null)[] = [null];

  of(word: string | null): number {
    if (word === null) return 0;
    const known = this.numbers.get(word);
    if (known !== undefined) return known;
    if (this.words.length >= MOST_WORDS && word !== OTHERS) return this.of(OTHERS);
    this.numbers.set(word, this.words.length);
    return this.words.push(word) - 1;
  }
}

const u32 = () => new Column(new Uint32Array(1024));
const u8 = () => new Column(new Uint8Array(1024));
const f64 = () => new Column(new Float64Array(1024));

/** What a bucket's id stands for. */
export type Facts = Pick<
  Head,
  | 'content'
  | 'mechanism'
  | 'class'
  | 'hypothesis'
  | 'outcome'
  | 'contradiction'
  | 'driver'
  | 'era'
  | 'title'
  | 'type'
  | 'frames'
>;

function factsOf(head: Head): Facts {
  const { content, mechanism, hypothesis, outcome, contradiction, driver, era, title, type, frames } = head;
  return {
    content,
    mechanism,
    class: head.class,
    hypothesis,
    outcome,
    contradiction,
    driver,
    era,
    title,
    type,
    frames,
  };
}

const sha = (text: string) => createHash('sha256').update(text).digest();

/** SHA-256 by number. */
class Hashes {
  private bytes = Buffer.alloc(32 * 1024);
  private length = 0;

  push(hex: string): void {
    if (this.length === this.bytes.length) this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.length)]);
    this.length += this.bytes.write(hex, this.length, 'hex');
  }

  hex(number: number): string {
    return this.bytes.toString('hex', number * 32, number * 32 + 32);
  }
}

export class Ledger {
  private readonly contentNumbers = new Table128();
  /** By content: boots known of the current model, boots it has, and whether someone is judging it. */
  readonly contents = { have: u32(), boots: u32(), claimed: u8(), first: u32() };
  private readonly hashes = new Hashes();
  /** By boot judged. */
  readonly records = {
    content: u32(),
    key: u32(),
    class: u8(),
    release: u32(),
    hardware: u32(),
    driver: u32(),
    cut: u32(),
    score: f64(),
    bytes: f64(),
    next: u32(),
    /** By the log: milliseconds since 1970, or since 2000 in an unknown year; NaN where it does not say. */
    date: f64(),
    datedBy: u8(),
    built: f64(),
  };
  private readonly inputNumbers = new Table128();
  /** By path. */
  readonly inputs = { content: u32(), bytes: f64(), modified: f64(), status: u8(), line: f64(), member: u8() };
  readonly releases = new Words();
  readonly hardware = new Words();
  readonly drivers = new Words();
  readonly cuts: Cut[] = [];
  private readonly cutNumbers = new Map<string, number>();
  readonly keys: { readonly id: string; facts: Facts }[] = [];
  private readonly keyNumbers = new Map<string, number>();
  /** Keys that one log has both of. */
  readonly same = new Map<string, readonly [number, number]>();
  /** What other models called a boot: its content, its number there, and one of the ids of its bucket then. */
  readonly earlier = { content: u32(), boot: u32(), id: u32() };
  readonly earlierIds = new Words();
  /** Contents that only another model judged. */
  private readonly older = new Table128();
  private judgedAgain = 0;
  /** Rows that were there before this run. */
  before = 0;

  constructor(readonly model: string) {}

  /** What is told from here on is of this run. */
  begin(): void {
    this.before = this.records.content.length;
  }

  private content(hex: string): number {
    const number = this.contentNumbers.getOrAdd(Buffer.from(hex, 'hex'), this.contents.have.length);
    if (number === this.contents.have.length) {
      this.hashes.push(hex);
      this.contents.have.push(0);
      this.contents.boots.push(NONE);
      this.contents.claimed.push(0);
      this.contents.first.push(NONE);
    }
    return number;
  }

  private known(hex: string): number | null {
    return this.contentNumbers.get(Buffer.from(hex, 'hex'));
  }

  /** SHA-256 of a content by its number. */
  hashOf(number: number): string {
    return this.hashes.hex(number);
  }

  /** True if every boot of a content was judged by this model. */
  isComplete(hex: string): boolean {
    const number = this.known(hex);
    return number !== null && this.isDone(number);
  }

  private isDone(number: number): boolean {
    return this.contents.have.at(number) === this.contents.boots.at(number);
  }

  /** True, once, for a content that nobody has judged or is judging. */
  claim(hex: string): boolean {
    const number = this.content(hex);
    if (this.isDone(number) || this.contents.claimed.at(number) === 1) return false;
    this.contents.claimed.set(number, 1);
    return true;
  }

  /** Who claimed it could not judge it. */
  release(hex: string): void {
    const number = this.known(hex);
    if (number !== null) this.contents.claimed.set(number, 0);
  }

  /** Boots of a content that are known, the first ones. */
  have(hex: string): number {
    const number = this.known(hex);
    return number === null ? 0 : this.contents.have.at(number);
  }

  /** Takes a line of the journal. What another model judged counts only as such. */
  record(head: Head): void {
    if (head.model !== this.model) {
      const before = this.older.size;
      this.older.getOrAdd(Buffer.from(head.content, 'hex'), 0);
      if (this.older.size > before && this.have(head.content) > 0) this.judgedAgain++;
      if (head.kernelLog !== false) this.recordEarlier(head);
      return;
    }
    const { contents, records } = this;
    const content = this.content(head.content);
    if (head.boot !== contents.have.at(content)) return;
    if (head.boot === 0 && this.older.get(Buffer.from(head.content, 'hex')) !== null) this.judgedAgain++;
    contents.have.set(content, head.boot + 1);
    contents.boots.set(content, head.boots);
    const row = records.content.push(content);
    records.next.push(contents.first.at(content));
    contents.first.set(content, row);
    records.key.push(this.keyOf(head));
    records.class.push(head.kernelLog === false ? APART : CLASSES.indexOf(head.class));
    records.release.push(this.releases.of(head.release));
    records.hardware.push(this.hardware.of(head.hardware));
    records.driver.push(this.drivers.of(head.driver));
    records.cut.push(this.cutOf(head.cut));
    records.bytes.push(head.bytes);
    const { dated = null, built = null } = head;
    const yearless = dated !== null && hasNoYear(dated.at);
    records.date.push(dated === null ? Number.NaN : Date.parse(yearless ? dated.at.replace('--', '2000-') : dated.at));
    records.datedBy.push(dated === null ? 0 : DATED_BY.indexOf(dated.by) | (yearless ? YEARLESS : 0));
    records.built.push(built === null ? Number.NaN : Date.parse(built));
    // The clearest, and of those the smallest.
    records.score.push(head.clarity * 2 ** 40 - Math.min(head.bytes, 2 ** 40 - 1));
  }

  private recordEarlier({ content, boot, buckets }: Head): void {
    const number = this.content(content);
    for (const id of buckets) {
      this.earlier.content.push(number);
      this.earlier.boot.push(boot);
      this.earlier.id.push(this.earlierIds.of(id));
    }
  }

  private keyOf(head: Head): number {
    const numbers = head.buckets.map((id) => {
      let number = this.keyNumbers.get(id);
      if (number === undefined) {
        number = this.keys.length;
        this.keyNumbers.set(id, number);
        this.keys.push({ id, facts: head });
      }
      const key = this.keys[number]!;
      // The same one whatever came first.
      if (key.facts === head || head.content < key.facts.content) {
        key.facts = factsOf(head);
      }
      return number;
    });
    const [first, second] = numbers;
    if (second !== undefined) this.same.set(`${first} ${second}`, [first!, second]);
    return first!;
  }

  private cutOf(cut: Cut | null): number {
    if (cut === null) return NONE;
    const word = JSON.stringify([cut.instance, ...cut.drivers]);
    let number = this.cutNumbers.get(word);
    if (number === undefined) {
      if (this.cuts.length >= MOST_WORDS && cut.instance !== OTHERS)
        return this.cutOf({ instance: OTHERS, drivers: [] });
      number = this.cuts.push(cut) - 1;
      this.cutNumbers.set(word, number);
    }
    return number;
  }

  private slot(path: string): number | null {
    return this.inputNumbers.get(sha(path));
  }

  /** True if this input, as it stands now, needs no work: its content was judged by this model, or all of its members were. */
  isKnown(path: string, bytes: number, modified: number): boolean {
    const slot = this.slot(path);
    if (slot === null) return false;
    const { inputs } = this;
    if (inputs.bytes.at(slot) !== bytes || inputs.modified.at(slot) !== modified) return false;
    const status = STATUSES[inputs.status.at(slot)];
    if (status === 'archive') return inputs.content.at(slot) === 1;
    return status === 'judged' && this.isDone(inputs.content.at(slot));
  }

  /** What the line of an input says that needs no work. */
  told(path: string): Pick<InputLine, 'status' | 'content' | 'model' | 'diagnostics'> | null {
    const slot = this.slot(path);
    if (slot === null) return null;
    const status = STATUSES[this.inputs.status.at(slot)]!;
    const content = status === 'judged' ? this.hashes.hex(this.inputs.content.at(slot)) : null;
    return { status, content, model: status === 'archive' ? this.model : null, diagnostics: [] };
  }

  /** The rows of an input's boots, the last first. */
  rowsOf(path: string): number[] {
    const slot = this.slot(path);
    if (slot === null || STATUSES[this.inputs.status.at(slot)] !== 'judged') return [];
    return this.rowsOfContent(this.inputs.content.at(slot));
  }

  /** The rows of a content's boots, the last first. */
  rowsOfContent(content: number): number[] {
    const rows: number[] = [];
    for (let row = this.contents.first.at(content); row !== NONE; row = this.records.next.at(row)) rows.push(row);
    return rows;
  }

  /** True if an input's content is this one now. */
  holds(path: string, hex: string): boolean {
    const slot = this.slot(path);
    if (slot === null || STATUSES[this.inputs.status.at(slot)] !== 'judged') return false;
    return this.inputs.content.at(slot) === this.known(hex);
  }

  /** The ids of the buckets that a content's boots are in. */
  idsOf(hex: string): readonly string[] {
    const content = this.known(hex);
    if (content === null) return [];
    const rows = this.rowsOfContent(content).filter((row) => this.records.class.at(row) !== APART);
    return [...new Set(rows.map((row) => this.keys[this.records.key.at(row)]!.id))];
  }

  /** True if a content was judged, and nothing in it is a kernel's line. */
  isApart(hex: string): boolean {
    const content = this.known(hex);
    if (content === null) return false;
    const rows = this.rowsOfContent(content);
    return rows.length > 0 && rows.every((row) => this.records.class.at(row) === APART);
  }

  /** Takes a line of the inputs. False if it says what is known of that path already. */
  input(line: InputLine, text: string): boolean {
    const { inputs } = this;
    // A few bits of the line: enough to see that it is another one.
    const own = sha(text).readUIntBE(0, 6);
    const slot = this.inputNumbers.getOrAdd(sha(line.path), inputs.content.length);
    if (slot < inputs.content.length && inputs.line.at(slot) === own) return false;
    // Of an archive, whether this model judged its members.
    const content =
      line.status === 'judged'
        ? this.content(line.content!)
        : line.status === 'archive' && line.model === this.model
          ? 1
          : NONE;
    inputs.content.set(slot, content);
    inputs.bytes.set(slot, line.bytes ?? -1);
    inputs.modified.set(slot, line.modified === null ? Number.NaN : Date.parse(line.modified));
    inputs.status.set(slot, STATUSES.indexOf(line.status));
    inputs.line.set(slot, own);
    inputs.member.set(slot, Number(line.path.includes('!')));
    return true;
  }

  /** Contents that an older model judged and this one did not. */
  stale(): number {
    return this.older.size - this.judgedAgain;
  }
}
