/** Names of files as the system has them, which is as bytes: those that are no UTF-8 are shown escaped, and opened as they are. */
import { isUtf8 } from 'node:buffer';
import { readdirSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

/** How a path is shown, and what the system knows it by. */
export interface Place {
  readonly path: string;
  readonly at: string | Buffer;
}

/** What a reader of a name as UTF-8 puts for bytes that are none. */
const REPLACED = '\ufffd';

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

/** The same as bytes. Node's own walk along a path reads it as text; the system's does not. */
export function realBytesOf(at: string | Buffer): Buffer {
  return realpathSync.native(at, { encoding: 'buffer' });
}
