/**
 * How to make a witness happen on a machine: which thread has to sleep, where, and for how long, so that the threads take turns as the witness does.
 * Every switch away from a thread that could go on becomes a delay; those without which the model still ends in the same crash are left out, and
 * what is left is run on the model, with its clock, before it is handed on.
 */
import type { Machine } from '../machine/machine.ts';
import { build } from '../scenarios.ts';
import { decodeReplay } from './replay.ts';
import { rerun, textOf } from './witness.ts';

/** A thread sleeps right before one of its steps. */
export interface DelayPoint {
  readonly thread: number;
  readonly stop: number;
  /** In units of time, each much longer than everything that the threads do without sleeping. */
  readonly units: number;
  /** The function and file of the step, what it does ("dev->iommu = NULL"), and through which accessor of dev->iommu; null: without one. */
  readonly fn: string;
  readonly file: string;
  readonly before: string;
  readonly accessor: string | null;
  /** The function has the client device at hand, so that the sleep can be for that device alone. */
  readonly ofClient: boolean;
  /** The threads that run while it sleeps. */
  readonly lets: readonly number[];
}

export interface Delays {
  /** Threads in the order in which they are started, one unit after the other; their names. */
  readonly starts: readonly { readonly thread: number; readonly name: string }[];
  /** In the order in which they are reached. */
  readonly points: readonly DelayPoint[];
  readonly outcome: string;
}

interface Segment {
  readonly thread: number;
  /** Stop at which it begins, and whether the thread that ran before could have gone on. */
  readonly stop: number;
  readonly preempts: boolean;
}

/** Null where the string is none, the run does not crash, one thread is all, or no such delays lead there. */
export function delaysFor(replay: string): Delays | null {
  const decoded = decodeReplay(replay);
  if (!decoded.ok) return null;
  const { witness, machine, end } = rerun(decoded.setUp, decoded.threads);
  const outcome = witness.steps.at(-1)?.outcome ?? null;
  if (outcome === null) return null;
  const segments: Segment[] = [];
  for (const { thread, stop, preempts } of witness.steps)
    if (segments.at(-1)?.thread !== thread) segments.push({ thread, stop: stop!, preempts });
  const order = [...new Set(segments.map((s) => s.thread))];
  if (order.length < 2) return null;
  const starts = new Map(order.map((thread) => [thread, segments.findIndex((s) => s.thread === thread)]));
  const reached = new Map<DelayPoint, number>();
  const put = (point: DelayPoint, at: number) => {
    reached.set(point, at);
    return point;
  };
  let points = segments.flatMap((s, i) => {
    const last = segments.slice(0, i).findLastIndex((before) => before.thread === s.thread);
    // A thread that waited for a lock needs nobody to hold it up.
    if (last < 0 || !segments[last + 1]!.preempts) return [];
    const lets = [...new Set(segments.slice(last + 1, i).map((between) => between.thread))];
    return [put(pointOf(machine, s.thread, s.stop, i - last, lets), last)];
  });
  // Nor may a thread whose part is over run on into another crash before this one has come.
  for (const thread of order) {
    const last = segments.findLastIndex((s) => s.thread === thread);
    const rest = segments.slice(last + 1);
    if (rest.length === 0 || !machine.enabled(end, thread)) continue;
    const lets = [...new Set(rest.map((s) => s.thread))];
    const at = machine.stopAt(end, thread).index;
    points.push(put(pointOf(machine, thread, at, segments.length - last + 1, lets), last));
  }
  points.sort((a, b) => reached.get(a)! - reached.get(b)!);
  const ends = (left: readonly DelayPoint[]) =>
    [false, true].every((waiterFirst) => runDelayed(build(decoded.setUp), starts, left, outcome, waiterFirst));
  if (!ends(points)) return null;
  for (const point of [...points].reverse()) {
    const rest = points.filter((p) => p !== point);
    if (ends(rest)) points = rest;
  }
  return { starts: order.map((thread) => ({ thread, name: witness.threads[thread]! })), points, outcome };
}

