/** Calls that are other devices' business: their probes, by any task, and a walk's visits to them. */
import { agrees, type Configuration, edges, type Frames, isOpen, isOver, keyed, replaced } from './configuration.ts';
import type { Edge, Others } from './others.ts';
import type { Steps } from './steps.ts';
import type { Mark, Traced } from './traced.ts';
import type { Call, Trace } from './types.ts';

const NO_FRAMES: Frames = [];
/** Probes in probes that are kept in mind. */
const DEEPEST = 8;
const INTERRUPTED = 1;
const ANOTHER_CLIENT = 16;

export class OtherCalls {
  /** Each task's last call. */
  private readonly farewells: ReadonlySet<Call>;

  constructor(
    private readonly model: Traced,
    private readonly others: Others,
    private readonly trace: Trace,
    private readonly steps: Steps,
  ) {
    this.farewells = new Set(new Map(trace.calls.map((call) => [call.task, call])).values());
  }

  /** Another device's call by the task of a thread, where the thread stands at a mark for such. */
  within(c: Configuration, thread: number, call: Call, last: string | null): readonly Configuration[] {
    if (c.crashed === thread) return [];
    const at: Mark | null = this.model.marks[thread]![this.steps.stop(c.state, thread)]!;
    if (at === null) return [];
    if (at === 'probe') return this.probe(c, call);
    const bound = c.threads[thread]!;
    const ways: Configuration[] = [];
    const go = (edge: Edge, bus: boolean) => {
      const interrupted = bound.visit?.next.get(call.fn) === edge && last !== call.task;
      ways.push(
        keyed({
          ...c,
          threads: replaced(c.threads, thread, { ...bound, visit: edge.to, bus }),
          cost: c.cost + (interrupted ? INTERRUPTED : 0),
          trail: { before: c.trail, assigned: { call, by: { is: edge.client ? 'other client' : 'other device' } } },
        }),
      );
    };
    const between = bound.visit === null || isOver(bound.visit, c.translated);
    const onBus = at === 'devices' || bound.bus || this.others.bus.next.size === 0;
    const fresh = this.trace.lost && bound.visit === null;
    for (const [root, bus] of [
      [bound.visit, bound.bus],
      [between && onBus ? this.others.visit : null, bound.bus],
      [between && at === 'buses' ? this.others.bus : null, true],
    ] as const) {
      const edge = root?.next.get(call.fn);
      if (edge && agrees(edge.parents, call) && (!edge.late || c.translated)) go(edge, bus);
    }
    if (fresh && ways.length === 0)
      for (const edge of edges(this.others.visit))
        if (edge.fn === call.fn && agrees(edge.parents, call)) go(edge, bound.bus);
    return ways;
  }

  /** A call in the probe of another device: one that is under way, or one that begins, perhaps inside another. */
  probe(c: Configuration, call: Call): readonly Configuration[] {
    const stack = c.frames.get(call.task) ?? NO_FRAMES;
    const top = stack.at(-1);
    const ways: Configuration[] = [];
    const go = (frames: Frames, edge: Edge | null) => {
      const client = edge?.client ?? false;
      ways.push(
        keyed({
          ...c,
          frames: this.framed(c.frames, call, frames),
          translated: c.translated || (edge?.late ?? false),
          cost: c.cost + (client ? ANOTHER_CLIENT : 0),
          trail: { before: c.trail, assigned: { call, by: { is: client ? 'other client' : 'other device' } } },
        }),
      );
    };
    const edge = top?.next.get(call.fn);
    if (edge && agrees(edge.parents, call) && (!edge.late || c.registered)) go([...stack.slice(0, -1), edge.to], edge);
    if (call.fn === 'driver_bound') {
      if (call.parent !== null && call.parent !== 'really_probe') return ways;
      const bound = stack.findLastIndex((n) => n.binds);
      if (bound >= 0) go(stack.slice(0, bound), null);
      else if (this.trace.lost) go(NO_FRAMES, null);
      return ways;
    }
    if (!isOpen(c, call.task)) return ways;
    const start = this.others.probe.next.get(call.fn);
    if (start && agrees(start.parents, call)) go([...stack, start.to], start);
    else if (this.trace.lost && top === undefined)
      for (const e of edges(this.others.probe)) if (e.fn === call.fn && agrees(e.parents, call)) go([e.to], e);
    return ways;
  }

  private framed(all: Configuration['frames'], call: Call, own: Frames): Configuration['frames'] {
    const copy = new Map(all);
    // Nobody asks again for a task that is not seen again.
    if (this.farewells.has(call)) copy.delete(call.task);
    else copy.set(call.task, own.slice(-DEEPEST));
    return copy;
  }
}
