/** Exact numbers of interleavings: paths through the state graph, counted forward in topological order with big integers. */
import { type Graph, stateAt, topological } from './graph.ts';

/** How many interleavings lead to each state. A path ends where no thread can go on or where a step faults. */
export function pathsTo(graph: Graph): readonly bigint[] {
  const threads = graph.machine.threads.length;
  const paths: bigint[] = new Array(graph.states).fill(0n);
  paths[0] = 1n;
  for (const at of topological(graph)) {
    const here = paths[at]!;
    for (let t = 0; t < threads; t++) {
      const to = graph.next[at * threads + t]!;
      if (to >= 0) paths[to]! += here;
    }
  }
  return paths;
}

/** A state from which no thread can go on, and no step of which ended in a fault: the run is over. */
export function isQuietEnd(graph: Graph, state: number): boolean {
  const threads = graph.machine.threads.length;
  for (let t = 0; t < threads; t++) {
    const edge = state * threads + t;
    if (graph.next[edge]! >= 0 || graph.fault[edge] !== 0) return false;
  }
  return true;
}

/** The faulting transitions of a graph that `wanted` accepts; `v` is the state before the fault. */
export function faultEdges(
  graph: Graph,
  wanted: (fault: number, v: Uint16Array, state: number) => boolean,
): readonly number[] {
  const threads = graph.machine.threads.length;
  const v = new Uint16Array(graph.machine.variables.length);
  const edges: number[] = [];
  for (let state = 0; state < graph.states; state++) {
    for (let t = 0; t < threads; t++) {
      const edge = state * threads + t;
      const fault = graph.fault[edge]!;
      if (fault !== 0 && wanted(fault - 1, stateAt(graph, state, v), state)) edges.push(edge);
    }
  }
  return edges;
}

/** Interleavings that end with one of these transitions. */
export function pathsThrough(graph: Graph, paths: readonly bigint[], edges: readonly number[]): bigint {
  const threads = graph.machine.threads.length;
  let sum = 0n;
  for (const edge of edges) sum += paths[Math.floor(edge / threads)]!;
  return sum;
}

/** All interleavings of the scenario: quiet ends, and paths that a fatal fault ends. */
export function allPaths(graph: Graph, paths: readonly bigint[]): bigint {
  const threads = graph.machine.threads.length;
  let sum = 0n;
  for (let state = 0; state < graph.states; state++) {
    if (isQuietEnd(graph, state)) sum += paths[state]!;
    for (let t = 0; t < threads; t++) {
      const edge = state * threads + t;
      if (graph.fault[edge] !== 0 && graph.next[edge]! < 0) sum += paths[state]!;
    }
  }
  return sum;
}
