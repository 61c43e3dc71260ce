/**
 * Escapes for plain-text mail. There a line has power by how it begins: git am takes a patch from `diff -` and `---`, an mbox splits at `From `, a
 * client cuts the signature at `-- `, bots obey `#regzbot` and `#syz`, and maintainers' scripts collect `Reported-by:`. Text of a log may stand at the
 * beginning of a line only behind a blank, and what readers turn into links by themselves is shown (`https\x3a//`).
 *
 * Sources: git's mailinfo.c (patchbreak, is_scissors_line), RFC 5322 2.2.3 (folding), RFC 3676 4.4 (space-stuffing), regzbot and syzbot documentation.
 */

import { sanitize, sanitizeAscii } from '../safe/sanitize.ts';
import { wrap } from '../text/layout.ts';

export const MAIL_COLUMNS = 72;

/** What bugzilla and list archives make a link of, and what bots look for anywhere. */
function unlinked(text: string): string {
  return text
    .replace(/:(?=\/\/)/g, '\\x3a')
    .replace(
      /\b(www|mailto|xmpp)([.:])/gi,
      (_, word: string, mark: string) => `${word}\\x${mark === '.' ? '2e' : '3a'}`,
    )
    .replace(/@(?=[\w-]{1,63}\.\w)/g, '\\x40')
    .replace(/#(?=regzbot|syz)/gi, '\\x23')
    .replace(/\b(bug|comment|attachment) (?=#?\d)/gi, '$1\\x20');
}

/** git mailinfo --scissors drops all that stands above a line of dashes with a pair of scissors, wherever in the line they are. */
function uncut(text: string): string {
  return text.includes('-')
    ? text.replace(/>(?=[8%])|<(?<=[8%]<)/g, (mark) => (mark === '>' ? '\\x3e' : '\\x3c'))
    : text;
}

/** Text of a log, or of ours with such text in it, that stands behind something else on its line. One line, never wrapped. */
export function mailText(text: string): string {
  return uncut(unlinked(sanitize(text)));
}

/** A line that would be more than text if it began so. */
const POWER = /^(?:From |>|[-+]|diff |Index: |@@|#|\.|\/|[\w-]+:(?:[ \t]|$))/;

/** Wrapped to `columns`; no line begins with anything that has power, `indent` aside. */
export function mailParagraph(text: string, columns: number = MAIL_COLUMNS): string[] {
  return wrap(mailText(text), columns - 1).map((line) => (POWER.test(line) ? ` ${line}` : line));
}

/** An item behind "- ", its following lines under its text. What would be a tag at the margin is set in further than ours are. */
export function mailItem(text: string, first = '- '): string[] {
  const rest = ' '.repeat(first.length);
  return wrap(mailText(text), MAIL_COLUMNS - first.length - 1).map(
    (line, i) => (i === 0 ? first : POWER.test(line) ? `${rest} ` : rest) + line,
  );
}

/** A log line as it is, behind its number: "  91| Unable to handle ...". `digits` is the width of the numbers around it. */
export function mailQuote(number: number, text: string, digits: number): string {
  return `  ${String(number).padStart(digits)}| ${mailText(text).trimEnd()}`;
}

/** A header field, folded at blanks so that no line is longer than 72 columns; ASCII only, so that no client has to encode it. */
export function mailHeader(name: string, text: string): string[] {
  const value = sanitizeAscii(text).replace(/ +/g, ' ').trim();
  return wrap(value, MAIL_COLUMNS - name.length - 2).map((line, i) => (i === 0 ? `${name}: ${line}` : ` ${line}`));
}
