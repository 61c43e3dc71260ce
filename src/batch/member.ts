/** A member of an archive, taken into memory where it is small; a large one goes on as the stream that it is. */
import { compressionOf, MAGIC_LENGTH } from '../io/decompress.ts';
import { HELD } from './content.ts';
import { Damaged } from './open.ts';
import type { Said } from './types.ts';

/** Compressed members are unfolded in a thread, so they are sent whole. */
const COMPRESSED = 64 << 20;

export type Gathered =
  | { readonly is: 'held'; readonly content: Uint8Array }
  | { readonly is: 'large'; readonly pieces: AsyncIterable<Uint8Array> }
  | { readonly is: 'failed'; readonly said: Said };

export async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Gathered> {
  const iterator = pieces[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let bytes = 0;
  let most = HELD;
  try {
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return { is: 'held', content: Buffer.concat(held) };
      held.push(Buffer.from(value));
      bytes += value.length;
      if (bytes <= most) continue;
      const isCompressed = compressionOf(Buffer.concat(held.slice(0, MAGIC_LENGTH))) !== null;
      if (!isCompressed) return { is: 'large', pieces: goingOn(held, iterator) };
      if (most === COMPRESSED) break;
      most = COMPRESSED;
    }
  } catch (error) {
    if (error instanceof Damaged) return { is: 'failed', said: error.said };
    // The archive ends inside it, which is said of the archive.
    return { is: 'failed', said: { code: 'OR206', text: `cut short or damaged (${(error as Error).message})` } };
  }
  await iterator.return?.(undefined);
  return {
    is: 'failed',
    said: { code: 'OR202', text: `compressed, and larger than ${COMPRESSED} bytes: take it out of the archive` },
  };
}

async function* goingOn(held: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* held;
  for (;;) {
    const { value, done } = await rest.next();
    if (done) return;
    yield value;
  }
}
