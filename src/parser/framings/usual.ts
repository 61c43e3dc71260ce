/**
 * The usual line, read off its bytes: printk's stamp, perhaps its level or syslog's date in front and its caller behind, and a message that no other framing
 * could begin; or such a message alone. Only what is certain: any other line, and one that may hold a second record, is left to cutFraming(), which says the
 * same of these. test/parser/usual.test.ts holds that.
 */

import { latin1 } from '../../bytes.ts';
import type { FramingName } from '../types.ts';
import type { Cut } from './cut.ts';

const [TAB, BLANK, COMMA, DASH, DOT, COLON, LESS, EQUALS, GREATER, OPEN, CLOSE, UNDERSCORE] = [
  9, 32, 44, 45, 46, 58, 60, 61, 62, 91, 93, 95,
];
const LEVEL_WIDTH = 3;

/** How a message may begin; as nothing that is certain (0), with what no framing begins, with a blank, with a letter. */
const [OWN, INDENT, LETTER] = [1, 2, 3];
const beginnings = beginningsByCode();

function beginningsByCode(): Uint8Array {
  const kinds = new Uint8Array(256);
  for (const character of '=*#!?+~/$%&') kinds[character.charCodeAt(0)] = OWN;
  kinds.fill(LETTER, 65, 91).fill(LETTER, 97, 123);
  kinds[UNDERSCORE] = LETTER;
  kinds[BLANK] = INDENT;
  kinds[TAB] = INDENT;
  return kinds;
}

/** The message of the line whose bytes are `[from, to)`, or null where another look is needed. */
export function usual(bytes: Uint8Array, from: number, to: number): Cut | null {
  let framing: FramingName | null = null;
  let level: number | null = null;
  let at = syslogEnd(bytes, from, to);
  if (at > from) framing = 'syslog';
  else if (isLevel(bytes, from, to)) {
    framing = 'level';
    level = bytes[from + 1]! - 48;
    at = from + LEVEL_WIDTH;
  }
  let time: number | null = null;
  let caller: string | null = null;
  const stamp = stampEnd(bytes, at, to);
  if (stamp >= 0) {
    time = timeOf(bytes, at);
    at = stamp;
    const bracket = at + 1 < to && bytes[at] === BLANK ? at + 1 : at;
    if (bracket < to && bytes[bracket] === OPEN) {
      const end = callerEnd(bytes, bracket, to);
      if (end < 0) return null;
      caller = latin1(bytes, callerStart(bytes, bracket), end);
      at = end + 1;
    }
    if (at < to && bytes[at] === BLANK) at++;
    framing ??= caller === null ? 'dmesg' : 'dmesg-caller';
  } else if (framing !== null || to - from < 2) return null;
  const bare = time === null;
  if (at < to && !(isOwn(bytes, at, to, bare) && holdsNoOther(bytes, at, to, bare))) return null;
  // biome-ignore format: as in framings/index.ts
  return {
    text: latin1(bytes, at, to), time, caller, level, framing, sequence: null,
    continues: false, partial: false, silent: false, foreign: false,
  };
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** "<6>": facility 0 alone. */
function isLevel(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < LEVEL_WIDTH || bytes[from] !== LESS || bytes[from + 2] !== GREATER) return false;
  return bytes[from + 1]! >= 48 && bytes[from + 1]! <= 55;
}

/** One past "Nov  3 12:44:09 host kernel: ", or `from`. */
function syslogEnd(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 28 || !isUpper(bytes[from]!) || bytes[from + 3] !== BLANK || bytes[from + 6] !== BLANK) return from;
  if (!isLower(bytes[from + 1]!) || !isLower(bytes[from + 2]!) || bytes[from + 15] !== BLANK) return from;
  if (!(bytes[from + 4] === BLANK || isDigit(bytes[from + 4]!)) || !isDigit(bytes[from + 5]!)) return from;
  for (let at = from + 7; at < from + 15; at++)
    if ((at - from) % 3 === 0 ? bytes[at] !== COLON : !isDigit(bytes[at]!)) return from;
  let host = from + 16;
  while (host < to && bytes[host] !== BLANK && bytes[host]! > 32 && bytes[host]! < 127) host++;
  if (host === from + 16 || host - from > 200 || host + KERNEL.length > to) return from;
  for (let i = 0; i < KERNEL.length; i++) if (bytes[host + i] !== KERNEL[i]) return from;
  return host + KERNEL.length;
}

/** " kernel: " */
const KERNEL = [32, 107, 101, 114, 110, 101, 108, 58, 32] as const;

/** One past the bracket that closes "[    1.234567]", or -1. */
function stampEnd(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 10 || bytes[from] !== OPEN) return -1;
  let at = from + 1;
  while (at < from + 13 && bytes[at] === BLANK) at++;
  const seconds = at;
  while (at < seconds + 11 && isDigit(bytes[at]!)) at++;
  if (at === seconds || bytes[at] !== DOT) return -1;
  const fraction = ++at;
  while (at < fraction + 6 && isDigit(bytes[at]!)) at++;
  return at === fraction + 6 && at < to && bytes[at] === CLOSE ? at + 1 : -1;
}

/** The microseconds of a stamp that is whole. */
function timeOf(bytes: Uint8Array, from: number): number {
  let time = 0;
  for (let at = from + 1; bytes[at] !== CLOSE; at++) if (isDigit(bytes[at]!)) time = time * 10 + bytes[at]! - 48;
  return time;
}

