/**
 * The shortest way to a target with the fewest preemptions. A preemption is a switch away from a thread that could go on; switching when a
 * thread is over or waits for the lock is free.
 */
import { canStep, type Graph } from './graph.ts';

export interface Schedule {
  /** Thread of each step, in order. */
  readonly threads: readonly number[];
  readonly preemptions: number;
}

/** A way to end: behind `node` (-1: at the start), where thread `last` (-1: none) takes one more step; preemptions and steps of it all. */
interface End {
  readonly node: number;
  readonly last: number;
  readonly preemptions: number;
  readonly steps: number;
}

/**
 * A step that passes a memory error unnoticed counts as this many: of the schedules with the fewest preemptions a reader wants the one whose
 * only error is the crash, before a shorter one.
 */
const UNNOTICED = 256;

/**
 * Distances from the start over nodes (state, thread that ran last), by preemptions first and steps second (with unnoticed errors weighing more). Searched one number of preemptions at a
 * time, and no further than the questions asked need: crashes take few.
 */
export class Preemptions {
  readonly #graph: Graph;
  readonly #n: number;
  readonly #towards: Uint8Array | null;
  /** Preemptions to reach node = state * n + last; -1: not reached. */
  readonly #cost: Int16Array;
  readonly #steps: Int32Array;
  readonly #from: Int32Array;
  /** The number of preemptions that is searched next. */
  #next = 0;
  /** Nodes that one preemption more leads to, and whence. */
  #later: number[] = [];
  #laterFrom: number[] = [];
  #laterSteps: number[] = [];

  /** `towards`: 1 for the states that lead to what will be asked for (`leadsTo`), where that is known; the others are left out. */
  constructor(graph: Graph, towards: Uint8Array | null = null) {
    this.#graph = graph;
    this.#towards = towards;
    this.#n = graph.machine.threads.length;
    const nodes = graph.states * this.#n;
    this.#cost = new Int16Array(nodes).fill(-1);
    this.#steps = new Int32Array(nodes);
    this.#from = new Int32Array(nodes).fill(-1);
    // The first thread to run is a free choice.
    for (let t = 0; t < this.#n; t++)
      if (graph.next[t]! >= 0) this.#switchTo(graph.next[t]! * this.#n + t, -1, this.#weight(t));
  }

  #switchTo(node: number, from: number, steps: number): void {
    this.#later.push(node);
    this.#laterFrom.push(from);
    this.#laterSteps.push(steps);
  }

  #weight(edge: number): number {
    return this.#graph.fault[edge] === 0 ? 1 : UNNOTICED;
  }

  /** Seeds of this number of preemptions by their steps, so that the search within it stays breadth-first. */
  #seeds(cost: number): number[][] {
    const nodes = this.#later;
    const froms = this.#laterFrom;
    const lengths = this.#laterSteps;
    this.#later = [];
    this.#laterFrom = [];
    this.#laterSteps = [];
    const buckets: number[][] = [];
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      const from = froms[i]!;
      const steps = lengths[i]!;
      if (this.#improve(node, cost, steps, from)) put(buckets, steps, node);
    }
    return buckets;
  }

  #improve(node: number, cost: number, steps: number, from: number): boolean {
    const before = this.#cost[node]!;
    if (before !== -1 && (before < cost || this.#steps[node]! <= steps)) return false;
    this.#cost[node] = cost;
    this.#steps[node] = steps;
    this.#from[node] = from;
    return true;
  }

  /** Everything that one number of preemptions reaches; false where nothing is left to search. */
  #search(): boolean {
    if (this.#later.length === 0) return false;
    const cost = this.#next++;
    const buckets = this.#seeds(cost);
    for (let steps = 0; steps < buckets.length; steps++) {
      for (const node of buckets[steps] ?? []) this.#leave(node, cost, steps, buckets);
    }
    return true;
  }

  #leave(node: number, cost: number, steps: number, buckets: number[][]): void {
    // A shorter way to it was found after it was put here.
    if (this.#cost[node] !== cost || this.#steps[node] !== steps) return;
    const { next } = this.#graph;
    const n = this.#n;
    const last = node % n;
    const state = (node - last) / n;
    const free = !canStep(this.#graph, state, last);
    for (let t = 0; t < n; t++) {
      const to = next[state * n + t];
      // Behind the budget's end nothing is known of a state.
      if (to === undefined || to < 0 || this.#towards?.[to] === 0) continue;
      const target = to * n + t;
      const length = steps + this.#weight(state * n + t);
      if (t === last || free) {
        if (this.#improve(target, cost, length, node)) put(buckets, length, target);
      } else if (this.#cost[target] === -1) this.#switchTo(target, node, length);
    }
  }

  /** Fewest preemptions, then fewest steps, to reach any of `states`; null where none is reached. State 0 is reached by nothing. */
  toState(states: readonly number[]): Schedule | null {
    return this.#best(() => {
      let best: End | null = null;
      for (const state of states)
        for (let last = 0; last < this.#n; last++) best = this.#better(best, state * this.#n + last, 0, -1);
      return best;
    });
  }

  /** Likewise to any of these faulting transitions, the faulting step included. */
  toEdge(edges: readonly number[]): Schedule | null {
    const n = this.#n;
    return this.#best(() => {
      let best: End | null = null;
      for (const edge of edges) {
        const last = edge % n;
        const state = (edge - last) / n;
        if (state === 0) return { node: -1, last, preemptions: 0, steps: 0 };
        for (let before = 0; before < n; before++) {
          if (this.#cost[state * n + before] === -1) continue;
          const extra = before !== last && canStep(this.#graph, state, before) ? 1 : 0;
          best = this.#better(best, state * n + before, extra, last);
        }
      }
      return best;
    });
  }

  /** `best`, or the end behind `node` if that is reached and better. */
  #better(best: End | null, node: number, extra: number, last: number): End | null {
    const cost = this.#cost[node]!;
    if (cost === -1) return best;
    const preemptions = cost + extra;
    const steps = this.#steps[node]!;
    if (best && (best.preemptions < preemptions || (best.preemptions === preemptions && best.steps <= steps)))
      return best;
    return { node, last, preemptions, steps };
  }

  /** `find` gives the best end that is reached so far; the search goes on until nothing beyond it could be better. */
  #best(find: () => End | null): Schedule | null {
    let best = find();
    while ((best === null || best.preemptions >= this.#next) && this.#search()) best = find();
    if (best === null) return null;
    const threads: number[] = best.last >= 0 ? [best.last] : [];
    for (let node = best.node; node >= 0; node = this.#from[node]!) threads.push(node % this.#n);
    return { threads: threads.reverse(), preemptions: best.preemptions };
  }
}

function put(buckets: number[][], at: number, node: number): void {
  const bucket = buckets[at];
  if (bucket) bucket.push(node);
  else buckets[at] = [node];
}
