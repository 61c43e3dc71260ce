/**
 * What judging a crash needs of a scenario's graph, in a few kilobytes: the faults that it comes to, how many interleavings end in each, and what a log would
 * show of them at that moment. Digests are kept by the thousand where a graph is not; a graph is made again for the one witness that is told.
 */

import { allPaths, faultEdges, pathsTo } from './explore/count.ts';
import { type Fault, type Graph, stateAt } from './explore/graph.ts';
import { serialRuns } from './explore/serial.ts';
import { signsIn } from './signs.ts';

/** What a scenario comes to, uncounted. */
export interface Reach {
  readonly faults: readonly Fault[];
  readonly states: number;
  readonly exhaustive: boolean;
}

/** The crashing transitions of one fault at which a log would show the same. */
export interface Ending {
  /** Index among the faults. */
  readonly fault: number;
  /** What shows there (signs.ts). */
  readonly signs: number;
  /** Interleavings that end so, and those of them that pass the race window on the way. */
  readonly crashing: bigint;
  readonly throughRace: bigint;
  /** Fewest preemptions to come to it; -1 where that was not asked when the digest was made. */
  readonly preemptions: number;
}

export interface Digest extends Reach {
  readonly threads: number;
  /** Interleavings of the scenario. */
  readonly all: bigint;
  /** Outcomes of the threads run one after the other. */
  readonly serial: ReadonlySet<string>;
  readonly endings: readonly Ending[];
}

/** The digest of an explored graph. `preemptions`: of a list of crashing transitions, where they are to be in the digest. */
export function digestGraph(graph: Graph, preemptions: (edges: readonly number[]) => number = () => -1): Digest {
  const { machine, faults, states, exhaustive } = graph;
  const paths = pathsTo(graph);
  const threads = machine.threads.length;
  const v = new Uint32Array(machine.words);
  const endings = faults.flatMap((_, fault): Ending[] => {
    const alike = new Map<number, { edges: number[]; crashing: bigint; throughRace: bigint }>();
    for (const edge of faultEdges(graph, (f) => f === fault)) {
      const thread = edge % threads;
      const state = (edge - thread) / threads;
      stateAt(graph, state, v);
      const signs = signsIn(machine, v, thread);
      const one = alike.get(signs) ?? { edges: [], crashing: 0n, throughRace: 0n };
      one.edges.push(edge);
      one.crashing += paths[state]!;
      if (machine.overlapped(v, thread)) one.throughRace += paths[state]!;
      alike.set(signs, one);
    }
    return [...alike].map(([signs, { edges, ...counts }]) => ({
      fault,
      signs,
      ...counts,
      preemptions: preemptions(edges),
    }));
  });
  const serial = new Set(serialRuns(machine).flatMap((run) => (run.outcome === null ? [] : [run.outcome])));
  return { faults, states, exhaustive, threads, all: allPaths(graph, paths), serial, endings };
}
