/**
 * The nearest passing run of a crash: among the runs of the same set-up that go to their end without any memory error, the one that shares the
 * longest beginning with the crash's schedule, of these the one with the fewest preemptions, and of these the shortest. Where the two part is the last
 * moment at which the crash could still be avoided.
 *
 * The search is exact on an exhaustive graph. On one that its budget ended, only runs are tried that, after the common beginning, let each thread
 * run until it waits or is over; the answer then says so.
 */
import { isQuietEnd } from '../explore/count.ts';
import { canStep, type Graph, topological } from '../explore/graph.ts';
import type { Machine, State } from '../machine/machine.ts';
import { quietEnds } from '../machine/quiet.ts';

export interface Nearest {
  /** Steps that both runs begin with. */
  readonly common: number;
  /** The passing run, whole. */
  readonly threads: readonly number[];
  /** All of its preemptions, those of the common beginning included. */
  readonly preemptions: number;
  /** What it ends in: "bound-with-iommu". */
  readonly ends: readonly string[];
  /** False where the graph was not explored to its end and only the simplest continuations were tried. */
  readonly exhaustive: boolean;
}

/** `schedule` must be a run of the graph's machine that ends in a crash. Null where no run passes, or none was found. */
export function nearestPassing(graph: Graph, schedule: readonly number[]): Nearest | null {
  const found = graph.exhaustive ? exact(graph, schedule) : simple(graph.machine, schedule);
  if (found === null) return null;
  const { machine } = graph;
  const v = machine.initial();
  let preemptions = 0;
  found.threads.forEach((t, i) => {
    const last = found.threads[i - 1];
    if (last !== undefined && last !== t && machine.enabled(v, last)) preemptions++;
    machine.step(v, t);
  });
  return { ...found, preemptions, ends: quietEnds(machine, v), exhaustive: graph.exhaustive };
}

type Run = Pick<Nearest, 'common' | 'threads'>;

function exact(graph: Graph, schedule: readonly number[]): Run | null {
  const passes = passing(graph);
  const threads = graph.machine.threads.length;
  let state = 0;
  const states = [0];
  for (const t of schedule.slice(0, -1)) {
    state = graph.next[state * threads + t]!;
    // An error that went unnoticed makes the run no passing one, whatever comes after it.
    if (state < 0 || graph.fault[states.at(-1)! * threads + t] !== 0) break;
    states.push(state);
  }
  for (let common = states.length - 1; common >= 0; common--) {
    const from = states[common]!;
    if (passes[from] === 0) continue;
    const rest = fewestPreemptions(graph, passes, from, schedule[common - 1] ?? -1);
    return { common, threads: [...schedule.slice(0, common), ...rest] };
  }
  return null;
}

/** 1 for each state from which some run goes to its end without a memory error. */
function passing(graph: Graph): Uint8Array {
  const threads = graph.machine.threads.length;
  const passes = new Uint8Array(graph.states);
  const order = topological(graph);
  for (let i = order.length - 1; i >= 0; i--) {
    const state = order[i]!;
    if (isQuietEnd(graph, state)) passes[state] = 1;
    for (let t = 0; t < threads; t++) {
      const edge = state * threads + t;
      if (graph.fault[edge] === 0 && graph.next[edge]! >= 0 && passes[graph.next[edge]!] === 1) passes[state] = 1;
    }
  }
  return passes;
}

/** Steps from `from`, where `last` ran before, to the end that takes the fewest preemptions, then the fewest steps. */
function fewestPreemptions(graph: Graph, passes: Uint8Array, from: number, last: number): readonly number[] {
  const n = graph.machine.threads.length;
  // A node is a state and the thread that ran last (n: none yet).
  const start = from * (n + 1) + (last < 0 ? n : last);
  const came = new Map<number, number>([[start, -1]]);
  let level = [start];
  while (level.length > 0) {
    const later: [node: number, via: number][] = [];
    // Within one number of preemptions breadth-first; what one more preemption leads to waits for the next round.
    for (let i = 0; i < level.length; i++) {
      const node = level[i]!;
      const ran = node % (n + 1);
      const state = (node - ran) / (n + 1);
      if (isQuietEnd(graph, state)) return wayTo(node, came, n);
      const goesOn = ran < n && canStep(graph, state, ran);
      for (let t = 0; t < n; t++) {
        const edge = state * n + t;
        const to = graph.next[edge]!;
        if (to < 0 || graph.fault[edge] !== 0 || passes[to] === 0) continue;
        const target = to * (n + 1) + t;
        if (t !== ran && goesOn) later.push([target, node]);
        else if (!came.has(target)) {
          came.set(target, node);
          level.push(target);
        }
      }
    }
    level = [];
    for (const [node, via] of later) {
      if (came.has(node)) continue;
      came.set(node, via);
      level.push(node);
    }
  }
  throw new Error('a state that leads to a passing end leads to none');
}

function wayTo(end: number, came: ReadonlyMap<number, number>, n: number): readonly number[] {
  const threads: number[] = [];
  for (let node = end; came.get(node) !== -1; node = came.get(node)!) threads.push(node % (n + 1));
  return threads.reverse();
}

/** Without a whole graph: the longest beginning behind which the threads, one after the other in some order, come to an end without an error. */
function simple(machine: Machine, schedule: readonly number[]): Run | null {
  const states = [machine.initial()];
  for (const t of schedule.slice(0, -1)) {
    const v = states.at(-1)!.slice();
    if (machine.step(v, t).is !== 'moved') break;
    states.push(v);
  }
  const order = machine.threads.map((_, t) => t);
  for (let common = states.length - 1; common >= 0; common--) {
    // The thread that ran last goes on first, unless that is what the crash did.
    const last = schedule[common - 1];
    const firsts = [...order].sort((a, b) => Number(b === last) - Number(a === last) || a - b);
    for (const first of firsts) {
      if (first === schedule[common]) continue;
      const rest = toTheEnd(machine, states[common]!.slice(), [first, ...order.filter((t) => t !== first)]);
      if (rest !== null) return { common, threads: [...schedule.slice(0, common), ...rest] };
    }
  }
  return null;
}

/** Lets the first of `order` run that can, until it cannot, again and again; null where a step is an error. */
function toTheEnd(machine: Machine, v: State, order: readonly number[]): readonly number[] | null {
  const threads: number[] = [];
  let running = order[0]!;
  if (!machine.enabled(v, running)) return null;
  for (;;) {
    if (!machine.enabled(v, running)) {
      const next = order.find((t) => machine.enabled(v, t));
      if (next === undefined) return threads;
      running = next;
    }
    if (machine.step(v, running).is !== 'moved') return null;
    threads.push(running);
  }
}
