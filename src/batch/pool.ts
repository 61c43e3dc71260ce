/** Threads that judge, many logs a message; or this thread alone. */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { complain } from '../exit.ts';
import { lackOf } from '../lacking.ts';
import { threadsInRoom } from './room.ts';
import { type Ask, type Outcome, run, type Task } from './task.ts';
import { PATIENCE, type Patience, pulse, Watch } from './watch.ts';

export interface Pool {
  /** Judges a task's items, in order. Rejects where the thread itself died of it. */
  readonly run: (task: Task, ask: Ask) => Promise<readonly Outcome[]>;
  readonly close: () => Promise<void>;
}

/** For small batches and tests: no thread is started. */
const here: Pool = {
  run,
  close: async () => {},
};

/** The file of a thread; sources run the built one, as Node does not read them. Null in the single file, which has no other beside it. */
const THREAD = threadFile(import.meta.url);

function threadFile(here: string | undefined): URL | null {
  return here === undefined ? null : new URL(here.endsWith('.ts') ? '../../dist/thread.js' : './thread.js', here);
}

/** One is read while the other waits for the answer to its question. */
const PER_THREAD = 2;

const load = () => import('piscina');

/** What piscina, an optional dependency, exports; a string says why there are no threads. */
async function piscina(): Promise<Awaited<ReturnType<typeof load>> | string> {
  if (THREAD === null) return 'the single file has no threads';
  try {
    return await load();
  } catch (error) {
    const { code = 'it failed' } = error as NodeJS.ErrnoException;
    return code === 'ERR_MODULE_NOT_FOUND' ? 'piscina is not installed' : `piscina could not be loaded (${code})`;
  }
}

/**
 * Each thread has its functions optimized by itself, and the compiler's own threads take that time from those that judge where there are as many of these as
 * processors: a seventh of it over 2,000 logs. The compiler of Node 20, which has none between the quickest and the best, is made to wait for what is called
 * more often; later ones have one, and their flags have other names.
 */
function compileLess(threads: number): void {
  if (threads >= availableParallelism() && Number.parseInt(process.versions.v8, 10) < 12)
    setFlagsFromString('--interrupt-budget=300000');
}

const optionsOf = (threads: number, filename: string) => ({
  filename,
  minThreads: threads,
  maxThreads: threads,
  // The thread's event loop is needed for the questions.
  concurrentTasksPerWorker: PER_THREAD,
  atomics: 'disabled' as const,
  // Garbage is collected before a thread's heap grows to what the machine would allow it.
  resourceLimits: { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 1024 },
  recordTiming: false,
});

/** Threads, each with the program in it. Where there can be none, says so and judges in this one. */
async function threadsOf(threads: number, { patience = PATIENCE, thread = THREAD?.href }: Threads): Promise<Pool> {
  const loaded = await piscina();
  if (typeof loaded === 'string') {
    complain(`${loaded}: logs are judged one after another, without threads`);
    return here;
  }
  /** Why there are no threads after all; null as long as there are. */
  let without: string | null = null;
  const goWithout = (why: string) => {
    if (without === null) complain(`${why}; logs are judged one after another, without threads`);
    without = why;
  };
  let pool: InstanceType<typeof loaded.Piscina<Task & { readonly port: MessagePort }, Outcome[]>>;
  const room = threadsInRoom(threads);
  if (room === 0) {
    goWithout('not enough address space for a thread (ulimit -v)');
    return here;
  }
  compileLess(room);
  try {
    pool = new loaded.Piscina(optionsOf(room, thread!));
  } catch (error) {
    const lack = lackOf(error);
    if (lack === null) throw error;
    goWithout(lack);
    return here;
  }
  // A thread that ended while it had no task: where the machine gives another one, that takes its place.
  pool.on('error', (error: unknown) => {
    const lack = lackOf(error);
    if (lack !== null) goWithout(lack);
  });
  const watch = new Watch(patience, complain);
  return {
    run: async (task, ask) => {
      if (without !== null) return run(task, ask);
      let asked = false;
      const { port1, port2 } = new MessageChannel();
      const own = pulse();
      const ending = new AbortController();
      let stuck: unknown = null;
      const unwatch = watch.add({
        pulse: own,
        nameOf: (item) => task.items[item]?.path ?? '',
        end: (reason) => {
          stuck = reason;
          // Ends the thread; another takes its place.
          ending.abort();
        },
      });
      port1.on('message', async (contents: readonly string[]) => {
        asked = true;
        port1.postMessage(await ask(contents));
      });
      try {
        // Contents are copied: where the thread dies of a task, its items are tried again one by one.
        return await pool.run({ ...task, pulse: own, port: port2 }, { transferList: [port2], signal: ending.signal });
      } catch (error) {
        const lack = stuck === null ? lackOf(error) : null;
        if (lack === null) throw stuck ?? error;
        goWithout(lack);
        // What it was told to judge is told once; then it is the run that has all of them tried again.
        if (asked) throw error;
        return await run(task, ask);
      } finally {
        unwatch();
        port1.close();
      }
    },
    close: () => pool.destroy(),
  };
}

export interface Threads {
  readonly patience?: Patience;
  /** The file that a thread runs. */
  readonly thread?: string;
}

/** A pool of `threads`, started when the first task comes; 0: none. */
export function poolOf(threads: number, how: Threads = {}): Pool {
  if (threads === 0) return here;
  let started: Promise<Pool> | null = null;
  const gate = new Gate(threads * PER_THREAD);
  return {
    run: async (task, ask) => {
      started ??= threadsOf(threads, how);
      const pool = await started;
      await gate.enter();
      try {
        return await pool.run(task, ask);
      } finally {
        gate.leave();
      }
    },
    close: async () => (await started)?.close(),
  };
}

/**
 * Lets tasks in as they came, as many as the threads have room for. The pool itself may begin a later one first; that would then wait for the answer
 * to a question that an earlier one, which waits for its place, has yet to ask.
 */
class Gate {
  private readonly waiting: (() => void)[] = [];

  constructor(private room: number) {}

  async enter(): Promise<void> {
    if (this.room > 0) this.room--;
    else await new Promise<void>((done) => this.waiting.push(done));
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.room++;
    else next();
  }
}
