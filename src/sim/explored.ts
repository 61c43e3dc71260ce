/** Which of a scenario's outcomes belong to which hypothesis: attribution is by fix and the model decides it (`fixes.ts`). */

import { graphOf } from './asked.ts';
import { isQuietEnd } from './explore/count.ts';
import { type Graph, stateAt } from './explore/graph.ts';
import { BEYOND_FIXES, FIXES, OWN_SCENARIO } from './hypotheses/fixes.ts';
import { quietEnds } from './machine/quiet.ts';
import { bothStarts, type SetUp } from './scenarios.ts';
import type { HypothesisId } from './types.ts';

/** Quiet ends that are a hypothesis's own; the others (bound, deferred, a leak) are what a kernel does. */
const QUIET: ReadonlyMap<string, HypothesisId> = new Map([
  ['bound-default-domain-missing', 'default-domain'],
  ['late-probe-warning', 'replay-vs-registration'],
  ['late-probe-warning-in-replay', 'replay-vs-registration'],
]);

/** Hypotheses that the model explores: all of them. */
export const EXPLORED: ReadonlySet<HypothesisId> = new Set([
  ...FIXES.map((fix) => fix.hypothesis),
  ...QUIET.values(),
  BEYOND_FIXES,
  ...OWN_SCENARIO.values(),
]);

const explored = (setUp: SetUp): Graph => graphOf({ ...setUp, watchOverlap: true });

const crashesIn = (graph: Graph): ReadonlySet<string> => new Set(graph.faults.map((f) => f.outcome));

function quietEndsIn(graph: Graph): ReadonlySet<string> {
  const { machine } = graph;
  const quiet = new Set<string>();
  const v = machine.initial();
  for (let state = 0; state < graph.expanded; state++)
    if (isQuietEnd(graph, state)) for (const name of quietEnds(machine, stateAt(graph, state, v))) quiet.add(name);
  return quiet;
}

/** The same from every start that is open. An outcome of several starts is of the first one's owner. */
export function attributedFromStarts(setUp: SetUp): ReadonlyMap<string, HypothesisId> {
  return new Map(
    bothStarts(setUp)
      .toReversed()
      .flatMap((of) => [...attributed(of)]),
  );
}

/** Whose each crash of `setUp` is, and each quiet end that is anybody's. */
export function attributed(setUp: SetUp): ReadonlyMap<string, HypothesisId> {
  const graph = explored(setUp);
  const crashes = crashesIn(graph);
  const owner = new Map<string, HypothesisId>();
  const own = OWN_SCENARIO.get(setUp.scenario.id);
  if (own !== undefined) {
    for (const outcome of crashes) owner.set(outcome, own);
    return owner;
  }
  let tree = setUp;
  for (const { hypothesis, apply } of FIXES) {
    const fixed = apply(tree);
    if (fixed === tree) continue;
    tree = fixed;
    const left = crashesIn(explored(tree));
    for (const outcome of crashes) if (!owner.has(outcome) && !left.has(outcome)) owner.set(outcome, hypothesis);
  }
  for (const end of quietEndsIn(graph)) if (QUIET.has(end)) owner.set(end, QUIET.get(end)!);
  for (const outcome of crashes) if (!owner.has(outcome)) owner.set(outcome, BEYOND_FIXES);
  return owner;
}
