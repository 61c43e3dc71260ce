/**
 * The shape of a message: what is left when digits, addresses and words that no grammar rule knows are taken for one another. Messages of one shape have
 * their parts in the same places, counted in shape characters, so the grammar reads one of them for all. test/parser/shape.test.ts holds that.
 */

import { allocate, latin1 } from '../../bytes.ts';
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
const MOST_WORDS = 8192;
/** What stands for a word: by the kinds of characters in it, as the grammars tell letters from what may stand in a symbol. */
const LETTERS = '\x01';
const WITH_DIGITS = '\x02';
const SYMBOL = '\x03';
const UNDERSCORED = '\x04';
const OFFSET = '\x05';
const NUMBER = '\x06';
const PATH = '\x07';

/** Numbers that rules name: user space's code segments in "RIP: 0033:". */
const NUMBERS: ReadonlySet<string> = new Set(
  literals.flatMap((text) => (/[a-z]/i.test(text) ? [] : (text.match(/[0-9]{2,}/g) ?? []))),
);

const LONGEST_NUMBER = Math.max(...[...NUMBERS].map((number) => number.length));

/** The same message with other digits: no word is taken for another. */
export function digitsOf(text: string): Shape {
  return { key: text.replace(RUNS, digitless), words: NONE };
}

const NONE: readonly number[] = [];
const known = new Map<string, string>();
const symbols = new Map<string, string>();
const paths = new Map<string, string>();

/** Kinds of characters: anything else, a digit, a letter that is a hex digit, another letter or "_", one that stands for a word. */
const [OTHER, DIGIT, HEX, LETTER, RESERVED] = [0, 1, 2, 3, 4];
/** Messages longer than this are taken as they are. */
const LONGEST = 8192;

interface Tables {
  /** Kind of each character of one byte. */
  readonly kinds: Uint8Array;
  /** The shape that is being made. */
  readonly key: Uint8Array;
}

let tables: Tables | null = null;

function makeTables(): Tables {
  const kinds = new Uint8Array(256);
  const set = (first: string, last: string, kind: number) =>
    kinds.fill(kind, first.charCodeAt(0), last.charCodeAt(0) + 1);
  set('A', 'Z', LETTER);
  set('a', 'z', LETTER);
  set('_', '_', LETTER);
  set('a', 'f', HEX);
  set('0', '9', DIGIT);
  set(LETTERS, PATH, RESERVED);
  return { kinds, key: allocate(LONGEST) };
}

/**
 * The shape of a message. Told apart are a symbol's name before its offset; an offset or a size ("+0x54", "/0x1f8"); a number that stands alone; and any
 * other run of digits, hex digits or letters. One pass over the characters, as every line of a report is one.
 */
export function shapeOf(text: string): Shape {
  if (text.startsWith('Code:') && CODE.test(text))
    return { key: `Code:${text.slice(5).replace(/[0-9a-f]/g, '0')}`, words: NONE };
  const size = text.length;
  if (size > LONGEST) return digitsOf(text);
  tables ??= makeTables();
  const { kinds, key } = tables;
  let words: number[] | null = null;
  let length = 0;
  let before = OTHER;
  let last = 0;
  for (let at = 0; at < size; ) {
    const code = text.charCodeAt(at);
    const kind = code < 256 ? kinds[code]! : RESERVED;
    // Such a character would be taken for a word.
    if (kind === RESERVED) return digitsOf(text);
    if (kind === OTHER) {
      key[length++] = code;
      at++;
      before = OTHER;
      last = code;
      continue;
    }
    let end = at + 1;
    let stands = '';
    if (kind === DIGIT) {
      end = hexEnd(text, at, kinds);
      if (end > at) {
        // "+0x54" and "/0x1f8"; any other number with "0x".
        if ((last === 43 || last === 47) && end - at <= 10 && !isWord(text, end, kinds)) stands = OFFSET;
      } else {
        end = at + 1;
        while (kindAt(text, end, kinds) === DIGIT) end++;
        if (before === OTHER && end - at <= 7 && !isWord(text, end, kinds)) {
          const number = end - at > 1 ? text.slice(at, end) : '';
          stands = number !== '' && NUMBERS.has(number) ? number : NUMBER;
        } else if (before === OTHER) {
          let hex = end;
          while (isHex(kindAt(text, hex, kinds))) hex++;
          if (hex - at >= 8 && !isWord(text, hex, kinds)) end = hex;
        }
      }
    } else {
      let hex = kind === HEX;
      for (let next = kindAt(text, end, kinds); next === DIGIT || next === HEX || next === LETTER; ) {
        if (next === LETTER) hex = false;
        next = kindAt(text, ++end, kinds);
      }
      const path =
        before === OTHER && (last === 32 || last === 40) && text.charCodeAt(end) === 47 ? pathEnd(text, end, kinds) : 0;
      if (path > 0) {
        end = path;
        stands = nameOf(text.slice(at, end), paths, standInOfPath);
      } else if (before === OTHER && hasOffset(text, end, kinds))
        stands = nameOf(text.slice(at, end), symbols, standInOfSymbol);
      else if (hex && before === OTHER && end - at >= 8) stands = '';
      else if (end - at >= SHORTEST && (code >= 97 || code === 95))
        stands = nameOf(text.slice(at, end), known, standIn);
    }
    if (stands.length === 1) {
      words ??= [];
      words.push(at, end - at);
      key[length++] = stands.charCodeAt(0);
    } else if (stands !== '') {
      for (let i = 0; i < stands.length; i++) key[length++] = stands.charCodeAt(i);
    } else length += digitlessInto(key, length, text, at, end);
    last = text.charCodeAt(end - 1);
    before = DIGIT;
    at = end;
  }
  return { key: latin1(key, 0, length), words: words ?? NONE };
}

