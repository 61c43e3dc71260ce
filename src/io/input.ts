/** Reading inputs: standard input and regular files, up to a cap. Expected failures are values that say what is wrong in the user's words. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { isatty } from 'node:tty';
import { getSystemErrorMap } from 'node:util';
import { complain } from '../exit.ts';
import type { Diagnostic } from '../parser/types.ts';
import { compressionOf, decompressed, MAGIC_LENGTH, NothingUnpacked } from './decompress.ts';

/** 256 MiB: what is read of an input that is needed whole. */
export const INPUT_CAP = 256 * 1024 * 1024;

export type Input =
  | {
      readonly is: 'read';
      readonly name: string;
      readonly bytes: Uint8Array;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly is: 'unreadable'; readonly name: string; readonly code: 'OR201' | 'OR203'; readonly reason: string };

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file: a part of the path is not a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory; all logs in it: oopsreplay batch DIR',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENXIO: 'is a socket or has no reader; pipe it: ... | oopsreplay',
  EMFILE: 'too many open files',
  EIO: 'input/output error',
};

/** The reason of a failed system call in plain words: ours, else the system's; the code itself where there are none. */
export function reasonOf(error: unknown): string {
  const { code, errno, message } = (error ?? {}) as NodeJS.ErrnoException;
  // Of several addresses that were tried in vain there is a code, and no number.
  const known = [...getSystemErrorMap()].find(([number, [name]]) => number === errno || name === code);
  return REASONS[code ?? ''] ?? known?.[1][1] ?? code ?? (message || 'unknown error');
}

/** Why an input that was opened cannot be read after all, in words; null for an error that is no fault of the input. */
export function whyUnread(error: unknown): string | null {
  if (error instanceof NothingUnpacked) return error.message;
  return (error as NodeJS.ErrnoException)?.syscall === undefined ? null : reasonOf(error);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error;
}

/** Milliseconds of silence after which a user may wonder. */
const WAITED = 2000;
let saidWaiting = false;

/**
 * Standard input to be read without blocking, so that something can be said while nothing comes: a pipe or a terminal opened anew, which does not change how others that
 * have it see it. The descriptor itself where that cannot be had.
 */
function standardInput(): number {
  try {
    const anew = fstatSync(0).isFIFO() || isatty(0);
    const how = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    return anew ? openSync('/proc/self/fd/0', how) : 0;
  } catch {
    return 0;
  }
}

/** Standard input can be non-blocking (a terminal or a shared pipe): then wait a little instead of failing. */
function readSome(fd: number, into: Uint8Array, at: number): number {
  let waited = 0;
  for (;;) {
    try {
      return readSync(fd, into, at, into.length - at, null);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      // A writer that is only slower than we are is not kept waiting.
      const pause = Math.min(10, Math.max(0.5, waited / 10));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
      waited += pause;
      if (waited > WAITED && !saidWaiting) {
        saidWaiting = true;
        complain('waiting for the end of standard input (Ctrl-C ends it); to judge as it comes: oopsreplay --follow');
      }
    }
  }
}

