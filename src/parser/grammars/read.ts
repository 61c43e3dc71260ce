/**
 * A message read by the grammars: which rule it is and where in the text each part stands. The only place that calls ohm.
 * Parts are named by the grammar's rules; interpretation (numbers, enums) is the caller's.
 */
import type { Grammar, MatchResult } from 'ohm-js';
import context from './context.ohm-bundle.js';
import dumps from './dumps.ohm-bundle.js';
import events from './events.ohm-bundle.js';
import faults from './faults.ohm-bundle.js';
import frames from './frames.ohm-bundle.js';
import type { GrammarName } from './markers.ts';
import { type Numeral, numeral } from './numeral.ts';
import { Recent, RecentBytes } from './recent.ts';
import reports from './reports.ohm-bundle.js';
import { digitsOf, fromShape, intoShape, type Made, makeShape, type Shape, shapeOf } from './shape.ts';

/** Each is made when it is first asked for: a log without a crash never needs most of them. */
export const GRAMMARS = { context, dumps, events, faults, frames, reports } as const satisfies Record<
  GrammarName,
  unknown
>;

/** A rule to try on a message. */
export interface Try {
  readonly grammar: GrammarName;
  readonly rule: string;
}

type Interval = readonly [rule: string, from: number, to: number];

/** Parts that are another value, not less of the same, where the line is torn off inside them: an address, a release, a name. */
const VALUES: ReadonlySet<string> = new Set([
  ...['address', 'hex', 'value', 'size', 'number', 'bit', 'cpu', 'pid', 'group', 'error', 'errno'],
  ...['release', 'build', 'compiler', 'comm', 'flags', 'task', 'warnTask', 'cache', 'symbol', 'moduleEntry', 'reason'],
  ...['when', 'access', 'status', 'cause'],
]);
const NONE: ReadonlySet<string> = new Set();

/** One message understood: the rule that accepts it, and its parts by rule name. */
export class Reading {
  /** `parts` are places in a shape of the message; `words`: how to come from there to the message. */
  constructor(
    readonly rule: string,
    readonly text: string,
    private readonly words: Shape['words'],
    private readonly parts: readonly Interval[],
    /** Names of the parts that reach the end of a line that was torn off there; empty for a whole line. */
    readonly open: ReadonlySet<string> = NONE,
    /** Parts that were cut there. */
    private readonly cut: readonly Interval[] = [],
  ) {}

  /** The same of a line that no newline ends: what reaches its end may have gone on, so values that do are not known. */
  torn(): Reading {
    const reaches = ([, , to]: Interval) => fromShape(this.words, to) === this.text.length;
    return new Reading(
      this.rule,
      this.text,
      this.words,
      this.parts.filter((part, i) => i === 0 || !VALUES.has(part[0]) || !reaches(part)),
      new Set(this.parts.filter((part, i) => i > 0 && reaches(part)).map(([rule]) => rule)),
      this.parts.filter((part, i) => i > 0 && VALUES.has(part[0]) && reaches(part)),
    );
  }

  private slice(part: Interval): string {
    return this.text.slice(fromShape(this.words, part[1]), fromShape(this.words, part[2]));
  }

  /** First part of that name, or null. */
  get(name: string): string | null {
    for (const part of this.parts) if (part[0] === name) return this.slice(part);
    return null;
  }

  /** The numbers of that name, in order: each whole, or what is left of it. */
  numerals(name: string): Numeral[] {
    const of = (part: Interval, torn: boolean) =>
      numeral(this.rule, name, this.slice(part), this.text.slice(fromShape(this.words, part[2])), torn);
    return [
      ...this.parts.filter((p) => p[0] === name).map((p) => of(p, false)),
      ...this.cut.filter((p) => p[0] === name).map((p) => of(p, true)),
    ];
  }

  /** The first of them, or null. */
  numeral(name: string): Numeral | null {
    return this.numerals(name)[0] ?? null;
  }

  /** Last part of that name, or null. */
  last(name: string): string | null {
    for (let i = this.parts.length - 1; i >= 0; i--) {
      const part = this.parts[i]!;
      if (part[0] === name) return this.slice(part);
    }
    return null;
  }

  /** Every part of that name, in order. */
  all(name: string): string[] {
    const found: string[] = [];
    for (const part of this.parts) if (part[0] === name) found.push(this.slice(part));
    return found;
  }

  has(name: string): boolean {
    for (const part of this.parts) if (part[0] === name) return true;
    return false;
  }
}

/**
 * Ohm's own syntax tree. Its public semantics wrap every node in several objects first, which costs as much as the match; so the tree is walked
 * as it is, ohm-js is pinned to a version, and test/parser/parts.test.ts holds this walk against the semantics.
 */
