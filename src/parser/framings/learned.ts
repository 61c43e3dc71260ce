/**
 * Framings that no list knows, learned from the input: what stands in front of lines that only the kernel prints is compared, piece by piece. Pieces that
 * are the same in all lines are constants, others numbers, times or words; brackets hold them together. What comes out is one more layer of framing.
 */
import type { Cut } from './cut.ts';
import { certainIn, frameIn, type Start, startIn } from './starts.ts';

/** What was learned of one input. Made anew for each, and grown by `learn`. */
export class Learned {
  readonly layers: Layer[] = [];
  /** What stands behind each message: a closing back tick, a cell's border. */
  tail: string | null = null;
  /** True once crash text stood in several lines that no layer fits: from then on such text is read from where it begins. */
  net = false;
  /** True where a program's mark stands in front of the kernel's own text: then it says nothing. */
  trusting = false;

  get isEmpty(): boolean {
    return this.layers.length === 0 && this.tail === null && !this.net && !this.trusting;
  }

  /** Takes one layer, or the rest of a line that none fits, off the text; false if there is nothing to take. */
  cut(cut: Cut, before: number): boolean {
    for (const { pattern, after, stamped } of this.layers) {
      if (after !== before || stamped !== (cut.time !== null)) continue;
      const found = pattern.exec(cut.text);
      if (found === null) continue;
      cut.text = cut.text.slice(found[0].length);
      cut.framing ??= 'learned';
      return true;
    }
    return false;
  }

  /** Takes the tail off, and what no layer fits in front of crash text. */
  finish(cut: Cut): void {
    const { tail } = this;
    if (tail !== null && cut.text.endsWith(tail)) cut.text = cut.text.slice(0, -tail.length).trimEnd();
    // cat -A, and editors that show what is not seen: "$" ends a line, "^I" is a tab.
    if (tail === '$' && cut.text.includes('^I')) cut.text = cut.text.replaceAll('^I', '\t');
    if (!this.net) return;
    const certain = certainIn(cut.text);
    const from = certain >= 0 ? certain : frameIn(cut.text);
    if (from <= 0 || cut.text.slice(0, from).trim() === '' || (startIn(cut.text)?.at ?? 0) < from) return;
    cut.text = cut.text.slice(from);
    cut.framing ??= 'learned';
  }
}

interface Layer {
  readonly pattern: RegExp;
  /** Learned layers that were taken off before this one, and whether the kernel's stamp was. */
  readonly after: number;
  readonly stamped: boolean;
}

/** A line of the input as far as it is understood: with the number of learned layers that were cut from it. */
export interface Sampled {
  readonly cut: Cut;
  readonly layers: number;
}

/** The same, and where a message begins in what is left of it; null for one without a message as well. */
interface Started extends Sampled {
  readonly start: Start | null;
}

/** How often layers behind layers are looked for. */
const ROUNDS = 4;
const MOST_LAYERS = 16;
const LONGEST = 200;
const MOST_TOKENS = 32;
/** Lines of a kind that must agree, beginnings among them that must differ, and lines from which on a number alone is a framing. */
const AGREEING = 2;
const KINDS = 2;
const MANY = 5;
/** Lines whose text is certain, and that fit nothing, before they are read from where they begin. */
const CERTAIN_LINES = 3;

interface Residue {
  readonly text: string;
  readonly word: string | null;
  readonly layers: number;
  readonly stamped: boolean;
}

/** Learns from the lines around one that no framing explains. `read` cuts a line with all that is known so far. */
export function learn(
  learned: Learned,
  physical: readonly string[],
  read: (line: string, at: number) => Sampled,
): void {
  const samples = () =>
    physical.map((line, at): Started => {
      const { cut, layers } = read(line, at);
      return { cut, layers, start: cut.silent ? null : startIn(cut.text) };
    });
  let left = samples();
  for (let round = 0; round < ROUNDS; round++) {
    const residues = residuesOf(left);
    const before = learned.layers.length;
    for (const group of groupsOf(residues)) {
      const pattern = patternOf(group.map((r) => r.text));
      if (pattern === null || learned.layers.length >= MOST_LAYERS) continue;
      const { layers, stamped } = group[0]!;
      learned.layers.push({ pattern, after: layers, stamped });
    }
    if (learned.layers.length === before) break;
    left = samples();
  }
  learned.tail ??= tailOf(left);
  const accused = left.filter(({ cut, start }) => cut.foreign && start?.at === 0);
  if (accused.filter(({ cut }) => certainIn(cut.text) === 0).length >= CERTAIN_LINES) learned.trusting = true;
  const unread = left.filter(unreadCertainty);
  if (new Set(unread.map(({ cut }) => cut.text.slice(certainIn(cut.text)).slice(0, 5))).size >= CERTAIN_LINES)
    learned.net = true;
}

/** True if crash text stands in the middle of it and nothing that the kernel prints before. */
function unreadCertainty({ cut: { text }, start }: Started): boolean {
  const at = start?.at ?? 0;
  return at > 0 && certainIn(text) === at && text.slice(0, at).trim() !== '';
}

/** What stands in front of the kernel's text where something does. */
function residuesOf(sampled: readonly Started[]): Residue[] {
  return sampled.flatMap(({ cut, layers, start }) => {
    if (start === null || start.at === 0 || start.at > LONGEST) return [];
    const text = cut.text.slice(0, start.at);
    if (text.trim() === '') return [];
    return [{ text, word: start.word, layers, stamped: cut.time !== null }];
  });
}

const TOKEN = /[[\](){}<>|]|[^\s[\](){}<>|]+/g;
const BRACKET = /^[[\](){}<>|]$/;

