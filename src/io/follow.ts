/**
 * An input that goes on: standard input, a terminal line such as /dev/ttyUSB0, or a file that grows. A file is followed by its name, as `tail -F` does: where it was
 * rotated or truncated, or is not there for a while, reading goes on with the new one from its beginning.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

export interface Followed {
  /** What comes, piece by piece; each holds until the next. */
  readonly onData: (piece: Buffer) => void;
  /** The input is over: a pipe that was closed, a line that was hung up. Null, or the system's error. */
  readonly onEnd: (error: Error | null) => void;
}

const PIECE = 1 << 18;
/** Milliseconds between two looks at a file. */
const LOOK = 200;

/** Begins to follow; returns what ends it. Throws the system's error where the input is there and cannot be opened. */
export function follow(name: string, { onData, onEnd }: Followed): () => void {
  if (name === '-') return followStream(process.stdin, { onData, onEnd });
  const there = statOf(name);
  if (there !== null && !there.isFile()) return followDevice(name, { onData, onEnd });
  return followFile(name, { onData, onEnd });
}

function followStream(stream: NodeJS.ReadableStream, { onData, onEnd }: Followed): () => void {
  stream.on('data', (piece) => onData(Buffer.from(piece as Buffer)));
  stream.on('end', () => onEnd(null));
  // A line that was hung up ends with EIO.
  stream.on('error', (error: NodeJS.ErrnoException) => onEnd(error.code === 'EIO' ? null : error));
  return () => {
    stream.pause();
    (stream as { destroy?: () => void }).destroy?.();
  };
}

/** Reads of a device until others have their turn: a terminal line gives at most a page at a time. */
const READS = 64;

/**
 * A terminal line, a FIFO, /dev/kmsg: looked at, never waited for in a read. A read that waits would hold the whole process, its end too, until the
 * line says something again.
 */
function followDevice(name: string, { onData, onEnd }: Followed): () => void {
  const buffer = Buffer.allocUnsafe(PIECE);
  const fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const fifo = fstatSync(fd).isFIFO();
  let begun = false;
  let timer: NodeJS.Timeout | null = null;
  let ended = false;
  const stop = () => {
    if (ended) return;
    ended = true;
    if (timer !== null) clearTimeout(timer);
    closeSync(fd);
  };
  const end = (error: Error | null) => {
    stop();
    onEnd(error);
  };
  /** Bytes that came; 0 where there are none now, null where there never will be. */
  const read = (): number | null => {
    try {
      const got = readSync(fd, buffer, 0, buffer.length, null);
      // A FIFO that nobody writes to yet reads as one that was closed.
      return got > 0 || (fifo && !begun) ? got : null;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // /dev/kmsg says so where records were overwritten before they were read.
      if (code === 'EAGAIN' || code === 'EPIPE') return 0;
      // A line that was hung up.
      if (code === 'EIO') return null;
      throw error;
    }
  };
  const look = () => {
    let again = LOOK;
    try {
      for (let reads = 0; reads < READS && !ended; reads++) {
        const got = read();
        if (got === null) return end(null);
        if (got === 0) break;
        begun = true;
        again = 0;
        onData(buffer.subarray(0, got));
      }
    } catch (error) {
      return end(error as Error);
    }
    if (!ended) timer = setTimeout(look, again);
  };
  timer = setTimeout(look, 0);
  return stop;
}

function statOf(name: string): Stats | null {
  try {
    return statSync(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function followFile(name: string, { onData, onEnd }: Followed): () => void {
  const buffer = Buffer.allocUnsafe(PIECE);
  let fd: number | null = null;
  let at = 0;
  let timer: NodeJS.Timeout | null = null;
  let ended = false;
  const close = () => {
    if (fd !== null) closeSync(fd);
    fd = null;
  };
  const reopen = () => {
    close();
    at = 0;
    try {
      fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  };
  /** Is the name another file's by now? What is left of the old one has been read then. */
  const rotated = (): boolean => {
    const now = statOf(name);
    if (now === null) return false;
    const old = fstatSync(fd!);
    return now.ino !== old.ino || now.dev !== old.dev;
  };
  const look = () => {
    if (ended) return;
    if (fd === null) reopen();
    let again = LOOK;
    if (fd !== null) {
      if (fstatSync(fd).size < at) at = 0;
      const got = readSync(fd, buffer, 0, buffer.length, at);
      at += got;
      if (got > 0) {
        onData(buffer.subarray(0, got));
        again = 0;
      } else if (rotated()) {
        reopen();
        again = 0;
      }
    }
    if (!ended) timer = setTimeout(lookAgain, again);
  };
  const stop = () => {
    ended = true;
    if (timer !== null) clearTimeout(timer);
    close();
  };
  // It may come to be unreadable later.
  const lookAgain = () => {
    try {
      look();
    } catch (error) {
      stop();
      onEnd(error as Error);
    }
  };
  look();
  return stop;
}
