/**
 * Members of tar and zip archives, as streams: nothing is unpacked to disk, so a member's name is a label and leads nowhere. What is damaged, grows
 * without measure or is no regular file is said, and the members before it stand.
 */
import { closeSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { extract } from 'tar-stream';
import { fromFd, type Entry as ZipEntry, type ZipFile } from 'yauzl';
import { compressionOf, decompressed, GROWTH, MAGIC_LENGTH } from '../io/decompress.ts';
import { archiveOf } from './archive-kind.ts';
import { Damaged, type Found, openFound, piecesOf } from './open.ts';
import type { Said } from './types.ts';

export type Member =
  | {
      readonly is: 'file';
      readonly name: string;
      readonly bytes: number;
      readonly modified: number;
      /** To be read before the next member is asked for; throws Damaged. */
      readonly pieces: AsyncIterable<Uint8Array>;
    }
  | { readonly is: 'other'; readonly name: string; readonly status: 'refused' | 'unreadable'; readonly said: Said };

/** Members in the order of the archive. `say` hears what is wrong with the archive itself. Throws the system's error where it cannot be read. */
export async function* membersOf(found: Found, say: (said: Said) => void): AsyncGenerator<Member> {
  const fd = openFound(found);
  const pieces = piecesOf(fd);
  const first = pieces.next();
  const head = Buffer.from(first.done ? [] : first.value);
  if (archiveOf(head) === 'zip') {
    // Read at places of its own: the file is closed with it.
    yield* zipMembers(fd, found.bytes, say);
    return;
  }
  function* whole() {
    if (head.length > 0) yield head;
    yield* pieces;
  }
  try {
    const kind = head.length >= MAGIC_LENGTH ? compressionOf(head) : null;
    const plain = kind === null ? whole() : decompressed(kind, whole(), ({ code, text }) => say({ code, text }));
    yield* tarMembers(plain, say);
  } finally {
    pieces.return(undefined);
  }
}

const NOT_FILES: Readonly<Record<string, string>> = {
  symlink: 'is a link',
  link: 'is a link',
  'character-device': 'is a device',
  'block-device': 'is a device',
  fifo: 'is a FIFO',
};

async function* tarMembers(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  say: (said: Said) => void,
): AsyncGenerator<Member> {
  const tar = extract();
  // The types leave out what every stream has.
  const sink = tar as unknown as Writable;
  // Errors are met by the loop below; a compressed zip or text that only began like an archive ends there, too.
  tar.on('error', () => {});
  const feeding = feed(sink, chunks).catch((error: Error) => sink.destroy(error));
  try {
    for await (const entry of tar) {
      const { name, type, size = 0, mtime } = entry.header;
      const what = NOT_FILES[type ?? 'file'];
      if (type === 'file' || type === 'contiguous-file')
        yield {
          is: 'file',
          name,
          bytes: size,
          modified: mtime?.getTime() ?? 0,
          pieces: entry as AsyncIterable<Uint8Array>,
        };
      else if (type !== 'directory')
        yield {
          is: 'other',
          name,
          status: 'refused',
          said: {
            code: 'OR204',
            text: `${what ?? (type ? `is a ${type}` : 'is of no known kind')} in an archive: not followed`,
          },
        };
      (entry as unknown as Readable).resume();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    say({
      code: 'OR206',
      text: `damaged or cut short (${(error as Error).message}): the members up to there were read`,
    });
  } finally {
    sink.destroy();
    await feeding;
  }
}

async function feed(tar: Writable, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (tar.destroyed) return;
    // The piece holds until the next is asked for, the archive's reader may keep it longer.
    if (!tar.write(Buffer.from(chunk))) await drainedOrClosed(tar);
  }
  tar.end();
}

/** Both listeners go with the first that is called: one of them left behind at each turn would add up. */
function drainedOrClosed(tar: Writable): Promise<void> {
  return new Promise((done) => {
    const over = () => {
      tar.off('drain', over).off('close', over);
      done();
    };
    tar.on('drain', over).on('close', over);
  });
}

/** The file type in a Unix mode, as zip has it. */
const LINK = 0o12;
const REGULAR = 0o10;

async function* zipMembers(fd: number, size: number, say: (said: Said) => void): AsyncGenerator<Member> {
  let zip: ZipFile;
  try {
    zip = await new Promise((done, failed) =>
      // Names stay bytes: yauzl would refuse the whole archive for one that climbs, and none is followed here.
      fromFd(fd, { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true }, (error, z) =>
        error ? failed(error) : done(z),
      ),
    );
  } catch (error) {
    closeSync(fd);
    say({ code: 'OR206', text: `damaged or cut short (${(error as Error).message})` });
    return;
  }
  const growth = { given: 0, size };
  try {
    for (;;) {
      const entry = await nextOf(zip);
      if (entry === null) return;
      const name = (entry.fileName as unknown as Buffer).toString('utf8');
      if (name.endsWith('/')) continue;
      const type = (entry.externalFileAttributes >>> 28) & 0o17;
      if (type !== 0 && type !== REGULAR)
        yield {
          is: 'other',
          name,
          status: 'refused',
          said: {
            code: 'OR204',
            text: `is ${type === LINK ? 'a link' : 'no regular file'} in an archive: not followed`,
          },
        };
      else if (entry.isEncrypted())
        yield { is: 'other', name, status: 'unreadable', said: { code: 'OR201', text: 'is encrypted' } };
      else
        yield {
          is: 'file',
          name,
          bytes: entry.uncompressedSize,
          modified: entry.getLastModDate({ timezone: 'UTC' }).getTime(),
          pieces: unzipped(zip, entry, growth),
        };
      if (growth.given > GROWTH.bytes) return;
    }
  } catch (error) {
    say({
      code: 'OR206',
      text: `damaged or cut short (${(error as Error).message}): the members up to there were read`,
    });
  } finally {
    closeSync(fd);
  }
}

function nextOf(zip: ZipFile): Promise<ZipEntry | null> {
  return new Promise((done, failed) => {
    const over = (then: () => void) => {
      zip.removeAllListeners('entry').removeAllListeners('end').removeAllListeners('error');
      then();
    };
    zip.on('entry', (entry: ZipEntry) => over(() => done(entry)));
    zip.on('end', () => over(() => done(null)));
    zip.on('error', (error: Error) => over(() => failed(error)));
    zip.readEntry();
  });
}

async function* unzipped(
  zip: ZipFile,
  entry: ZipEntry,
  growth: { given: number; size: number },
): AsyncGenerator<Uint8Array> {
  const stream = await new Promise<Readable>((done, failed) =>
    zip.openReadStream(entry, (error, s) =>
      error ? failed(new Damaged({ code: 'OR201', text: error.message })) : done(s),
    ),
  );
  let given = 0;
  const tooMuch = (out: number, taken: number) =>
    out > GROWTH.bytes || (out > GROWTH.free && out > taken * GROWTH.ratio);
  try {
    for await (const chunk of stream) {
      given += (chunk as Buffer).length;
      growth.given += (chunk as Buffer).length;
      // Members may lie over one another: what all of them come to counts, too.
      if (tooMuch(given, entry.compressedSize) || tooMuch(growth.given, growth.size))
        throw new Damaged({
          code: 'OR110',
          text: `zip: ${entry.compressedSize} bytes grew to more than ${given}: the rest was not read`,
        });
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof Damaged) throw error;
    throw new Damaged({ code: 'OR109', text: `zip: damaged (${(error as Error).message})` });
  } finally {
    stream.destroy();
  }
}
