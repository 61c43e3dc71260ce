/**
 * The search: is there a behaviour of the traced model in which exactly these calls are made in this order, other devices' calls aside? A configuration is
 * a state of the machine with what is known of the tasks; all configurations that explain the calls so far are carried from call to call, each with
 * everything that the threads can do silently in between.
 */
import type { FaultResult, Machine, State } from '../machine/machine.ts';
import { type Beginnings, beginnings } from './beginnings.ts';
import {
  agrees,
  type Bound,
  type Configuration,
  isOpen,
  isOver,
  keyed,
  listed,
  NOBODY,
  replaced,
} from './configuration.ts';
import { OtherCalls } from './other-calls.ts';
import type { Others } from './others.ts';
import { NONE, Steps } from './steps.ts';
import type { Traced } from './traced.ts';
import type { Assigned, By, Call, Trace } from './types.ts';

export interface Question {
  readonly model: Traced;
  readonly others: Others;
  readonly alphabet: ReadonlySet<string>;
  readonly trace: Trace;
  /** Other threads see whether the client is bound. */
  readonly bindings: boolean;
  /** States to begin in; one, unless calls before the first are lost. */
  readonly starts: readonly State[];
}

export interface Match {
  readonly accepted: boolean;
  /** Calls explained before the first that is not. */
  readonly explained: number;
  readonly outcome: string | null;
  readonly assigned: readonly Assigned[];
  readonly expected: readonly string[];
  readonly bounded: boolean;
  /** The smaller, the likelier: how often another device's visit was interrupted, and other clients were needed. */
  readonly cost: number;
}

/** Configurations at one call, and over all calls: three registrations and three attempts of a client can be in very many. */
const MOST_CONFIGURATIONS = 200_000;
const MOST_WORK = 400_000;
const MOST_EXPECTED = 6;

export function match(question: Question): Match {
  return new Search(question).run();
}

class Search {
  private readonly model: Traced;
  private readonly machine: Machine;
  private readonly elsewhere: OtherCalls;
  private readonly trace: Trace;
  private readonly beginnings: Beginnings;
  private readonly steps: Steps;
  private bounded = false;
  private work = 0;

  constructor(private readonly question: Question) {
    this.model = question.model;
    this.machine = question.model.machine;
    this.steps = new Steps(question.model.machine);
    this.trace = question.trace;
    this.beginnings = beginnings(question.trace, question.alphabet, question.bindings);
    this.elsewhere = new OtherCalls(this.model, question.others, this.trace, this.steps);
  }

  run(): Match {
    const { calls, crash, lost, fromBoot } = this.trace;
    const known = this.question.alphabet.has('iommu_device_register');
    const first = this.question.starts.map(
      (state): Configuration =>
        keyed({
          state: this.steps.numberOf(state),
          crashed: -1,
          outcome: null,
          threads: this.machine.threads.map(() => NOBODY),
          frames: new Map(),
          registered: lost || !fromBoot || !known,
          translated: lost || !fromBoot,
          cost: 0,
          trail: null,
        }),
    );
    let now = this.closed(first);
    let before = now;
    let at = 0;
    for (; at < calls.length && now.length > 0; at++) {
      before = now;
      const call = calls[at]!;
      const last = calls[at - 1]?.task ?? null;
      now = this.closed(now.flatMap((c) => this.after(c, call, last)));
    }
    const failed = now.length === 0;
    const ends = now.filter((c) => crash === null || c.crashed >= 0);
    const best = ends[0] ?? now[0] ?? before[0] ?? null;
    return {
      accepted: ends.length > 0,
      explained: failed ? at - 1 : at,
      outcome: best?.outcome ?? null,
      assigned: best ? listed(best.trail) : [],
      expected: failed && at > 0 ? this.expected(before, calls[at - 1]!) : [],
      bounded: this.bounded || this.steps.bounded,
      cost: best?.cost ?? 0,
    };
  }

  /** Every configuration that the threads can reach from these without a call, the cheapest way to each; cheapest first. */
  private closed(from: readonly Configuration[]): readonly Configuration[] {
    const found = new Map<string, Configuration>();
    const queue = [...from].sort((a, b) => a.cost - b.cost);
    for (let i = 0; i < queue.length; i++) {
      const c = queue[i]!;
      const key = `${c.state}|${c.key}`;
      const known = found.get(key);
      if (known !== undefined && known.cost <= c.cost) continue;
      if (found.size >= MOST_CONFIGURATIONS || this.work++ >= MOST_WORK) {
        this.bounded = true;
        break;
      }
      found.set(key, c);
      for (let t = 0; t < c.threads.length; t++) queue.push(...this.silent(c, t));
    }
    return [...found.values()].sort((a, b) => a.cost - b.cost);
  }

  /** What comes of one silent step of a thread. */
  private silent(c: Configuration, thread: number): readonly Configuration[] {
    if (c.crashed === thread) return [];
    const stop = this.steps.stop(c.state, thread);
    if (this.model.entries[thread]![stop]) return [];
    const bound = c.threads[thread]!;
    if (this.model.marks[thread]![stop] && !this.idle(c, thread)) return [];
    const { to, fault } = this.steps.take(c.state, thread);
    const crash = fault === null ? [] : this.crashed(c, thread, stop, fault);
    if (to === NONE) return crash;
    const moved = { ...c, state: to };
    if (bound.visit === null && !bound.bus) return [moved, ...crash];
    return [keyed({ ...moved, threads: replaced(c.threads, thread, { ...bound, visit: null, bus: false }) }), ...crash];
  }

