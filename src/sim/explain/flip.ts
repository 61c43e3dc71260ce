/**
 * Cause, by a flip test: an order of two conflicting steps without which no interleaving reaches the crash. "X before Y" is a cause if every
 * interleaving that ends in the crash has X before Y, so that with Y forced first the crash is gone.
 */

import { type Graph, leadsTo, stopIn } from '../explore/graph.ts';
import type { Node } from '../machine/program.ts';
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
 * Conflicting pairs of the witness whose reversal makes every edge of `crash` unreachable, one by one as they are asked for. First the ones that a reader
 * would call the cause: an order about dev->iommu itself, then one of a free and a use, then the rest; within each the closest to the crash.
 */
export function* causes(
  graph: Graph,
  schedule: readonly number[],
  crash: readonly number[],
): Generator<Order, undefined> {
  const steps = stepsOf(graph, schedule);
  const ranks: [Order[], Order[], Order[]] = [[], [], []];
  for (let j = steps.length - 1; j >= 0; j--) {
    for (let i = j - 1; i >= 0; i--) {
      const a = steps[i]!;
      const b = steps[j]!;
      if (a.ref.thread !== b.ref.thread && conflict(a.node, b.node))
        ranks[rankOf(a.node, b.node)].push({ before: a.ref, after: b.ref });
    }
  }
  const search = new Reversal(graph, crash);
  for (const pairs of ranks) for (const order of pairs) if (!search.reaches(order)) yield order;
  return undefined;
}

function rankOf(before: Node, after: Node): 0 | 1 | 2 {
  if (before.op === 'store' && before.to === 'dev->iommu' && after.op === 'load') return 0;
  return before.op === 'free' ? 1 : 2;
}

/** "dev->iommu = NULL in dev_iommu_free (IOMMU registration)" */
export function describe(graph: Graph, ref: StepRef): string {
  const stop = graph.machine.stops[ref.thread]![ref.stop]!;
  return `\`${textOf(stop.place.node)}\` in ${stackOf(stop)[0]} (${graph.machine.threads[ref.thread]!.name})`;
}

/** The stops that a schedule passes, by running it in the graph. */
function stepsOf(graph: Graph, schedule: readonly number[]): { readonly ref: StepRef; readonly node: Node }[] {
  const { machine } = graph;
  const v = machine.initial();
  return schedule.map((thread) => {
    const stop = machine.stopAt(v, thread);
    machine.step(v, thread);
    return { ref: { thread, stop: stop.index }, node: stop.place.node };
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
  const whole = (free: string, field: string) =>
    free.startsWith('free ') && (field.startsWith(`${free.slice(5)}.`) || field.startsWith(`${free.slice(5)}:`));
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

/** Can a crash still come when one step must happen before another may? */
class Reversal {
  readonly #graph: Graph;
  /** 1: this faulting transition is the crash. */
  readonly #crash: Uint8Array;
  /** 1: from this state the crash can still come. */
  readonly #open: Uint8Array;

  constructor(graph: Graph, crash: readonly number[]) {
    this.#graph = graph;
    this.#crash = new Uint8Array(graph.next.length);
    for (const edge of crash) this.#crash[edge] = 1;
    this.#open = leadsTo(graph, crash);
  }

  /** With `before` held back until `after` happened: depth-first while it is held back; behind `after` every way is free again. */
  reaches({ before, after }: Order): boolean {
    const { next, machine, states } = this.#graph;
    const threads = machine.threads.length;
    if (this.#open[0] === 0) return false;
    const seen = new Uint8Array(states);
    const work = [0];
    for (let state = work.pop(); state !== undefined; state = work.pop()) {
      for (let t = 0; t < threads; t++) {
        const edge: number = state * threads + t;
        const to = next[edge]!;
        if (to < 0 && this.#crash[edge] === 0) continue;
        const stop = t === before.thread || t === after.thread ? stopIn(this.#graph, state, t) : -1;
        if (t === before.thread && stop === before.stop) continue;
        if (this.#crash[edge] === 1) return true;
        if (this.#open[to] === 0) continue;
        if (t === after.thread && stop === after.stop) return true;
        if (seen[to] === 1) continue;
        seen[to] = 1;
        work.push(to);
      }
    }
    return false;
  }
}

export interface Cause {
  readonly before: string;
  readonly after: string;
}
