/**
 * Every state that a scenario reaches, visited once, with its transitions: the graph that counting, witnesses and the flip test walk.
 * Exhaustive unless the budget ends it, and then it says so.
 */
import type { Machine } from './machine.ts';
import { Packing, StateTable } from './pack.ts';
import type { FaultKind } from './types.ts';

/** A fault as outcomes are told apart: by what happened, where in the source, and to which thread. */
export interface Fault {
  readonly kind: FaultKind;
  readonly field: string;
  readonly fn: string;
  readonly thread: number;
  /** Index of the faulting step among the thread's stops. */
  readonly stop: number;
  /** "null-write dev_iommu.priv in apple_dart_of_xlate" */
  readonly outcome: string;
}

/** A transition's target: a state's number, or one of these. */
export const NO_MOVE = -1;

export interface Graph {
  readonly machine: Machine;
  readonly packing: Packing;
  readonly table: StateTable;
  /** [state * threads + thread] -> target state; NO_MOVE where the thread cannot go on, or its step ends the path with a fault. */
  readonly next: Int32Array;
  /** [state * threads + thread] -> index into `faults` + 1; 0: no fault. With `next` >= 0 the fault went unnoticed and the thread goes on. */
  readonly fault: Uint16Array;
  readonly faults: readonly Fault[];
  readonly states: number;
  readonly transitions: number;
  /** Longest shortest path from the start. */
  readonly depth: number;
  readonly exhaustive: boolean;
}

export interface Budget {
  /** States at most; the search then ends as "not exhaustive". */
  readonly states: number;
}

export const DEFAULT_BUDGET: Budget = { states: 4_000_000 };

/** Breadth-first over all interleavings from the machine's initial state. */
export function explore(machine: Machine, budget: Budget = DEFAULT_BUDGET): Graph {
  const packing = new Packing(machine.variables);
  const table = new StateTable(packing.words);
  const threads = machine.threads.length;
  let next = new Int32Array((1 << 12) * threads);
  let fault = new Uint16Array((1 << 12) * threads);
  const faults: Fault[] = [];
  const known = new Map<string, number>();
  const v = machine.initial();
  const here = new Uint16Array(v.length);
  const key = new Uint32Array(packing.words);
  packing.pack(v, key);
  table.add(key);
  let transitions = 0;
  let depth = 0;
  let levelEnd = 1;
  let at = 0;
  for (; at < table.count && table.count <= budget.states; at++) {
    if (at === levelEnd) {
      depth++;
      levelEnd = table.count;
    }
    if ((at + 1) * threads > next.length) {
      const bigger = new Int32Array(next.length * 2);
      bigger.set(next);
      next = bigger;
      const more = new Uint16Array(fault.length * 2);
      more.set(fault);
      fault = more;
    }
    packing.unpack(table.states, at * packing.words, here);
    for (let t = 0; t < threads; t++) {
      const edge = at * threads + t;
      next[edge] = NO_MOVE;
      if (!machine.enabled(here, t)) continue;
      v.set(here);
      const stop = machine.stopAt(here, t).index;
      const result = machine.step(v, t);
      transitions++;
      if (result.is === 'fault') {
        const name = `${t} ${stop} ${result.kind}`;
        let id = known.get(name);
        if (id === undefined) {
          const { kind, field, fn } = result;
          id = faults.push({ kind, field, fn, thread: t, stop, outcome: `${kind} ${field} in ${fn}` });
          known.set(name, id);
        }
        fault[edge] = id;
        if (result.fatal) continue;
      }
      packing.pack(v, key);
      next[edge] = table.add(key);
    }
  }
  return {
    machine,
    packing,
    table,
    next,
    fault,
    faults,
    states: table.count,
    transitions,
    depth,
    exhaustive: at === table.count,
  };
}

/** Unpacks state number `state` into `v`. */
export function stateAt(graph: Graph, state: number, v: Uint16Array): Uint16Array {
  graph.packing.unpack(graph.table.states, state * graph.packing.words, v);
  return v;
}

/** States in an order in which every one comes before those that it leads to (the graph has no cycles: every step moves a program counter on). */
export function topological(graph: Graph): Int32Array {
  const threads = graph.machine.threads.length;
  const indegree = new Int32Array(graph.states);
  for (let e = 0; e < graph.states * threads; e++) if (graph.next[e]! >= 0) indegree[graph.next[e]!]!++;
  const order = new Int32Array(graph.states);
  let filled = 0;
  order[filled++] = 0;
  for (let i = 0; i < filled; i++) {
    const at = order[i]!;
    for (let t = 0; t < threads; t++) {
      const to = graph.next[at * threads + t]!;
      if (to >= 0 && --indegree[to]! === 0) order[filled++] = to;
    }
  }
  if (filled !== graph.states) throw new Error('the state graph has a cycle');
  return order;
}