interface Tree {
  readonly ctorName: string;
  readonly matchLength: number;
  readonly children?: readonly Tree[];
  /** From where the closest rule application around it starts. */
  readonly childOffsets?: readonly number[];
  isNonterminal(): boolean;
}

/** Rules of one character, and "rest": parts that nobody asks for. */
export const NO_PARTS: ReadonlySet<string> = new Set(
  'rest any hexDigit digit symbolChar letter lower upper alnum space'.split(' '),
);

function collect(node: Tree, from: number, rule: number, into: Interval[]): void {
  if (node.isNonterminal()) {
    const name = node.ctorName;
    if (NO_PARTS.has(name)) return;
    into.push([name, from, from + node.matchLength]);
    rule = from;
  }
  const { children, childOffsets } = node;
  if (children === undefined || childOffsets === undefined) return;
  for (let i = 0; i < children.length; i++) collect(children[i]!, rule + childOffsets[i]!, rule, into);
}

/** What messages of a shape come to: the same in every log. */
interface Known {
  /** The rules to try on them, and where each has its parts, as far as it was tried. */
  readonly rules: readonly Try[];
  readonly places: (Places | undefined)[];
  /** The place among the rules of the one that reads them; as many as there are rules where none does; null as long as nobody knows. */
  settled: number | null;
  /** The log that met the shape last, and how many of the rules it has paid for. */
  log: number;
  paid: number;
}

/** The parts in a shape's places; null if the rule rejects it; 'apart' if a part ends inside a word, so that other words have it elsewhere. */
type Places = readonly Interval[] | null | 'apart';

/** Shapes that are kept in a half of the memory, and characters of all of them. */
const SHAPES_KEPT = 16_384;
const ROOM = 4 << 20;

/** Texts that a log remembers. */
const TOLD = 4096;

/** What logs had in common so far: a process has one for all of them. */
export class Memory {
  readonly shapes = new RecentBytes<Known>(SHAPES_KEPT, ROOM);
  /** Those of messages that are taken as they are: with characters of more than a byte, or too long. */
  readonly odd = new Recent<Known>(SHAPES_KEPT, ROOM);
  /** Where a rule has its parts in a message that was read apart, by rule and shape. */
  readonly apart = new Recent<Places>(SHAPES_KEPT, ROOM);
}

const MEMORY = new Memory();
const NO_WORDS: Shape['words'] = [];
let logs = 0;

/** Reads messages of one log, with a bound on the work that is done for it. */
export class Reader {
  private readonly log = ++logs;
  /** Rules that were paid for, by shape: asked where another log met the shape in between. */
  private readonly paid = new Map<Known, number>();
  private readonly told = new Map<string, Reading | null>();
  /** What was paid for of messages that are read apart, by rule and shape. */
  private readonly paidApart = new Set<string>();
  /** Characters given to ohm so far. */
  work = 0;
  /** True once the cap on work was reached: from then on only remembered shapes are read. */
  exhausted = false;

  constructor(
    private readonly workCap: number,
    private readonly lineCap: number,
    private readonly memory = MEMORY,
  ) {}

  /** Another log begins: it has the cap on work for itself, and what is remembered. */
  restart(): void {
    this.work = 0;
    this.exhausted = false;
  }

  /**
   * Reads a message by the first of the rules that accepts it: null if none does. `rules` names those to try on a message whose shape is new. The same
   * message is told again and again in a large log, and most others have a shape that was met before.
   */
  message(text: string, rules: (text: string) => readonly Try[]): Reading | null {
    const before = this.told.get(text);
    if (before !== undefined) return before;
    const made = makeShape(text);
    const words = made?.words ?? NO_WORDS;
    const known = (made === null ? this.oddOf(text) : this.knownOf(made)) ?? this.learn(made, text, rules(text));
    const reading = text.length <= this.lineCap ? this.find(text, known, words) : this.findLong(text, known.rules);
    // What the cap kept from being read may be read in another log.
    if (this.exhausted && reading === null) return null;
    if (this.told.size >= TOLD) this.told.clear();
    this.told.set(text, reading);
    return reading;
  }

  private knownOf({ key, length }: Made): Known | undefined {
    return this.memory.shapes.get(key, length);
  }

  private oddOf(text: string): Known | undefined {
    return this.memory.odd.get(digitsOf(text).key);
  }

  private learn(made: Made | null, text: string, rules: readonly Try[]): Known {
    const known: Known = { rules, places: [], settled: null, log: 0, paid: 0 };
    if (made === null) this.memory.odd.set(digitsOf(text).key, known);
    else this.memory.shapes.set(made.key, made.length, known);
    return known;
  }