function callerStart(bytes: Uint8Array, bracket: number): number {
  let at = bracket + 1;
  while (at < bracket + 13 && bytes[at] === BLANK) at++;
  return at;
}

/** Where the bracket closes behind "T123" or "C0", or -1. */
function callerEnd(bytes: Uint8Array, bracket: number, to: number): number {
  let at = callerStart(bytes, bracket);
  if (bytes[at] !== 84 && bytes[at] !== 67) return -1;
  const digits = ++at;
  while (at < digits + 10 && isDigit(bytes[at]!)) at++;
  return at > digits && at < to && bytes[at] === CLOSE ? at : -1;
}

/** True for a front that is the message's own: each framing asks for something that does not stand there. */
function isOwn(bytes: Uint8Array, from: number, to: number, bare: boolean): boolean {
  const first = bytes[from]!;
  const second = from + 1 < to ? bytes[from + 1]! : 0;
  const kind = beginnings[first];
  if (kind === OWN) return true;
  // "------------[ cut here": a LAVA log's line and a vendor's mark begin with one dash.
  if (first === DASH) return second === DASH;
  if (kind === INDENT) return isIndented(bytes, from, to, bare);
  if (first === OPEN) return isAddress(bytes, from, to);
  // "T61;" and "c2 61 ": a caller, a CPU.
  if (first === 84 || first === 67 || first === 99) return !isDigit(second);
  // "I[" of a vendor, "kernel: " of a journal.
  return kind === LETTER && !(first === 73 && second === OPEN) && !(first === 107 && second === 101);
}

/** True for a blank, or several, and what goes on as a message: a word, a guess of the unwinder's, "<TASK>", an address. */
function isIndented(bytes: Uint8Array, from: number, to: number, bare: boolean): boolean {
  let at = from + 1;
  while (at < to && (bytes[at] === BLANK || bytes[at] === TAB)) at++;
  if (at + 1 >= to || at - from > 12) return false;
  const first = bytes[at]!;
  const second = bytes[at + 1]!;
  // "    _TRANSPORT=kernel": a field of a record.
  if (bare && at - from === 4 && (isUpper(first) || first === UNDERSCORE)) return false;
  // "SUBSYSTEM=" and "DEVICE=" of a record's dictionary, "I[" of a vendor.
  if (isUpper(first)) return second !== OPEN && !(at - from === 1 && (first === 83 || first === 68));
  if (first === LESS) return second === 47 || isUpper(second);
  if (first === OPEN) return isAddress(bytes, at, to);
  return first === 63 || beginnings[first] === LETTER;
}

/** "[<c0123456>]": digits alone could be a time. */
function isAddress(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from + 1] !== LESS) return false;
  let at = from + 2;
  while (at < to && isDigit(bytes[at]!)) at++;
  return at < to && bytes[at]! >= 97 && bytes[at]! <= 102;
}

/**
 * Goes over the message once: no control, no byte beyond ASCII, nothing that a framing has further on. `bare`: no stamp stands in front, so that a
 * record's field or any date with "kernel: " behind it could.
 */
function holdsNoOther(bytes: Uint8Array, from: number, to: number, bare: boolean): boolean {
  // Behind a blank there is no first word that could be a host's or a month's; a tab could be of the word.
  let blank = bytes[from] === BLANK;
  let colon = false;
  for (let at = from; at < to; at++) {
    const code = bytes[at]!;
    if (code > OPEN) {
      if (code > 126) return false;
      continue;
    }
    if (code > EQUALS && code < OPEN) continue;
    const next = at + 1 < to ? bytes[at + 1]! : 0;
    if (code === BLANK) {
      if (!blank && isBehindHost(bytes, at, to, bare)) return false;
      blank = true;
    } else if (code === COLON) {
      // "kern  :info  : ".
      if (!colon && isLower(next)) return false;
      colon = true;
      if (bare && bytes[at - 1] === 108 && bytes[at - 6] === 107) return false;
    } else if (code === EQUALS) {
      if (bare && !blank) return false;
    } else if (code === OPEN) {
      if (mayBeStamp(bytes, at, to) || (bare && bytes[at - 1] === 108)) return false;
    } else if (code === COMMA) {
      // ",ncfrag=".
      if (next === 110) return false;
    } else if (code < 32 && code !== TAB) return false;
  }
  return true;
}

/** True where the first blank is followed as in "host kernel: ", "host login: ", "Nov  3 12:44:09 " or, of a record, "Thu 2025-01-09 ". */
function isBehindHost(bytes: Uint8Array, blank: number, to: number, bare: boolean): boolean {
  const next = bytes[blank + 1];
  if (next === 107 || next === 108) return bytes[blank + 2] === (next === 107 ? 101 : 111);
  if (blank + 6 >= to) return false;
  return (bytes[blank + 3] === BLANK && bytes[blank + 6] === COLON) || (bare && bytes[blank + 5] === DASH);
}

/** True for a bracket with blanks, digits and a point behind it. */
function mayBeStamp(bytes: Uint8Array, bracket: number, to: number): boolean {
  let at = bracket + 1;
  while (at < to && bytes[at] === BLANK) at++;
  const digits = at;
  while (at < to && isDigit(bytes[at]!)) at++;
  return at > digits && bytes[at] === DOT;
}