function kindAt(text: string, at: number, kinds: Uint8Array): number {
  const code = text.charCodeAt(at);
  return code < 256 ? kinds[code]! : OTHER;
}

function isHex(kind: number): boolean {
  return kind === DIGIT || kind === HEX;
}

/** True if a letter, a digit or "_" stands there. */
function isWord(text: string, at: number, kinds: Uint8Array): boolean {
  const kind = kindAt(text, at, kinds);
  return kind === DIGIT || kind === HEX || kind === LETTER;
}

/** One past "0x" and its hex digits; `at` where none stand there. */
function hexEnd(text: string, at: number, kinds: Uint8Array): number {
  if (text.charCodeAt(at) !== 48 || text.charCodeAt(at + 1) !== 120) return at;
  let end = at + 2;
  while (isHex(kindAt(text, end, kinds))) end++;
  return end > at + 2 ? end : at;
}

/** One past the name of a source file ("drivers/iommu/iommu.c:571") whose first folder ends at `from`; 0 if none stands there. */
function pathEnd(text: string, from: number, kinds: Uint8Array): number {
  let at = from;
  let dot = 0;
  for (
    let code = text.charCodeAt(at);
    code >= 43 && code <= 47 ? code !== 44 : isWord(text, at, kinds);
    code = text.charCodeAt(++at)
  )
    if (code === 46) dot = at;
  if (text.charCodeAt(at) !== 58 || kindAt(text, at + 1, kinds) !== DIGIT) return 0;
  return dot > from && at - dot <= 4 && !text.slice(dot, at).includes('/') ? at : 0;
}

/** True if an offset follows a name that ends there, perhaps behind a compiler's suffixes (".isra.0"). */
function hasOffset(text: string, from: number, kinds: Uint8Array): boolean {
  let at = from;
  for (let suffixes = 0; suffixes < 4 && text.charCodeAt(at) === 46; suffixes++) {
    const start = ++at;
    if (kindAt(text, at, kinds) === DIGIT) {
      while (kindAt(text, at, kinds) === DIGIT) at++;
      if (at - start > 5) return false;
    } else {
      for (let code = text.charCodeAt(at); code >= 97 && code <= 122; ) code = text.charCodeAt(++at);
      if (at === start || at - start > 12) return false;
    }
  }
  return text.charCodeAt(at) === 43 && text.charCodeAt(at + 1) === 48 && text.charCodeAt(at + 2) === 120;
}

function nameOf(name: string, names: Map<string, string>, make: (name: string) => string): string {
  let stands = names.get(name);
  if (stands === undefined) {
    stands = make(name);
    if (names.size >= MOST_WORDS) names.clear();
    names.set(name, stands);
  }
  return stands;
}

/** As digitless(), written where the shape is made; how many characters. */
function digitlessInto(key: Uint8Array, to: number, text: string, from: number, end: number): number {
  const size = end - from;
  const first = text.charCodeAt(from);
  if (first < 58 && size <= LONGEST_NUMBER && NUMBERS.has(text.slice(from, end)))
    return written(key, to, text, from, end);
  if (first < 58 || (size >= 8 && /^[0-9a-f]+$/.test(text.slice(from, end)))) {
    key.fill(48, to, to + size);
    if (size > 2 && text.charCodeAt(from + 1) === 120) key[to + 1] = 120;
    return size;
  }
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    key[to + at - from] = code < 58 ? 48 : code;
  }
  return size;
}

function written(key: Uint8Array, to: number, text: string, from: number, end: number): number {
  for (let at = from; at < end; at++) key[to + at - from] = text.charCodeAt(at);
  return end - from;
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
  return name.length < 2 || holdsAnyMarker(name) ? digitless(name) : SYMBOL;
}

/** No rule knows a file; but a marker in its name lets other rules be tried. */
function standInOfPath(path: string): string {
  return holdsAnyMarker(path) ? path : PATH;
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
