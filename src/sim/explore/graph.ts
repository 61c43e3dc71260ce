/**
 * Every state that a scenario reaches, visited once, with its transitions: the graph that counting, witnesses and the flip test walk.
 * Exhaustive unless the budget ends it, and then it says so.
 */
import type { FaultResult, Machine, State } from '../machine/machine.ts';
import type { FaultKind } from '../types.ts';
import { FIRST_STATES, grown, StateTable } from './table.ts';

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
  readonly table: StateTable;
  /** [state * threads + thread] -> target state; NO_MOVE where the thread cannot go on, or its step ends the path with a fault. */
  readonly next: Int32Array;
  /** [state * threads + thread] -> index into `faults` + 1; 0: no fault. With `next` >= 0 the fault went unnoticed and the thread goes on. */
  readonly fault: Uint16Array;
  readonly faults: readonly Fault[];
  readonly states: number;
  /** States whose steps were taken: all of them where the search was exhaustive; behind these nothing is known of a state. */
  readonly expanded: number;
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
  const words = machine.words;
  const threads = machine.threads.length;
  // The state that exceeds the budget is still stored, with those that come with it.
  const most = budget.states + threads;
  const table = new StateTable(words, most);
  let next = new Int32Array(FIRST_STATES * threads);
  let fault = new Uint16Array(FIRST_STATES * threads);
  const faults: Fault[] = [];
  const known = new Map<FaultResult, number>();
  const v = machine.initial();
  table.add(v, machine.progress(v));
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
      next = grown(next, most * threads);
      fault = grown(fault, most * threads);
    }
    const base = at * words;
    // A step that does not happen leaves `v` as it was, so that it is copied afresh only behind one that did.
    let stale = true;
    for (let t = 0; t < threads; t++) {
      const edge = at * threads + t;
      next[edge] = NO_MOVE;
      if (stale) {
        const { states } = table;
        for (let i = 0; i < words; i++) v[i] = states[base + i]!;
        stale = false;
      }
      const result = machine.step(v, t);
      if (result.is === 'stuck') continue;
      transitions++;
      if (result.is === 'fault') {
        let id = known.get(result);
        if (id === undefined) {
          id = faults.push(faultOf(result, t, machine.stopIndex(table.states, t, base)));
          known.set(result, id);
        }
        fault[edge] = id;
        if (result.fatal) continue;
      }
      next[edge] = table.add(v, machine.progress(v));
      stale = true;
    }
  }
  const edges = at * threads;
  return {
    machine,
    table,
    next: next.subarray(0, edges),
    fault: fault.subarray(0, edges),
    faults,
    states: table.count,
    expanded: at,
    transitions,
    depth,
    exhaustive: at === table.count,
  };
}

function faultOf({ kind, field, fn }: FaultResult, thread: number, stop: number): Fault {
  return { kind, field, fn, thread, stop, outcome: `${kind} ${field} in ${fn}` };
}

/** Copies state number `state` into `v`. */
export function stateAt({ table }: Graph, state: number, v: State): State {
  const { words, states } = table;
  for (let i = 0; i < words; i++) v[i] = states[state * words + i]!;
  return v;
}

/** Index of the stop at which `thread` rests in state number `state`. */
export function stopIn({ machine, table }: Graph, state: number, thread: number): number {
  return machine.stopIndex(table.states, thread, state * table.words);
}

/** Can `thread` take a step in this state? */
export function canStep(graph: Graph, state: number, thread: number): boolean {
  const edge = state * graph.machine.threads.length + thread;
  return graph.next[edge]! >= 0 || graph.fault[edge]! !== 0;
}

const sorted = new WeakMap<Graph, Int32Array>();

/** States in an order in which every one comes before those that it leads to (the graph has no cycles: every step moves a program counter on). */
export function topological(graph: Graph): Int32Array {
  let order = sorted.get(graph);
  if (!order) {
    order = sort(graph);
    sorted.set(graph, order);
  }
  return order;
}

function sort({ machine, next, states, expanded }: Graph): Int32Array {
  const threads = machine.threads.length;
  const indegree = new Int32Array(states);
  for (let e = 0; e < next.length; e++) if (next[e]! >= 0) indegree[next[e]!]!++;
  const order = new Int32Array(states);
  let filled = 1;
  for (let i = 0; i < filled; i++) {
    const at = order[i]!;
    if (at >= expanded) continue;
    for (let t = 0; t < threads; t++) {
      const to = next[at * threads + t]!;
      if (to >= 0 && --indegree[to]! === 0) order[filled++] = to;
    }
  }
  if (filled !== states) throw new Error('the state graph has a cycle');
  return order;
}

const leading = new WeakMap<readonly number[], Uint8Array>();

/** 1 for each state from which one of these transitions can still come. Kept for as long as the list of `edges` is. */
export function leadsTo(graph: Graph, edges: readonly number[]): Uint8Array {
  let open = leading.get(edges);
  if (!open) {
    open = backwards(graph, edges);
    leading.set(edges, open);
  }
  return open;
}

function backwards(graph: Graph, edges: readonly number[]): Uint8Array {
  const { next, machine, states, expanded } = graph;
  const threads = machine.threads.length;
  const open = new Uint8Array(states);
  for (const edge of edges) open[Math.floor(edge / threads)] = 1;
  const order = topological(graph);
  for (let i = order.length - 1; i >= 0; i--) {
    const state = order[i]!;
    if (state >= expanded) continue;
    for (let t = 0; t < threads; t++) if (open[next[state * threads + t]!] === 1) open[state] = 1;
  }
  return open;
}
