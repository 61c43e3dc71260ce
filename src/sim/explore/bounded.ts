/**
 * The fewest preemptions to each outcome without the whole graph: all that is reached with none, then with one more, and so on. Few crashes take more than
 * three, and these states are few, where the graph of all interleavings is too large to keep (Musuvathi and Qadeer, "Iterative context bounding for systematic
 * testing of multithreaded programs", PLDI 2007).
 */

import type { Machine, State } from '../machine/machine.ts';
import { quietEnds } from '../machine/quiet.ts';
import type { Budget } from './graph.ts';
import type { Schedule } from './schedule.ts';
import { FIRST_STATES, grown, StateTable } from './table.ts';

/**
 * By name, for those of `wanted` that the budget lets it reach: a schedule with the fewest preemptions. A preemption is what it is in schedule.ts: a switch
 * away from a thread that could go on.
 */
export function fewestPreemptions(
  machine: Machine,
  wanted: ReadonlySet<string>,
  budget: Budget,
): ReadonlyMap<string, Schedule> {
  return new Bounded(machine, wanted, budget.states).search();
}

class Bounded {
  readonly #machine: Machine;
  readonly #wanted: ReadonlySet<string>;
  readonly #most: number;
  readonly #found = new Map<string, Schedule>();
  /** Nodes: a state, and in one word more the thread that ran last. */
  readonly #table: StateTable;
  readonly #node: State;
  /** Words 0 to `words` of #node: the state alone. */
  readonly #v: State;
  #from: Int32Array = new Int32Array(FIRST_STATES);
  #level = 0;
  /** Nodes of this number of preemptions whose steps are still to be taken, and what leads to one preemption more: node * threads + thread. */
  #open: number[] = [];
  #later: number[] = [];

  constructor(machine: Machine, wanted: ReadonlySet<string>, most: number) {
    this.#machine = machine;
    this.#wanted = wanted;
    this.#most = most;
    this.#table = new StateTable(machine.words + 1, most + machine.threads.length);
    this.#node = new Uint32Array(machine.words + 1);
    this.#v = this.#node.subarray(0, machine.words);
  }

  search(): ReadonlyMap<string, Schedule> {
    // The first thread to run is a free choice.
    this.#machine.threads.forEach((_, t) => {
      this.#v.set(this.#machine.initial());
      this.#add(t, -1);
    });
    for (; !this.#isDone(); this.#level++) {
      for (let i = 0; i < this.#open.length; i++) {
        if (this.#table.count > this.#most) return this.#certain();
        this.#leave(this.#open[i]!);
      }
      const seeds = this.#later;
      if (seeds.length === 0) break;
      this.#open = [];
      this.#later = [];
      const n = this.#machine.threads.length;
      for (const seed of seeds) {
        const node = Math.floor(seed / n);
        this.#load(node);
        this.#machine.step(this.#v, seed % n);
        this.#add(seed % n, node);
      }
    }
    return this.#found;
  }

  /** Nothing of this level or a later one can do better than what was found. */
  #isDone(): boolean {
    if (this.#found.size < this.#wanted.size) return false;
    return [...this.#found.values()].every((s) => s.preemptions <= this.#level);
  }

  /** Cut short: what was found with more preemptions than the level in work may still be reached with fewer. */
  #certain(): ReadonlyMap<string, Schedule> {
    return new Map([...this.#found].filter(([, s]) => s.preemptions <= this.#level));
  }

  #add(last: number, from: number): void {
    this.#node[this.#machine.words] = last;
    const before = this.#table.count;
    const node = this.#table.add(this.#node, this.#machine.progress(this.#v));
    if (node < before) return;
    if (node === this.#from.length) this.#from = grown(this.#from, this.#most + this.#machine.threads.length);
    this.#from[node] = from;
    this.#open.push(node);
  }

  #load(node: number): void {
    const { states, words } = this.#table;
    for (let i = 0; i < words; i++) this.#node[i] = states[node * words + i]!;
  }

  #leave(node: number): void {
    const machine = this.#machine;
    const n = machine.threads.length;
    this.#load(node);
    const last = this.#node[machine.words]!;
    const goesOn = machine.enabled(this.#v, last);
    let over = true;
    for (let t = 0; t < n; t++) {
      const result = machine.step(this.#v, t);
      if (result.is === 'stuck') continue;
      over = false;
      const preempts = t !== last && goesOn;
      if (result.is === 'fault' && result.fatal) {
        this.#note(`${result.kind} ${result.field} in ${result.fn}`, node, this.#level + Number(preempts), t);
        continue;
      }
      if (preempts) this.#later.push(node * n + t);
      else this.#add(t, node);
      this.#load(node);
    }
    if (over) for (const name of quietEnds(machine, this.#v)) this.#note(name, node, this.#level, -1);
  }

  #note(outcome: string, node: number, preemptions: number, last: number): void {
    const before = this.#found.get(outcome);
    if (!this.#wanted.has(outcome) || (before && before.preemptions <= preemptions)) return;
    const threads = last < 0 ? [] : [last];
    for (let at = node; this.#from[at]! >= 0; at = this.#from[at]!)
      threads.push(this.#table.states[at * this.#table.words + this.#machine.words]!);
    this.#found.set(outcome, { threads: threads.reverse(), preemptions });
  }
}

/** Preemptions of a schedule from the start. */
export function preemptionsOf(machine: Machine, schedule: readonly number[]): number {
  const v = machine.initial();
  let preemptions = 0;
  schedule.forEach((t, i) => {
    const last = schedule[i - 1];
    if (last !== undefined && last !== t && machine.enabled(v, last)) preemptions++;
    machine.step(v, t);
  });
  return preemptions;
}
