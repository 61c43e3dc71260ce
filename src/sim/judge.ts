/**
 * The exploration that a log constrains: can this scenario end in the crash that the log shows, at the place and in the way that it
 * shows, with everything else that was observed holding at that moment?
 */
import type { LockScope } from './code.ts';
import { allPaths, faultEdges, pathsThrough, pathsTo } from './count.ts';
import { causes, describe, type Order } from './flip.ts';
import { explore, type Fault, type Graph, leadsTo, stateAt } from './graph.ts';
import type { Machine, State } from './machine.ts';
import { build, type SetUp } from './scenarios.ts';
import { Preemptions, type Schedule } from './schedule.ts';
import { serialRuns } from './serial.ts';

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
  /** Explored again where it is asked for long after: judgements are kept by the thousand, graphs are not. */
  readonly graph: Graph;
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
const GRAPHS_KEPT = 64;
const MACHINES_KEPT = 512;

const machines = new Map<string, Machine>();

function keyOf({ era, driver, scenario, memory, granularity, lock, watchOverlap }: SetUp): string {
  return [
    ...Object.values({ ...era, lock: lock ?? era.lock }),
    driver.name,
    scenario.id,
    memory,
    granularity,
    watchOverlap ?? false,
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
export function graphOf(setUp: SetUp): Graph {
  const key = keyOf(setUp);
  let graph = graphs.get(key);
  if (!graph) {
    graph = explore(machineOf(setUp));
    if (graphs.size >= GRAPHS_KEPT) graphs.delete(graphs.keys().next().value!);
  } else graphs.delete(key);
  graphs.set(key, graph);
  return graph;
}

const counted = new WeakMap<Graph, readonly bigint[]>();

function pathsOf(graph: Graph): readonly bigint[] {
  const known = counted.get(graph) ?? pathsTo(graph);
  counted.set(graph, known);
  return known;
}

/** Explores `setUp` and holds its faults against the log's crash and constraints. */
export function judge(setUp: SetUp, target: Target, constraints: readonly Constraint[]): Judgement {
  const watched: SetUp = { ...setUp, watchOverlap: true };
  const graph = graphOf(watched);
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
  const through = edges.filter((edge) =>
    machine.overlapped(stateAt(graph, Math.floor(edge / threads), v), edge % threads),
  );
  const paths = pathsOf(graph);
  const outcomes = [...new Set(edges.map((edge) => graph.faults[graph.fault[edge]! - 1]!.outcome))].sort();
  return {
    setUp,
    get graph() {
      return graphOf(watched);
    },
    all: allPaths(graph, paths),
    crashing: pathsThrough(graph, paths, edges),
    throughRace: pathsThrough(graph, paths, through),
    outcomes,
    reached: hits.length > 0,
    met: constraints.map((_, c) => holding.some((h) => h[c])),
    serial: serialRuns(machine).some((run) => run.outcome !== null && outcomes.includes(run.outcome)),
    schedule: edges.length > 0 ? new Preemptions(graph, leadsTo(graph, edges)).toEdge(edges) : null,
    edges,
  };
}

/** Is the target reachable when the lock reaches as far as `lock` says? (Attribution by fix: DESIGN 5.) */
export function reachableWith(setUp: SetUp, lock: LockScope, target: Target): boolean {
  // The bit that watches for overlap changes no behaviour, and the era's own code was explored with it just before.
  const own = lock === (setUp.lock ?? setUp.era.lock);
  const graph = graphOf({ ...setUp, lock, watchOverlap: own });
  return graph.faults.some((fault) => target(graph.machine, fault));
}

export interface Cause {
  readonly before: string;
  readonly after: string;
}

interface FlipTest {
  readonly found: Cause[];
  readonly rest: Iterator<Order, undefined>;
}

const flipped = new WeakMap<Judgement, FlipTest>();

/** The first `most` orders of the flip test for a judgement that crashes, the most telling first. Each is tested when it is first asked for. */
export function causesOf(judgement: Judgement, most = Number.POSITIVE_INFINITY): readonly Cause[] {
  const { graph, schedule, edges } = judgement;
  if (!schedule) return [];
  const known = flipped.get(judgement);
  const { found, rest } = known ?? { found: [], rest: causes(graph, schedule.threads, edges) };
  if (!known) flipped.set(judgement, { found, rest });
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
