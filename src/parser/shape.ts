/**
 * The shape of a message: what is left when digits, addresses and words that no grammar rule knows are taken for one another. Messages of one shape have
 * their parts in the same places, counted in shape characters, so the grammar reads one of them for all. test/parser/shape.test.ts holds that.
 */
import literals from './grammars/literals.ohm-bundle.js';
import { MARKERS } from './markers.ts';

/** A shape, and how to come from places in it to places in the message and back. */
export interface Shape {
  /** What messages of the same shape have in common. */
  readonly key: string;
  /** For each word that stands as one character there: where it starts in the message, and its length. In order. */
  readonly words: readonly number[];
}

/** Numbers, addresses and words, in this order. */
const RUNS = /0x[0-9a-f]+|\b[0-9a-f]{8,}\b|[A-Za-z_][A-Za-z0-9_]*|[0-9]+/g;
/** The same, told apart: a symbol's name before its offset; an offset or a size; a number that stands alone; any other. */
const TOLD =
  /\b([A-Za-z_][A-Za-z0-9_]*)(?=(?:\.[a-z]{1,12}|\.[0-9]{1,5}){0,4}\+0x)|(?<=[+/])(0x[0-9a-f]{1,8})\b|(?<![\w.])([0-9]{1,7})(?![\w.])|0x[0-9a-f]+|\b[0-9a-f]{8,}\b|[A-Za-z_][A-Za-z0-9_]*|[0-9]+/g;
const DIGITS = /[0-9]/g;
/** "Code: 48 8b 05 <0f> 0b": every rule that reads such a line takes any hex digit for any other. */
const CODE = /^Code:[ 0-9a-f<>()]+$/;
const MOST_WORDS = 8192;
/** Words of less are kept as they are. */
const SHORTEST = 4;
/** What stands for a word: by the kinds of characters in it, as the grammars tell letters from what may stand in a symbol. */
const LETTERS = '\x01';
const WITH_DIGITS = '\x02';
const SYMBOL = '\x03';
const UNDERSCORED = '\x04';
const OFFSET = '\x05';
const NUMBER = '\x06';

/** Numbers that rules name: user space's code segments in "RIP: 0033:". */
const NUMBERS: ReadonlySet<string> = new Set(
  literals.flatMap((text) => (/[a-z]/i.test(text) ? [] : (text.match(/[0-9]{2,}/g) ?? []))),
);

/** The same message with other digits: no word is taken for another. */
export function digitsOf(text: string): Shape {
  return { key: text.replace(RUNS, digitless), words: NONE };
}

const NONE: readonly number[] = [];
const known = new Map<string, string>();
const symbols = new Map<string, string>();

/** The shape of a message. */
export function shapeOf(text: string): Shape {
  if (CODE.test(text)) return { key: `Code:${text.slice(5).replace(/[0-9a-f]/g, '0')}`, words: NONE };
  let words: number[] | null = null;
  // Such a character would be taken for a word.
  if (/[\x01-\x06]/.test(text)) return digitsOf(text);
  const key = text.replace(TOLD, (run, symbol?: string, offset?: string, number?: string, at?: number) => {
    let stands: string | undefined;
    if (offset !== undefined) stands = OFFSET;
    else if (number !== undefined) stands = NUMBERS.has(number) ? number : NUMBER;
    else {
      const first = run.charCodeAt(0);
      if (symbol === undefined && (run.length < SHORTEST || (first < 97 && first !== 95))) return digitless(run);
      const words = symbol === undefined ? known : symbols;
      stands = words.get(run);
      if (stands === undefined) {
        stands = symbol === undefined ? standIn(run) : standInOfSymbol(run);
        if (words.size >= MOST_WORDS) words.clear();
        words.set(run, stands);
      }
    }
    if (stands.length === 1) {
      words ??= [];
      words.push(at!, run.length);
    }
    return stands;
  });
  return { key, words: words ?? NONE };
}

function digitless(run: string): string {
  if (NUMBERS.has(run)) return run;
  if (run.startsWith('0x')) return `0x${'0'.repeat(run.length - 2)}`;
  const first = run.charCodeAt(0);
  const number = first < 58 || (run.length >= 8 && /^[0-9a-f]+$/.test(run));
  return number ? '0'.repeat(run.length) : run.replace(DIGITS, '0');
}

/** What stands for a word in a shape: one character, or the word itself where a rule might know it. */
function standIn(word: string): string {
  // A commit in a release's name.
  if (/^g[0-9a-f]{7,}$/.test(word)) return WITH_DIGITS;
  if (/^[0-9a-f]+$|^.[0-9]|[A-Z]/.test(word) || isKnown(word)) return digitless(word);
  if (word.startsWith('_')) return UNDERSCORED;
  return /_/.test(word) ? SYMBOL : /[0-9]/.test(word) ? WITH_DIGITS : LETTERS;
}

/** Before an offset no rule knows a name; but a marker in it lets other rules be tried. */
function standInOfSymbol(name: string): string {
  return name.length < 2 || MARKERS.some((m) => name.includes(m.text)) ? digitless(name) : SYMBOL;
}

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

function isKnown(word: string): boolean {
  ofRules ??= wordsOfRules();
  return (
    ofRules.whole.has(word) ||
    ofRules.behind.some((known) => word.endsWith(known)) ||
    ofRules.front.some((known) => word.startsWith(known)) ||
    ofRules.inside.some((known) => word.includes(known))
  );
}

/** The place in the shape of a place in the message; -1 if that is inside a word that stands as one character. */
export function intoShape(shape: Shape, place: number): number {
  const { words } = shape;
  let off = 0;
  for (let i = 0; i < words.length; i += 2) {
    const start = words[i]!;
    if (place <= start) break;
    const length = words[i + 1]!;
    if (place < start + length) return -1;
    off += length - 1;
  }
  return place - off;
}

/** The place in the message of a place in its shape. */
export function fromShape(shape: Shape, place: number): number {
  const { words } = shape;
  let at = place;
  for (let i = 0; i < words.length; i += 2) {
    if (at <= words[i]!) break;
    at += words[i + 1]! - 1;
  }
  return at;
}
