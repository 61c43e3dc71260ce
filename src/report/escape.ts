/**
 * Escapes for the contexts a report is written in. Each takes raw text, sanitizes it (sanitize.ts) and then takes away its power over the
 * markup around it. Log lines go into code (`codeSpan`, `fence`) only; sentences of ours, which may name a device or a function, into `prose`.
 */

import { sanitize, sanitizeBlock } from './sanitize.ts';

const LONGEST_RUN = /`+/g;

function longestBackticks(text: string): number {
  return Math.max(0, ...(text.match(LONGEST_RUN) ?? []).map((run) => run.length));
}

/** A fenced code block that none of its lines can close: the fence is longer than every run of backticks in them. */
export function fence(lines: readonly string[], info = ''): string {
  const body = lines.map(sanitize).join('\n');
  const bar = '`'.repeat(Math.max(3, longestBackticks(body) + 1));
  return `${bar}${info}\n${body}\n${bar}`;
}

/** A code span that no backtick in `text` can close. Mentions, issue numbers and links are dead inside one. */
export function codeSpan(text: string): string {
  const body = sanitize(text);
  if (body.trim() === '') return '';
  const bar = '`'.repeat(longestBackticks(body) + 1);
  // CommonMark strips one blank from both sides, and needs it where the text begins or ends with a backtick.
  return bar.length > 1 || body.startsWith(' ') || body.endsWith(' ') ? `${bar} ${body} ${bar}` : `${bar}${body}${bar}`;
}

/**
 * A code span for a table cell. GFM splits a row at every `|`, code span or not, and renderers disagree about `\\|`; so the bar is shown as
 * `\x7c` like any other character with power.
 */
export function codeCell(text: string): string {
  return codeSpan(text.replaceAll('|', '\\x7c'));
}

/** C words in a sentence: names with an underscore, a call, `dev->iommu`, `dev_iommu.priv`, a hexadecimal number, a commit, an option. */
const CODE_WORD =
  /(?<![\w.@#/-])(?:[A-Za-z_]\w*(?:->\w+)+|[A-Za-z_]\w{2,}(?:\.[A-Za-z_]\w{2,})+|CONFIG_\w+(?:=\w)?|[A-Za-z]*_\w+(?:\(\))?|[A-Za-z]\w*\(\)|0x[0-9a-f]+|(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{12,40}|(?<![\w-])--[a-z]+(?:-[a-z]+)*(?: [0-9a-f]{8,40}\b)?)(?![\w@#/])/g;

function escapePlain(text: string): string {
  return (
    text
      .replace(/[\\`*_[\]<>|~!&$]/g, '\\$&')
      // Autolinks are recognised in raw text: an escaped colon or dot breaks them and renders the same.
      .replace(/:(?=\/\/)/g, '\\:')
      .replace(/\b(www|mailto|xmpp)([.:])/gi, '$1\\$2')
      // A forge finds mentions and issue numbers in the rendered text, where a backslash is gone; code is what it leaves alone.
      .replace(/@/g, '`@`')
      .replace(/#(?=(0x|\w)?)/g, (_, next?: string) => (next === undefined || next === '0x' ? '\\#' : '`#`'))
      .replace(/\bGH-(?=\d)/gi, '`$&`')
  );
}

/** What is code in a sentence: anything between backticks, and C words. */
export function pieces(text: string): { code: boolean; text: string }[] {
  const out: { code: boolean; text: string }[] = [];
  text.split(/`([^`]*[^`\s][^`]*)`/).forEach((part, i) => {
    if (i % 2 === 1) {
      out.push({ code: true, text: part });
      return;
    }
    let from = 0;
    for (const match of part.matchAll(CODE_WORD)) {
      out.push({ code: false, text: part.slice(from, match.index) }, { code: true, text: match[0] });
      from = match.index + match[0].length;
    }
    out.push({ code: false, text: part.slice(from) });
  });
  return out;
}

function inline(text: string, code: (text: string) => string): string {
  const body = sanitize(text).replace(/ +/g, ' ').trim();
  return (
    pieces(body)
      .map((piece) => (piece.code ? code(piece.text) : escapePlain(piece.text)))
      .join('')
      // Two code spans that touch would read as one longer delimiter.
      .replaceAll('``', '` `')
      .replace(/^(\d+)([.)])(?= |$)/, '$1\\$2')
      .replace(/^[-+=]/, '\\$&')
  );
}

/** One of our sentences as inline markdown: what is code becomes code, the rest is escaped. Never starts a block, never spans lines. */
export function prose(text: string): string {
  return inline(text, codeSpan);
}

/** A sentence in a table cell. */
export function cell(text: string): string {
  return inline(text, codeCell).replaceAll('\\|', '&#124;');
}

const HTML: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text for an HTML element or a quoted attribute value. */
export function html(text: string): string {
  return sanitizeBlock(text).replace(/[&<>"'`]/g, (char) => HTML[char]!);
}
