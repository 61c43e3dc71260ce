/** What the search carries from call to call: a state of the machine, and what is known of the tasks. */
import { NO_MOVE } from '../explore/graph.ts';
import type { Edge, Node } from './others.ts';
import type { Assigned, Call } from './types.ts';

/** What a task does besides the model: probes of other devices, one in another, innermost last. */
export type Frames = readonly Node[];

/** A thread's part of a configuration. */
export interface Bound {
  /** Task and attempt that the thread was last seen in; null before. */
  readonly task: string | null;
  readonly attempt: number;
  /** Where in a visit of another device the walk is; null: in none. */
  readonly visit: Node | null;
  /** It has gone on to another bus. */
  readonly bus: boolean;
}

export interface Trail {
  readonly before: Trail | null;
  readonly assigned: Assigned;
}

export interface Configuration {
  /** Its number in `Steps`. */
  readonly state: number;
  /** What tells configurations apart, but for the state. */
  readonly key: string;
  /** The thread whose fault is the log's crash, and its outcome. */
  readonly crashed: number;
  readonly outcome: string | null;
  readonly threads: readonly Bound[];
  readonly frames: ReadonlyMap<string, Frames>;
  /** An IOMMU has begun to register; another client was translated. */
  readonly registered: boolean;
  readonly translated: boolean;
  readonly cost: number;
  readonly trail: Trail | null;
}

export const NOBODY: Bound = { task: null, attempt: NO_MOVE, visit: null, bus: false };

export function replaced(threads: readonly Bound[], thread: number, bound: Bound): readonly Bound[] {
  return threads.map((b, t) => (t === thread ? bound : b));
}

export function agrees(parents: ReadonlySet<string>, call: Call): boolean {
  return call.parent === null || parents.has(call.parent);
}

/** May the probe or visit end here? `late`: see Edge. */
export function isOver({ final }: Node, late: boolean): boolean {
  return final === 'any' || (late && final === 'late');
}

/** Every edge below. */
export function* edges(from: Node): Generator<Edge> {
  for (const edge of from.next.values()) {
    yield edge;
    yield* edges(edge.to);
  }
}

export function listed(trail: Trail | null): readonly Assigned[] {
  const all: Assigned[] = [];
  for (let at = trail; at !== null; at = at.before) all.push(at.assigned);
  return all.reverse();
}

/** Strings are compared far more often than they are made. */
export function keyed(c: Omit<Configuration, 'key'>): Configuration {
  const who = c.threads.map((b) => `${b.task} ${b.attempt} ${b.visit?.id ?? ''} ${b.bus ? 1 : 0}`).join(';');
  const probes = [...c.frames].map(([task, list]) => `${task}:${list.map((n) => n.id).join(' ')}`).join(';');
  return { ...c, key: `${c.crashed}|${who}|${probes}|${c.registered}|${c.translated}` };
}

/** The innermost probe that the task is in can be over as far as the traced functions go: another may begin. */
export function isOpen({ frames, registered }: Configuration, task: string): boolean {
  const top = frames.get(task)?.at(-1);
  return top === undefined || isOver(top, registered);
}
