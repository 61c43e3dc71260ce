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

/** Fields of /proc/PID/stat behind the command's name; null where there is no /proc, or not for us, or it cannot be read now. */
function statOf(pid: number): { readonly state: string; readonly started: string | null } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name may hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? null };
  } catch {
    return null;
  }
}

/** Ended, and only not reaped yet: where nobody reaps (PID 1 of many containers) it stays so for ever. */
const ENDED: ReadonlySet<string> = new Set(['Z', 'X', 'x']);
/** What a killed process may take to end: it has threads to stop and memory to give back. */
const ENDING_MS = 3000;
const LOOK_AGAIN_MS = 50;

function isAlive({ pid, host, started }: Owner): boolean {
  // Of another machine nothing is known.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = statOf(pid);
  if (now !== null && ENDED.has(now.state)) return false;
  // Nothing is known of a process that may not be looked at but that it is there.
  return started === null || now === null || now.started === started;
}

/** Waits a moment: whoever kills a run and starts it again at once meets a process that is still ending. */
function outlives(owner: Owner): boolean {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; isAlive(owner); waited += LOOK_AGAIN_MS) {
    if (owner.host !== hostname() || waited >= ENDING_MS) return true;
    Atomics.wait(pause, 0, 0, LOOK_AGAIN_MS);
  }
  return false;
}

/** Null where nobody is named, or the file is gone. Throws the system's error where it is there and cannot be read: it may be a living process's. */
function ownerOf(path: string): Owner | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { pid, host, started } = JSON.parse(text) as Owner;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host, started } : null;
  } catch {
    return null;
  }
}

/** Makes the file with this text; false where there is one. Throws the system's error, and leaves nothing then. */
function made(path: string, text: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(fd, text);
    return true;
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Locks a folder, and gives what unlocks it. Throws UsageError where a living process has it. */
export function lock(folder: string): () => void {
  const path = join(folder, 'lock');
  const own: Owner = { pid: process.pid, host: hostname(), started: statOf(process.pid)?.started ?? null };
  for (let attempt = 0; ; attempt++) {
    let owner: Owner | null;
    try {
      if (made(path, JSON.stringify(own))) return () => unlinkSync(path);
      owner = ownerOf(path);
    } catch (error) {
      throw new UsageError(`${folder}: ${reasonOf(error)}`);
    }
    if (owner !== null && outlives(owner))
      throw new UsageError(
        owner.host === hostname()
          ? `${folder}: process ${owner.pid} writes to it; wait for its end, or end it (kill ${owner.pid})`
          : `${folder}: process ${owner.pid} on ${owner.host} writes to it; if that machine is gone, remove ${path}`,
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
