/**
 * A JSON document about a log is none: a lab's record of a run quotes the banner and the line of the crash, and would count as a boot of its own. A log
 * that is carried in JSON is one: there nearly all the text is the kernel's.
 */
import type { FramingName } from '../parser/types.ts';

/** Records of these are a kernel's messages, whatever they look like. */
const CARRIERS: ReadonlySet<FramingName> = new Set(['journal-json', 'dmesg-json', 'lava']);

/** Larger documents are taken for logs: a record about one is a few kilobytes. */
export const MOST_DOCUMENT = 1 << 20;
const DEEPEST = 32;

/** A line with the kernel's clock, a level, or a syslog's "kernel:" in front. */
const KERNELS = /^(?:<\d{1,3}>)?(?:\[ *\d{1,8}\.\d{3,9}\]|\S.{0,80} kernel: ?\[?)/;

/** Characters of all strings in a document, and of those lines that are a kernel's. */
function weigh(value: unknown, sums: { all: number; kernels: number }, depth = 0): void {
  if (depth > DEEPEST) return;
  if (typeof value === 'string') {
    sums.all += value.length;
    for (const line of value.split('\n')) if (KERNELS.test(line)) sums.kernels += line.length;
  } else if (Array.isArray(value)) {
    for (const one of value) weigh(one, sums, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      sums.all += key.length;
      weigh(one, sums, depth + 1);
    }
  }
}

/** Could it be one, by its first bytes? */
export function mayBeDocument(head: Uint8Array): boolean {
  for (const byte of head) {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue;
    return byte === 0x7b || byte === 0x5b;
  }
  return false;
}

/** Could it be a whole one, by its last bytes? A log begins with a bracket, too, and ends with a line. */
function mayEnd(bytes: Uint8Array): boolean {
  const last = bytes.findLast((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return last === 0x7d || last === 0x5d;
}

/** True for a whole JSON document of which less than half is a kernel's text. */
export function isAboutALog(bytes: Uint8Array, framings: readonly FramingName[]): boolean {
  if (bytes.length > MOST_DOCUMENT || !mayBeDocument(bytes) || !mayEnd(bytes)) return false;
  if (framings.some((f) => CARRIERS.has(f))) return false;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return false;
  }
  const sums = { all: 0, kernels: 0 };
  weigh(value, sums);
  return sums.kernels * 2 < sums.all;
}
