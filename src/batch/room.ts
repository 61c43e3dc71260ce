/** How many threads the address space has room for: V8 ends the whole process, results and all, where a thread's heap cannot be reserved. */
import { readFileSync } from 'node:fs';

/** What a thread reserves: its code's range (some 600 MB), and its heap as it grows. */
const THREAD_BYTES = 2 ** 30;
const PAGE = 4096;

/** `limits` and `statm` as /proc/self has them. No more than `threads`; all of them where nothing is limited, or nothing is known. */
export function threadsWithin(threads: number, limits: string, statm: string): number {
  const limit = /^Max address space +(\d+) /m.exec(limits)?.[1];
  const pages = /^\d+/.exec(statm)?.[0];
  if (limit === undefined || pages === undefined) return threads;
  return Math.max(0, Math.min(threads, Math.floor((Number(limit) - Number(pages) * PAGE) / THREAD_BYTES)));
}

/** The same of this process (ulimit -v). */
export function threadsInRoom(threads: number): number {
  try {
    return threadsWithin(
      threads,
      readFileSync('/proc/self/limits', 'latin1'),
      readFileSync('/proc/self/statm', 'latin1'),
    );
  } catch {
    // No /proc: another system.
    return threads;
  }
}
