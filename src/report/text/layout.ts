/** Laying out text in columns of a terminal. Everything here takes sanitized text: one printable character after another, no escapes. */

/** East Asian wide and emoji: two columns each. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;
const ASCII = /^[\x20-\x7e]*$/;
const MARK = /\p{M}/u;

function charWidth(char: string): number {
  if (char < '\u0300') return 1;
  if (MARK.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
}

/** Columns that `text` takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** As much of `text` as fits, "..." at the end where something was left off. */
export function clip(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return `${split(text, Math.max(0, columns - 3))[0]}...`;
}

/** Cuts after `columns`, by whole characters. */
function split(text: string, columns: number): [string, string] {
  let width = 0;
  let at = 0;
  for (const char of text) {
    width += charWidth(char);
    if (width > columns) break;
    at += char.length;
  }
  return [text.slice(0, at), text.slice(at)];
}

/** Text filled up with blanks to `columns`. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Breaks at blanks into lines of at most `columns`, behind the first of at most `later`; a word longer than a line is cut. Never empty. */
export function wrap(text: string, columns: number, later = columns): string[] {
  const lines: string[] = [];
  const room = () => (lines.length === 0 ? columns : later);
  let line = '';
  for (let word of text.split(' ')) {
    if (word === '') continue;
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= room()) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    while (widthOf(word) > room()) {
      const [head, rest] = split(word, Math.max(2, room()));
      lines.push(head);
      word = rest;
    }
    line = word;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** Wrapped text with a first and a following indent: `first` may be a label ("  kernel  "). */
export function hang(first: string, text: string, columns: number, rest = ' '.repeat(widthOf(first))): string[] {
  const room = (indent: string) => Math.max(20, columns - widthOf(indent));
  return wrap(text, room(first), room(rest)).map((line, i) => (i === 0 ? first : rest) + line);
}
