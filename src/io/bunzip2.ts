/** bzip2 by unbzip2-stream's decoder, block by block: its stream holds a block as an array of numbers, which a hostile one makes very large. */
import bitIterator from 'unbzip2-stream/lib/bit_iterator.js';
import bzip2 from 'unbzip2-stream/lib/bzip2.js';

/** Bytes handed on at a time. */
const PIECE = 1 << 16;

/** The bytes of one or more bzip2 streams; throws where they are damaged or end early. */
export function* bunzip2(bites: Iterator<Uint8Array>, meter: { give(bytes: number): void }): Generator<Uint8Array> {
  // One bite ahead, to know the end before the decoder stumbles over it.
  let ahead = bites.next();
  let taken = 0;
  const reader = bitIterator(() => {
    if (ahead.done) throw new Error('it ends early');
    const bite = ahead.value.slice();
    taken += bite.length;
    ahead = bites.next();
    return bite;
  });
  let out: Uint8Array[] = [];
  let piece = new Uint8Array(PIECE);
  let filled = 0;
  const give = (byte: number) => {
    piece[filled++] = byte;
    if (filled < PIECE) return;
    meter.give(PIECE);
    out.push(piece);
    piece = new Uint8Array(PIECE);
    filled = 0;
  };
  for (;;) {
    const size = 100_000 * bzip2.header(reader);
    let check: number | null = 0;
    while (check !== null) {
      let failed: unknown = null;
      try {
        check = bzip2.decompress(reader, give, new Int32Array(size), size, check);
      } catch (error) {
        failed = error;
      }
      meter.give(filled);
      out.push(piece.slice(0, filled));
      filled = 0;
      yield* out;
      out = [];
      if (failed !== null) throw failed;
    }
    // Another stream may follow.
    if (ahead.done && reader.bytesRead >= taken) return;
  }
}
