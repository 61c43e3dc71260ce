/** What a run of a foreign schedule came to, why it crashed, and what would have passed: what `replay` says beside the steps. */

import { faultEdges } from '../explore/count.ts';
import { type Budget, explore, type Graph } from '../explore/graph.ts';
import { quietEnds } from '../machine/quiet.ts';
import type { SetUp } from '../scenarios.ts';
import { type Cause, causes, describe } from './flip.ts';
import { type Nearest, nearestPassing } from './nearest.ts';
import { type Rerun, rerun } from './witness.ts';

/** An answer is waited for: seconds at most. What a graph of this size leaves open is said. */
export const EXPLAIN_BUDGET: Budget = { states: 1_000_000 };

export type End =
  | { readonly is: 'crash'; readonly outcome: string }
  | { readonly is: 'quiet'; readonly ends: readonly string[] }
  /** The schedule is over while these threads could still go on. */
  | { readonly is: 'unfinished'; readonly threads: readonly number[] };

export function endOf({ witness, machine, end }: Rerun): End {
  const outcome = witness.steps.at(-1)?.outcome ?? null;
  if (outcome !== null) return { is: 'crash', outcome };
  const threads = machine.threads.map((_, t) => t).filter((t) => machine.enabled(end, t));
  return threads.length > 0 ? { is: 'unfinished', threads } : { is: 'quiet', ends: quietEnds(machine, end) };
}

export interface CauseOfRun {
  /** Null where no single order is the cause. */
  readonly cause: Cause | null;
  /** False where the set-up was not explored to its end: then there is no cause to be told either. */
  readonly exhaustive: boolean;
}

/** The flip test for a schedule that ends in `outcome`: the most telling order without which the set-up does not come to it at all. */
export function causeOfRun(graph: Graph, schedule: readonly number[], outcome: string): CauseOfRun {
  if (!graph.exhaustive) return { cause: null, exhaustive: false };
  const crash = faultEdges(graph, (f) => graph.faults[f]!.outcome === outcome);
  const { value: order } = causes(graph, schedule, crash).next();
  const cause = order ? { before: describe(graph, order.before), after: describe(graph, order.after) } : null;
  return { cause, exhaustive: true };
}

export interface Explanation extends CauseOfRun {
  /** The nearest passing run, step by step; null where none passes or it was not asked for. */
  readonly nearest: { readonly found: Nearest; readonly run: Rerun } | null;
}

/** Explores the run's set-up and says why it crashed; null for a run that does not crash. */
export function explain(setUp: SetUp, run: Rerun, wanted: { readonly nearest: boolean }): Explanation | null {
  const end = endOf(run);
  if (end.is !== 'crash') return null;
  const graph = explore(run.machine, EXPLAIN_BUDGET);
  const schedule = run.witness.steps.map((step) => step.thread);
  const found = wanted.nearest ? nearestPassing(graph, schedule) : null;
  return {
    ...causeOfRun(graph, schedule, end.outcome),
    nearest: found && { found, run: rerun(setUp, found.threads) },
  };
}
