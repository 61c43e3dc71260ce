/**
 * The exploration that a log constrains: can this scenario end in the crash that the log shows, at the place and in the way that it
 * shows, with everything else that was observed holding at that moment? Answered from the scenario's digest; the witness alone takes its graph.
 */

import { digestOf, graphOf, keyOf } from './asked.ts';
import type { Digest } from './digest.ts';
import { type Cause, causes, describe } from './explain/flip.ts';
import { faultEdges } from './explore/count.ts';
import { type Budget, type Fault, type Graph, leadsTo, stateAt } from './explore/graph.ts';
import { Preemptions, type Schedule } from './explore/schedule.ts';
import { type SetUp, type Silhouette, silhouetteOf } from './scenarios.ts';
import { isAmong, type Sign, signsIn } from './signs.ts';

/** Something the log shows that must hold in the model at the moment of the crash. */
export interface Constraint {
  /** Log line that shows it. */
  readonly line: number | null;
  readonly text: string;
  /** What it is of the model; null: it says nothing of that moment, and always holds. */
  readonly sign: Sign | null;
}

/** Which faults of the model are the log's: thread role, place and access. */
export type Target = (silhouette: Silhouette, fault: Fault) => boolean;

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
  /** Fewest that a crashing interleaving takes; null where there is none. */
  readonly preemptions: number | null;
  /** Which endings of the digest the crashing interleavings are. */
  readonly endings: readonly number[];
}

/** Explores `setUp`, within `budget`, and holds its faults against the log's crash and constraints. */
export function judge(setUp: SetUp, target: Target, constraints: readonly Constraint[], budget?: Budget): Judgement {
  const digest = digestOf(watched(setUp), budget);
  const silhouette = silhouetteOf(setUp);
  const { faults, endings, serial } = digest;
  const aimed = faults.map((fault) => target(silhouette, fault));
  const holds = ({ sign }: Constraint, signs: number) => sign === null || isAmong(sign, signs);
  const hits = [...endings.keys()].filter((e) => aimed[endings[e]!.fault]);
  const chosen = hits.filter((e) => constraints.every((c) => holds(c, endings[e]!.signs)));
  const sum = (of: 'crashing' | 'throughRace') => chosen.reduce((all, e) => all + endings[e]![of], 0n);
  const outcomes = [...new Set(chosen.map((e) => faults[endings[e]!.fault]!.outcome))].sort();
  return {
    setUp,
    states: digest.states,
    threads: digest.threads,
    exhaustive: digest.exhaustive,
    budget,
    all: digest.all,
    crashing: sum('crashing'),
    throughRace: sum('throughRace'),
    outcomes,
    serial: outcomes.some((outcome) => serial.has(outcome)),
    preemptions: chosen.length === 0 ? null : fewest(setUp, budget, digest, chosen),
    endings: chosen,
    reached: hits.length > 0,
    met: constraints.map((c) => hits.some((e) => holds(c, endings[e]!.signs))),
  };
}

function watched(setUp: SetUp): SetUp {
  return { ...setUp, watchOverlap: true };
}

function fewest(setUp: SetUp, budget: Budget | undefined, { endings }: Digest, chosen: readonly number[]): number {
  const known = chosen.map((e) => endings[e]!.preemptions);
  return known.every((p) => p >= 0) ? Math.min(...known) : toldOf(setUp, budget, chosen).schedule!.preemptions;
}

/** What is told of a set of endings. */
interface Told {
  readonly schedule: Schedule | null;
  /** Orders of the flip test, as far as they were asked for. */
  readonly causes: Cause[];
  whole: boolean;
}

const told = new Map<string, Told>();
const TOLD_KEPT = 1024;

function toldOf(setUp: SetUp, budget: Budget | undefined, chosen: readonly number[]): Told {
  const key = `${keyOf(watched(setUp), budget)} | ${chosen.join(' ')}`;
  let one = told.get(key);
  if (one === undefined) {
    const graph = graphOf(watched(setUp), budget);
    const edges = edgesOf(setUp, budget, graph, chosen);
    one = { schedule: new Preemptions(graph, leadsTo(graph, edges)).toEdge(edges), causes: [], whole: false };
    if (told.size >= TOLD_KEPT) told.delete(told.keys().next().value!);
    told.set(key, one);
  }
  return one;
}

/** The transitions that the endings stand for. */
function edgesOf(setUp: SetUp, budget: Budget | undefined, graph: Graph, chosen: readonly number[]): readonly number[] {
  const { endings } = digestOf(watched(setUp), budget);
  const signs = new Map<number, Set<number>>();
  for (const e of chosen) {
    const { fault, signs: those } = endings[e]!;
    const known = signs.get(fault);
    if (known) known.add(those);
    else signs.set(fault, new Set([those]));
  }
  const { machine } = graph;
  const threads = machine.threads.length;
  const v = new Uint32Array(machine.words);
  return faultEdges(graph, (f) => signs.has(f)).filter((edge) => {
    const thread = edge % threads;
    stateAt(graph, (edge - thread) / threads, v);
    return signs.get(graph.fault[edge]! - 1)!.has(signsIn(machine, v, thread));
  });
}

/** The way to the crash with the fewest preemptions; null where no interleaving crashes so. */
export function scheduleOf({ setUp, budget, endings }: Judgement): Schedule | null {
  return endings.length === 0 ? null : toldOf(setUp, budget, endings).schedule;
}

/** The first `most` orders of the flip test for a judgement that crashes, the most telling first. Each is tested when it is first asked for. */
export function causesOf(judgement: Judgement, most = Number.POSITIVE_INFINITY): readonly Cause[] {
  const { setUp, budget, endings } = judgement;
  if (endings.length === 0) return [];
  const one = toldOf(setUp, budget, endings);
  if (one.causes.length < most && !one.whole) {
    const graph = graphOf(watched(setUp), budget);
    let at = 0;
    one.whole = true;
    for (const order of causes(graph, one.schedule!.threads, edgesOf(setUp, budget, graph, endings))) {
      if (at++ < one.causes.length) continue;
      one.causes.push({ before: describe(graph, order.before), after: describe(graph, order.after) });
      if (one.causes.length < most) continue;
      one.whole = false;
      break;
    }
  }
  return one.causes.slice(0, most);
}
