/** What the threads do when they run one after the other, in every order: no outcome of a race may be among it. */
import type { Machine, State } from '../machine/machine.ts';

export interface SerialEnd {
  /** Order of the threads. */
  readonly order: readonly number[];
  /** Set where a step faulted: the outcome's name. */
  readonly outcome: string | null;
  readonly state: State;
}

/** Runs every permutation of the threads to its end. A fault that goes unnoticed is reported and the run goes on. */
export function serialRuns(machine: Machine): readonly SerialEnd[] {
  return permutations(machine.threads.map((_, t) => t)).map((order) => {
    const v = machine.initial();
    let outcome: string | null = null;
    run: for (const t of order) {
      while (machine.enabled(v, t)) {
        const result = machine.step(v, t);
        if (result.is !== 'fault') continue;
        outcome ??= `${result.kind} ${result.field} in ${result.fn}`;
        if (result.fatal) break run;
      }
    }
    return { order, outcome, state: v };
  });
}

function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}
