/**
 * Escapes for the contexts a report is written in, one function a target. Each takes raw text, sanitizes it (sanitize.ts) and then takes away its
 * power over the markup around it. Log lines go into code (`codeSpan`, `fence`) only; sentences of ours, which may name a device or a function, into
 * `prose`. Mail has its own, since its markup is where a line begins (mail-lines.ts).
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

/**
 * A word that a forge would make into a link, an icon or an order in the rendered text, where a backslash is gone. In code it stays what it is.
 * GitHub: docs "Autolinked references and URLs" and "Basic writing", emoji; GitLab: docs "GitLab Flavored Markdown" (references) and "Quick actions".
 */
const FORGE_WORD = new RegExp(
  [
    // Links: any scheme, www, mail addresses; mentions and org/repo@commit hold an at sign too.
    '[a-z][a-z0-9+.-]{0,20}://|www[.]|(?:mailto|xmpp):|@',
    // #1, org/repo#1, ?#1; GH-1, GL-1, GHSA-...; GitLab's !1 $1 &1 %milestone ~label.
    '#(?!0x)\\w|\\b(?:GH|GL)-\\d|\\bGHSA-|[!$&]\\d|(?<![\\w])[%~]["\\w]',
    // Emoji, GitLab's inline differences, a table of contents.
    ':[\\w+-]+:|[{[][+-]|[+-][}\\]]|\\[\\[',
    // A commit of seven digits or more.
    '\\b(?=\\d*[a-f])[0-9a-f]{7,40}\\b',
  ].join('|'),
  'i',
);
/** "/close" as the first word of a paragraph is an order to GitLab. */
const ORDER = /^\/[a-z]/i;

function escapePlain(text: string): string {
  return text.replace(/[\\`*_[\]<>|~!&$]/g, '\\$&').replace(/#/g, '\\#');
}

export interface Piece {
  readonly code: boolean;
  readonly text: string;
}

/** What is code in a sentence: anything between backticks, C words, and what a forge would act on. The text is sanitized, its blanks are single. */
export function pieces(sentence: string): readonly Piece[] {
  const out: Piece[] = [];
  const put = (code: boolean, text: string) => {
    if (text === '') return;
    const last = out.at(-1);
    if (last && last.code === code) out[out.length - 1] = { code, text: last.text + text };
    else out.push({ code, text });
  };
  const text = sanitize(sentence).replace(/ +/g, ' ').trim();
  // Every second part stood between backticks.
  for (const [i, part] of text.split(/`([^`]*[^`\s][^`]*)`/).entries()) {
    if (i % 2 === 1) put(true, part);
    else sentencePart(part, out, put);
  }
  return out;
}

type Put = (code: boolean, text: string) => void;

function sentencePart(part: string, before: readonly Piece[], put: Put): void {
  let from = 0;
  for (const match of part.matchAll(CODE_WORD)) {
    plainWords(part.slice(from, match.index), before.length === 0, put);
    put(true, match[0]);
    from = match.index + match[0].length;
  }
  plainWords(part.slice(from), before.length === 0, put);
}

/** Quotes, brackets and stops around a word are the sentence's own. */
const AROUND_BEFORE = new Set('"\'(');
const AROUND_AFTER = new Set(')"\',.;:!?');

function plainWords(part: string, starts: boolean, put: Put): void {
  if (!FORGE_WORD.test(part) && !(starts && ORDER.test(part))) {
    put(false, part);
    return;
  }
  for (const [i, word] of part.split(/( )/).entries()) {
    if (FORGE_WORD.test(word) || (starts && i === 0 && ORDER.test(word))) forgeWord(word, put);
    else put(false, word);
  }
}

function forgeWord(word: string, put: Put): void {
  let from = 0;
  let to = word.length;
  while (from < to && AROUND_BEFORE.has(word[from]!)) from++;
  while (to > from && AROUND_AFTER.has(word[to - 1]!)) to--;
  put(false, word.slice(0, from));
  put(true, word.slice(from, to));
  put(false, word.slice(to));
}

function inline(text: string, code: (text: string) => string): string {
  return pieces(text)
    .map((piece) => (piece.code ? code(piece.text) : escapePlain(piece.text)))
    .join('')
    .replace(/^(\d+)([.)])(?= |$)/, '$1\\$2')
    .replace(/^[-+=]/, '\\$&');
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

/**
 * A message or a name of a Mermaid diagram. What could end the statement, begin a comment or an element, or stand for another character is written
 * as Mermaid's own entity (`#59;`); "->" is no arrow behind the colon of a message.
 */
export function mermaid(text: string): string {
  const body = sanitize(text).replace(/[^\w .,:()[\]>=*!?'/+-]/gu, (char) => `#${char.codePointAt(0)};`);
  return body.trim() === '' ? '#32;' : body;
}

/** The text of a workflow command. A line feed would end the command, and let the rest be read as another. */
const workflowData = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** A line that GitHub's runner reads from a step's output as an annotation, with its line feed. `text` is sanitized; line feeds of ours may be in it. */
export function workflowCommand(name: string, properties: Readonly<Record<string, string>>, text: string): string {
  // A property's value ends at a colon or a comma.
  const value = (of: string) => workflowData(sanitize(of)).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const list = Object.entries(properties).map(([key, of]) => `${key}=${value(of)}`);
  return `::${name}${list.length > 0 ? ` ${list.join(',')}` : ''}::${workflowData(text)}\n`;
}
