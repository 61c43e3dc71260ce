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
import reports from './reports.ohm-bundle.js';
import { digitsOf, fromShape, intoShape, type Shape, shapeOf } from './shape.ts';

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

/** What is known of a shape: the rules to try on it, and, once `settled`, the one that reads it, with its parts; null where none does. */
interface Known {
  readonly rules: readonly Try[];
  settled: boolean;
  rule: string | null;
  parts: readonly Interval[];
}

/** Shapes, and texts, that are remembered. */
const MOST = 4096;

/** Bounded memory of shapes already read, and of the work done, for one log. */
export class Reader {
  /** By rule, then by shape. */
  private readonly seen = new Map<string, Map<string, readonly Interval[] | null | 'apart'>>();
  private shapes = 0;
  private readonly told = new Map<string, Reading | null>();
  private readonly known = new Map<string, Known>();
  /** Characters given to ohm so far. */
  work = 0;
  /** True once the cap on work was reached: from then on only remembered shapes are read. */
  exhausted = false;

  constructor(
    private readonly workCap: number,
    private readonly lineCap: number,
  ) {}

  /** Another log begins: it has the cap on work for itself, and what is remembered. */
  restart(): void {
    this.work = 0;
    this.exhausted = false;
  }

  /**
   * Reads a message by the first of the rules that accepts it: null if none does. `rules` names those to try. The same message is told again and again,
   * and most others have a shape that was met before.
   */
  message(text: string, rules: (text: string) => readonly Try[]): Reading | null {
    const before = this.told.get(text);
    if (before !== undefined) return before;
    const reading = this.find(text, rules);
    // What the cap kept from being read may be read in another log.
    if (this.exhausted && reading === null) return null;
    if (this.told.size >= MOST) this.told.clear();
    this.told.set(text, reading);
    return reading;
  }

  private find(text: string, rules: (text: string) => readonly Try[]): Reading | null {
    const shape = shapeOf(text);
    let known = this.known.get(shape.key);
    if (known === undefined) {
      known = { rules: rulesOf(shape.key, () => rules(text)), settled: false, rule: null, parts: [] };
      if (this.known.size >= MOST) this.known.clear();
      this.known.set(shape.key, known);
    }
    const whole = text.length <= this.lineCap;
    if (known.settled && whole)
      return known.rule === null ? null : new Reading(known.rule, text, shape.words, known.parts);
    let alike = whole;
    for (const { grammar, rule } of known.rules) {
      const parts = alike ? this.recall(grammar, rule, text, shape) : 'apart';
      // Of another message of this shape the rule may have other parts, so that each is read for itself.
      if (parts === 'apart') alike = false;
      const reading =
        parts === 'apart'
          ? this.read(grammar, rule, text, shape)
          : parts === null
            ? null
            : new Reading(rule, text, shape.words, parts);
      if (reading === null) continue;
      if (alike) Object.assign(known, { settled: true, rule, parts });
      return reading;
    }
    if (alike && !this.exhausted) known.settled = true;
    return null;
  }

  /** Reads a message as one start rule, or null if the rule rejects it (or the work cap was reached). `shape`: the message's, where it is at hand. */
  read(grammar: GrammarName, rule: string, message: string, shape?: Shape): Reading | null {
    const text = message.length > this.lineCap ? message.slice(0, this.lineCap) : message;
    const at = text === message && shape !== undefined ? shape : shapeOf(text);
    const parts = this.recall(grammar, rule, text, at);
    if (parts !== 'apart') return parts === null ? null : new Reading(rule, text, at.words, parts);
    const alone = digitsOf(text);
    const exact = this.recall(grammar, rule, text, alone);
    return exact === null || exact === 'apart' ? null : new Reading(rule, text, alone.words, exact);
  }

  /** The parts in a shape's places, from memory or by matching; 'apart' if a part ends inside a word, so that other words have it elsewhere. */
  private recall(grammar: GrammarName, rule: string, text: string, shape: Shape): readonly Interval[] | null | 'apart' {
    let seen = this.seen.get(rule);
    if (seen === undefined) {
      seen = new Map();
      this.seen.set(rule, seen);
    }
    const before = seen.get(shape.key);
    if (before !== undefined) return before;
    if (this.work > this.workCap) {
      this.exhausted = true;
      return null;
    }
    // Charged in every log anew, so that what is read of one does not depend on those before it.
    this.work += text.length + 16;
    const parts = matchOnce(grammar, rule, text, shape);
    if (this.shapes++ >= MOST) {
      this.seen.clear();
      this.seen.set(rule, seen);
      seen.clear();
      this.shapes = 1;
    }
    seen.set(shape.key, parts);
    return parts;
  }
}

type Places = readonly Interval[] | null | 'apart';

/** What messages of a shape have where, by rule and shape: the same in every log. The older half goes when the newer one is full. */
let [newer, older] = [new Map<string, Places>(), new Map<string, Places>()];
const SHAPES_KEPT = 16_384;
/** The rules to try on a message of a shape. */
const tried = new Map<string, readonly Try[]>();

function rulesOf(shape: string, find: () => readonly Try[]): readonly Try[] {
  const known = tried.get(shape);
  if (known !== undefined) return known;
  const rules = find();
  if (tried.size >= SHAPES_KEPT) tried.clear();
  tried.set(shape, rules);
  return rules;
}

function matchOnce(grammar: GrammarName, rule: string, text: string, shape: Shape): Places {
  const key = `${grammar} ${rule} ${shape.key}`;
  let places = newer.get(key);
  if (places !== undefined) return places;
  places = older.get(key);
  if (places === undefined) places = placed(match(grammar, rule, text), shape);
  if (newer.size >= SHAPES_KEPT) [newer, older] = [new Map(), newer];
  newer.set(key, places);
  return places;
}

function placed(parts: readonly Interval[] | null, shape: Shape): readonly Interval[] | null | 'apart' {
  if (parts === null || shape.words.length === 0) return parts;
  const moved: Interval[] = [];
  for (const [rule, from, to] of parts) {
    const [start, end] = [intoShape(shape.words, from), intoShape(shape.words, to)];
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
