import { readFileSync } from 'node:fs';
import type { Grammar } from 'ohm-js';
import { describe, expect, it } from 'vitest';
import type { GrammarName } from '../../src/parser/grammars/markers.ts';
import { GRAMMARS, match, NO_PARTS } from '../../src/parser/grammars/read.ts';

type Part = [rule: string, from: number, to: number];

interface Wrapped {
  readonly ctorName: string;
  readonly source: { readonly startIdx: number; readonly endIdx: number };
  parts(into: Part[]): void;
}

/** The parts as Ohm's public interface shows them. */
function bySemantics(name: GrammarName, rule: string, text: string): Part[] {
  const grammar = GRAMMARS[name]() as Grammar;
  const semantics = grammar.createSemantics().addOperation<void>('parts(into)', {
    _terminal() {},
    _iter(...children) {
      for (const child of children) (child as unknown as Wrapped).parts(this.args.into);
    },
    _nonterminal(...children) {
      const { ctorName, source } = this as unknown as Wrapped;
      if (NO_PARTS.has(ctorName)) return;
      (this.args.into as Part[]).push([ctorName, source.startIdx, source.endIdx]);
      for (const child of children) (child as unknown as Wrapped).parts(this.args.into);
    },
  });
  const parts: Part[] = [];
  (semantics(grammar.match(text, rule)) as unknown as Wrapped).parts(parts);
  return parts;
}

/** `//+ "accepted"` comments with the rule that follows them. */
function accepted(name: GrammarName): { rule: string; text: string }[] {
  const file = readFileSync(`src/parser/grammars/${name}.ohm`, 'utf8');
  return [...file.matchAll(/((?:^ *\/\/.*\n)+) {2}([a-zA-Z]\w*) =/gm)].flatMap(([, comments, rule]) =>
    [...comments!.matchAll(/\/\/\+ (".*")\s*$/gm)].map(([, text]) => ({ rule: rule!, text: JSON.parse(text!) })),
  );
}

describe.each(Object.keys(GRAMMARS) as GrammarName[])("the walk of Ohm's own tree, grammar %s", (name) => {
  it('finds the parts that its semantics find, in the same places', () => {
    const all = accepted(name);
    expect(all.length).toBeGreaterThan(5);
    for (const { rule, text } of all) expect(match(name, rule, text), text).toEqual(bySemantics(name, rule, text));
  });
});
