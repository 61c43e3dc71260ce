/**
 * A task of many logs, done in two steps so that nothing is judged twice: read and hash all, ask which contents are wanted, judge those. Runs in a thread
 * of the pool, in this thread, or in a worker of the fleet.
 */
import { createHash } from 'node:crypto';
import { NothingUnpacked } from '../io/decompress.ts';
import { reasonOf } from '../io/input.ts';
import { lackOf } from '../lacking.ts';
import type { TriageOptions } from '../reconstruct/types.ts';
import { type Content, contentOf, HELD, judgeContent, type Pieces } from './content.ts';
import { Judging, MOST_BOOTS } from './judge.ts';
import { Changed, Damaged, type Found, openFound, piecesOf, wholeOf } from './open.ts';
import type { Said } from './types.ts';
import { atItem, type Pulse } from './watch.ts';

/** A file to open, or a member of an archive as it was read. */
export type Item = Found | { readonly path: string; readonly content: Uint8Array };

export interface Task {
  readonly items: readonly Item[];
  readonly model: string;
  readonly options: TriageOptions;
  /** Where a thread says which item it is at. */
  readonly pulse?: Pulse;
}

export type Outcome =
  | {
      readonly is: 'judged';
      readonly content: string;
      /** Lines of the journal; empty where the content was not wanted. */
      readonly lines: readonly string[];
      readonly said: readonly Said[];
    }
  | { readonly is: 'archive' }
  | { readonly is: 'unreadable'; readonly said: readonly Said[] }
  | { readonly is: 'defect'; readonly said: readonly Said[] };

/** Which of these contents are to be judged. */
export type Ask = (contents: readonly string[]) => Promise<readonly boolean[]>;

const isSystemError = (error: unknown) => (error as NodeJS.ErrnoException)?.syscall !== undefined;

/** What failed, in words of the input's line. */
export function saidOf(error: unknown): Said {
  if (error instanceof Changed) return { code: 'OR207', text: 'another file took its place while it was read' };
  if (error instanceof NothingUnpacked) return { code: error.diagnostic.code, text: error.message };
  if (isSystemError(error)) return { code: 'OR201', text: reasonOf(error) };
  const lack = lackOf(error);
  if (lack !== null) return { code: 'OR201', text: lack };
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'OR302', text: text.slice(0, 300) };
}

/** A defect of ours on one log keeps none of the others from being judged. */
function failure(error: unknown): Outcome {
  const said = saidOf(error);
  return { is: said.code === 'OR302' ? 'defect' : 'unreadable', said: [said] };
}

/** The item's bytes, again each time it is called. */
function piecesFor(item: Item): Pieces {
  if ('content' in item) return { from: () => [item.content], lasting: true };
  if (item.bytes <= HELD) return { from: () => [wholeOf(openFound(item), item.bytes)], lasting: true };
  return { from: () => piecesOf(openFound(item)), lasting: false };
}

interface Read {
  readonly pieces: Pieces;
  readonly content: Content;
}

export async function run({ items, model, options, pulse }: Task, ask: Ask): Promise<Outcome[]> {
  const read: (Read | Outcome)[] = [];
  for (const [i, item] of items.entries()) {
    atItem(pulse, i);
    const pieces = piecesFor(item);
    try {
      read.push({ pieces, content: await contentOf(pieces) });
    } catch (error) {
      read.push(failure(error));
    }
  }
  atItem(pulse, null);
  const hashes = read.flatMap((r) =>
    'content' in r && typeof r.content === 'object' && r.content.is === 'log' ? [r.content.content] : [],
  );
  const wanted = hashes.length === 0 ? [] : await ask(hashes);
  let at = 0;
  const outcomes: Outcome[] = [];
  for (const [i, one] of read.entries()) {
    atItem(pulse, i);
    if (!('pieces' in one)) outcomes.push(one);
    else if (one.content.is === 'archive') outcomes.push({ is: 'archive' });
    else outcomes.push(await judged(one.content, one.pieces, wanted[at++] === true, model, options));
  }
  atItem(pulse, null);
  return outcomes;
}

/** A log that comes once, judged and hashed as it comes. */
export async function streamed(
  pieces: AsyncIterable<Uint8Array>,
  model: string,
  options: TriageOptions,
): Promise<Outcome> {
  const hash = createHash('sha256');
  const judging = new Judging(options);
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      hash.update(piece);
      judging.push(piece);
      bytes += piece.length;
    }
    const content = hash.digest('hex');
    const { lines, left } = judging.end(content, model, bytes);
    return { is: 'judged', content, lines, said: beyond(left) };
  } catch (error) {
    if (error instanceof Damaged) return { is: 'unreadable', said: [error.said] };
    return failure(error);
  }
}

function beyond(left: number): readonly Said[] {
  return left === 0 ? [] : [{ code: 'OR208', text: `${left} boots beyond the first ${MOST_BOOTS} were not kept` }];
}

async function judged(
  log: Extract<Content, { is: 'log' }>,
  pieces: Pieces,
  wanted: boolean,
  model: string,
  options: TriageOptions,
): Promise<Outcome> {
  const { content, said } = log;
  if (!wanted) return { is: 'judged', content, lines: [], said };
  try {
    const { lines, left, changed } = await judgeContent(log, pieces, model, options);
    if (changed) return { is: 'unreadable', said: [{ code: 'OR207', text: 'it changed while it was read' }] };
    return { is: 'judged', content, lines, said: [...said, ...beyond(left)] };
  } catch (error) {
    return failure(error);
  }
}
