/** `oopsreplay worker`: takes jobs from a queue and judges them, on as many machines as there are. Killed, it loses none: another one gets its jobs. */

import { lstatSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { complain, EXIT, type ExitStatus, UsageError } from '../exit.ts';
import type { WorkerOptions } from './options.ts';
import { poolOf } from './pool.ts';
import type { JobData, Reference } from './queue.ts';
import { connect, engine, nameOf, QUEUE } from './redis.ts';
import type { Item, Outcome } from './task.ts';
import { MODEL } from './version.ts';

/** A job's log as this machine sees it; null if it is not the file that the batch saw. */
function itemOf(reference: Reference): Item | null {
  if ('gzip' in reference) return { path: reference.path, content: gunzipSync(Buffer.from(reference.gzip, 'base64')) };
  const { at, given, bytes, modified } = reference;
  const stat = given ? statSync(at) : lstatSync(at);
  if (!stat.isFile() || stat.size !== bytes || Math.floor(stat.mtimeMs) !== modified) return null;
  return { ...reference, identity: [stat.dev, stat.ino] };
}

function failure(error: unknown): Outcome {
  const code = (error as NodeJS.ErrnoException)?.code;
  const text = code === undefined ? 'is not the file that the batch saw' : `${code} on the worker`;
  return { is: 'unreadable', said: [{ code: code === undefined ? 'OR207' : 'OR201', text }] };
}

type Judge = (items: readonly Item[], data: JobData) => Promise<readonly Outcome[]>;

async function outcomesOf(data: JobData, judge: Judge): Promise<Outcome[]> {
  const items: Item[] = [];
  const failed = new Map<number, Outcome>();
  for (const [i, reference] of data.items.entries()) {
    try {
      const item = itemOf(reference);
      if (item === null) failed.set(i, failure(null));
      else items.push(item);
    } catch (error) {
      failed.set(i, failure(error));
    }
  }
  const came = (await judge(items, data)).values();
  return data.items.map((_, i) => failed.get(i) ?? came.next().value!);
}

export async function worker({ queue: url, workers, lease }: WorkerOptions): Promise<ExitStatus> {
  try {
    return await work(url, workers ?? availableParallelism(), lease * 1000);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return EXIT.usage;
  }
}

async function work(url: string, threads: number, lease: number): Promise<ExitStatus> {
  const { Worker } = await engine();
  const connection = await connect(url);
  const pool = poolOf(threads);
  const judge: Judge = (items, { model, options }) =>
    pool.run({ items, model, options }, async (contents) => contents.map(() => true));
  const jobs = new Worker<JobData, Outcome[]>(QUEUE, ({ data }) => outcomesOf(data, judge), {
    connection,
    // One is being judged by each thread, and one is on its way to it.
    concurrency: Math.max(1, threads * 2),
    lockDuration: lease,
    stalledInterval: lease,
    maxStalledCount: 5,
  });
  jobs.on('error', () => {});
  complain(`worker ${MODEL} listens at ${nameOf(url)} with ${threads} threads`);
  let interrupted = false;
  await new Promise<void>((done) => {
    process.once('SIGTERM', done);
    process.once('SIGINT', () => {
      interrupted = true;
      done();
    });
  });
  complain('finishes what it has');
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  // Where Redis is gone there is nobody to tell; the jobs are another worker's then.
  const gone = new Promise<true>((done) => setTimeout(done, lease, true).unref());
  const isGone = await Promise.race([jobs.close(), gone]);
  await pool.close();
  connection.disconnect();
  const status = interrupted ? EXIT.interrupted : EXIT.ok;
  if (isGone === true) process.exit(status);
  return status;
}
