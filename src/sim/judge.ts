/**
 * The exploration that a log constrains: can this scenario end in the crash that the log shows, at the place and in the way that it
 * shows, with everything else that was observed holding at that moment?
 */

import type { Cause } from './explain/flip.ts';
import { causes, describe, type Order } from './explain/flip.ts';
import { allPaths, faultEdges, pathsThrough, pathsTo } from './explore/count.ts';
import { type Budget, explore, type Fault, type Graph, leadsTo, stateAt } from './explore/graph.ts';
import { Preemptions, type Schedule } from './explore/schedule.ts';
import { serialRuns } from './explore/serial.ts';
import type { Machine, State } from './machine/machine.ts';
import { build, type SetUp } from './scenarios.ts';

/** Something the log shows that must hold in the model at the moment of the crash. */
export interface Constraint {
  /** Log line that shows it. */
  readonly line: number | null;
  readonly text: string;
  /** `v` is the state right before the faulting step, `thread` the one that faults. */
  readonly holds: (machine: Machine, v: State, thread: number) => boolean;
}

/** Which faults of the model are the log's: thread role, place and access. */
export type Target = (machine: Machine, fault: Fault) => boolean;

export interface Judgement {
  readonly setUp: SetUp;
  /** What the exploration covered. The graph itself is not kept with the result: it can be made again. */
  readonly states: number;
  readonly threads: number;
  readonly exhaustive: boolean;
  /** The budget that it was asked with. */
  readonly budget?: Budget | undefined;
  /** Interleavings of the scenario, and of those: that end in the target with every constraint met; that pass the race window on the way. */
  readonly all: bigint;
  readonly crashing: bigint;
  readonly throughRace: bigint;
  /** Outcome names among the crashing ones. */
  readonly outcomes: readonly string[];
  /** The target is reached at all, constraints aside. */
  readonly reached: boolean;
  /** For each constraint: some interleaving ends in the target with this one met. */
  readonly met: readonly boolean[];
  /** The target is reached by running the threads one after the other. */
  readonly serial: boolean;
  readonly schedule: Schedule | null;
  readonly edges: readonly number[];
}

const graphs = new Map<string, Graph>();
const GRAPHS_KEPT = 16;
const MACHINES_KEPT = 512;

const machines = new Map<string, Machine>();

function keyOf({ era, driver, scenario, memory, granularity, lock, watchOverlap, iommus, earlier }: SetUp): string {
  return [
    ...Object.values({ ...era, lock: lock ?? era.lock }),
    driver.name,
    scenario.id,
    memory,
    granularity,
    watchOverlap ?? false,
    iommus ?? 1,
    earlier ?? false,
  ].join(' ');
}

/** The compiled scenario alone, without exploring it: enough to see whether a step of it stands at a place. */
export function machineOf(setUp: SetUp): Machine {
  const key = keyOf(setUp);
  let machine = machines.get(key);
  if (!machine) {
    machine = build(setUp);
    if (machines.size >= MACHINES_KEPT) machines.delete(machines.keys().next().value!);
    machines.set(key, machine);
  }
  return machine;
}

/** Explored graphs are kept: a collection of logs asks for the same few again and again. The one that was longest not asked for goes first. */
export function graphOf(setUp: SetUp, budget?: Budget): Graph {
  const key = budget === undefined ? keyOf(setUp) : `${keyOf(setUp)} ${budget.states}`;
  let graph = graphs.get(key);
  if (!graph) {
    graph = explore(machineOf(setUp), budget);
    if (graphs.size >= GRAPHS_KEPT) graphs.delete(graphs.keys().next().value!);
  } else graphs.delete(key);
  graphs.set(key, graph);
  return graph;
}

/** What a graph says whatever the crash. */
interface Counted {
  readonly paths: readonly bigint[];
  readonly all: bigint;
  /** Outcomes of the threads run one after the other. */
  readonly serial: ReadonlySet<string>;
  /** Sets of crashing transitions that were asked about, with what follows from each. */
  readonly endings: { readonly edges: readonly number[]; readonly ending: Ending }[];
}

/** What follows from a set of crashing transitions: the same for every log whose crash they are. */
type Ending = Pick<Judgement, 'crashing' | 'throughRace' | 'outcomes' | 'serial' | 'schedule' | 'edges'>;

const counted = new WeakMap<Graph, Counted>();
const ENDINGS_KEPT = 32;

