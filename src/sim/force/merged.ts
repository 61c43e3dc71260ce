/**
 * Does a plan still end as it should where the compiler made one load of several (machine/merge.ts)? What needs a load that it may leave out is in the C source,
 * and on the kernels whose machine code has it.
 */
import { encodeReplay } from '../explain/replay.ts';
import { faultEdges } from '../explore/count.ts';
import { explore, type Graph } from '../explore/graph.ts';
import { Preemptions } from '../explore/schedule.ts';
import type { Machine, Stop } from '../machine/machine.ts';
import { build, type SetUp } from '../scenarios.ts';
import { runTurns, type Turn } from './turns.ts';

export interface MergedCode {
  readonly setUp: SetUp;
  readonly machine: Machine;
  /** The same turns: one that ends before a load which was left out ends before the next step. */
  readonly moved: (turns: readonly Turn[]) => readonly Turn[];
}

/** The code of `machine` with its loads merged; null where there are none to merge. */
export function mergedCode(setUp: SetUp, machine: Machine): MergedCode | null {
  if (setUp.granularity === 'merged') return null;
  const of: SetUp = { ...setUp, granularity: 'merged' };
  const merged = build(of);
  const places = machine.stops.map((stops, thread) => aligned(stops, merged.stops[thread]!));
  if (places.every((at, thread) => at.length === merged.stops[thread]!.length)) return null;
  return {
    setUp: of,
    machine: merged,
    moved: (turns) => turns.map(({ thread, until }) => ({ thread, until: places[thread]![until]! })),
  };
}

/** Do the turns end in the same outcome there? */
export function endsSo({ machine, moved }: MergedCode, turns: readonly Turn[], last: number, outcome: string): boolean {
  const ran = runTurns(machine, moved(turns), last);
  return ran.outcome === outcome && ran.kept === turns.length;
}

/** For each step the one that stands for it in the merged code; of a load that was left out the next that is there. */
function aligned(stops: readonly Stop[], merged: readonly Stop[]): readonly number[] {
  let at = 0;
  return stops.map((stop) => {
    const other = merged[at];
    return other !== undefined && same(stop, other) ? at++ : at;
  });
}

function same({ place: a }: Stop, { place: b }: Stop): boolean {
  if (a.node.op !== b.node.op || a.stack.length !== b.stack.length) return false;
  if (JSON.stringify(a.node) !== JSON.stringify(b.node)) return false;
  return a.stack.every((p, i) => p.fn === b.stack[i]!.fn);
}

/** The interleaving with merged loads that ends in a crash with the fewest preemptions, by outcome: a replay string; null: the model has none. */
export function mergedWitnesses(setUp: SetUp): (outcome: string) => string | null {
  const of: SetUp = { ...setUp, granularity: 'merged' };
  let graph: Graph | null = null;
  return (outcome) => {
    graph ??= explore(build(of));
    const { faults } = graph;
    const edges = faultEdges(graph, (f) => faults[f]!.outcome === outcome);
    const found = edges.length === 0 ? null : new Preemptions(graph).toEdge(edges);
    return found === null ? null : encodeReplay(of, found.threads);
  };
}
