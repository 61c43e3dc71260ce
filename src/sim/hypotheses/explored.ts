/**
 * Which of a scenario's outcomes belong to which hypothesis. Attribution is by fix and the model decides it (DESIGN 5): a crash belongs to the hypothesis
 * whose fix makes it unreachable.
 */
import type { EraCode, LockScope } from '../code.ts';
import { isQuietEnd } from '../count.ts';
import { type Graph, stateAt } from '../graph.ts';
import { graphOf } from '../judge.ts';
import { quietEnds } from '../quiet.ts';
import type { SetUp } from '../scenarios.ts';
import type { HypothesisId } from '../types.ts';

const REACH: readonly LockScope[] = ['none', 'static', 'global'];

type Fix = (setUp: SetUp) => SetUp;

const locked =
  (lock: LockScope): Fix =>
  (setUp) =>
    REACH.indexOf(setUp.lock ?? setUp.era.lock) < REACH.indexOf(lock) ? { ...setUp, lock } : setUp;

const changed =
  (change: Partial<EraCode>): Fix =>
  (setUp) => {
    const era = { ...setUp.era, ...change };
    return Object.values(era).join() === Object.values(setUp.era).join() ? setUp : { ...setUp, era };
  };

/** Made one after the other, each on top of those before it: what goes with a fix belongs to its hypothesis. */
const FIXES: readonly (readonly [HypothesisId, Fix])[] = [
  ['dma-configure-toctou', changed({ amba: 'reads dev->driver once' })],
  // 01657bc14a39, and for the gap that v6.15 opened in its lock 0c8e9c148e29.
  ['probe-vs-probe', locked('static')],
  ['probe-vs-probe', changed({ recheck: true })],
  ['xlate-vs-probe-free', locked('global')],
  // No release fixes it: the counterfactual is a tree whose unregistration frees nothing.
  ['release-vs-xlate', changed({ release: 'never' })],
];

/** Quiet ends that are a hypothesis's own; the others (bound, deferred, a leak) are what a kernel does. */
const QUIET: ReadonlyMap<string, HypothesisId> = new Map([
  ['bound-default-domain-missing', 'default-domain'],
  ['late-probe-warning', 'replay-vs-registration'],
  ['late-probe-warning-in-replay', 'replay-vs-registration'],
]);

/** Hypotheses that the model explores: all of them. */
export const EXPLORED: ReadonlySet<HypothesisId> = new Set([
  ...FIXES.map(([id]) => id),
  ...QUIET.values(),
  'driver-data-after-registration',
  'priv-without-fwspec',
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

/** Whose each crash of `setUp` is, and each quiet end that is anybody's. */
export function attributed(setUp: SetUp): ReadonlyMap<string, HypothesisId> {
  const graph = explored(setUp);
  const crashes = crashesIn(graph);
  const owner = new Map<string, HypothesisId>();
  if (setUp.scenario.id === 'priv-without-fwspec') {
    for (const outcome of crashes) owner.set(outcome, 'priv-without-fwspec');
    return owner;
  }
  let tree = setUp;
  for (const [hypothesis, fix] of FIXES) {
    const fixed = fix(tree);
    if (fixed === tree) continue;
    tree = fixed;
    const left = crashesIn(explored(tree));
    for (const outcome of crashes) if (!owner.has(outcome) && !left.has(outcome)) owner.set(outcome, hypothesis);
  }
  for (const end of quietEndsIn(graph)) if (QUIET.has(end)) owner.set(end, QUIET.get(end)!);
  // What no fix of the core cures is an order inside one driver's own probe: its data are there only after iommu_device_register().
  for (const outcome of crashes) if (!owner.has(outcome)) owner.set(outcome, 'driver-data-after-registration');
  return owner;
}
