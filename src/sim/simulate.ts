/** One exploration of the model without a log: which outcomes an era, driver and scenario reach, and how. */

import { eraOfCode, nameOfCode } from './eras/record.ts';
import { encodeReplay } from './explain/replay.ts';
import { fewestPreemptions, preemptionsOf } from './explore/bounded.ts';
import { allPaths, faultEdges, isQuietEnd, pathsThrough, pathsTo } from './explore/count.ts';
import { type Budget, DEFAULT_BUDGET, explore, type Graph, stateAt } from './explore/graph.ts';
import { reachable } from './explore/reachable.ts';
import { Preemptions, type Schedule } from './explore/schedule.ts';
import { serialRuns } from './explore/serial.ts';
import type { Machine, Memory } from './machine/machine.ts';
import { quietEnds } from './machine/quiet.ts';
import type { Granularity } from './procedures/code.ts';
import { bothStarts, build, entriesOf, type Scenario, type SetUp } from './scenarios.ts';
import type { EraId, OutcomeRow, ScenarioId } from './types.ts';

export interface Simulation {
  readonly era: EraId;
  /** Of a hybrid what its code is called (`era` is then the nearest one); null for an era's own. */
  readonly code: string | null;
  readonly driver: string;
  readonly scenario: ScenarioId;
  readonly memory: Memory;
  readonly granularity: Granularity;
  /** Entries in the client's "iommus". */
  readonly iommus: number;
  /** Whether an instance of the driver had registered before: 'any' is both, which are explored one after the other. */
  readonly earlier: 'none' | 'one' | 'any';
  readonly bounds: { readonly threads: number; readonly devices: 1 | 2; readonly instances: 0 | 1 | 2 };
  /** States at most of any one search. */
  readonly budget: number;
  /** Every outcome is here. */
  readonly exhaustive: boolean;
  /** The outcomes were found by the reduced search; then states, transitions and depth are its own. */
  readonly reduction: boolean;
  /** Interleavings were counted, as a graph of all states allows; else every count is a lower bound. */
  readonly countsExact: boolean;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly interleavings: bigint;
  readonly outcomes: readonly OutcomeRow[];
}

export interface HowToSearch {
  /** States at most of any one search; DEFAULT_BUDGET unless it is said. */
  readonly states?: number;
  /** true: reduced at once; false: never. Unless it is said, only where the budget ends the search of all interleavings. */
  readonly reduction?: boolean;
}

/** Explores the set-up and names everything it reaches, crashes first, by name. */
export function simulate(setUp: SetUp, how?: HowToSearch): Simulation {
  return simulateMachine(build(setUp), setUp, how);
}

/** The same of a machine that `setUp` stands for, or that was made from its own by changing a procedure. */
export function simulateMachine(machine: Machine, setUp: SetUp, how?: HowToSearch): Simulation {
  return search(machine, setUp, how).simulation;
}

/** The same with the graph of all interleavings; null where the reduced search found the outcomes. */
export function search(
  machine: Machine,
  setUp: SetUp,
  { states, reduction }: HowToSearch = {},
): { readonly simulation: Simulation; readonly graph: Graph | null } {
  const budget: Budget = { states: states ?? DEFAULT_BUDGET.states };
  const graph = reduction === true ? null : explore(machine, budget);
  if (graph && (graph.exhaustive || reduction === false))
    return { simulation: simulateGraph(graph, setUp, budget), graph };
  return { simulation: described(setUp, machine, budget, uncounted(machine, setUp, budget)), graph: null };
}

/** The same of a graph that was explored already, within `budget`. */
export function simulateGraph(graph: Graph, setUp: SetUp, budget: Budget = DEFAULT_BUDGET): Simulation {
  return described(setUp, graph.machine, budget, counted(graph.machine, setUp, graph));
}

/** The same from every start that is open (scenarios.ts, bothStarts): the union, each outcome with its fewest preemptions; `graph` is of the first start. */
export function searchStarts(setUp: SetUp, how?: HowToSearch): ReturnType<typeof search> {
  const all = bothStarts(setUp).map((of) => search(build(of), of, how));
  const simulation = all.map((a) => a.simulation).reduce(union);
  return { simulation, graph: all[0]!.graph };
}

function union(a: Simulation, b: Simulation): Simulation {
  const rows = new Map(a.outcomes.map((o) => [o.outcome, o]));
  for (const o of b.outcomes) {
    const known = rows.get(o.outcome);
    const best = known === undefined || o.preemptions < known.preemptions ? o : known;
    const interleavings = o.interleavings + (known?.interleavings ?? 0n);
    rows.set(o.outcome, { ...best, serial: o.serial || (known?.serial ?? false), interleavings });
  }
  return {
    ...a,
    earlier: 'any',
    exhaustive: a.exhaustive && b.exhaustive,
    reduction: a.reduction || b.reduction,
    countsExact: a.countsExact && b.countsExact,
    states: a.states + b.states,
    transitions: a.transitions + b.transitions,
    depth: Math.max(a.depth, b.depth),
    interleavings: a.interleavings + b.interleavings,
    outcomes: inOrder([...rows.values()]),
  };
}

/** Crashes first, by name. */
function inOrder(rows: readonly OutcomeRow[]): readonly OutcomeRow[] {
  return rows.toSorted((a, b) => Number(b.crash) - Number(a.crash) || (a.outcome < b.outcome ? -1 : 1));
}

