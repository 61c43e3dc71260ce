/** One writer a store: a file that names the process, and that a later one takes over where that process is gone. */
import { closeSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../io/input.ts';

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Field 22 of /proc/PID/stat: when it started; null where there is no /proc. A number is given again, that moment is not. */
  readonly started: string | null;
}

function startedOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name may hold blanks and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive({ pid, host, started }: Owner): boolean {
  // Of another machine nothing is known.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return started === null || startedOf(pid) === started;
}

function ownerOf(path: string): Owner | null {
  try {
    const { pid, host, started } = JSON.parse(readFileSync(path, 'utf8')) as Owner;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host, started } : null;
  } catch {
    return null;
  }
}

/** Locks a folder, and gives what unlocks it. Throws UsageError where a living process has it. */
export function lock(folder: string): () => void {
  const path = join(folder, 'lock');
  const own: Owner = { pid: process.pid, host: hostname(), started: startedOf(process.pid) };
  for (let attempt = 0; ; attempt++) {
    try {
      const fd = openSync(path, 'wx');
      writeSync(fd, JSON.stringify(own));
      closeSync(fd);
      return () => unlinkSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new UsageError(`${folder}: ${reasonOf(error)}`);
    }
    const owner = ownerOf(path);
    if (owner !== null && isAlive(owner))
      throw new UsageError(
        `${folder}: process ${owner.pid} on ${owner.host} writes to it; if that machine is gone, remove ${path}`,
      );
    // Killed between making the file and writing it, or about to write it: the second look tells.
    if (owner === null && attempt === 0) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      continue;
    }
    if (attempt > 3)
      throw new UsageError(`${folder}: cannot be locked; remove ${path} if no other process writes to it`);
    takeAway(path, owner);
  }
}

/** Removes a stale lock: moved aside first, so that of two who want to remove it one does. */
function takeAway(path: string, stale: Owner | null): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    const taken = ownerOf(aside);
    // Another process was faster and has locked anew: it gets its lock back.
    if (taken !== null && (taken.pid !== stale?.pid || taken.started !== stale.started)) renameSync(aside, path);
    else unlinkSync(aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
