/**
 * Bytes and the text in them, alike in Node and in a browser: this is the only file of the core that knows Node's Buffer, which is used where it is there as
 * its decoders and searches are native. test/bytes.test.ts holds the two ways to the same answers.
 */

/** What is used of Buffer. */
interface Native {
  readonly from: {
    (bytes: ArrayBufferLike, offset: number, length: number): NativeBytes;
    (text: string, encoding: 'latin1' | 'utf8'): NativeBytes;
  };
  readonly allocUnsafeSlow: (size: number) => NativeBytes;
  readonly concat: (pieces: readonly Uint8Array[]) => NativeBytes;
  readonly isBuffer: (bytes: Uint8Array) => bytes is NativeBytes;
}
type NativeBytes = Uint8Array<ArrayBuffer> & {
  toString(encoding: 'latin1' | 'utf8', from: number, to: number): string;
  indexOf(text: string, from: number, encoding: 'latin1'): number;
};

export interface Bytes {
  /** The same memory, as what the functions here are fastest with. */
  readonly view: (bytes: Uint8Array) => Uint8Array;
  /** Memory with whatever is in it. */
  readonly allocate: (size: number) => Uint8Array<ArrayBuffer>;
  readonly concat: (pieces: readonly Uint8Array[]) => Uint8Array<ArrayBuffer>;
  /** A character a byte. */
  readonly latin1: (bytes: Uint8Array, from?: number, to?: number) => string;
  /** What is no UTF-8 becomes U+FFFD; a byte order mark stays. */
  readonly utf8: (bytes: Uint8Array, from?: number, to?: number) => string;
  /** The low byte of each character. */
  readonly ofLatin1: (text: string) => Uint8Array<ArrayBuffer>;
  readonly ofUtf8: (text: string) => Uint8Array<ArrayBuffer>;
  /** Where the characters of one byte each stand next, or -1. */
  readonly find: (bytes: Uint8Array, text: string, from?: number) => number;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
/** Arguments that a call may have. */
const AT_ONCE = 4096;

/** By what every world has. */
export const plain: Bytes = {
  view: (bytes) => bytes,
  allocate: (size) => new Uint8Array(size),
  concat: (pieces) => {
    const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  },
  latin1: (bytes, from = 0, to = bytes.length) => {
    const end = Math.min(to, bytes.length);
    let text = '';
    for (let at = from; at < end; at += AT_ONCE)
      text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(end, at + AT_ONCE)) as unknown as number[]);
    return text;
  },
  utf8: (bytes, from = 0, to = bytes.length) => decoder.decode(bytes.subarray(from, Math.max(from, to))),
  ofLatin1: (text) => {
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  },
  ofUtf8: (text) => encoder.encode(text) as Uint8Array<ArrayBuffer>,
  find: (bytes, text, from = 0) => {
    const first = text.charCodeAt(0);
    const last = bytes.length - text.length;
    for (let at = bytes.indexOf(first, from); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1)) {
      let same = 1;
      while (same < text.length && bytes[at + same] === text.charCodeAt(same)) same++;
      if (same >= text.length) return at;
    }
    return -1;
  },
};

/** By Node's Buffer; bytes that are none go the plain way. */
export function nativeBy(Buffer: Native): Bytes {
  return {
    view: (bytes) => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    allocate: Buffer.allocUnsafeSlow,
    concat: (pieces) => Buffer.concat(pieces),
    latin1: (bytes, from = 0, to = bytes.length) =>
      Buffer.isBuffer(bytes) ? bytes.toString('latin1', from, to) : plain.latin1(bytes, from, to),
    utf8: (bytes, from = 0, to = bytes.length) =>
      Buffer.isBuffer(bytes) ? bytes.toString('utf8', from, to) : plain.utf8(bytes, from, to),
    ofLatin1: (text) => Buffer.from(text, 'latin1'),
    ofUtf8: (text) => Buffer.from(text, 'utf8'),
    find: (bytes, text, from = 0) =>
      Buffer.isBuffer(bytes) ? bytes.indexOf(text, from, 'latin1') : plain.find(bytes, text, from),
  };
}

const { Buffer: native } = globalThis as { readonly Buffer?: Native };

export const { view, allocate, concat, latin1, utf8, ofLatin1, ofUtf8, find } =
  native === undefined ? plain : nativeBy(native);

/** Two hex digits a byte. */
export function ofHex(text: string): Uint8Array {
  const bytes = allocate(text.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return view(bytes);
}

export const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Base64 up to its first "="; what belongs to neither of its alphabets is passed over. */
export function ofBase64(text: string): Uint8Array {
  const bytes = allocate(Math.ceil((text.length * 3) / 4));
  let size = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 61) break;
    const value = sextet(code);
    if (value < 0) continue;
    held = ((held << 6) | value) & 0x3fff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[size++] = held >> bits;
  }
  return bytes.subarray(0, size);
}

function sextet(code: number): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 43 || code === 45) return 62;
  return code === 47 || code === 95 ? 63 : -1;
}
