/**
 * Data races of a scenario, as KCSAN finds them: two threads that both stand before an access to the same word, one of them a store, with nothing that keeps
 * either from going first. Steps behind a lock that the other holds are never met together.
 */

import { graphOf } from './asked.ts';
import { stateAt } from './explore/graph.ts';
import type { Machine, State } from './machine/machine.ts';
import type { Node } from './machine/program.ts';
import type { SetUp } from './scenarios.ts';

/** One of the two accesses: at which stops of the machine it can be, and whether it stores. */
export interface Side {
  readonly does: 'read' | 'write';
  readonly at: (machine: Machine, thread: number, stop: number) => boolean;
}

/** The words on which the two meet in some state that the scenario reaches: "dev->iommu", "dev_iommu.fwspec"; empty where they never do. */
export function conflicts(setUp: SetUp, sides: readonly [Side, Side]): readonly string[] {
  const { machine } = graphOf(setUp);
  const stops = sides.map((side) =>
    machine.stops.map((list, thread) =>
      list.map((s, stop) => accesses(s.place.node, side.does) && side.at(machine, thread, stop)),
    ),
  );
  if (!stops.every((threads) => threads.some((list) => list.some(Boolean)))) return [];
  return [...met(setUp, stops[0]!, stops[1]!)].sort();
}

type Marked = readonly (readonly boolean[])[];

function met(setUp: SetUp, first: Marked, second: Marked): ReadonlySet<string> {
  const graph = graphOf(setUp);
  const { machine } = graph;
  const words = new Set<string>();
  const v = new Uint32Array(machine.words);
  const threads = machine.threads.map((_, t) => t);
  for (let state = 0; state < graph.states; state++) {
    stateAt(graph, state, v);
    for (const a of threads) {
      if (!first[a]![machine.stopIndex(v, a)]) continue;
      for (const b of threads) {
        if (b === a || !second[b]![machine.stopIndex(v, b)]) continue;
        const word = wordOf(machine, v, a);
        if (word !== null && word.at === wordOf(machine, v, b)?.at) words.add(word.name);
      }
    }
  }
  return words;
}

function accesses(node: Node, does: Side['does']): boolean {
  return does === 'write' ? node.op === 'store' || node.op === 'put' : node.op === 'load' || node.op === 'get';
}

/** What the thread's next step accesses; an object's field only where that object is there. */
function wordOf(machine: Machine, v: State, thread: number): { readonly at: string; readonly name: string } | null {
  const { node } = machine.stopAt(v, thread).place;
  if (node.op === 'load') return { at: node.from, name: node.from };
  if (node.op === 'store') return { at: node.to, name: node.to };
  if (node.op !== 'get' && node.op !== 'put') return null;
  const object = machine.objectAt(v, thread);
  return object === null ? null : { at: `${object.id} ${node.field}`, name: node.field };
}
