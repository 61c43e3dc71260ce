/** Threads that judge, many logs a message; or this thread alone. */
import { MessageChannel } from 'node:worker_threads';
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

/** A pool of `threads`; 0: none. */
export async function poolOf(threads: number): Promise<Pool> {
  if (threads === 0) return here;
  const { Piscina } = await import('piscina');
  const pool = new Piscina({
    filename: THREAD.href,
    minThreads: threads,
    maxThreads: threads,
    // One reads while it waits for the answer to the other's question; that asks for the thread's event loop.
    concurrentTasksPerWorker: 2,
    atomics: 'disabled',
    // Garbage is collected before a thread's heap grows to what the machine would allow it.
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1024 },
    recordTiming: false,
  });
  return {
    run: async (task, ask) => {
      const { port1, port2 } = new MessageChannel();
      port1.on('message', async (contents: readonly string[]) => port1.postMessage(await ask(contents)));
      try {
        // Contents are copied: where the thread dies of a task, its items are tried again one by one.
        return await pool.run({ ...task, port: port2 }, { transferList: [port2] });
      } finally {
        port1.close();
      }
    },
    close: () => pool.destroy(),
  };
}