/** Reads to the end or to the cap; `sizeHint` spares copies where the size is known. */
function readAll(fd: number, sizeHint: number, cap: number): { bytes: Uint8Array; cut: boolean } {
  let buffer = Buffer.allocUnsafe(Math.min(cap, Math.max(sizeHint, 1 << 16)) + 1);
  let length = 0;
  for (;;) {
    if (length === buffer.length) {
      if (length > cap) return { bytes: buffer.subarray(0, cap), cut: true };
      const larger = Buffer.allocUnsafe(Math.min(cap + 1, buffer.length * 2));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    const got = readSome(fd, buffer, length);
    if (got === 0) return { bytes: buffer.subarray(0, length), cut: false };
    length += got;
  }
}

function irregular(what: string): string {
  return `is ${what}, not a regular file; pipe it: ... | oopsreplay`;
}

/** Why an open file is not read at all, or null. */
function refusal(fd: number, name: string): string | null {
  const stat = fstatSync(fd);
  if (stat.isDirectory()) return REASONS.EISDIR!;
  if (name === '-') return null;
  if (stat.isFIFO()) return irregular('a FIFO');
  if (stat.isCharacterDevice() || stat.isBlockDevice()) return irregular('a device');
  return stat.isSocket() ? irregular('a socket') : null;
}

/**
 * Reads one input: a path, or `-` for standard input. Links are followed to regular files; directories, FIFOs, devices and sockets are refused without
 * reading (a FIFO without a writer would block for ever). `cap` in bytes is for tests.
 */
export function readInput(name: string, cap = INPUT_CAP): Input {
  let fd: number | null = null;
  try {
    fd = name === '-' ? 0 : openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    const refused = refusal(fd, name);
    if (refused !== null) return { is: 'unreadable', name, code: 'OR203', reason: refused };
    const stat = fstatSync(fd);
    const { bytes, cut } = readAll(fd, stat.isFile() ? stat.size : 0, cap);
    const diagnostics = cut
      ? [{ code: 'OR202', text: `larger than ${cap} bytes; the rest was not read`, line: null } as const]
      : [];
    return { is: 'read', name, bytes, diagnostics };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { is: 'unreadable', name, code: 'OR201', reason: reasonOf(error) };
  } finally {
    if (fd !== null && fd !== 0) closeSync(fd);
  }
}

export type Opened =
  | {
      readonly is: 'open';
      readonly name: string;
      /** The log's bytes, decompressed where they were not plain; each piece holds until the next is asked for. Closes the file at its end. */
      readonly chunks: AsyncGenerator<Uint8Array>;
      /** Grows while the chunks are read. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly is: 'unreadable'; readonly name: string; readonly code: 'OR201' | 'OR203'; readonly reason: string };

const PIECE = 1 << 18;

/** Opens one input as readInput() does, to be read piece by piece; of any size, and compressed or not. A failing read throws the system's error. */
export function openInput(name: string): Opened {
  let fd: number | null = null;
  try {
    fd = name === '-' ? standardInput() : openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    const refused = refusal(fd, name);
    // A first read tells what only reading can: no permission, a directory.
    const first = Buffer.allocUnsafe(PIECE);
    const got = refused === null ? readSome(fd, first, 0) : 0;
    if (refused !== null) {
      if (fd !== 0) closeSync(fd);
      return { is: 'unreadable', name, code: 'OR203', reason: refused };
    }
    const diagnostics: Diagnostic[] = [];
    return { is: 'open', name, chunks: chunksOf(fd, first.subarray(0, got), diagnostics), diagnostics };
  } catch (error) {
    if (fd !== null && fd !== 0) closeSync(fd);
    if (!isSystemError(error)) throw error;
    return { is: 'unreadable', name, code: 'OR201', reason: reasonOf(error) };
  }
}

/** Bytes from which on an input is worth collecting garbage more often for. */
const LARGE = 4 << 20;
/** Percent by which the heap may outgrow what was alive in it; V8's own choice is up to 300 for a program that makes garbage fast. */
const GROWTH = 10;

/** For a process of our own only: a flag of V8 is the whole process's. */
async function keepHeapSmall(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}

async function* chunksOf(fd: number, first: Buffer, diagnostics: Diagnostic[]): AsyncGenerator<Uint8Array> {
  try {
    let head = first;
    while (head.length > 0 && head.length < MAGIC_LENGTH) {
      const more = Buffer.allocUnsafe(PIECE);
      const got = readSome(fd, more, 0);
      if (got === 0) break;
      head = Buffer.concat([head, more.subarray(0, got)]);
    }
    const kind = compressionOf(head);
    const plain = pieces(fd, head);
    const chunks = kind === null ? plain : decompressed(kind, plain, (d) => diagnostics.push(d));
    let read = 0;
    for await (const chunk of chunks) {
      if (read <= LARGE && read + chunk.length > LARGE) await keepHeapSmall();
      read += chunk.length;
      yield chunk;
    }
  } finally {
    if (fd !== 0) closeSync(fd);
  }
}

function* pieces(fd: number, head: Buffer): Generator<Uint8Array> {
  if (head.length > 0) yield head;
  const buffer = Buffer.allocUnsafe(PIECE);
  for (;;) {
    const got = readSome(fd, buffer, 0);
    if (got === 0) return;
    yield buffer.subarray(0, got);
  }
}
