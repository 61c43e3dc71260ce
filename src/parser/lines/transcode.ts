/** Makes an input's bytes ones that the scanner can search: UTF-16 (Windows terminals save it) becomes UTF-8; finds what ends a line. */
import { ofUtf8, view } from '../../bytes.ts';
import type { Diagnostic } from '../types.ts';

const SAMPLE = 65536;

/** An input ready to be scanned. Offsets in spans are those of `buffer`. */
export interface Bytes {
  readonly buffer: Uint8Array;
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
  let buffer = view(bytes);
  const wide = utf16Of(buffer);
  if (wide !== null) buffer = ofUtf8(utf16(buffer, wide === 'be').replace(/^\ufeff/, ''));
  const sample = buffer.subarray(0, SAMPLE);
  let odd = 0;
  for (let i = 0; i < sample.length; i++) {
    const byte = sample[i]!;
    if (byte < 7 || (byte > 13 && byte < 27)) odd++;
  }
  const binary = sample.length > 64 && odd * 10 > sample.length;
  return {
    buffer,
    separator: sample.indexOf(10) < 0 && sample.indexOf(13) >= 0 ? 13 : 10,
    diagnostics: binary ? [{ code: 'OR102', text: 'the input holds binary data', line: null }] : [],
  };
}

/** Whole characters; a byte order mark in the middle stays. */
function utf16(bytes: Uint8Array, bigEndian: boolean): string {
  const whole = Uint8Array.from(bytes.subarray(0, bytes.length & ~1));
  if (bigEndian) for (let i = 0; i < whole.length; i += 2) [whole[i], whole[i + 1]] = [whole[i + 1]!, whole[i]!];
  return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(whole);
}
