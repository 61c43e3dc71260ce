/** Time that was worked, not waited: other work on the machine counts for nothing, so a bound on it is never broken by a busy one. */
import { readFileSync } from 'node:fs';

/** Milliseconds of processor time that `work` takes in this process. */
export function processorTime(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** What the kernel counts processor time in for /proc, on every architecture of Linux that Node runs on. */
const TICK = 10;

/**
 * Milliseconds of processor time that programs which `work` runs to their end take (spawnSync; proc_pid_stat(5), cutime and cstime). 0 where there is no
 * /proc: nothing is measured there.
 */
export function childrensTime(work: () => unknown): number {
  const before = ofChildren();
  work();
  return ofChildren() - before;
}

function ofChildren(): number {
  let stat: string;
  try {
    stat = readFileSync('/proc/self/stat', 'latin1');
  } catch {
    return 0;
  }
  // Behind the name, which may hold anything, stands the state: field 3. cutime is field 16.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK;
}
