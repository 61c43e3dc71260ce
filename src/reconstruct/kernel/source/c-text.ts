/**
 * C text as far as a sign needs it: comments and strings blanked, definitions found by name, positions kept, so that each finding has its line. Works on
 * what kernel style guarantees and on little else: nothing is preprocessed but `#if 0`.
 */

/** The same text with comments, strings, character constants and `#if 0` blocks as blanks; every position and line stays what it was. */
export function stripped(text: string): string {
  const out: string[] = [];
  let kept = 0;
  const blank = (from: number, to: number): void => {
    out.push(text.slice(kept, from), text.slice(from, to).replace(/[^\n]/g, ' '));
    kept = to;
  };
  for (let i = 0; i < text.length; ) {
    const c = text[i];
    if (c === '/' && text[i + 1] === '*') {
      const end = text.indexOf('*/', i + 2);
      const to = end < 0 ? text.length : end + 2;
      blank(i, to);
      i = to;
    } else if (c === '/' && text[i + 1] === '/') {
      const end = text.indexOf('\n', i);
      const to = end < 0 ? text.length : end;
      blank(i, to);
      i = to;
    } else if (c === '"' || c === "'") {
      let to = i + 1;
      // A constant ends on its line at the latest: an apostrophe after #error opens none.
      while (to < text.length && text[to] !== c && text[to] !== '\n') to += text[to] === '\\' ? 2 : 1;
      to = Math.min(text.length, text[to] === c ? to + 1 : to);
      blank(i, to);
      i = to;
    } else i++;
  }
  out.push(text.slice(kept));
  return withoutDead(out.join(''));
}

/** Blanks what stands between `#if 0` and its `#else` or `#endif`. */
function withoutDead(text: string): string {
  if (!/^[ \t]*#[ \t]*if[ \t]+0\b/m.test(text)) return text;
  /** Of each open conditional: is its present branch dead? Only `#if 0` makes one so. */
  const open: boolean[] = [];
  let dead = 0;
  return text
    .split('\n')
    .map((line) => {
      const directive = /^[ \t]*#[ \t]*(if\w*|el\w+|endif)\b[ \t]*(\w*)/.exec(line);
      if (directive === null) return dead > 0 ? ' '.repeat(line.length) : line;
      const [, word = '', condition] = directive;
      if (word.startsWith('if')) {
        open.push(word === 'if' && condition === '0');
        if (open.at(-1)) dead++;
      } else if (open.length > 0) {
        if (open.at(-1)) dead--;
        if (word === 'endif') open.pop();
        else open[open.length - 1] = false;
      }
      return line;
    })
    .join('\n');
}

/** A function's definition; positions are those of the whole text. */
export interface Definition {
  readonly name: string;
  /** Where the name stands. */
  readonly at: number;
  /** What stands before the name on its lines: "static int". */
  readonly type: string;
  /** Between its parentheses. */
  readonly parameters: string;
  /** Position of the body's text, and that text, braces included. */
  readonly from: number;
  readonly body: string;
}

const ATTRIBUTES = /^\s*(?:__\w+(?:\s*\([^()]*\))?\s*)*\{/;
/** Longer than any parameter list. */
const MOST_PARAMETERS = 4000;
/** A name that stands more often than this in a file is none of those that are looked for. */
const MOST_HITS = 1000;

/** Definitions of `name`, prototypes and calls left out; several where the preprocessor chooses. `text` is stripped. */
export function definitionsOf(text: string, name: string): Definition[] {
  const found: Definition[] = [];
  let hits = 0;
  for (const hit of text.matchAll(new RegExp(`(?<![\\w.>])${name}\\s*\\(`, 'g'))) {
    if (++hits > MOST_HITS) break;
    const open = hit.index + hit[0].length - 1;
    const close = closing(text, open, '(', ')', MOST_PARAMETERS);
    if (close === null) continue;
    const brace = ATTRIBUTES.exec(text.slice(close + 1, close + 400));
    if (brace === null) continue;
    const from = close + brace[0].length;
    found.push({
      name,
      at: hit.index,
      type:
        text
          .slice(Math.max(0, hit.index - 200), hit.index)
          .match(/(?:^|[;}\n])([\w\s*]*)$/)?.[1]
          ?.trim() ?? '',
      parameters: text.slice(open + 1, close),
      from,
      body: bodyAt(text, from),
    });
  }
  return found;
}

/** A body ends with its brace, or at a brace in the first column, where a conditional of the preprocessor opened two. */
function bodyAt(text: string, open: number): string {
  const column = text.indexOf('\n}', open);
  const byColumn = column < 0 ? text.length : column + 2;
  const end = closing(text, open, '{', '}', byColumn - open);
  return text.slice(open, end === null ? byColumn : Math.min(byColumn, end + 1));
}

/** Position of the bracket that closes the one at `from`, at most `most` characters on; null where none does. */
function closing(text: string, from: number, opens: string, closes: string, most: number): number | null {
  let depth = 0;
  const end = Math.min(text.length, from + most);
  for (let i = from; i < end; i++) {
    if (text[i] === opens) depth++;
    else if (text[i] === closes && --depth === 0) return i;
  }
  return null;
}

/** Between the braces of `struct name { ... }`, with its position; null where the text does not define it. `text` is stripped. */
export function structOf(text: string, name: string): { readonly from: number; readonly body: string } | null {
  const found = new RegExp(`\\bstruct\\s+${name}\\s*\\{`).exec(text);
  if (found === null) return null;
  const from = found.index + found[0].length - 1;
  const end = closing(text, from, '{', '}', text.length);
  return { from, body: text.slice(from, end === null ? text.length : end + 1) };
}

/** Number of the line that holds a position, from 1. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** What stands before `at` in its statement: the condition of the `if` whose only statement it begins. */
export function statementBefore(body: string, at: number): string {
  const from = Math.max(...[';', '{', '}'].map((c) => body.lastIndexOf(c, at - 1)));
  return body.slice(from + 1, at);
}
