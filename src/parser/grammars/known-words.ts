/** The words that grammar rules name: a message's shape keeps them. */
import literals from './literals.ohm-bundle.js';
import { MARKERS } from './markers.ts';

/** Words of less are kept as they are. */
export const SHORTEST = 4;

interface Words {
  /** Within a string, between other characters: a message has it as a whole word. */
  readonly whole: ReadonlySet<string>;
  /** At a string's start, its end, or all of it: a message may have more in front, behind, or on both sides. */
  readonly behind: readonly string[];
  readonly front: readonly string[];
  readonly inside: readonly string[];
}

let ofRules: Words | null = null;

function wordsOfRules(): Words {
  const whole = new Set<string>();
  const [behind, front, inside] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const text of [...literals, ...MARKERS.map((m) => m.text)])
    for (const match of text.matchAll(/[A-Za-z0-9_]+/g)) {
      const [word] = match;
      const starts = match.index === 0;
      const ends = match.index + word.length === text.length;
      // Shorter ones are registers, units and prepositions, which no rule takes for the start or the end of a longer word.
      if (word.length < SHORTEST) continue;
      if (starts && ends) inside.add(word);
      else if (starts) behind.add(word);
      else if (ends) front.add(word);
      else whole.add(word);
    }
  return { whole, behind: [...behind], front: [...front], inside: [...inside] };
}

/** True if some rule may tell the word from another. */
export function isKnown(word: string): boolean {
  ofRules ??= wordsOfRules();
  return (
    ofRules.whole.has(word) ||
    ofRules.behind.some((known) => word.endsWith(known)) ||
    ofRules.front.some((known) => word.startsWith(known)) ||
    ofRules.inside.some((known) => word.includes(known))
  );
}