const ACCESSORS: ReadonlyMap<string, string> = new Map([
  ['priv = iommu->priv', 'dev_iommu_priv_get()'],
  ['iommu->priv = priv', 'dev_iommu_priv_set()'],
  ['fwspec = iommu->fwspec', 'dev_iommu_fwspec_get()'],
  ['iommu->fwspec = fwspec', 'dev_iommu_fwspec_set()'],
  ['iommu->fwspec = NULL', 'dev_iommu_fwspec_set()'],
  ['iommu_dev = iommu->iommu_dev', 'dev_iommu_ops()'],
]);

/** Functions of a registering thread in which no client is looked at. */
const OF_THE_IOMMU: ReadonlySet<string> = new Set([
  'iommu_device_register',
  'bus_set_iommu',
  'bus_iommu_probe',
  'iommu_device_unregister',
]);

/** The IOMMU driver's own probe, which stands right below platform_probe(). */
function ownProbe(machine: Machine, thread: number): string | null {
  for (const { place } of machine.stops[thread]!) {
    const at = place.stack.findIndex((p) => p.fn === 'platform_probe');
    if (at > 0) return place.stack[at - 1]!.fn;
  }
  return null;
}

function pointOf(machine: Machine, thread: number, at: number, units: number, lets: readonly number[]): DelayPoint {
  const stop = machine.stops[thread]![at]!;
  const next = machine.stops[thread]![at + 1];
  const before = textOf(stop.place.node);
  // An accessor loads dev->iommu; what it does with it is the step behind.
  const own = ACCESSORS.get(before);
  const loads = before === 'iommu = dev->iommu' && next?.fn === stop.fn;
  const accessor = own ?? (loads ? ACCESSORS.get(textOf(next.place.node)) : undefined) ?? null;
  const { role, top } = machine.threads[thread]!;
  const ofClient =
    role === 'client' || !(OF_THE_IOMMU.has(stop.fn) || stop.fn === ownProbe(machine, thread) || stop.fn === top.fn);
  return { thread, stop: at, units, fn: stop.fn, file: stop.file, before, accessor, ofClient, lets };
}

/**
 * Does the machine with these delays meet `outcome`? Threads that do not sleep run one at a time; where one lets go of what another waits for, the two
 * are free to run at once: `waiterFirst` says which goes first.
 */
export function runDelayed(
  machine: Machine,
  starts: ReadonlyMap<number, number>,
  points: readonly DelayPoint[],
  outcome: string,
  waiterFirst: boolean,
): boolean {
  const v = machine.initial();
  const wakes = new Map(starts);
  const slept = new Set<DelayPoint>();
  let now = 0;
  for (;;) {
    const ready = [...wakes.keys()].filter((t) => machine.enabled(v, t)).sort((a, b) => wakes.get(a)! - wakes.get(b)!);
    const t = ready[0];
    if (t === undefined) return false;
    now = Math.max(now, wakes.get(t)!);
    const waiting = [...wakes.keys()].filter((o) => o !== t && wakes.get(o)! <= now && !machine.enabled(v, o));
    while (machine.enabled(v, t)) {
      const at = machine.stopAt(v, t).index;
      const point = points.find((p) => p.thread === t && p.stop === at && !slept.has(p));
      if (point) {
        slept.add(point);
        wakes.set(t, now + point.units);
        break;
      }
      const result = machine.step(v, t);
      if (result.is === 'fault') {
        if (`${result.kind} ${result.field} in ${result.fn}` === outcome) return true;
        if (result.fatal) return false;
      }
      if (waiterFirst && waiting.some((o) => machine.enabled(v, o))) {
        // Runnable like the one that it waited for, which goes on as soon as the waiter rests.
        wakes.set(t, now + Number.EPSILON);
        break;
      }
    }
  }
}
