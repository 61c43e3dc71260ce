/** Threads that take turns: each runs alone to the place where it lets another go on. The model says what that comes to. */
import type { Machine } from '../machine/machine.ts';

export interface Turn {
  readonly thread: number;
  /** The stop before which it rests; the machine's own end of the thread is a stop too. */
  readonly until: number;
}

export interface TurnsRun {
  /** Null: no crash. */
  readonly outcome: string | null;
  /** How many turns ended where they should; less than all: a thread never came to its place, as it waits for a lock, went another way, or crashed. */
  readonly kept: number;
  readonly schedule: readonly number[];
}

/** Runs the turns, and then `last` to its end. A use-after-free that goes on silently is an outcome only where nothing crashes. */
export function runTurns(machine: Machine, turns: readonly Turn[], last: number): TurnsRun {
  const v = machine.initial();
  const schedule: number[] = [];
  let unnoticed: string | null = null;
  const step = (thread: number): string | null => {
    const result = machine.step(v, thread);
    schedule.push(thread);
    if (result.is !== 'fault') return null;
    const outcome = `${result.kind} ${result.field} in ${result.fn}`;
    if (result.fatal) return outcome;
    unnoticed ??= outcome;
    return null;
  };
  for (const [kept, { thread, until }] of turns.entries()) {
    while (machine.stopIndex(v, thread) !== until) {
      if (!machine.enabled(v, thread)) return { outcome: null, kept, schedule };
      const outcome = step(thread);
      if (outcome !== null) return { outcome, kept, schedule };
    }
  }
  while (machine.enabled(v, last)) {
    const outcome = step(last);
    if (outcome !== null) return { outcome, kept: turns.length, schedule };
  }
  return { outcome: unnoticed, kept: turns.length, schedule };
}
