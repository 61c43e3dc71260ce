/** Opening what a walk found, so that it is what was found: a link or a FIFO that took its place meanwhile is not followed and does not block. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Said } from './types.ts';

/** A regular file as the walk saw it. */
export interface Found {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly identity: readonly [device: number, inode: number];
  /** Where it is opened: another place than `path` for a link within its root, and bytes where its name is no UTF-8, which `path` shows escaped. */
  readonly at: string | Uint8Array;
  /** True for a path that was given as such, whose last part may be a link. */
  readonly given: boolean;
}

/** Thrown where what is opened is not what was found. */
export class Changed extends Error {}

/** Opens a found file for reading. Throws the system's error, or Changed. */
export function openFound({ at, identity, given }: Found): number {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW, O_NOCTTY } = constants;
  // A thread is handed bytes as such.
  const fd = openSync(
    typeof at === 'string' ? at : Buffer.from(at),
    O_RDONLY | O_NONBLOCK | O_NOCTTY | (given ? 0 : O_NOFOLLOW),
  );
  const stat = fstatSync(fd);
  if (stat.isFile() && stat.dev === identity[0] && stat.ino === identity[1]) return fd;
  closeSync(fd);
  throw new Changed();
}

/** A member that cannot be read further; those before it stand. */
export class Damaged extends Error {
  constructor(readonly said: Said) {
    super(said.text);
  }
}

const PIECE = 1 << 18;

/** The bytes of an open file from its start, in pieces that hold until the next is asked for. Closes it. */
export function* piecesOf(fd: number): Generator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(PIECE);
  try {
    for (let at = 0; ; ) {
      const got = readSync(fd, buffer, 0, PIECE, at);
      if (got === 0) return;
      at += got;
      yield buffer.subarray(0, got);
    }
  } finally {
    closeSync(fd);
  }
}

/** A file of at most `size` bytes or a little more, whole. Closes it. */
export function wholeOf(fd: number, size: number): Uint8Array {
  try {
    let buffer = Buffer.allocUnsafe(size + 1);
    let length = 0;
    for (;;) {
      const got = readSync(fd, buffer, length, buffer.length - length, length);
      if (got === 0) return buffer.subarray(0, length);
      length += got;
      // It grew while it was read.
      if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
    }
  } finally {
    closeSync(fd);
  }
}
