/**
 * A message read by the grammars: which rule it is and where in the text each part stands. The only place that calls ohm.
 * Parts are named by the grammar's rules; interpretation (numbers, enums) is the caller's.
 */
import type { Grammar, MatchResult, Semantics } from 'ohm-js';
import context from './grammars/context.ohm-bundle.js';
import dumps from './grammars/dumps.ohm-bundle.js';
import events from './grammars/events.ohm-bundle.js';
import faults from './grammars/faults.ohm-bundle.js';
import frames from './grammars/frames.ohm-bundle.js';
import reports from './grammars/reports.ohm-bundle.js';

export const GRAMMARS = { context, dumps, events, faults, frames, reports } as const;
export type GrammarName = keyof typeof GRAMMARS;

/** A rule to try on a message. */
export interface Try {
  readonly grammar: GrammarName;
  readonly rule: string;
}

type Interval = readonly [rule: string, from: number, to: number];

/** One message understood: the rule that accepts it, and its parts by rule name. */
export class Reading {
  constructor(
    readonly rule: string,
    readonly text: string,
    private readonly parts: readonly Interval[],
  ) {}

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

interface OhmNode {
  readonly ctorName: string;
  readonly source: { readonly startIdx: number; readonly endIdx: number };
  collect(into: Interval[]): void;
}

/** Rules that are no part of a message. */
const SILENT: ReadonlySet<string> = new Set([
  'rest',
  'any',
  'space',
  'end',
  'digit',
  'hexDigit',
  'letter',
  'alnum',
  'upper',
  'symbolChar',
  'plain',
  'prefix',
]);
/** Parts that hold no named part of their own: their characters need no visit. */
const WHOLE: ReadonlySet<string> = new Set([
  ...[
    'symbol',
    'callee',
    'offset',
    'size',
    'hex',
    'value',
    'address',
    'module',
    'moduleName',
    'word',
    'device',
    'by',
    'model',
    'text',
    'reason',
  ],
  ...[
    'register',
    'codeWord',
    'wording',
    'release',
    'build',
    'comm',
    'pid',
    'cpu',
    'number',
    'bug',
    'path',
    'says',
    'file',
    'compiler',
    'builder',
  ],
  ...[
    'className',
    'taskName',
    'because',
    'what',
    'micros',
    'parent',
    'group',
    'error',
    'driver',
    'failing',
    'type',
    'errno',
    'flag',
  ],
]);

const semantics = new Map<GrammarName, Semantics>();

/** Built on first use: a log without a crash never needs most of the grammars. */
function semanticsOf(name: GrammarName): Semantics {
  let made = semantics.get(name);
  if (made === undefined) {
    made = (GRAMMARS[name] as Grammar).createSemantics();
    made.addOperation<void>('collect(into)', {
      _terminal() {},
      _iter(...children) {
        for (const child of children) (child as unknown as OhmNode).collect(this.args.into);
      },
      _nonterminal(...children) {
        const { ctorName, source } = this as unknown as OhmNode;
        if (SILENT.has(ctorName)) return;
        (this.args.into as Interval[]).push([ctorName, source.startIdx, source.endIdx]);
        if (WHOLE.has(ctorName)) return;
        for (const child of children) (child as unknown as OhmNode).collect(this.args.into);
      },
    });
    semantics.set(name, made);
  }
  return made;
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

function match(grammar: GrammarName, rule: string, text: string): readonly Interval[] | null {
  const result: MatchResult = (GRAMMARS[grammar] as Grammar).match(text, rule);
  if (result.failed()) return null;
  const parts: Interval[] = [];
  (semanticsOf(grammar)(result) as unknown as OhmNode).collect(parts);
  return parts;
}
