/**
 * What is wrapped round a whole input is taken off before anything is read: mail as it is sent (mime.ts), a page's HTML (html.ts), a JSON document, and
 * everything on one line. Only inputs that are read whole; only the first bytes are looked at, so that an ordinary log costs one short look.
 */

import { concat, latin1, ofLatin1, ofUtf8, utf8 } from '../../bytes.ts';
import { certainIn, startIn } from '../framings/starts.ts';
import type { Diagnostic } from '../types.ts';
import { fromMarkdown, fromRtf, fromWrittenColours } from './editors.ts';
import { foldOf, unfolded } from './folded.ts';
import { fromHtml, looksLikeHtml } from './html.ts';
import { fromBase64, fromMail, fromQuotedPrintable, looksLikeMail, looksQuotedPrintable } from './mime.ts';
import { isNewestFirst, oldestLineFirst } from './newest-first.ts';
import { fromTyped } from './typed.ts';

const NEWLINE = 10;
/** Bytes at the front that tell an encoding. */
const LOOKED_AT = 32 << 10;
/** A line from which on it may hold more than one message. */
const LONG_LINE = 600;
/** Beginnings on one line that no single message has. */
const BEGINNINGS = 4;
/** Encodings inside of each other that are taken off. */
const DEPTH = 4;

export interface Decoded {
  readonly buffer: Uint8Array;
  readonly diagnostics: readonly Diagnostic[];
}

type Step = (text: string, head: string) => readonly [text: string, of: string] | null;

