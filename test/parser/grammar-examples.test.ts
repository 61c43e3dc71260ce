import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GrammarName } from '../../src/parser/grammars/markers.ts';
import { GRAMMARS } from '../../src/parser/grammars/read.ts';

/** The examples in a grammar's comments: `//+ "accepted"`, `//- "rejected"`, each of the rule that follows. */
function examples(name: GrammarName): { rule: string; text: string; accepted: boolean }[] {
  const found: { rule: string; text: string; accepted: boolean }[] = [];
  let waiting: { text: string; accepted: boolean }[] = [];
  for (const line of readFileSync(`src/parser/grammars/${name}.ohm`, 'utf8').split('\n')) {
    const example = /^\s*\/\/([+-]) (".*")\s*$/.exec(line);
    if (example !== null) {
      waiting.push({ accepted: example[1] === '+', text: JSON.parse(example[2]!) as string });
      continue;
    }
    const rule = /^ {2}([a-zA-Z]\w*) =/.exec(line);
    if (rule === null) continue;
    found.push(...waiting.map((w) => ({ rule: rule[1]!, ...w })));
    waiting = [];
  }
  return found;
}

for (const name of Object.keys(GRAMMARS) as GrammarName[]) {
  describe(`examples of ${name}.ohm`, () => {
    const all = examples(name);
    it('has some', () => expect(all.length).toBeGreaterThan(5));
    for (const { rule, text, accepted } of all) {
      it(`${rule} ${accepted ? 'accepts' : 'rejects'} ${JSON.stringify(text.slice(0, 70))}`, () => {
        expect(GRAMMARS[name]().match(text, rule).succeeded()).toBe(accepted);
      });
    }
  });
}