function described(setUp: SetUp, machine: Machine, budget: Budget, found: Found): Simulation {
  const outcomes = inOrder(found.outcomes);
  return {
    era: setUp.era.id,
    code: hybridName(setUp),
    driver: setUp.driver.name,
    scenario: setUp.scenario.id,
    memory: setUp.memory,
    granularity: setUp.granularity,
    iommus: entriesOf(setUp).length,
    earlier: setUp.earlier || entriesOf(setUp).includes(2) ? 'one' : 'none',
    bounds: {
      threads: machine.threads.length,
      devices: setUp.scenario.devices ?? 1,
      instances: instancesOf(setUp.scenario),
    },
    budget: budget.states,
    ...found,
    outcomes,
  };
}

function hybridName({ era, lock }: SetUp): string | null {
  const code = lock === undefined ? era : { ...era, lock };
  return eraOfCode(code) === null ? nameOfCode(code) : null;
}

type Found = Pick<
  Simulation,
  'exhaustive' | 'reduction' | 'countsExact' | 'states' | 'transitions' | 'depth' | 'interleavings' | 'outcomes'
>;

/** From the graph of all interleavings. */
function counted(machine: Machine, setUp: SetUp, graph: Graph): Found {
  const paths = pathsTo(graph);
  const search = new Preemptions(graph);
  const isSerial = serialOutcomes(machine);
  const rows: OutcomeRow[] = [];
  const add = (outcome: string, crash: boolean, schedule: Schedule | null, interleavings: bigint): void => {
    if (!schedule) return;
    const { threads, preemptions } = schedule;
    const witness = encodeReplay(setUp, threads);
    const preemptionsExact = graph.exhaustive;
    rows.push({
      outcome,
      crash,
      serial: isSerial(outcome, crash),
      preemptions,
      preemptionsExact,
      interleavings,
      witness,
    });
  };
  for (const outcome of new Set(graph.faults.map((f) => f.outcome))) {
    const edges = faultEdges(
      graph,
      (f) => graph.faults[f]!.outcome === outcome && (setUp.memory === 'kasan' || isNull(graph.faults[f]!.kind)),
    );
    add(outcome, true, search.toEdge(edges), pathsThrough(graph, paths, edges));
  }
  for (const [name, states] of endsOf(graph))
    add(
      name,
      false,
      search.toState(states),
      states.reduce((sum, s) => sum + paths[s]!, 0n),
    );
  const { exhaustive, states, transitions, depth } = graph;
  const interleavings = allPaths(graph, paths);
  return {
    exhaustive,
    reduction: false,
    countsExact: exhaustive,
    states,
    transitions,
    depth,
    interleavings,
    outcomes: rows,
  };
}

/** IOMMU instances that register, or go. */
function instancesOf({ walks, probedBefore }: Scenario): 0 | 1 | 2 {
  return probedBefore ? 1 : walks;
}

/** By name of a quiet end: the states that bear it. */
function endsOf(graph: Graph): ReadonlyMap<string, readonly number[]> {
  const ends = new Map<string, number[]>();
  const v = new Uint32Array(graph.machine.words);
  for (let state = 0; state < graph.expanded; state++) {
    if (!isQuietEnd(graph, state)) continue;
    for (const name of quietEnds(graph.machine, stateAt(graph, state, v))) {
      const list = ends.get(name);
      if (list) list.push(state);
      else ends.set(name, [state]);
    }
  }
  return ends;
}

/** From the reduced search: every outcome and a way to it, with the fewest preemptions where the budget suffices for these; no counts. */
function uncounted(machine: Machine, setUp: SetUp, budget: Budget): Found {
  const reached = reachable(machine, { budget });
  const { exhaustive, states, transitions, depth } = reached;
  const names = new Set(reached.outcomes.map((o) => o.outcome));
  const fewest = fewestPreemptions(machine, names, budget);
  const isSerial = serialOutcomes(machine);
  const rows = new Map<string, OutcomeRow>();
  for (const { outcome, crash, schedule } of reached.outcomes) {
    const best = fewest.get(outcome) ?? { threads: schedule, preemptions: preemptionsOf(machine, schedule) };
    const before = rows.get(outcome);
    if (before && before.preemptions <= best.preemptions) continue;
    rows.set(outcome, {
      outcome,
      crash,
      serial: isSerial(outcome, crash),
      preemptions: best.preemptions,
      preemptionsExact: fewest.has(outcome),
      interleavings: 1n,
      witness: encodeReplay(setUp, best.threads),
    });
  }
  const outcomes = [...rows.values()];
  const interleavings = BigInt(new Set(outcomes.map((o) => o.witness)).size);
  return { exhaustive, reduction: true, countsExact: false, states, transitions, depth, interleavings, outcomes };
}

/** Is an outcome reached with the threads run one after the other? */
function serialOutcomes(machine: Machine): (outcome: string, crash: boolean) => boolean {
  const runs = serialRuns(machine);
  const crashes = new Set(runs.map((s) => s.outcome));
  const ends = new Set(runs.filter((s) => s.outcome === null).flatMap((s) => quietEnds(machine, s.state)));
  return (outcome, crash) => (crash ? crashes : ends).has(outcome);
}

function isNull(kind: string): boolean {
  return kind.startsWith('null');
}