const STEPS: readonly Step[] = [
  (text, head) => (looksLikeMail(head) ? named(fromMail(text), text, 'a mail as it is sent') : null),
  (text, head) => (looksQuotedPrintable(head) ? named(fromQuotedPrintable(text), text, 'quoted-printable') : null),
  (text, head) => named(fromBase64(text, head), text, 'base64'),
  (text, head) => (looksLikeHtml(head) ? named(fromHtml(text), text, 'HTML') : null),
  (text, head) => (/^\s*[[{"]/.test(head) ? named(fromJson(text), text, 'a JSON document') : null),
  (text, head) => named(fromRtf(text, head), text, 'RTF'),
  (text, head) => named(fromMarkdown(text, head), text, "escaped as Markdown's editors do"),
  (text, head) => named(fromWrittenColours(text, head), text, 'coloured in letters'),
];

function named(decoded: string | null, text: string, of: string): readonly [string, string] | null {
  return decoded === null || decoded === text ? null : [decoded, of];
}

/** The input as its lines were before somebody wrapped it; the very same buffer where nobody did. */
export function decodeInput(buffer: Uint8Array, separator: number): Decoded {
  const head = latin1(buffer, 0, Math.min(buffer.length, LOOKED_AT));
  let of: string[] = [];
  let current = buffer;
  if (mayBeEncoded(head)) {
    let text = utf8(buffer);
    for (let depth = 0; depth < DEPTH; depth++) {
      const start = text.slice(0, LOOKED_AT);
      const found = STEPS.map((step) => step(text, start)).find((f) => f !== null);
      if (found == null) break;
      text = found[0];
      of.push(found[1]);
    }
    if (of.length > 0 && !hasKernelText(text)) of = [];
    if (of.length > 0) current = ofUtf8(text);
  }
  const width = foldOf(current === buffer ? head : latin1(current, 0, LOOKED_AT));
  const flat = width === null ? null : unfolded(utf8(current), width);
  if (flat !== null) {
    current = ofUtf8(flat);
    of.push(`broken at ${width} columns`);
  }
  const typed = fromTyped(current);
  if (typed !== null) {
    current = ofUtf8(typed);
    of.push('typed by hand');
  }
  const parted = separator === NEWLINE ? part(current) : null;
  if (parted !== null) {
    current = parted;
    of.push('several messages on one line');
  }
  if (isNewestFirst(current === buffer ? head : latin1(current, 0, LOOKED_AT))) {
    current = ofUtf8(oldestLineFirst(utf8(current)));
    of.push('newest line first');
  }
  if (of.length === 0) return { buffer, diagnostics: [] };
  const text = `the input is ${[...new Set(of)].join(', then ')}: line numbers are those of the decoded text`;
  return { buffer: current, diagnostics: [{ code: 'OR112', text, line: null }] };
}

/** Says of an input that is too large to be decoded that it is encoded; null for one that is not. `bytes`: its beginning. */
export function undecoded(bytes: Uint8Array): Diagnostic | null {
  const head = utf8(bytes, 0, Math.min(bytes.length, LOOKED_AT));
  const step = mayBeEncoded(head)
    ? STEPS.map((one) => one(head, head)).find((f) => f !== null && hasKernelText(f[0]))
    : null;
  const of = step?.[1] ?? (isNewestFirst(head) ? 'newest line first' : null);
  if (of === null) return null;
  const text = `the input is ${of}, and more than 4 MB of it are read as they stand: give it decoded, or a part of it`;
  return { code: 'OR113', text, line: null };
}

/** A header of a mail. */
const HEADER = /content-t(?:ype|ransfer-encoding):/i;
/** A document's opening bracket, a word processor's first word, a string that is a line. */
const OPENED = /^\s*(?:[[{]\s*["[{]|"[^"\n]{40}|\{\\rtf)/i;
/** A backslash where Markdown's editors put one, or in letters what colours a line. */
const BACKSLASHED = /[a-z0-9]\\_[a-z0-9]|\\\[ {0,12}\d|\\(?:x1b|u001b|033|e)\[[0-9;]{0,8}[a-z]/i;
const ESCAPED = ['ESC[', '^[[', '\u241b['] as const;
/** A soft line end: the bars that reports draw end in "=" as well. */
const SOFT = /[^=]=\r?\n/;

/** False for nearly every log, whose first bytes hold nothing of what an encoding cannot do without: each is looked for by itself, which is quickest. */
function mayBeEncoded(head: string): boolean {
  return (
    OPENED.test(head) ||
    HEADER.test(head) ||
    ((head.includes('=\n') || head.includes('=\r')) && SOFT.test(head)) ||
    (head.includes('\\') && BACKSLASHED.test(head)) ||
    ESCAPED.some((written) => head.includes(written)) ||
    looksLikeHtml(head) ||
    fromBase64(head.slice(0, 400), head.slice(0, 400)) !== null
  );
}

function hasKernelText(text: string): boolean {
  return startIn(text) !== null || certainIn(text) >= 0;
}

/** A document that is one value: all its strings that are or hold lines, in order. Documents that journalctl and dmesg write have framings of their own. */
function fromJson(text: string): string | null {
  if (/"(?:MESSAGE|dmesg)" ?:/.test(text.slice(0, LOOKED_AT))) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const strings: string[] = [];
  collect(value, strings, 0);
  return strings.length === 0 ? null : strings.map((s) => s.replace(/\n$/, '')).join('\n');
}

function collect(value: unknown, strings: string[], depth: number): void {
  if (depth > 12) return;
  // Nanoseconds of a store's record are no line.
  if (typeof value === 'string') {
    if (!/^\d{1,20}$/.test(value)) strings.push(value);
  } else if (Array.isArray(value)) for (const one of value) collect(one, strings, depth + 1);
  else if (typeof value === 'object' && value !== null)
    for (const one of Object.values(value)) collect(one, strings, depth + 1);
}

const STAMP = /[ \t]?(?=(?:<\d{1,2}>)?\[ {0,12}\d{1,11}\.\d{6}\][ [])/g;
const WRITTEN = /(?:\\r)?\\n/g;

/**
 * Lines that hold several messages, parted where each begins: at stamps, at newlines written as "\n", or at the words that begin a message. Null where no
 * line is of that kind.
 */
function part(buffer: Uint8Array): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  let from = 0;
  let kept = 0;
  while (from < buffer.length) {
    const found = buffer.indexOf(NEWLINE, from);
    const to = found < 0 ? buffer.length : found;
    const parted = to - from > LONG_LINE ? partLine(latin1(buffer, from, to)) : null;
    if (parted !== null) {
      pieces.push(buffer.subarray(kept, from), ofLatin1(parted));
      kept = to;
    }
    from = to + 1;
  }
  if (pieces.length === 0) return null;
  return concat([...pieces, buffer.subarray(kept)]);
}

function partLine(line: string): string | null {
  if (startIn(line) === null) return null;
  if ((line.match(WRITTEN)?.length ?? 0) >= BEGINNINGS) return line.replace(WRITTEN, '\n').replaceAll('\\t', '\t');
  if ((line.match(STAMP)?.length ?? 0) >= BEGINNINGS) return line.replace(STAMP, '\n');
  return (line.match(BEGINS)?.length ?? 0) >= 2 * BEGINNINGS ? line.replace(BEGINS, '\n') : null;
}

/** Blanks before what begins a message of a report, where no stamps tell. */
const BEGINS =
  /[ \t](?=(?:Unable to handle kernel |BUG: |Linux version \d|Booting Linux on |Mem abort info:|ESR = 0x|EC = 0x|SET = \d|FSC = 0x|CM = \d|Data abort info:|ISV = \d|user pgtable: |\[[0-9a-f]{16}\] pgd=|Internal error: |Modules linked in: |CPU: \d+ (?:UID|PID)|Hardware name: |Workqueue: |pstate: |pc : |lr : |sp : |x\d{1,2} ?: [0-9a-f]{16}|Call trace:|Code: [0-9a-f(]|---\[ end |(?<!(?:pc|lr) : |is at |from )[A-Za-z_][\w.$]*\+0x[0-9a-f]+\/0x[0-9a-f]+(?: \(P\))?(?= |$)))/g;
