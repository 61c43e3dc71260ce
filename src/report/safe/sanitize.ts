/**
 * The one way out for text that came from a log, a file name or the command line. A kernel log is hostile input: USB strings, device-tree
 * names and the command line all reach it, and a terminal obeys what it is sent. Everything that a terminal, a bidi renderer or a line splitter
 * would act on is shown instead, as `\x1b` or `\u202e`. What is safe passes unchanged.
 */

/**
 * Controls (C0, DEL, C1), format characters (bidi, zero-width, soft hyphen, tags, BOM), lone surrogates, line and paragraph separators, and
 * everything else that Unicode calls ignorable by default, which is to say invisible.
 */
const ACTIVE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Combining marks beyond two in a row climb over the lines above ("zalgo"). */
const STACKED = /(?<=\p{M}\p{M})\p{M}/gu;

/** Nearly every line of a log: nothing to do, and the large Unicode patterns need not even be compiled (about 10 ms of start-up). */
const PLAIN = /^[\x20-\x7e\n]*$/;

/** `\x1b` below U+0100, `\u202e` in the BMP, `\u{e0041}` beyond. */
function shown(char: string): string {
  const code = char.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

/** Any text as one line: a tab becomes a blank, a line feed becomes `\x0a`, nothing else active is left. */
export function sanitize(text: string): string {
  if (PLAIN.test(text) && !text.includes('\n')) return text;
  return text.replaceAll('\t', ' ').replace(ACTIVE, shown).replace(STACKED, shown);
}

/** As `sanitize`, for text whose line feeds are ours: they stay. */
export function sanitizeBlock(text: string): string {
  return text.split('\n').map(sanitize).join('\n');
}

/** As `sanitize`, with every character outside ASCII escaped too: for `--ascii`. */
export function sanitizeAscii(text: string): string {
  const clean = sanitize(text);
  return PLAIN.test(clean) ? clean : clean.replace(/[^\x20-\x7e]/gu, shown);
}

/**
 * A value as JSON that is safe to look at in a terminal: JSON.stringify leaves DEL, C1, bidi and U+2028 as they are, so they are written as
 * `\uXXXX`, which every JSON reader turns back. Lossless; the line feeds are those of `indent`.
 */
export function jsonText(value: unknown, indent = 0): string {
  const json = JSON.stringify(value, null, indent);
  if (PLAIN.test(json)) return json;
  return json.replace(ACTIVE, (char) =>
    char === '\n'
      ? char
      : [...Array(char.length).keys()].map((i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}
