/** Random access to bytes, whatever holds them; and numbers in them. A file of any size is read where it is asked, never as a whole. */

export interface Bytes {
  readonly size: number;
  /** At most `length` bytes from `at` on; fewer at the end. Never throws for a place that is not there. */
  readonly read: (at: number, length: number) => Uint8Array;
}

/** What the bytes say cannot be: the message is for the user. Caught where an image is opened. */
export class Malformed extends Error {}

export const bytesOf = (array: Uint8Array): Bytes => ({
  size: array.length,
  read: (at, length) => array.subarray(Math.min(at, array.length), Math.min(at + length, array.length)),
});

/** A part of other bytes, cut off where those end. */
export function slice(bytes: Bytes, from: number, length: number): Bytes {
  const size = Math.max(0, Math.min(length, bytes.size - from));
  return { size, read: (at, n) => (at >= size ? new Uint8Array(0) : bytes.read(from + at, Math.min(n, size - at))) };
}

const WINDOW = 1 << 16;

/** Reads numbers and strings one after the other, through a window, so that many small reads make few of the file. */
export class Cursor {
  private held: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private start = 0;

  constructor(
    private readonly bytes: Bytes,
    private readonly littleEndian: boolean,
    public at = 0,
    private readonly window = WINDOW,
  ) {}

  /** Makes `length` bytes at hand and passes them; where they begin in what is held. Throws Malformed at the end. */
  private need(length: number): number {
    if (!(this.at >= 0 && length >= 0)) throw new Malformed('it names a place that is none');
    if (this.at < this.start || this.at + length > this.start + this.held.length) {
      this.held = this.bytes.read(this.at, Math.max(this.window, length));
      this.start = this.at;
      this.view = new DataView(this.held.buffer, this.held.byteOffset, this.held.byteLength);
      if (this.held.length < length) throw new Malformed('it is cut short');
    }
    const offset = this.at - this.start;
    this.at += length;
    return offset;
  }

  u8(): number {
    const at = this.need(1);
    return this.view.getUint8(at);
  }
  u16(): number {
    const at = this.need(2);
    return this.view.getUint16(at, this.littleEndian);
  }
  u24(): number {
    const at = this.need(3);
    const [a, b, c] = [this.view.getUint8(at), this.view.getUint8(at + 1), this.view.getUint8(at + 2)];
    return this.littleEndian ? a | (b << 8) | (c << 16) : c | (b << 8) | (a << 16);
  }
  u32(): number {
    const at = this.need(4);
    return this.view.getUint32(at, this.littleEndian);
  }
  u64(): bigint {
    const at = this.need(8);
    return this.view.getBigUint64(at, this.littleEndian);
  }
  /** A size or place in a file: beyond 2^53 there is none. */
  offset(size: 4 | 8): number {
    if (size === 4) return this.u32();
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Malformed('it names a place beyond any file');
    return Number(value);
  }
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new Malformed('a number in it has no end');
  }
  sleb(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale;
    }
    throw new Malformed('a number in it has no end');
  }
  skip(length: number): void {
    this.at += length;
  }
  /** Up to the NUL, which is passed. */
  string(): string {
    const text = stringAt(this.bytes, this.at);
    this.at += text.length + 1;
    return text;
  }
}

/** Names are not longer, and a missing end must not make one of the rest of the file. */
const LONGEST = 4096;

/** The NUL-ended string at a place, one character a byte; "" beyond the end. */
export function stringAt(bytes: Bytes, at: number): string {
  if (!(at >= 0 && at < bytes.size)) return '';
  for (let length = 64; ; length *= 8) {
    const piece = bytes.read(at, Math.min(length, LONGEST));
    const end = piece.indexOf(0);
    if (end >= 0 || piece.length < length || length >= LONGEST)
      return Buffer.from(piece.buffer, piece.byteOffset, end >= 0 ? end : piece.length).toString('latin1');
  }
}
