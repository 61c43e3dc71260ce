/** Members of an archive as inputs of their own: a small one is taken into memory and sent, a large one is judged here, as it comes. */
import { compressionOf, MAGIC_LENGTH } from '../io/decompress.ts';
import { type Member, membersOf } from './archive.ts';
import type { Commits } from './commit.ts';
import { HELD } from './content.ts';
import { Changed, Damaged, type Found } from './open.ts';
import { type Entry, type Run, told } from './slot.ts';
import { saidOf, streamed } from './task.ts';
import type { Said } from './types.ts';
import type { Window } from './window.ts';

/** Names of an archive's members that are told apart. */
const MOST_NAMES = 1_000_000;
/** Compressed members are unfolded in a thread, so they are sent whole. */
const COMPRESSED = 64 << 20;

type Gathered =
  | { readonly is: 'held'; readonly content: Uint8Array }
  | { readonly is: 'large'; readonly pieces: AsyncIterable<Uint8Array> }
  | { readonly is: 'failed'; readonly said: Said };

/** Offers an archive's members, then its own line: one that is killed in the middle is read again. */
export async function offerArchive(
  run: Run,
  window: Window,
  commits: Commits,
  found: Found,
  entry: Entry,
): Promise<void> {
  const { ledger, stopped } = run;
  const said: Said[] = [];
  const names = new Map<string, number>();
  try {
    for await (const member of membersOf(found, (s) => said.push(s))) {
      if (stopped()) return;
      // A name may stand there twice. They are remembered while they are few.
      const times = (names.get(member.name) ?? 0) + 1;
      if (names.size < MOST_NAMES) names.set(member.name, times);
      await offer(run, window, commits, member, `${found.path}!${member.name}${times > 1 ? `#${times}` : ''}`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined && !(error instanceof Changed)) throw error;
    said.push(saidOf(error));
  }
  await window.put({ entry, item: null, told: { ...told('archive', said), model: ledger.model } });
}

async function offer(
  { ledger, options }: Run,
  window: Window,
  commits: Commits,
  member: Member,
  path: string,
): Promise<void> {
  commits.owe();
  if (member.is === 'other') {
    const entry = { path, bytes: null, modified: null, given: false };
    await window.put({ entry, item: null, told: told(member.status, [member.said]) });
    return;
  }
  const entry = { path, bytes: member.bytes, modified: member.modified, given: false };
  if (ledger.isKnown(path, member.bytes, member.modified)) {
    await window.put({ entry, item: null, told: null });
    return;
  }
  const came = await gathered(member.pieces);
  if (came.is === 'failed') await window.put({ entry, item: null, told: told('unreadable', [came.said]) });
  else if (came.is === 'held') await window.put({ entry, item: { path, content: came.content }, told: null });
  else {
    // Too large to be sent to a thread.
    await window.finish();
    const item = { path, content: new Uint8Array(0) };
    commits.commit([{ entry, item, told: null }], [await streamed(came.pieces, ledger.model, options)]);
  }
}

async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Gathered> {
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
