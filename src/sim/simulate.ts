/** One exploration of the model without a log: which outcomes an era, driver and scenario reach, and how. */
import type { Granularity } from './code.ts';
import { allPaths, faultEdges, isQuietEnd, pathsThrough, pathsTo } from './count.ts';
import { type Budget, explore, type Graph, stateAt } from './graph.ts';
import type { Machine, Memory } from './machine.ts';
import { quietEnds } from './quiet.ts';
import { encodeReplay } from './replay.ts';
import { build, type Scenario, type SetUp } from './scenarios.ts';
import { Preemptions } from './schedule.ts';
import { serialRuns } from './serial.ts';
import type { EraId, ScenarioId } from './types.ts';

export interface OutcomeRow {
  readonly outcome: string;
  readonly crash: boolean;
  /** Reached with the threads run one after the other in some order. */
  readonly serial: boolean;
  readonly preemptions: number;
  readonly interleavings: bigint;
  readonly witness: string;
}

export interface Simulation {
  readonly era: EraId;
  readonly driver: string;
  readonly scenario: ScenarioId;
  readonly memory: Memory;
  readonly granularity: Granularity;
  readonly bounds: { readonly threads: number; readonly devices: 1 | 2; readonly instances: 0 | 1 | 2 };
  readonly exhaustive: boolean;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly interleavings: bigint;
  readonly outcomes: readonly OutcomeRow[];
}

/** Explores the set-up and names everything it reaches, crashes first, by name. */
export function simulate(setUp: SetUp, budget?: Budget): Simulation {
  return simulateMachine(build(setUp), setUp, budget);
}

/** The same of a machine that `setUp` stands for, or that was made from its own by changing a procedure. */
export function simulateMachine(machine: Machine, setUp: SetUp, budget?: Budget): Simulation {
  return simulateGraph(explore(machine, budget), setUp);
}

/** The same of a graph that was explored already. */
export function simulateGraph(graph: Graph, setUp: SetUp): Simulation {
  const { machine } = graph;
  const paths = pathsTo(graph);
  const search = new Preemptions(graph);
  const serial = serialRuns(machine);
  const rows: OutcomeRow[] = [];
  const witness = (threads: readonly number[]) => encodeReplay(setUp, threads);

  for (const outcome of new Set(graph.faults.map((f) => f.outcome))) {
    const edges = faultEdges(
      graph,
      (f) => graph.faults[f]!.outcome === outcome && (setUp.memory === 'kasan' || isNull(graph.faults[f]!.kind)),
    );
    const schedule = search.toEdge(edges);
    if (!schedule) continue;
    rows.push({
      outcome,
      crash: true,
      serial: serial.some((s) => s.outcome === outcome),
      preemptions: schedule.preemptions,
      interleavings: pathsThrough(graph, paths, edges),
      witness: witness(schedule.threads),
    });
  }

  const ends = new Map<string, number[]>();
  const v = new Uint32Array(machine.words);
  for (let state = 0; state < graph.expanded; state++) {
    if (!isQuietEnd(graph, state)) continue;
    for (const name of quietEnds(machine, stateAt(graph, state, v))) {
      const list = ends.get(name);
      if (list) list.push(state);
      else ends.set(name, [state]);
    }
  }
  const serialNames = new Set(serial.filter((s) => s.outcome === null).flatMap((s) => quietEnds(machine, s.state)));
  for (const [name, states] of ends) {
    const schedule = search.toState(states);
    if (!schedule) continue;
    rows.push({
      outcome: name,
      crash: false,
      serial: serialNames.has(name),
      preemptions: schedule.preemptions,
      interleavings: states.reduce((sum, s) => sum + paths[s]!, 0n),
      witness: witness(schedule.threads),
    });
  }
  rows.sort((a, b) => Number(b.crash) - Number(a.crash) || (a.outcome < b.outcome ? -1 : 1));
  return {
    era: setUp.era.id,
    driver: setUp.driver.name,
    scenario: setUp.scenario.id,
    memory: setUp.memory,
    granularity: setUp.granularity,
    bounds: {
      threads: machine.threads.length,
      devices: setUp.scenario.devices ?? 1,
      instances: instancesOf(setUp.scenario),
    },
    exhaustive: graph.exhaustive,
    states: graph.states,
    transitions: graph.transitions,
    depth: graph.depth,
    interleavings: allPaths(graph, paths),
    outcomes: rows,
  };
}

/** IOMMU instances that register, or go. */
function instancesOf({ walks, probedBefore }: Scenario): 0 | 1 | 2 {
  return probedBefore ? 1 : walks;
}

function isNull(kind: string): boolean {
  return kind.startsWith('null');
}
