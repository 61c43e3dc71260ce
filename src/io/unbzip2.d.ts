/** What is used of unbzip2-stream, which has no types. */
declare module 'unbzip2-stream/lib/bit_iterator.js' {
  /** Bits of the bytes that `next` gives; throws what that throws. */
  export default function bitIterator(next: () => Uint8Array): {
    (bits: number | null): number;
    readonly bytesRead: number;
  };
}
declare module 'unbzip2-stream/lib/bzip2.js' {
  type Bits = (bits: number | null) => number;
  const bzip2: {
    /** The size of blocks in 100 kB. */
    header(bits: Bits): number;
    /** Writes a block's bytes; the check sum so far, or null at the stream's end. */
    decompress(bits: Bits, give: (byte: number) => void, block: Int32Array, size: number, check: number): number | null;
  };
  export default bzip2;
}
