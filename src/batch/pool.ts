/** Threads that judge, many logs a message; or this thread alone. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { type Ask, type Outcome, run, type Task } from './task.ts';

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

/** Sources run the built thread, as Node does not read them. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? '../../dist/thread.js' : './thread.js', import.meta.url);

/** One is read while the other waits for the answer to its question. */
const PER_THREAD = 2;

/** Threads, each with the program in it. */
async function threadsOf(threads: number) {
  const { Piscina } = await import('piscina');
  return new Piscina<Task & { readonly port: MessagePort }, Outcome[]>({
    filename: THREAD.href,
    minThreads: threads,
    maxThreads: threads,
    // The thread's event loop is needed for the questions.
    concurrentTasksPerWorker: PER_THREAD,
    atomics: 'disabled',
    // Garbage is collected before a thread's heap grows to what the machine would allow it.
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1024 },
    recordTiming: false,
  });
}

/** A pool of `threads`, started when the first task comes; 0: none. */
export function poolOf(threads: number): Pool {
  if (threads === 0) return here;
  let started: ReturnType<typeof threadsOf> | null = null;
  const gate = new Gate(threads * PER_THREAD);
  return {
    run: async (task, ask) => {
      started ??= threadsOf(threads);
      const pool = await started;
      await gate.enter();
      const { port1, port2 } = new MessageChannel();
      port1.on('message', async (contents: readonly string[]) => port1.postMessage(await ask(contents)));
      try {
        // Contents are copied: where the thread dies of a task, its items are tried again one by one.
        return await pool.run({ ...task, port: port2 }, { transferList: [port2] });
      } finally {
        port1.close();
        gate.leave();
      }
    },
    close: async () => (await started)?.destroy(),
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
