/**
 * A message read by the grammars: which rule it is and where in the text each part stands. The only place that calls ohm.
 * Parts are named by the grammar's rules; interpretation (numbers, enums) is the caller's.
 */
import type { Grammar, MatchResult } from 'ohm-js';
import context from './grammars/context.ohm-bundle.js';
import dumps from './grammars/dumps.ohm-bundle.js';
import events from './grammars/events.ohm-bundle.js';
import faults from './grammars/faults.ohm-bundle.js';
import frames from './grammars/frames.ohm-bundle.js';
import reports from './grammars/reports.ohm-bundle.js';

/** Each is made when it is first asked for: a log without a crash never needs most of them. */
export const GRAMMARS = { context, dumps, events, faults, frames, reports } as const;
export type GrammarName = keyof typeof GRAMMARS;

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
  ...['when', 'access'],
]);
const NONE: ReadonlySet<string> = new Set();

/** One message understood: the rule that accepts it, and its parts by rule name. */
export class Reading {
  constructor(
    readonly rule: string,
    readonly text: string,
    private readonly parts: readonly Interval[],
    /** Names of the parts that reach the end of a line that was torn off there; empty for a whole line. */
    readonly open: ReadonlySet<string> = NONE,
  ) {}

  /** The same of a line that no newline ends: what reaches its end may have gone on, so values that do are not known. */
  torn(): Reading {
    const reaches = ([, , to]: Interval) => to === this.text.length;
    return new Reading(
      this.rule,
      this.text,
      this.parts.filter((part, i) => i === 0 || !VALUES.has(part[0]) || !reaches(part)),
      new Set(this.parts.filter((part, i) => i > 0 && reaches(part)).map(([rule]) => rule)),
    );
  }

  /** First part of that name, or null. */
  get(part: string): string | null {
    for (const [rule, from, to] of this.parts) if (rule === part) return this.text.slice(from, to);
    return null;
  }

  /** Last part of that name, or null. */
  last(part: string): string | null {
    for (let i = this.parts.length - 1; i >= 0; i--) {
      const [rule, from, to] = this.parts[i]!;
      if (rule === part) return this.text.slice(from, to);
    }
    return null;
  }

  /** Every part of that name, in order. */
  all(part: string): string[] {
    const found: string[] = [];
    for (const [rule, from, to] of this.parts) if (rule === part) found.push(this.text.slice(from, to));
    return found;
  }

  has(part: string): boolean {
    return this.parts.some(([rule]) => rule === part);
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

function collect(node: Tree, from: number, rule: number, into: Interval[]): void {
  if (node.isNonterminal()) {
    const name = node.ctorName;
    if (name === 'rest' || name === 'any' || name === 'hexDigit' || name === 'digit') return;
    into.push([name, from, from + node.matchLength]);
    rule = from;
  }
  const { children, childOffsets } = node;
  if (children === undefined || childOffsets === undefined) return;
  for (let i = 0; i < children.length; i++) collect(children[i]!, rule + childOffsets[i]!, rule, into);
}

/** Digits and hex words carry no meaning for a rule's shape: two messages that differ in them alone have their parts in the same places. */
export function shapeOf(text: string): string {
  return text.replace(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b|[0-9]+/g, (run) =>
    '00000000000000000000'.slice(0, run.length).padEnd(run.length, '0'),
  );
}

/** Bounded memory of shapes already read, and of the work done, for one log. */
export class Reader {
  private readonly seen = new Map<string, readonly Interval[] | null>();
  private readonly tried = new Map<string, readonly Try[]>();
  /** Characters given to ohm so far. */
  work = 0;
  /** True once the cap on work was reached: from then on only remembered shapes are read. */
  exhausted = false;

  constructor(
    private readonly workCap: number,
    private readonly lineCap: number,
  ) {}

  /** What `find` makes of a message of that shape, made once for each. */
  rulesFor(shape: string, find: () => readonly Try[]): readonly Try[] {
    let rules = this.tried.get(shape);
    if (rules === undefined) {
      rules = find();
      if (this.tried.size >= 8192) this.tried.clear();
      this.tried.set(shape, rules);
    }
    return rules;
  }

  /** Reads a message as one start rule, or null if the rule rejects it (or the work cap was reached). */
  read(grammar: GrammarName, rule: string, message: string, shape?: string): Reading | null {
    const text = message.length > this.lineCap ? message.slice(0, this.lineCap) : message;
    const key = `${rule} ${text === message ? (shape ?? shapeOf(text)) : shapeOf(text)}`;
    let parts = this.seen.get(key);
    if (parts === undefined) {
      if (this.work > this.workCap) {
        this.exhausted = true;
        return null;
      }
      this.work += text.length + 16;
      parts = match(grammar, rule, text);
      if (this.seen.size >= 8192) this.seen.clear();
      this.seen.set(key, parts);
    }
    return parts === null ? null : new Reading(rule, text, parts);
  }
}

/** Every part of a message by rule name, in the order of the grammar; null if the rule rejects it. */
export function match(grammar: GrammarName, rule: string, text: string): readonly Interval[] | null {
  const result: MatchResult = (GRAMMARS[grammar]() as Grammar).match(text, rule);
  if (result.failed()) return null;
  const parts: Interval[] = [];
  collect((result as unknown as { readonly _cst: Tree })._cst, 0, 0, parts);
  return parts;
}
