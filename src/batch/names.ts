/** Names of files as the system has them, which is as bytes: those that are no UTF-8 are shown escaped, and opened as they are. */
import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

/** How a path is shown, and what the system knows it by. */
export interface Place {
  readonly path: string;
  readonly at: string | Buffer;
}

/** What a reader of a name as UTF-8 puts for bytes that are none. */
const REPLACED = '\ufffd';
const SLASH = 0x2f;

/** The bytes of a name that are no UTF-8 as "\xe9", the others as they are. */
function shown(name: Buffer): string {
  let text = '';
  for (let at = 0; at < name.length; ) {
    const lead = name[at]!;
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const bytes = name.subarray(at, at + length);
    text += isUtf8(bytes) ? bytes.toString() : `\\x${lead.toString(16).padStart(2, '0')}`;
    at += isUtf8(bytes) ? length : 1;
  }
  return text;
}

/** The entries of a folder in the order of their names. Throws the system's error. */
export function namesIn({ path, at }: Place): Place[] {
  const names = typeof at === 'string' ? readdirSync(at) : [];
  const places =
    typeof at === 'string' && !names.some((name) => name.includes(REPLACED))
      ? names.map((name) => ({ path: join(path, name), at: join(at, name) }))
      : readdirSync(at, { encoding: 'buffer' }).map((name) => ({
          path: join(path, shown(name)),
          at: Buffer.concat([Buffer.from(at), Buffer.from(sep), name]),
        }));
  return places.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The path behind all links, bytes that are no UTF-8 escaped. */
export function realOf(at: string | Buffer): string {
  return typeof at === 'string' ? realpathSync(at) : shown(realBytesOf(at));
}

/** Linux's: opens a place without anything being done to what is there. */
const O_PATH = 0o10000000;

/**
 * The same of a folder. Node and the C library look at each folder on the way, each from the root: in folders a thousand deep that is minutes. Linux knows the path of what is open.
 * Throws the system's error.
 */
export function realFolder(at: string | Buffer): string {
  if (process.platform !== 'linux') return realOf(at);
  const fd = openSync(at, O_PATH);
  try {
    const real = readlinkSync(`/proc/self/fd/${fd}`, 'buffer');
    // What was mounted elsewhere has no path from here.
    if (real[0] !== SLASH) return realOf(at);
    return typeof at === 'string' ? real.toString() : shown(real);
  } catch {
    // No /proc.
    return realOf(at);
  } finally {
    closeSync(fd);
  }
}

/** The same as bytes. Node's own walk along a path reads it as text; the system's does not. */
export function realBytesOf(at: string | Buffer): Buffer {
  return realpathSync.native(at, { encoding: 'buffer' });
}
