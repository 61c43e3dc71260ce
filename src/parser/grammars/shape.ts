/**
 * The shape of a message: what is left when digits, addresses and words that no grammar rule knows are taken for one another. Messages of one shape have
 * their parts in the same places, counted in shape characters, so the grammar reads one of them for all. test/parser/shape.test.ts holds that.
 */

import { allocate, latin1 } from '../../bytes.ts';
import { ByteMap, hashOf } from './byte-map.ts';
import { isKnown, SHORTEST } from './known-words.ts';
import literals from './literals.ohm-bundle.js';
import { holdsAnyMarker } from './marked.ts';

/** A shape, and how to come from places in it to places in the message and back. */
export interface Shape {
  /** What messages of the same shape have in common. */
  readonly key: string;
  /** For each word that stands as one character there: where it starts in the message, and its length. In order. */
  readonly words: readonly number[];
}

/** Numbers, addresses and words, in this order. */
const RUNS = /0x[0-9a-f]+|\b[0-9a-f]{8,}\b|[A-Za-z_][A-Za-z0-9_]*|[0-9]+/g;
const DIGITS = /[0-9]/g;
/** "Code: 48 8b 05 <0f> 0b": every rule that reads such a line takes any hex digit for any other. */
const CODE = /^Code:[ 0-9a-f<>()]+$/;
/** What stands for a word: by the kinds of characters in it, as the grammars tell letters from what may stand in a symbol. 0: nothing, it stands there itself. */
const [ITSELF, LETTERS, WITH_DIGITS, SYMBOL, UNDERSCORED, OFFSET, NUMBER, PATH] = [0, 1, 2, 3, 4, 5, 6, 7];

/** Numbers that rules name: user space's code segments in "RIP: 0033:". */
const NUMBERS: ReadonlySet<string> = new Set(
  literals.flatMap((text) => (/[a-z]/i.test(text) ? [] : (text.match(/[0-9]{2,}/g) ?? []))),
);
const LENGTHS_OF_NUMBERS: ReadonlySet<number> = new Set([...NUMBERS].map((number) => number.length));

/** The same message with other digits: no word is taken for another. */
export function digitsOf(text: string): Shape {
  return { key: text.replace(RUNS, digitless), words: NONE };
}

const NONE: readonly number[] = [];

/** Kinds of characters: anything else, a digit, a letter that is a hex digit, another letter or "_", one that stands for a word. */
const [OTHER, DIGIT, HEX, LETTER, RESERVED] = [0, 1, 2, 3, 4];
/** Messages longer than this are taken as they are. */
const LONGEST = 8192;
/** NULs behind a message, so that a look ahead needs no question whether it ends there. */
const AHEAD = 4;

/** Kind of each character of one byte. */
const kinds = kindsOfCharacters();

function kindsOfCharacters(): Uint8Array {
  const kinds = new Uint8Array(256);
  const set = (first: number, last: number, kind: number) => kinds.fill(kind, first, last + 1);
  set(65, 90, LETTER);
  set(97, 122, LETTER);
  set(95, 95, LETTER);
  set(97, 102, HEX);
  set(48, 57, DIGIT);
  set(LETTERS, PATH, RESERVED);
  return kinds;
}

/** A shape whose key is bytes: good until the next one is made. */
export interface Made {
  readonly key: Uint8Array;
  length: number;
  words: readonly number[];
}

/** Where the message whose shape is made stands in bytes, and its shape: one for all, when the first message comes. */
interface Place {
  readonly text: Uint8Array;
  readonly made: Made;
  readonly known: Names;
  readonly symbols: Names;
  readonly paths: Names;
}

let place: Place | null = null;

function makePlace(): Place {
  return {
    text: allocate(LONGEST + AHEAD),
    made: { key: allocate(LONGEST), length: 0, words: NONE },
    known: new Names(standIn),
    symbols: new Names(standInOfSymbol),
    paths: new Names(standInOfPath),
  };
}

/** What stands for names, remembered. */
class Names {
  private readonly met = new ByteMap<number>(8192, 1 << 18);

  constructor(private readonly make: (name: string) => number) {}

  standsFor(text: Uint8Array, from: number, to: number): number {
    const { met } = this;
    const hash = hashOf(text, from, to);
    const before = met.get(text, from, to, hash);
    if (before !== undefined) return before;
    const stands = this.make(latin1(text, from, to));
    if (!met.set(text, from, to, hash, stands)) met.clear();
    return stands;
  }
}

