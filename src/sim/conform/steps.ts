/** The states of one machine by number, and each step from them taken once: the search comes to the same states again with every call. */

import { StateTable } from '../explore/table.ts';
import type { FaultResult, Machine, State } from '../machine/machine.ts';

export interface Step {
  /** The state that the step leads to; NONE where it leads to none. */
  readonly to: number;
  readonly fault: FaultResult | null;
}

export const NONE = -1;
/** States that a trace leads through: far fewer than a search of all. */
const EXPECTED = 1 << 16;
const STUCK: Step = { to: NONE, fault: null };

export class Steps {
  /** A step was not taken because the machine has no name left for an object. */
  bounded = false;
  private readonly table: StateTable;
  private readonly known: (Step | undefined)[] = [];

  constructor(readonly machine: Machine) {
    this.table = new StateTable(machine.words, EXPECTED);
  }

  numberOf(state: State): number {
    return this.table.add(state, this.machine.progress(state));
  }

  /** Index of the stop at which the thread rests. */
  stop(state: number, thread: number): number {
    return this.machine.stopIndex(this.table.states, thread, state * this.table.words);
  }

  take(state: number, thread: number): Step {
    const edge = state * this.machine.threads.length + thread;
    let step = this.known[edge];
    if (step === undefined) {
      step = this.taken(state, thread);
      this.known[edge] = step;
    }
    return step;
  }

  private taken(state: number, thread: number): Step {
    const { words, states } = this.table;
    const v = states.slice(state * words, (state + 1) * words);
    try {
      const result = this.machine.step(v, thread);
      if (result.is === 'stuck') return STUCK;
      if (result.is === 'moved') return { to: this.numberOf(v), fault: null };
      return { to: result.fatal ? NONE : this.numberOf(v), fault: result };
    } catch (error) {
      if (!(error instanceof Error) || !/allocates more than/.test(error.message)) throw error;
      this.bounded = true;
      return STUCK;
    }
  }
}
