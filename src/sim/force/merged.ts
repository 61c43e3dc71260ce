/**
 * Does a plan still end as it should where the compiler made one load of several (machine/merge.ts)? What needs a load that it may leave out is in the C source,
 * and on the kernels whose machine code has it.
 */
import { reachOf } from '../asked.ts';
import type { Machine, Stop } from '../machine/machine.ts';
import { build, type SetUp } from '../scenarios.ts';
import { runTurns, type Turn } from './turns.ts';

export type Merged = (turns: readonly Turn[], last: number, outcome: string) => boolean;

/** Asks of turns on `machine` whether they end in the same outcome with loads merged; null where that makes no other code. */
export function whenMerged(setUp: SetUp, machine: Machine): Merged | null {
  if (setUp.granularity === 'merged') return null;
  const merged = build({ ...setUp, granularity: 'merged' });
  const places = machine.stops.map((stops, thread) => aligned(stops, merged.stops[thread]!));
  if (places.every((of, thread) => of.length === merged.stops[thread]!.length)) return null;
  return (turns, last, outcome) => {
    const moved = turns.map(({ thread, until }) => ({ thread, until: places[thread]![until]! }));
    const ran = runTurns(merged, moved, last);
    return ran.outcome === outcome && ran.kept === turns.length;
  };
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

/** Does the model reach it in any interleaving with loads merged? */
export function reachesMerged(setUp: SetUp, outcome: string): boolean {
  return reachOf({ ...setUp, granularity: 'merged' }).faults.some((fault) => fault.outcome === outcome);
}