/**
 * The shape of a message. Told apart are a symbol's name before its offset; an offset or a size ("+0x54", "/0x1f8"); a number that stands alone; and any
 * other run of digits, hex digits or letters. One pass over the characters, as every line of a report is one.
 */
export function shapeOf(message: string): Shape {
  const made = makeShape(message);
  return made === null ? digitsOf(message) : { key: latin1(made.key, 0, made.length), words: made.words };
}

/** The same in bytes, or null for a message that is taken as it is. */
export function makeShape(message: string): Made | null {
  place ??= makePlace();
  const { text, made, known, symbols, paths } = place;
  const { key } = made;
  const size = message.length;
  if (size > LONGEST || !copied(message, text)) return null;
  if (message.startsWith('Code:') && CODE.test(message)) return ofCode(made, text, size);
  let words: number[] | null = null;
  let length = 0;
  let before = OTHER;
  let last = 0;
  for (let at = 0; at < size; ) {
    const code = text[at]!;
    const kind = kinds[code]!;
    if (kind === OTHER) {
      key[length++] = code;
      at++;
      before = OTHER;
      last = code;
      continue;
    }
    let end = at + 1;
    let stands = ITSELF;
    if (kind === DIGIT) {
      end = hexEnd(text, at);
      if (end > at) {
        // "+0x54" and "/0x1f8"; any other number with "0x".
        if ((last === 43 || last === 47) && end - at <= 10 && !isWord(text, end)) stands = OFFSET;
      } else {
        end = at + 1;
        while (kinds[text[end]!] === DIGIT) end++;
        if (before === OTHER && end - at <= 7 && !isWord(text, end)) {
          if (!isNumber(text, at, end)) stands = NUMBER;
        } else if (before === OTHER) {
          let hex = end;
          while (isHex(text[hex]!)) hex++;
          if (hex - at >= 8 && !isWord(text, hex)) end = hex;
        }
      }
    } else {
      let hex = kind === HEX;
      for (
        let next = kinds[text[end]!]!;
        next === DIGIT || next === HEX || next === LETTER;
        next = kinds[text[++end]!]!
      )
        if (next === LETTER) hex = false;
      const path = before === OTHER && text[end] === 47 && (last === 32 || last === 40) ? pathEnd(text, end) : 0;
      if (path > 0) {
        end = path;
        stands = paths.standsFor(text, at, end);
      } else if (before === OTHER && hasOffset(text, end)) stands = symbols.standsFor(text, at, end);
      else if (hex && before === OTHER && end - at >= 8) stands = ITSELF;
      else if (end - at >= SHORTEST && (code >= 97 || code === 95)) stands = known.standsFor(text, at, end);
    }
    if (stands !== ITSELF) {
      words ??= [];
      words.push(at, end - at);
      key[length++] = stands;
    } else {
      write(key, length, text, at, end);
      length += end - at;
    }
    last = text[end - 1]!;
    before = DIGIT;
    at = end;
  }
  made.length = length;
  made.words = words ?? NONE;
  return made;
}

function ofCode(made: Made, text: Uint8Array, size: number): Made {
  for (let at = 0; at < size; at++) made.key[at] = at >= 5 && isHex(text[at]!) ? 48 : text[at]!;
  made.length = size;
  made.words = NONE;
  return made;
}

/** Puts the message there in bytes; false for one with a character of more, or one that would be taken for a word. */
function copied(message: string, text: Uint8Array): boolean {
  const size = message.length;
  for (let at = 0; at < size; at++) {
    const code = message.charCodeAt(at);
    if (code > 255 || kinds[code] === RESERVED) return false;
    text[at] = code;
  }
  for (let at = size; at < size + AHEAD; at++) text[at] = 0;
  return true;
}

function isHex(code: number): boolean {
  const kind = kinds[code];
  return kind === DIGIT || kind === HEX;
}

/** True if a letter, a digit or "_" stands there. */
function isWord(text: Uint8Array, at: number): boolean {
  const kind = kinds[text[at]!];
  return kind === DIGIT || kind === HEX || kind === LETTER;
}

