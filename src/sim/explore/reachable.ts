/**
 * Which outcomes a scenario reaches, and nothing else: the search for models whose whole graph does not fit. It keeps each state and where it was met
 * first, but no graph; so nothing is counted. Partial-order reduction can be switched off, and the order chosen: whatever is chosen, the outcomes are the same
 * (test/sim/reduction.test.ts).
 */

import type { FaultResult, Machine, State } from '../machine/machine.ts';
import { quietEnds } from '../machine/quiet.ts';
import { type Budget, DEFAULT_BUDGET } from './graph.ts';
import { Reduction } from './reduce.ts';
import { FIRST_STATES, grown, StateTable } from './table.ts';

export interface SearchOptions {
  /** Leave out interleavings that differ from others in the order of independent steps only (reduce.ts). On unless it is said otherwise. */
  readonly reduction?: boolean;
  readonly order?: 'breadth-first' | 'depth-first';
  readonly budget?: Budget;
  /** Names of a quiet end; may depend on everything in the final state but the numbers of objects and who freed them. */
  readonly nameEnd?: (machine: Machine, v: State) => readonly string[];
}

export interface Outcome {
  readonly outcome: string;
  readonly crash: boolean;
  /** Thread that crashes; -1 for a quiet end. */
  readonly thread: number;
  /** Thread of each step to where it was met first, the faulting step included. */
  readonly schedule: readonly number[];
}

export interface Reached {
  /** Each crash that ends a path by its name and thread, each quiet end by its name. */
  readonly outcomes: readonly Outcome[];
  readonly states: number;
  readonly transitions: number;
  /** The longest way on which a state was met first. */
  readonly depth: number;
  /** False where the budget ended the search: then there may be more outcomes. */
  readonly exhaustive: boolean;
  readonly reduction: boolean;
}

export function reachable(machine: Machine, options: SearchOptions = {}): Reached {
  const { reduction = true, order = 'breadth-first', budget = DEFAULT_BUDGET, nameEnd = quietEnds } = options;
  if (reduction && machine.options.watchOverlap)
    throw new Error('a reduced search does not see where sections overlap: that depends on the order of all steps');
  const search = new Search(machine, reduction, budget.states, nameEnd);
  const exhaustive = order === 'breadth-first' ? search.breadthFirst() : search.depthFirst();
  const { outcomes, transitions, table, depth } = search;
  return { outcomes: [...outcomes.values()], states: table.count, transitions, depth, exhaustive, reduction };
}

class Search {
  readonly outcomes = new Map<string, Outcome>();
  readonly table: StateTable;
  transitions = 0;
  depth = 0;
  readonly #machine: Machine;
  readonly #reduction: Reduction;
  readonly #reduces: boolean;
  readonly #threads: number;
  readonly #most: number;
  readonly #v: State;
  /** Those that were noted: the same fault of the same thread's step is the same object. */
  readonly #faults = new Set<FaultResult>();
  /** By state: the transition that it was met by first, as state * threads + thread; -1 for the first. */
  #from: Int32Array;

  readonly #nameEnd: (machine: Machine, v: State) => readonly string[];

  constructor(
    machine: Machine,
    reduces: boolean,
    most: number,
    nameEnd: (machine: Machine, v: State) => readonly string[],
  ) {
    this.#nameEnd = nameEnd;
    this.#machine = machine;
    this.#reduction = new Reduction(machine);
    this.#reduces = reduces;
    this.#threads = machine.threads.length;
    this.#most = most;
    this.table = new StateTable(machine.words, most + this.#threads);
    this.#from = new Int32Array(FIRST_STATES);
    this.#v = machine.initial();
    this.#add(this.#v, -1);
  }

  /** The number of a state that was met by transition `from`. */
  #add(v: State, from: number): number {
    const before = this.table.count;
    const state = this.table.add(v, this.#machine.progress(v));
    if (state < before) return state;
    if (state === this.#from.length) this.#from = grown(this.#from, this.#most + this.#threads);
    this.#from[state] = from;
    return state;
  }

  #load(state: number): void {
    const { states, words } = this.table;
    for (let i = 0; i < words; i++) this.#v[i] = states[state * words + i]!;
  }

  /** Notes the outcomes of a state; the threads whose steps are to be taken, as bits. */
  #leave(state: number): number {
    this.#load(state);
    this.#reduction.look(this.#v);
    const { faults, ready } = this.#reduction;
    let faulty = false;
    for (let t = 0; t < this.#threads; t++) {
      const fault = faults[t];
      if (!fault) continue;
      faulty = true;
      if (this.#faults.has(fault)) continue;
      this.#faults.add(fault);
      this.#note(`${fault.kind} ${fault.field} in ${fault.fn}`, state, t);
    }
    if (ready === 0 && !faulty) for (const name of this.#nameEnd(this.#machine, this.#v)) this.#note(name, state, -1);
    return this.#reduces ? this.#reduction.choose(this.#v) : ready;
  }

  #note(outcome: string, state: number, thread: number): void {
    const key = `${thread} ${outcome}`;
    if (this.outcomes.has(key)) return;
    const schedule = this.#wayTo(state);
    if (thread >= 0) schedule.push(thread);
    this.outcomes.set(key, { outcome, crash: thread >= 0, thread, schedule });
  }

  #wayTo(state: number): number[] {
    const threads: number[] = [];
    for (let from = this.#from[state]!; from >= 0; from = this.#from[Math.floor(from / this.#threads)]!)
      threads.push(from % this.#threads);
    return threads.reverse();
  }

  /** True if it came to its end within the budget. */
  breadthFirst(): boolean {
    const { table } = this;
    let levelEnd = 1;
    for (let at = 0; at < table.count; at++) {
      if (table.count > this.#most) return false;
      if (at === levelEnd) {
        this.depth++;
        levelEnd = table.count;
      }
      const chosen = this.#leave(at);
      for (let t = 0; t < this.#threads; t++) {
        if ((chosen & (1 << t)) === 0) continue;
        this.transitions++;
        this.#add(this.#reduction.after[t]!, at * this.#threads + t);
      }
    }
    return true;
  }

  depthFirst(): boolean {
    const path: number[] = [0];
    const open: number[] = [this.#leave(0)];
    while (path.length > 0) {
      const at = path.at(-1)!;
      const left = open.at(-1)!;
      if (left === 0) {
        path.pop();
        open.pop();
        continue;
      }
      if (this.table.count > this.#most) return false;
      const t = 31 - Math.clz32(left & -left);
      open[open.length - 1] = left & (left - 1);
      this.#load(at);
      const before = this.table.count;
      this.#machine.step(this.#v, t);
      this.transitions++;
      const to = this.#add(this.#v, at * this.#threads + t);
      if (to < before) continue;
      path.push(to);
      open.push(this.#leave(to));
      this.depth = Math.max(this.depth, path.length - 1);
    }
    return true;
  }
}
