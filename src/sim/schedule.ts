/**
 * The shortest way to a target with the fewest preemptions. A preemption is a switch away from a thread that could go on; switching when a
 * thread is over or waits for the lock is free.
 */
import { type Graph, stateAt } from './graph.ts';

export interface Schedule {
  /** Thread of each step, in order. */
  readonly threads: readonly number[];
  readonly preemptions: number;
}

/** Distances from the start over (state, thread that ran last), by preemptions first and steps second. */
export class Preemptions {
  readonly #graph: Graph;
  readonly #n: number;
  /** Preemptions to reach node = state * n + last; -1: not reached. */
  readonly #cost: Int16Array;
  readonly #steps: Int32Array;
  readonly #from: Int32Array;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#n = graph.machine.threads.length;
    const nodes = graph.states * this.#n;
    this.#cost = new Int16Array(nodes).fill(-1);
    this.#steps = new Int32Array(nodes);
    this.#from = new Int32Array(nodes).fill(-1);
    this.#search();
  }

  /** Breadth-first by steps within one number of preemptions, then the next number. */
  #search(): void {
    const { next, machine } = this.#graph;
    const n = this.#n;
    const v = new Uint16Array(machine.variables.length);
    let now: number[] = [];
    const start: [number, number][] = [];
    for (let t = 0; t < n; t++) if (next[t]! >= 0) start.push([next[t]! * n + t, t]);
    // The first thread to run is a free choice.
    let later: [node: number, from: number][] = start.map(([node]) => [node, -1]);
    for (let cost = 0; later.length > 0; cost++) {
      const seeds = later;
      later = [];
      // Seeds differ in length: bucket them by steps so that the search inside one cost stays breadth-first.
      const buckets: number[][] = [];
      for (const [node, from] of seeds) {
        const steps = from < 0 ? 1 : this.#steps[from]! + 1;
        if (this.#cost[node] !== -1 && (this.#cost[node]! < cost || this.#steps[node]! <= steps)) continue;
        this.#cost[node] = cost;
        this.#steps[node] = steps;
        this.#from[node] = from;
        const bucket = buckets[steps];
        if (bucket) bucket.push(node);
        else buckets[steps] = [node];
      }
      for (let steps = 0; steps < buckets.length || now.length > 0; steps++) {
        const level = [...now, ...(buckets[steps] ?? [])];
        now = [];
        for (const node of level) {
          if (this.#cost[node] !== cost || this.#steps[node] !== steps) continue;
          const state = Math.floor(node / n);
          const last = node % n;
          stateAt(this.#graph, state, v);
          const free = !machine.enabled(v, last);
          for (let t = 0; t < n; t++) {
            const to = next[state * n + t]!;
            if (to < 0) continue;
            const target = to * n + t;
            if (t !== last && !free) {
              if (this.#cost[target] === -1) later.push([target, node]);
              continue;
            }
            if (this.#cost[target] !== -1 && (this.#cost[target]! < cost || this.#steps[target]! <= steps + 1))
              continue;
            this.#cost[target] = cost;
            this.#steps[target] = steps + 1;
            this.#from[target] = node;
            now.push(target);
          }
        }
      }
    }
  }

  /** Fewest preemptions, then fewest steps, to reach any of `states`; null where none is reached. State 0 is reached by nothing. */
  toState(states: readonly number[]): Schedule | null {
    return this.#best(states.flatMap((state) => this.#nodesOf(state).map((node) => ({ node, extra: 0, last: -1 }))));
  }

  /** Likewise to any of these faulting transitions, the faulting step included. */
  toEdge(edges: readonly number[]): Schedule | null {
    const n = this.#n;
    const v = new Uint16Array(this.#graph.machine.variables.length);
    const ends = edges.flatMap((edge) => {
      const state = Math.floor(edge / n);
      const thread = edge % n;
      if (state === 0) return [{ node: -1, extra: 0, last: thread }];
      stateAt(this.#graph, state, v);
      return this.#nodesOf(state).map((node) => {
        const before = node % n;
        const extra = before !== thread && this.#graph.machine.enabled(v, before) ? 1 : 0;
        return { node, extra, last: thread };
      });
    });
    return this.#best(ends);
  }

  #nodesOf(state: number): number[] {
    return Array.from({ length: this.#n }, (_, t) => state * this.#n + t).filter((node) => this.#cost[node] !== -1);
  }

  #best(ends: readonly { node: number; extra: number; last: number }[]): Schedule | null {
    let best: { node: number; extra: number; last: number } | null = null;
    const rank = (e: { node: number; extra: number }): [number, number] =>
      e.node < 0 ? [e.extra, 0] : [this.#cost[e.node]! + e.extra, this.#steps[e.node]!];
    for (const end of ends) {
      const [c, s] = rank(end);
      const [bc, bs] = best ? rank(best) : [Infinity, Infinity];
      if (c < bc || (c === bc && s < bs)) best = end;
    }
    if (!best) return null;
    const threads: number[] = best.last >= 0 ? [best.last] : [];
    for (let node = best.node; node >= 0; node = this.#from[node]!) threads.push(node % this.#n);
    return { threads: threads.reverse(), preemptions: rank(best)[0] };
  }
}