function countedOf(graph: Graph): Counted {
  let known = counted.get(graph);
  if (!known) {
    const paths = pathsTo(graph);
    const serial = new Set(serialRuns(graph.machine).flatMap((run) => (run.outcome === null ? [] : [run.outcome])));
    known = { paths, all: allPaths(graph, paths), serial, endings: [] };
    counted.set(graph, known);
  }
  return known;
}

/** `edges` in the order of their numbers. */
function endingOf(graph: Graph, edges: readonly number[]): Ending {
  const { paths, serial, endings } = countedOf(graph);
  const known = endings.find((e) => e.edges.length === edges.length && e.edges.every((edge, i) => edge === edges[i]));
  if (known) return known.ending;
  const { machine } = graph;
  const threads = machine.threads.length;
  const v = new Uint32Array(machine.words);
  const through = edges.filter((edge) =>
    machine.overlapped(stateAt(graph, Math.floor(edge / threads), v), edge % threads),
  );
  const outcomes = [...new Set(edges.map((edge) => graph.faults[graph.fault[edge]! - 1]!.outcome))].sort();
  const ending: Ending = {
    crashing: pathsThrough(graph, paths, edges),
    throughRace: pathsThrough(graph, paths, through),
    outcomes,
    serial: outcomes.some((outcome) => serial.has(outcome)),
    schedule: edges.length > 0 ? new Preemptions(graph, leadsTo(graph, edges)).toEdge(edges) : null,
    edges,
  };
  if (endings.length >= ENDINGS_KEPT) endings.shift();
  endings.push({ edges, ending });
  return ending;
}

function watched(setUp: SetUp, budget?: Budget): Graph {
  return graphOf({ ...setUp, watchOverlap: true }, budget);
}

/** Explores `setUp`, within `budget`, and holds its faults against the log's crash and constraints. */
export function judge(setUp: SetUp, target: Target, constraints: readonly Constraint[], budget?: Budget): Judgement {
  const graph = watched(setUp, budget);
  const { machine } = graph;
  const threads = machine.threads.length;
  const aimed = graph.faults.map((fault) => target(machine, fault));
  const hits = aimed.some(Boolean) ? faultEdges(graph, (f) => aimed[f]!) : [];
  const v = new Uint32Array(machine.words);
  const holding = hits.map((edge) => {
    stateAt(graph, Math.floor(edge / threads), v);
    return constraints.map((c) => c.holds(machine, v, edge % threads));
  });
  const edges = hits.filter((_, i) => holding[i]!.every(Boolean));
  return {
    setUp,
    states: graph.states,
    threads,
    exhaustive: graph.exhaustive,
    budget,
    all: countedOf(graph).all,
    ...endingOf(graph, edges),
    reached: hits.length > 0,
    met: constraints.map((_, c) => holding.some((h) => h[c])),
  };
}

interface FlipTest {
  readonly found: Cause[];
  readonly rest: Iterator<Order, undefined>;
}

/** By the crashing transitions, which are kept as long as their ending is. */
const flipped = new WeakMap<readonly number[], FlipTest>();

/** The first `most` orders of the flip test for a judgement that crashes, the most telling first. Each is tested when it is first asked for. */
export function causesOf(judgement: Judgement, most = Number.POSITIVE_INFINITY): readonly Cause[] {
  const { setUp, schedule, edges, budget } = judgement;
  if (!schedule) return [];
  const graph = watched(setUp, budget);
  const known = flipped.get(edges);
  const { found, rest } = known ?? { found: [], rest: causes(graph, schedule.threads, edges) };
  if (!known) flipped.set(edges, { found, rest });
  while (found.length < most) {
    const { value: order } = rest.next();
    if (!order) break;
    found.push({ before: describe(graph, order.before), after: describe(graph, order.after) });
  }
  return found.slice(0, most);
}

/** Can `thread` still get to a step that `there` accepts after the crashed thread is gone (its locks held for ever)? */
export function goesOnTo(
  machine: Machine,
  before: State,
  crashed: number,
  thread: number,
  there: (v: State) => boolean,
): boolean {
  const v = before.slice();
  while (!there(v)) {
    let moved = false;
    for (let t = 0; t < machine.threads.length && !moved; t++) {
      if (t === crashed || (t !== thread && machine.stopAt(v, thread).place.node.op !== 'lock')) continue;
      if (!machine.enabled(v, t)) continue;
      const result = machine.step(v, t);
      if (result.is === 'fault' && result.fatal) return false;
      moved = true;
    }
    if (!moved) return false;
  }
  return true;
}
