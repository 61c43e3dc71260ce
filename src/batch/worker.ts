/** `oopsreplay worker`: takes jobs from a queue and judges them, on as many machines as there are. Killed, it loses none: another one gets its jobs. */

import { lstatSync, realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { complain, EXIT, type ExitStatus, UsageError } from '../exit.ts';
import { useAnswers } from '../io/answers.ts';
import { reasonOf } from '../io/input.ts';
import { HELD } from './content.ts';
import type { WorkerOptions } from './options.ts';
import { poolOf } from './pool.ts';
import type { JobData, Reference } from './queue.ts';
import { connect, engine, nameOf, QUEUE } from './redis.ts';
import type { Item, Outcome } from './task.ts';
import { MODEL } from './version.ts';

/** Items of a job; a batch sends fewer. */
const MOST_ITEMS = 512;

/** One answer for whatever cannot be had: a job shall not learn from it which files there are, or whose. */
const REFUSED: Outcome = {
  is: 'unreadable',
  said: [{ code: 'OR207', text: 'is not for this worker to read, or not the file that the batch saw' }],
};
const GREW: Outcome = { is: 'unreadable', said: [{ code: 'OR110', text: 'more than a job may carry came out of it' }] };

/** The place of a file below the root, links resolved; null where it is none. */
function below(root: string | null, at: string): string | null {
  if (root === null) return null;
  const real = realpathSync(at);
  return real.startsWith(root.endsWith(sep) ? root : root + sep) ? real : null;
}

/** A job's log as this machine sees it, or the answer that there is none. */
function itemOf(reference: Reference, root: string | null): Item | Outcome {
  if ('gzip' in reference) {
    try {
      const content = gunzipSync(Buffer.from(reference.gzip, 'base64'), { maxOutputLength: HELD });
      return { path: reference.path, content };
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? GREW : REFUSED;
    }
  }
  try {
    const real = below(root, reference.at);
    if (real === null) return REFUSED;
    const stat = lstatSync(real);
    if (!stat.isFile() || stat.size !== reference.bytes || Math.floor(stat.mtimeMs) !== reference.modified)
      return REFUSED;
    return { ...reference, at: real, given: false, identity: [stat.dev, stat.ino] };
  } catch {
    return REFUSED;
  }
}

function isReference(value: unknown): value is Reference {
  if (typeof value !== 'object' || value === null) return false;
  const { path, gzip, at, bytes, modified, given } = value as Record<string, unknown>;
  if (typeof path !== 'string') return false;
  if (gzip !== undefined) return typeof gzip === 'string';
  return (
    typeof at === 'string' &&
    Number.isSafeInteger(bytes) &&
    Number.isSafeInteger(modified) &&
    typeof given === 'boolean'
  );
}

/** Throws where what came through the queue is no job. */
function checked(data: JobData): JobData {
  const { items, model } = data ?? {};
  if (
    !Array.isArray(items) ||
    items.length > MOST_ITEMS ||
    !items.every(isReference) ||
    model?.startsWith(MODEL) !== true
  )
    throw new Error('is no job of this version');
  return data;
}

type Judge = (items: readonly Item[], data: JobData) => Promise<readonly Outcome[]>;

async function outcomesOf(data: JobData, root: string | null, judge: Judge): Promise<Outcome[]> {
  const found = checked(data).items.map((reference) => itemOf(reference, root));
  const came = (
    await judge(
      found.filter((one): one is Item => !('is' in one)),
      data,
    )
  ).values();
  return found.map((one) => ('is' in one ? one : withoutReason(came.next().value!)));
}

/** A file that went away or lost its permissions between the look and the reading is refused like any other. */
function withoutReason(outcome: Outcome): Outcome {
  return outcome.is === 'unreadable' && outcome.said.some(({ code }) => code === 'OR201' || code === 'OR207')
    ? REFUSED
    : outcome;
}

export async function worker({ queue: url, workers, lease, root }: WorkerOptions): Promise<ExitStatus> {
  useAnswers();
  try {
    return await work(url, workers ?? availableParallelism(), lease * 1000, rootOf(root));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return EXIT.usage;
  }
}

/** The folder that --root names, links resolved. Throws UsageError where it is none. */
function rootOf(root: string | undefined): string | null {
  if (root === undefined) return null;
  try {
    const real = realpathSync(root);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    throw new UsageError(`--root ${root}: ${reasonOf(error)}`);
  }
  throw new UsageError(`--root ${root}: is not a folder`);
}

async function work(url: string, threads: number, lease: number, root: string | null): Promise<ExitStatus> {
  const { Worker } = await engine();
  const connection = await connect(url);
  const pool = poolOf(threads);
  const judge: Judge = (items, { model, options }) =>
    pool.run({ items, model, options }, async (contents) => contents.map(() => true));
  const jobs = new Worker<JobData, Outcome[]>(QUEUE, ({ data }) => outcomesOf(data, root, judge), {
    connection,
    // One is being judged by each thread, and one is on its way to it.
    concurrency: Math.max(1, threads * 2),
    lockDuration: lease,
    stalledInterval: lease,
    maxStalledCount: 5,
  });
  jobs.on('error', () => {});
  const reads =
    root === null ? 'no file of this machine: --root DIR lets jobs name files below it' : `files below ${root}`;
  complain(`worker ${MODEL} listens at ${nameOf(url)} with ${threads} threads; it reads ${reads}`);
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