  /** No visit or probe of another device is half done in the thread's task. */
  private idle(c: Configuration, thread: number): boolean {
    const { visit, task } = c.threads[thread]!;
    if (visit !== null && !isOver(visit, c.translated)) return false;
    return task === null || isOpen(c, task);
  }

  /** The same configuration with the log's crash in it, where the fault is that one. */
  private crashed(c: Configuration, thread: number, stop: number, fault: FaultResult): readonly Configuration[] {
    const { crash } = this.trace;
    if (crash === null || c.crashed >= 0) return [];
    const { task } = c.threads[thread]!;
    if (crash.task !== null && task !== null && task !== crash.task) return [];
    const first = this.model.attempts[thread]![stop] === 0 && !this.model.leftByDeferral;
    if (crash.retried && first && this.machine.threads[thread]!.role === 'client') return [];
    const { kind, field, fn } = fault;
    const outcome = `${kind} ${field} in ${fn}`;
    if (!crash.target(this.machine, { kind, field, fn, thread, stop, outcome })) return [];
    return [keyed({ ...c, crashed: thread, outcome })];
  }

  /** Every way to explain one more call. */
  private after(c: Configuration, call: Call, last: string | null): readonly Configuration[] {
    return [...this.byThread(c, call), ...this.byOther(c, call, last)];
  }

  private byThread(c: Configuration, call: Call): readonly Configuration[] {
    const ways: Configuration[] = [];
    for (let t = 0; t < c.threads.length; t++) {
      const stop = this.steps.stop(c.state, t);
      const entry = this.model.entries[t]![stop];
      if (c.crashed === t || !entry || entry.fn !== call.fn || !agrees(entry.parents, call)) continue;
      const bound = c.threads[t]!;
      const attempt = this.model.attempts[t]![stop]!;
      if (bound.attempt === attempt && bound.task !== null) {
        if (bound.task !== call.task || !this.idle(c, t)) continue;
      } else if (!this.beginnings[this.machine.threads[t]!.role].has(call)) continue;
      else if (this.active(c, call.task) >= 0 || !isOpen(c, call.task)) continue;
      // The entry itself touches nothing, so that there is always a state behind it.
      const state = this.steps.take(c.state, t).to;
      if (state === NONE) continue;
      const by: By = { is: 'thread', thread: t, attempt };
      ways.push(
        keyed({
          ...c,
          state,
          threads: replaced(c.threads, t, { task: call.task, attempt, visit: null, bus: false }),
          registered: c.registered || call.fn === 'iommu_device_register',
          trail: { before: c.trail, assigned: { call, by } },
        }),
      );
    }
    return ways;
  }

  /** The thread that this task is in the middle of an attempt of, or -1. */
  private active(c: Configuration, task: string): number {
    return c.threads.findIndex((bound, t) => {
      if (bound.task !== task) return false;
      const stop = this.steps.stop(c.state, t);
      return this.model.attempts[t]![stop] === bound.attempt && this.machine.stops[t]![stop]!.end === null;
    });
  }

  private byOther(c: Configuration, call: Call, last: string | null): readonly Configuration[] {
    const thread = this.active(c, call.task);
    if (thread >= 0) return this.elsewhere.within(c, thread, call, last);
    const ways = this.elsewhere.probe(c, call);
    if (!this.trace.lost) return ways;
    // A thread that is in the middle of a walk since before the trace, in a task that shows only now.
    const walks = c.threads.flatMap((bound, t) =>
      bound.task === null && c.frames.get(call.task) === undefined
        ? this.elsewhere.within({ ...c, threads: replaced(c.threads, t, this.begun(c, t, call.task)) }, t, call, last)
        : [],
    );
    return [...ways, ...walks];
  }

  private begun(c: Configuration, thread: number, task: string): Bound {
    const attempt = this.model.attempts[thread]![this.steps.stop(c.state, thread)]!;
    return { task, attempt, visit: null, bus: false };
  }

  /** What this task could have called instead. */
  private expected(before: readonly Configuration[], call: Call): readonly string[] {
    const words = new Set<string>();
    const say = (fn: string, parents: ReadonlySet<string>) => {
      const [parent] = parents;
      words.add(parent === undefined ? fn : `${fn} <-${parent}`);
    };
    for (const c of before) {
      const thread = this.active(c, call.task);
      if (thread >= 0) {
        const stop = this.steps.stop(c.state, thread);
        const entry = this.model.entries[thread]![stop];
        if (entry && this.idle(c, thread)) say(entry.fn, entry.parents);
        const { visit } = c.threads[thread]!;
        if (visit && !isOver(visit, c.translated))
          for (const [fn, edge] of visit.next) if (!edge.late || c.translated) say(fn, edge.parents);
      }
      const top = c.frames.get(call.task)?.at(-1);
      if (top && !isOver(top, c.registered))
        for (const [fn, edge] of top.next) if (!edge.late || c.registered) say(fn, edge.parents);
      if (words.size >= MOST_EXPECTED) break;
    }
    return [...words].slice(0, MOST_EXPECTED);
  }
}