function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** Residues of one build: as many pieces, the same brackets between. */
function groupsOf(residues: readonly Residue[]): Residue[][] {
  const groups = new Map<string, Residue[]>();
  for (const residue of residues) {
    const tokens = tokensOf(residue.text);
    if (tokens.length === 0 || tokens.length > MOST_TOKENS) continue;
    const build = tokens.map((t) => (BRACKET.test(t) ? t : '_')).join('');
    const key = `${residue.layers}${residue.stamped}${build}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [residue]);
    else group.push(residue);
  }
  const fits = (g: readonly Residue[]) =>
    g.length >= AGREEING && g.length * 10 >= residues.length && new Set(g.map((r) => r.word ?? '')).size >= KINDS;
  return [...groups.values()].filter(fits).sort((a, b) => b.length - a.length);
}

/** The layer that all these residues are, or null if nothing in them holds it together. */
function patternOf(texts: readonly string[]): RegExp | null {
  const rows = texts.map(tokensOf);
  const width = rows[0]!.length;
  let source = '^[ \\t]*';
  let anchored = false;
  let constant = false;
  for (let at = 0; at < width; at++) {
    const column = rows.map((row) => row[at]!);
    const bracket = BRACKET.test(column[0]!);
    if (at > 0) source += bracket || BRACKET.test(rows[0]![at - 1]!) ? '[ \\t]*' : '[ \\t]+';
    if (bracket) {
      source += `\\${column[0]}`;
      anchored = true;
      continue;
    }
    const piece = pieceOf(column);
    source += piece.source;
    anchored ||= piece.anchors;
    constant ||= piece.constant;
  }
  if (!anchored && !(constant && texts.length >= MANY)) return null;
  const behind = Math.min(...texts.map((text) => text.length - text.trimEnd().length));
  return new RegExp(`${source}[ \\t]{0,${behind}}`);
}

interface Piece {
  readonly source: string;
  /** It has punctuation of its own, as no two words of prose have at one place. */
  readonly anchors: boolean;
  readonly constant: boolean;
}

const PART = /[A-Za-z0-9\u0080-\uffff]+|[^A-Za-z0-9\u0080-\uffff]/g;
const ALNUM = /^[A-Za-z0-9\u0080-\uffff]/;

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replace(/\d+/g, '\\d+');
}

/** One column: the same in all lines up to its numbers, or built alike, or any word. */
function pieceOf(column: readonly string[]): Piece {
  const first = column[0]!;
  const numbered = /\d/.test(first);
  if (column.every((c) => c.replace(/\d+/g, '0') === first.replace(/\d+/g, '0')))
    return { source: escaped(first), anchors: /[^\w]/.test(first), constant: true };
  const rows = column.map((c) => c.match(PART) ?? []);
  const build = (row: readonly string[]) => row.map((p) => (ALNUM.test(p) ? '_' : p)).join('');
  if (rows.every((row) => build(row) === build(rows[0]!))) {
    let source = '';
    for (const [at, part] of rows[0]!.entries()) {
      const parts = rows.map((row) => row[at]!);
      if (parts.every((p) => p === part)) source += escaped(part);
      else source += parts.every((p) => /^\d+$/.test(p)) ? '\\d+' : '[A-Za-z0-9\\u0080-\\uffff]+';
    }
    const punctuated = build(rows[0]!).replaceAll('_', '') !== '';
    return { source, anchors: punctuated, constant: numbered && column.every((c) => /^\d+$/.test(c)) };
  }
  const last = first.at(-1)!;
  const ends = !ALNUM.test(last) && column.every((c) => c.at(-1) === last);
  return {
    source: `[^\\s[\\](){}<>|]{1,80}${ends ? `(?<=${escaped(last)})` : ''}`,
    anchors: ends,
    constant: column.every((c) => /^[\d.,:-]+$/.test(c)),
  };
}

const FEWEST_TAILS = 3;
/** Characters that a tail takes from the end of a line at most, and up to where it may go on before a letter. */
const LONGEST_TAIL = 40;
const LETTERLESS = 12;
/** Characters that no message of the kernel's ends in, and that close what somebody opened; those that are no part of a tail. */
const CLOSING = codesOf('"\'`|<\\,;}*~^$');
const INSIDE = codesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789)');

function codesOf(characters: string): Uint8Array {
  const codes = new Uint8Array(128);
  for (let i = 0; i < characters.length; i++) codes[characters.charCodeAt(i)] = 1;
  return codes;
}

function isClosing(code: number): boolean {
  return code < 128 ? CLOSING[code] === 1 : true;
}

/** What most of these lines end in, from such a character on. */
function tailOf(sampled: readonly Started[]): string | null {
  const texts = sampled.flatMap(({ cut, start }) => {
    const framed = cut.framing !== null || start?.at === 0;
    return framed && !cut.silent && cut.text.trim() !== '' ? [cut.text.trimEnd()] : [];
  });
  if (texts.length < FEWEST_TAILS) return null;
  const ends = new Map<string, number>();
  for (const text of texts) {
    const least = Math.max(0, text.length - LONGEST_TAIL);
    for (let at = text.length - 1; at >= least; at--) {
      const code = text.charCodeAt(at);
      if (isClosing(code)) ends.set(text.slice(at), (ends.get(text.slice(at)) ?? 0) + 1);
      else if (INSIDE[code] === 1 && at - least < Math.min(text.length, LONGEST_TAIL) - LETTERLESS) break;
    }
  }
  let best: string | null = null;
  for (const [end, count] of ends) if (count * 10 >= texts.length * 8 && end.length > (best?.length ?? 0)) best = end;
  return best;
}
