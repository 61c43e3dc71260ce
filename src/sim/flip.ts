/**
 * Cause, by a flip test: an order of two conflicting steps without which no interleaving reaches the crash. "X before Y" is a cause if every
 * interleaving that ends in the crash has X before Y, so that with Y forced first the crash is gone.
 */

import type { Place } from './flatten.ts';
import type { Graph } from './graph.ts';
import type { Node } from './program.ts';
import { stackOf, textOf } from './witness.ts';

/** A step of a thread; every step is taken at most once in a run. */
export interface StepRef {
  readonly thread: number;
  readonly stop: number;
}

export interface Order {
  readonly before: StepRef;
  readonly after: StepRef;
}

/**
 * Conflicting pairs of the witness whose reversal makes every edge of `crash` unreachable. First the ones that a reader would call the cause: an
 * order about dev->iommu itself, then one of a free and a use, then the rest; within each the closest to the crash.
 */
export function causes(graph: Graph, schedule: readonly number[], crash: readonly number[]): readonly Order[] {
  const steps = stepsOf(graph, schedule);
  const pairs: Order[] = [];
  for (let j = steps.length - 1; j >= 0; j--) {
    for (let i = j - 1; i >= 0; i--) {
      const a = steps[i]!;
      const b = steps[j]!;
      if (a.ref.thread !== b.ref.thread && conflict(a.place.node, b.place.node))
        pairs.push({ before: a.ref, after: b.ref });
    }
  }
  const nodeOf = ({ thread, stop }: StepRef) => graph.machine.stops[thread]![stop]!.place.node;
  const rank = ({ before, after }: Order): number => {
    const a = nodeOf(before);
    if (a.op === 'store' && a.to === 'dev->iommu' && nodeOf(after).op === 'load') return 0;
    return a.op === 'free' ? 1 : 2;
  };
  return pairs
    .filter((order) => !reachableReversed(graph, order, crash))
    .map((order, i) => ({ order, i }))
    .sort((a, b) => rank(a.order) - rank(b.order) || a.i - b.i)
    .map(({ order }) => order);
}

/** "dev->iommu = NULL in dev_iommu_free (IOMMU registration)" */
export function describe(graph: Graph, ref: StepRef): string {
  const stop = graph.machine.stops[ref.thread]![ref.stop]!;
  return `\`${textOf(stop.place.node)}\` in ${stackOf(stop)[0]} (${graph.machine.threads[ref.thread]!.name})`;
}

/** The stops that a schedule passes, by running it in the graph. */
function stepsOf(graph: Graph, schedule: readonly number[]): { ref: StepRef; place: Place }[] {
  const { machine } = graph;
  const v = machine.initial();
  return schedule.map((thread) => {
    const stop = machine.stopAt(v, thread);
    machine.step(v, thread);
    return { ref: { thread, stop: stop.index }, place: stop.place };
  });
}

/** Two accesses to the same variable or object field, one of them writing; locks count as written. */
export function conflict(a: Node, b: Node): boolean {
  const x = touched(a);
  const y = touched(b);
  return x !== null && y !== null && (x.write || y.write) && overlap(x.what, y.what);
}

function overlap(a: string, b: string): boolean {
  if (a === b) return true;
  // Freeing an object touches all its fields.
  const whole = (free: string, field: string) => free.startsWith('free ') && field.startsWith(`${free.slice(5)}.`);
  return whole(a, b) || whole(b, a);
}

function touched(node: Node): { what: string; write: boolean } | null {
  switch (node.op) {
    case 'load':
      return { what: node.from, write: false };
    case 'store':
      return { what: node.to, write: true };
    case 'claim':
      return { what: node.what, write: true };
    case 'get':
      return { what: node.field, write: false };
    case 'put':
      return { what: node.field, write: true };
    case 'free':
      return { what: `free ${node.type}`, write: true };
    default:
      return null;
  }
}

/** Can the crash still come when `after` must happen before `before` may? Depth-first over (state, whether `after` happened). */
function reachableReversed(graph: Graph, order: Order, crash: readonly number[]): boolean {
  const { machine } = graph;
  const n = machine.threads.length;
  const wanted = new Set(crash);
  const v = new Uint16Array(machine.variables.length);
  const seen = new Uint8Array(graph.states * 2);
  const work = [0];
  seen[0] = 1;
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    const state = node >> 1;
    const done = node & 1;
    graph.packing.unpack(graph.table.states, state * graph.packing.words, v);
    for (let t = 0; t < n; t++) {
      const edge = state * n + t;
      if (graph.next[edge]! < 0 && graph.fault[edge] === 0) continue;
      const stop = machine.stopAt(v, t).index;
      if (!done && t === order.before.thread && stop === order.before.stop) continue;
      if (wanted.has(edge)) return true;
      const to = graph.next[edge]!;
      if (to < 0) continue;
      const after = done | Number(t === order.after.thread && stop === order.after.stop);
      const target = to * 2 + after;
      if (seen[target]) continue;
      seen[target] = 1;
      work.push(target);
    }
  }
  return false;
}
