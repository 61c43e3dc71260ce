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

function referenceOf(item: Item, contents: boolean): Reference {
  if ('content' in item) return { path: item.path, gzip: gzipSync(item.content).toString('base64') };
  const { path, at, bytes, modified, given } = item;
  if (!contents && typeof at === 'string') return { path, at, bytes, modified, given };
  return { path, gzip: gzipSync(wholeOf(openFound(item), bytes)).toString('base64') };
}

/** The content of each item whose bytes are here and go to the workers: what comes back must be about it. */
async function hashesOf(items: readonly Item[], contents: boolean): Promise<readonly (string | null)[]> {
  return Promise.all(
    items.map(async (item) => {
      if (!('content' in item) && !contents) return null;
      const bytes = 'content' in item ? item.content : wholeOf(openFound(item), item.bytes);
      const content = await contentOf(() => [bytes]).catch(() => null);
      return content?.is === 'log' ? content.content : null;
    }),
  );
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
      let items: readonly Reference[];
      try {
        items = task.items.map((item) => referenceOf(item, contents));
      } catch {
        // A file that cannot be read: told apart from the others here.
        return here.run(task, ask);
      }
      const outcomes = checkedOutcomes(
        await submit({ items, model, options }),
        model,
        await hashesOf(task.items, contents),
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
