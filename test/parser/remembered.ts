/** Sweeps parse the same lines a hundred thousand times: what ohm made of a text is kept between the runs. The matches are ohm's own, only not made twice. */
import type { GrammarName } from '../../src/parser/grammars/markers.ts';
import { GRAMMARS, Reader, type Reading } from '../../src/parser/grammars/read.ts';

interface Matcher {
  match(text: string, rule: string): unknown;
}

const MOST = 60_000;
let done = false;

/** From now on each grammar of this process remembers its matches. */
export function rememberMatches(): void {
  if (done) return;
  done = true;
  for (const name of Object.keys(GRAMMARS) as GrammarName[]) {
    const grammar = GRAMMARS[name]() as unknown as Matcher;
    const match = grammar.match.bind(grammar);
    const kept = new Map<string, unknown>();
    grammar.match = (text, rule) => {
      const key = `${rule} ${text}`;
      let result = kept.get(key);
      if (result === undefined) {
        result = match(text, rule);
        if (kept.size >= MOST) kept.clear();
        kept.set(key, result);
      }
      return result;
    };
  }
}

/** As well what a message comes to, whatever the log it stands in: for logs that are far below the cap on work. */
export function rememberReadings(): void {
  rememberMatches();
  const kept = new Map<string, Reading | null>();
  const read = Reader.prototype.message;
  Reader.prototype.message = function (text, rules) {
    let reading = kept.get(text);
    if (reading === undefined) {
      reading = read.call(this, text, rules);
      if (kept.size >= MOST) kept.clear();
      kept.set(text, reading);
    }
    return reading;
  };
}
