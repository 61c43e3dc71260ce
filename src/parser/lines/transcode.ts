/** Makes an input's bytes ones that the scanner can search: UTF-16 (Windows terminals save it) becomes UTF-8; finds what ends a line. */
import type { Diagnostic } from '../types.ts';

const SAMPLE = 65536;

/** An input ready to be scanned. Offsets in spans are those of `buffer`. */
export interface Bytes {
  readonly buffer: Buffer;
  /** Newline, or carriage return where a capture has no newlines at all. */
  readonly separator: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Bytes that tell whether text is UTF-16 where no mark says so. */
const TOLD_BY = 512;

/** 'le' or 'be' where every other byte is NUL and the rest is text; null for anything else. */
export function utf16Of(bytes: Uint8Array): 'le' | 'be' | null {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return 'le';
  if (a === 0xfe && b === 0xff) return 'be';
  const size = Math.min(bytes.length, TOLD_BY) & ~1;
  // The second byte of ordinary text, or the first, is no NUL: nearly every input is told by these two.
  if (size < 16 || (a !== 0 && b !== 0)) return null;
  const nul = [0, 0];
  for (let i = 0; i < size; i++) if (bytes[i] === 0) nul[i & 1]!++;
  const half = size / 2;
  if (nul[1]! * 10 >= half * 9 && nul[0] === 0) return 'le';
  return nul[0]! * 10 >= half * 9 && nul[1] === 0 ? 'be' : null;
}

/** Decodes UTF-16 by its byte order mark or its NULs, picks the separator, and notes binary data. Copies only UTF-16. */
export function toBytes(bytes: Uint8Array): Bytes {
  let buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = utf16Of(buffer);
  if (wide !== null) {
    const even = Buffer.from(buffer.subarray(0, buffer.length - (buffer.length % 2)));
    buffer = Buffer.from((wide === 'be' ? even.swap16() : even).toString('utf16le').replace(/^\ufeff/, ''));
  }
  const sample = buffer.subarray(0, SAMPLE);
  let odd = 0;
  for (const byte of sample) if (byte < 7 || (byte > 13 && byte < 27)) odd++;
  const binary = sample.length > 64 && odd * 10 > sample.length;
  return {
    buffer,
    separator: sample.indexOf(10) < 0 && sample.indexOf(13) >= 0 ? 13 : 10,
    diagnostics: binary ? [{ code: 'OR102', text: 'the input holds binary data', line: null }] : [],
  };
}
