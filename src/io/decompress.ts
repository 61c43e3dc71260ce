/** Compressed inputs in Node, whose gzip is zlib's (unpack.ts has the rest). */
import type { Diagnostic } from '../parser/types.ts';
import { type Compression, GROWTH, type Growth, type Meter, unpacked } from './unpack.ts';

export { type Compression, compressionOf, GROWTH, type Growth, MAGIC_LENGTH, NothingUnpacked } from './unpack.ts';

async function* gunzip(bites: Generator<Uint8Array>, meter: Meter): AsyncGenerator<Uint8Array> {
  const { createGunzip } = await import('node:zlib');
  const stream = createGunzip({ chunkSize: 1 << 18 });
  let out: Buffer[] = [];
  let failed: Error | null = null;
  stream.on('data', (data: Buffer) => {
    try {
      meter.give(data.length);
      out.push(data);
    } catch (error) {
      failed ??= error as Error;
    }
  });
  const closed = new Promise<void>((done) => {
    stream.on('error', (error) => {
      failed ??= error;
      done();
    });
    stream.on('end', done);
  });
  try {
    for (const bite of bites) {
      await Promise.race([new Promise<void>((done) => stream.write(Buffer.from(bite), () => done())), closed]);
      yield* out.splice(0);
      if (failed !== null) throw failed;
    }
    stream.end();
    await closed;
    yield* out;
    out = [];
    if (failed !== null) throw failed;
  } finally {
    stream.destroy();
  }
}

/** What comes out of a compressed stream; `say` hears of what is wrong with it. Throws NothingUnpacked. */
export function decompressed(
  kind: Compression,
  pieces: Iterable<Uint8Array>,
  say: (diagnostic: Diagnostic) => void,
  growth: Growth = GROWTH,
): AsyncGenerator<Uint8Array> {
  return unpacked(kind, pieces, say, gunzip, growth);
}
