/** What is in an input: a log, plain or compressed, small enough to hold or not; or an archive, which is opened elsewhere. */
import { createHash } from 'node:crypto';
import { compressionOf, decompressed, MAGIC_LENGTH } from '../io/decompress.ts';
import type { TriageOptions } from '../reconstruct/types.ts';
import { archiveOf, HEADER } from './archive-kind.ts';
import { type Judged, Judging } from './judge.ts';
import type { Said } from './types.ts';
import { beat } from './watch.ts';

/** Logs up to here are held between being hashed and being judged; larger ones are read twice. */
export const HELD = 4 << 20;

export type Content =
  | { readonly is: 'archive' }
  | {
      readonly is: 'log';
      readonly content: string;
      readonly bytes: number;
      readonly said: readonly Said[];
      /** Null for one too large to hold. */
      readonly held: Uint8Array | null;
    };

/** The bytes of an input, from its start each time they are asked for. */
export interface Pieces {
  readonly from: () => Iterable<Uint8Array>;
  /** A piece stays as it is when the next is asked for. */
  readonly lasting: boolean;
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly lasting: boolean;
}

/** The log's own bytes: decompressed once, if its first bytes say so. */
async function* plain({ from, lasting }: Pieces, say: (said: Said) => void): AsyncGenerator<Piece> {
  const iterator = from()[Symbol.iterator]();
  const first = iterator.next();
  if (first.done) return;
  let head = first.value;
  // Of a file the first piece is larger; of a pipe it may be any.
  while (head.length < MAGIC_LENGTH) {
    const copy = Buffer.from(head);
    const more = iterator.next();
    if (more.done) break;
    head = Buffer.concat([copy, more.value]);
  }
  const kind = compressionOf(head);
  function* whole() {
    yield head;
    for (;;) {
      const { value, done } = iterator.next();
      if (done) return;
      yield value;
    }
  }
  try {
    if (kind === null) for (const bytes of whole()) yield { bytes, lasting };
    // A piece may lie in a larger buffer.
    else
      for await (const bytes of decompressed(kind, whole(), ({ code, text }) => say({ code, text })))
        yield { bytes, lasting: false };
  } finally {
    iterator.return?.();
  }
}

/** Reads an input to its end, or until it shows to be an archive. Throws the system's error where reading fails. */
export async function contentOf(pieces: Pieces, hold = HELD): Promise<Content> {
  const hash = createHash('sha256');
  const said: Said[] = [];
  let held: Uint8Array[] | null = [];
  let bytes = 0;
  let head: Buffer | null = Buffer.alloc(0);
  for await (const { bytes: piece, lasting } of plain(pieces, (s) => said.push(s))) {
    if (head !== null && head.length < HEADER) {
      head = Buffer.concat([head, piece.subarray(0, HEADER - head.length)]);
      if (archiveOf(head) !== null) return { is: 'archive' };
      if (head.length >= HEADER) head = null;
    }
    beat();
    hash.update(piece);
    bytes += piece.length;
    if (bytes > hold) held = null;
    held?.push(lasting ? piece : Uint8Array.prototype.slice.call(piece));
  }
  return { is: 'log', content: hash.digest('hex'), bytes, said, held: held === null ? null : joined(held) };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(0), second] = pieces;
  return second === undefined ? first : Buffer.concat(pieces);
}

/** Judges a log that contentOf() read; one too large to be held is read again. */
export async function judgeContent(
  log: Extract<Content, { is: 'log' }>,
  pieces: Pieces,
  model: string,
  options: TriageOptions,
): Promise<Judged & { readonly changed: boolean }> {
  const judging = new Judging(options);
  if (log.held !== null) {
    return { ...judging.whole(log.held, log.content, model), changed: false };
  }
  const hash = createHash('sha256');
  for await (const { bytes: piece } of plain(pieces, () => {})) {
    beat();
    hash.update(piece);
    judging.push(piece);
  }
  return { ...judging.end(log.content, model, log.bytes), changed: hash.digest('hex') !== log.content };
}
