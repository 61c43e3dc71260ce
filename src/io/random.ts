/** A regular file read where it is asked, never as a whole: a vmlinux has hundreds of megabytes, a sparse file may claim terabytes. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { reasonOf } from './input.ts';

export interface RandomFile {
  readonly is: 'open';
  readonly size: number;
  readonly read: (at: number, length: number) => Uint8Array;
  readonly close: () => void;
}

/** Files in /sys give their size, or 0; what they hold is read at once then, up to here. */
const MOST_OF_UNKNOWN = 256 << 20;

/** Expected failures are values, in the user's words. */
export function openRandom(path: string): RandomFile | { readonly is: 'unreadable'; readonly reason: string } {
  let fd: number;
  try {
    // A FIFO must not hang us.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { is: 'unreadable', reason: reasonOf(error) };
  }
  const unreadable = (reason: string) => {
    closeSync(fd);
    return { is: 'unreadable', reason } as const;
  };
  const stat = fstatSync(fd);
  if (!stat.isFile()) return unreadable(stat.isDirectory() ? 'is a directory' : 'is no regular file');
  try {
    if (stat.size === 0) {
      const whole = Buffer.concat([...pieces(fd)]);
      closeSync(fd);
      return { is: 'open', size: whole.length, read: (at, length) => whole.subarray(at, at + length), close: () => {} };
    }
    readAt(fd, 0, 1);
  } catch (error) {
    return unreadable(reasonOf(error));
  }
  const { size } = stat;
  return {
    is: 'open',
    size,
    read: (at, length) => (at >= size ? new Uint8Array(0) : readAt(fd, at, Math.min(length, size - at))),
    close: () => closeSync(fd),
  };
}

/** One call reads a page of some files at most. */
function readAt(fd: number, at: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  let got = 0;
  for (let read = -1; got < length && read !== 0; got += read) read = readSync(fd, bytes, got, length - got, at + got);
  return bytes.subarray(0, got);
}

function* pieces(fd: number): Generator<Uint8Array> {
  for (let at = 0; at < MOST_OF_UNKNOWN; ) {
    const piece = readAt(fd, at, 1 << 20);
    if (piece.length === 0) return;
    at += piece.length;
    yield piece;
  }
}