  /** Pays for the rules up to that one, which is the first to accept the message, or for all; false where the cap is reached before. */
  private mayRead(known: Known, rule: number, text: string): boolean {
    const tried = Math.min(rule + 1, known.rules.length);
    for (let i = 0; i < tried; i++) if (!this.pay(known, i, text)) return false;
    return true;
  }

  /** Charged in every log anew, so that what is read of one does not depend on those before it. */
  private pay(known: Known, rule: number, text: string): boolean {
    if (known.log !== this.log) {
      known.log = this.log;
      known.paid = this.paid.get(known) ?? 0;
    }
    if (rule < known.paid) return true;
    if (!this.afford(text)) return false;
    known.paid = rule + 1;
    this.paid.set(known, known.paid);
    return true;
  }

  private afford(text: string): boolean {
    if (this.work > this.workCap) {
      this.exhausted = true;
      return false;
    }
    this.work += text.length + 16;
    return true;
  }

  private find(text: string, known: Known, words: Shape['words']): Reading | null {
    const { rules, settled } = known;
    if (settled !== null) {
      if (!this.mayRead(known, settled, text) || settled === rules.length) return null;
      return new Reading(rules[settled]!.rule, text, words, known.places[settled] as readonly Interval[]);
    }
    let alike = true;
    for (let i = 0; i < rules.length; i++) {
      if (!this.pay(known, i, text)) continue;
      const { grammar, rule } = rules[i]!;
      let places = known.places[i];
      if (places === undefined) {
        places = placed(match(grammar, rule, text), words);
        known.places[i] = places;
      }
      if (places === null) continue;
      // Of another message of this shape the rule may have other parts, so that each is read by itself.
      if (places === 'apart') alike = false;
      const reading = places === 'apart' ? this.readAlone(grammar, rule, text) : new Reading(rule, text, words, places);
      if (reading === null) continue;
      if (alike) known.settled = i;
      return reading;
    }
    if (alike && !this.exhausted) known.settled = rules.length;
    return null;
  }

  /** A message longer than what is looked at: as much of it by the rules that all of it asks for. */
  private findLong(text: string, rules: readonly Try[]): Reading | null {
    for (const { grammar, rule } of rules) {
      const reading = this.read(grammar, rule, text);
      if (reading !== null) return reading;
    }
    return null;
  }

  /** Reads a message as one start rule, or null if the rule rejects it (or the work cap was reached). */
  read(grammar: GrammarName, rule: string, message: string): Reading | null {
    const text = message.length > this.lineCap ? message.slice(0, this.lineCap) : message;
    const shape = shapeOf(text);
    const places = this.recall(grammar, rule, text, shape);
    if (places === 'apart') return this.readAlone(grammar, rule, text);
    return places === null ? null : new Reading(rule, text, shape.words, places);
  }

  /** Reads a message by a shape that takes no word for another. */
  private readAlone(grammar: GrammarName, rule: string, text: string): Reading | null {
    const shape = digitsOf(text);
    const places = this.recall(grammar, rule, text, shape);
    return places === null || places === 'apart' ? null : new Reading(rule, text, shape.words, places);
  }

  /** The places of such a message. */
  private recall(grammar: GrammarName, rule: string, text: string, shape: Shape): Places {
    const key = `${grammar} ${rule} ${shape.key}`;
    if (!this.paidApart.has(key)) {
      if (!this.afford(text)) return null;
      this.paidApart.add(key);
    }
    const { apart } = this.memory;
    let places = apart.get(key);
    if (places === undefined) {
      places = placed(match(grammar, rule, text), shape.words);
      apart.set(key, places);
    }
    return places;
  }
}

function placed(parts: readonly Interval[] | null, words: Shape['words']): Places {
  if (parts === null || words.length === 0) return parts;
  const moved: Interval[] = [];
  for (const [rule, from, to] of parts) {
    const [start, end] = [intoShape(words, from), intoShape(words, to)];
    if (start < 0 || end < 0) return 'apart';
    moved.push([rule, start, end]);
  }
  return moved;
}

/** Every part of a message by rule name, in the order of the grammar; null if the rule rejects it. */
export function match(grammar: GrammarName, rule: string, text: string): readonly Interval[] | null {
  const result: MatchResult = (GRAMMARS[grammar]() as Grammar).match(text, rule);
  if (result.failed()) return null;
  const parts: Interval[] = [];
  collect((result as unknown as { readonly _cst: Tree })._cst, 0, 0, parts);
  return parts;
}