/** One past "0x" and its hex digits; `at` where none stand there. */
function hexEnd(text: Uint8Array, at: number): number {
  if (text[at] !== 48 || text[at + 1] !== 120) return at;
  let end = at + 2;
  while (isHex(text[end]!)) end++;
  return end > at + 2 ? end : at;
}

/** True for a number that some rule names. */
function isNumber(text: Uint8Array, from: number, to: number): boolean {
  return LENGTHS_OF_NUMBERS.has(to - from) && NUMBERS.has(latin1(text, from, to));
}

/** One past the name of a source file ("drivers/iommu/iommu.c:571") whose first folder ends at `from`; 0 if none stands there. */
function pathEnd(text: Uint8Array, from: number): number {
  let at = from;
  let dot = 0;
  for (let code = text[at]!; code >= 43 && code <= 47 ? code !== 44 : isWord(text, at); code = text[++at]!)
    if (code === 46) dot = at;
    else if (code === 47) dot = 0;
  if (text[at] !== 58 || kinds[text[at + 1]!] !== DIGIT) return 0;
  return dot > from && at - dot <= 4 ? at : 0;
}

/** True if an offset follows a name that ends there, perhaps behind a compiler's suffixes (".isra.0"). */
function hasOffset(text: Uint8Array, from: number): boolean {
  let at = from;
  for (let suffixes = 0; suffixes < 4 && text[at] === 46; suffixes++) {
    const start = ++at;
    if (kinds[text[at]!] === DIGIT) {
      while (kinds[text[at]!] === DIGIT) at++;
      if (at - start > 5) return false;
    } else {
      for (let code = text[at]!; code >= 97 && code <= 122; ) code = text[++at]!;
      if (at === start || at - start > 12) return false;
    }
  }
  return text[at] === 43 && text[at + 1] === 48 && text[at + 2] === 120;
}

/** As digitless(), written where the shape is made. A path that holds a marker keeps its digits. */
function write(key: Uint8Array, to: number, text: Uint8Array, from: number, end: number): void {
  const size = end - from;
  const first = text[from]!;
  if (first < 58 && isNumber(text, from, end)) {
    for (let at = 0; at < size; at++) key[to + at] = text[from + at]!;
    return;
  }
  if (first < 58 || (size >= 8 && isAllHex(text, from, end))) {
    for (let at = 0; at < size; at++) key[to + at] = 48;
    if (size > 2 && text[from + 1] === 120) key[to + 1] = 120;
    return;
  }
  for (let at = 0; at < size; at++) {
    const code = text[from + at]!;
    key[to + at] = kinds[code] === DIGIT ? 48 : code;
  }
}

function isAllHex(text: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (!isHex(text[at]!)) return false;
  return true;
}

function digitless(run: string): string {
  if (NUMBERS.has(run)) return run;
  if (run.startsWith('0x')) return `0x${'0'.repeat(run.length - 2)}`;
  const first = run.charCodeAt(0);
  const number = first < 58 || (run.length >= 8 && /^[0-9a-f]+$/.test(run));
  return number ? '0'.repeat(run.length) : run.replace(DIGITS, '0');
}

/** What stands for a word in a shape; itself where a rule might know it. */
function standIn(word: string): number {
  // A commit in a release's name.
  if (/^g[0-9a-f]{7,}$/.test(word)) return WITH_DIGITS;
  if (/^[0-9a-f]+$|^.[0-9]|[A-Z]/.test(word) || isKnown(word)) return ITSELF;
  if (word.startsWith('_')) return UNDERSCORED;
  return /_/.test(word) ? SYMBOL : /[0-9]/.test(word) ? WITH_DIGITS : LETTERS;
}

/** Before an offset no rule knows a name; but a marker in it lets other rules be tried. */
function standInOfSymbol(name: string): number {
  return name.length < 2 || holdsAnyMarker(name) ? ITSELF : SYMBOL;
}

/** No rule knows a file; but a marker in its name lets other rules be tried. */
function standInOfPath(path: string): number {
  return holdsAnyMarker(path) ? ITSELF : PATH;
}

/** The place in the shape of a place in the message; -1 if that is inside a word that stands as one character. */
export function intoShape(words: Shape['words'], place: number): number {
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
export function fromShape(words: Shape['words'], place: number): number {
  let at = place;
  for (let i = 0; i < words.length; i += 2) {
    if (at <= words[i]!) break;
    at += words[i + 1]! - 1;
  }
  return at;
}
