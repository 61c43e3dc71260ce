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

/** Decodes UTF-16 by its byte order mark, picks the separator, and notes binary data. Copies only UTF-16. */
export function toBytes(bytes: Uint8Array): Bytes {
  let buffer = view(bytes);
  if (buffer.length >= 2 && buffer[0] === 0xff && buffer[1] === 0xfe) buffer = ofUtf8(utf16(buffer.subarray(2), false));
  else if (buffer.length >= 2 && buffer[0] === 0xfe && buffer[1] === 0xff)
    buffer = ofUtf8(utf16(buffer.subarray(2), true));
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

/** Whole characters; a byte order mark in the middle stays. */
function utf16(bytes: Uint8Array, bigEndian: boolean): string {
  const whole = Uint8Array.from(bytes.subarray(0, bytes.length & ~1));
  if (bigEndian) for (let i = 0; i < whole.length; i += 2) [whole[i], whole[i + 1]] = [whole[i + 1]!, whole[i]!];
  return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(whole);
}
