/** Exact numbers of interleavings: paths through the state graph, counted forward in topological order with big integers. */
import { type Graph, topological } from './graph.ts';

/** How many interleavings lead to each state. A path ends where no thread can go on or where a step faults. */
export function pathsTo(graph: Graph): readonly bigint[] {
  const threads = graph.machine.threads.length;
  const paths: bigint[] = new Array(graph.states).fill(0n);
  paths[0] = 1n;
  for (const at of topological(graph)) {
    if (at >= graph.expanded) continue;
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
  if (state >= graph.expanded) return false;
  const threads = graph.machine.threads.length;
  for (let t = 0; t < threads; t++) {
    const edge = state * threads + t;
    if (graph.next[edge]! >= 0 || graph.fault[edge] !== 0) return false;
  }
  return true;
}

const byFault = new WeakMap<Graph, readonly (readonly number[])[]>();

/** The faulting transitions of a graph by their fault, an index into `graph.faults`; in the order of their numbers. */
function edgesOfFaults(graph: Graph): readonly (readonly number[])[] {
  let known = byFault.get(graph);
  if (!known) {
    const edges: number[][] = graph.faults.map(() => []);
    const { fault } = graph;
    for (let edge = 0; edge < fault.length; edge++) if (fault[edge] !== 0) edges[fault[edge]! - 1]!.push(edge);
    byFault.set(graph, edges);
    known = edges;
  }
  return known;
}

/** The faulting transitions of a graph whose fault, an index into `graph.faults`, is among the `wanted`. */
export function faultEdges(graph: Graph, wanted: (fault: number) => boolean): readonly number[] {
  const lists = edgesOfFaults(graph).filter((_, fault) => wanted(fault));
  return lists.length === 1 ? lists[0]! : lists.flat().sort((a, b) => a - b);
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
  for (let state = 0; state < graph.expanded; state++) {
    if (isQuietEnd(graph, state)) sum += paths[state]!;
    for (let t = 0; t < threads; t++) {
      const edge = state * threads + t;
      if (graph.fault[edge] !== 0 && graph.next[edge]! < 0) sum += paths[state]!;
    }
  }
  return sum;
}
