/**
 * A pool whose threads are elsewhere: tasks become jobs of a queue, results come back through it. A job's id is a hash of what it asks, so that a batch that
 * is begun again finds what was done; a job that is delivered twice gives the same lines twice, of which the ledger takes one.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { complain } from '../exit.ts';
import { contentOf, HELD } from './content.ts';
import { openFound, wholeOf } from './open.ts';
import { type Pool, poolOf } from './pool.ts';
import { connect, engine, nameOf, QUEUE } from './redis.ts';
import { checkedOutcomes } from './result.ts';
import type { Item, Outcome, Task } from './task.ts';

/** What a job carries: where a log is, or (gzip, base64) what it is. */
export type Reference =
  | {
      readonly path: string;
      readonly at: string;
      readonly bytes: number;
      readonly modified: number;
      readonly given: boolean;
    }
  | { readonly path: string; readonly gzip: string };

export interface JobData {
  readonly items: readonly Reference[];
  readonly model: string;
  readonly options: Task['options'];
}

/** Results that nobody fetched are kept this long, in seconds. */
const KEPT = 7 * 86_400;
const POLL = 200;
/** Jobs that are nowhere, because Redis came back without its last second, are handed in again. */
const RECHECK = 5000;

interface Pending {
  readonly data: JobData;
  readonly done: (outcomes: readonly Outcome[]) => void;
  readonly failed: (error: Error) => void;
}

/** An item as it goes to the workers, and the bytes that go with it: read once, and null where only its place goes. */
function sent(item: Item, contents: boolean): { readonly reference: Reference; readonly bytes: Uint8Array | null } {
  if (!('content' in item) && !contents && typeof item.at === 'string') {
    const { path, at, bytes, modified, given } = item;
    return { reference: { path, at, bytes, modified, given }, bytes: null };
  }
  const bytes = 'content' in item ? item.content : wholeOf(openFound(item), item.bytes);
  return { reference: { path: item.path, gzip: gzipSync(bytes).toString('base64') }, bytes };
}

/** The content of a log whose bytes went to the workers: what comes back must be about it. */
async function contentHash(bytes: Uint8Array | null): Promise<string | null> {
  if (bytes === null) return null;
  const content = await contentOf({ from: () => [bytes], lasting: true }).catch(() => null);
  return content?.is === 'log' ? content.content : null;
}

const idOf = (data: JobData) => createHash('sha256').update(JSON.stringify(data)).digest('hex');

export async function queuePool(url: string, contents: boolean): Promise<Pool> {
  const { Queue } = await engine();
  const connection = await connect(url);
  const queue = new Queue<JobData, readonly Outcome[]>(QUEUE, {
    connection,
    defaultJobOptions: { attempts: 3, removeOnComplete: { age: KEPT }, removeOnFail: { age: KEPT } },
  });
  queue.on('error', () => {});
  const here = poolOf(0);
  const pending = new Map<string, Pending>();
  let closed = false;

  const look = async (id: string, { done, failed, data }: Pending, recheck: boolean): Promise<void> => {
    const state = await queue.getJobState(id);
    if (state === 'unknown' && recheck) await queue.add('judge', data, { jobId: id });
    if (state !== 'completed' && state !== 'failed') return;
    const job = await queue.getJob(id);
    if (job === undefined) return;
    pending.delete(id);
    if (state === 'completed') done(job.returnvalue);
    else failed(new Error(job.failedReason));
    await job.remove();
  };
  const polling = (async () => {
    let checked = performance.now();
    let warned = false;
    while (!closed) {
      await new Promise((done) => setTimeout(done, POLL));
      const recheck = performance.now() - checked > RECHECK;
      if (recheck) checked = performance.now();
      // Redis may be away for a while; what is pending waits.
      await Promise.all([...pending].map(([id, one]) => look(id, one, recheck))).catch(() => {});
      if (!recheck || warned || pending.size === 0) continue;
      warned = (await queue.getWorkersCount().catch(() => 1)) === 0;
      if (warned) complain(`no worker of this version listens yet: oopsreplay worker --queue ${nameOf(url)}`);
    }
  })();

  const submit = (data: JobData) =>
    new Promise<readonly Outcome[]>((done, failed) => {
      const id = idOf(data);
      pending.set(id, { data, done, failed });
      queue.add('judge', data, { jobId: id }).catch(failed);
    });

  return {
    run: async (task, ask) => {
      // What is too large for a message, and may not be where the workers are, is judged here.
      const isLarge = (item: Item) => contents && !('content' in item) && item.bytes > HELD;
      // Nor is a name that is no text.
      const isUnnamed = (item: Item) => !contents && !('content' in item) && typeof item.at !== 'string';
      if (task.items.some((item) => isLarge(item) || isUnnamed(item))) return here.run(task, ask);
      const { model, options } = task;
      let all: readonly ReturnType<typeof sent>[];
      try {
        all = task.items.map((item) => sent(item, contents));
      } catch {
        // A file that cannot be read: told apart from the others here.
        return here.run(task, ask);
      }
      const outcomes = checkedOutcomes(
        await submit({ items: all.map(({ reference }) => reference), model, options }),
        model,
        await Promise.all(all.map(({ bytes }) => contentHash(bytes))),
      );
      const wanted = await ask(outcomes.flatMap((o) => (o.is === 'judged' ? [o.content] : [])));
      let at = 0;
      return outcomes.map((o) => (o.is === 'judged' && wanted[at++] !== true ? { ...o, lines: [] } : o));
    },
    close: async () => {
      closed = true;
      await polling;
      await queue.close();
      connection.disconnect();
    },
  };
}
