/**
 * Which input a thread is at, and whether it goes on: a thread writes into memory that it shares with the one that waits for it, as it can say nothing while it
 * works. An input at which nothing goes on is named, and in the end given up, so that no run waits for ever.
 */
import { threadId } from 'node:worker_threads';

/** Words of the memory that belongs to a task. */
const ITEM = 0;
const BEATS = 1;
const THREAD = 2;
const TURN = 3;
const WORDS = 4;

/** Not at any item: waiting for an answer, or for its turn. */
const NONE = -1;

export type Pulse = Int32Array;

export function pulse(): Pulse {
  return new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)).fill(NONE, ITEM, ITEM + 1);
}

let current: Pulse | null = null;
let turns = 0;

/** The thread begins with an item of the task, or leaves them. */
export function atItem(of: Pulse | undefined, item: number | null): void {
  if (of === undefined) return;
  current = of;
  Atomics.store(of, THREAD, threadId);
  Atomics.store(of, TURN, ++turns);
  Atomics.store(of, ITEM, item ?? NONE);
  beat();
}

/** The thread has come a piece further. */
export function beat(): void {
  if (current !== null) Atomics.add(current, BEATS, 1);
}

/** Thrown at a task whose thread was ended because nothing went on in it. */
export class Stuck extends Error {
  /** Index of the item that it was at; null where another task of the same thread was the one. */
  readonly item: number | null;

  constructor(item: number | null, seconds: number) {
    super(item === null ? 'its thread was ended for another input' : `nothing went on in it for ${seconds} s`);
    this.item = item;
  }
}

export interface Patience {
  /** Milliseconds without progress after which an input is named, and given up. */
  readonly named: number;
  readonly given: number;
}

export const PATIENCE: Patience = { named: 60_000, given: 600_000 };

interface Watched {
  readonly pulse: Pulse;
  readonly nameOf: (item: number) => string;
  readonly end: (reason: Stuck) => void;
}

interface Progress {
  beats: number;
  since: number;
  named: boolean;
}

/** Looks at the tasks under way. */
export class Watch {
  readonly #patience: Patience;
  readonly #say: (text: string) => void;
  readonly #tasks = new Set<Watched>();
  readonly #threads = new Map<number, Progress>();
  #timer: NodeJS.Timeout | null = null;

  constructor(patience: Patience, say: (text: string) => void) {
    this.#patience = patience;
    this.#say = say;
  }

  /** Has the task looked at until what is returned is called. */
  add(task: Watched): () => void {
    this.#tasks.add(task);
    this.#timer ??= setInterval(() => this.#look(performance.now()), this.#patience.named / 4).unref();
    return () => {
      this.#tasks.delete(task);
      if (this.#tasks.size > 0) return;
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      this.#threads.clear();
    };
  }

  #look(now: number): void {
    const byThread = new Map<number, Watched[]>();
    for (const task of this.#tasks) {
      if (Atomics.load(task.pulse, ITEM) === NONE) continue;
      const thread = Atomics.load(task.pulse, THREAD);
      byThread.set(thread, [...(byThread.get(thread) ?? []), task]);
    }
    for (const thread of this.#threads.keys()) if (!byThread.has(thread)) this.#threads.delete(thread);
    for (const [thread, tasks] of byThread) this.#lookAt(thread, tasks, now);
  }

  #lookAt(thread: number, tasks: readonly Watched[], now: number): void {
    const beats = tasks.reduce((sum, t) => sum + Atomics.load(t.pulse, BEATS), 0);
    const before = this.#threads.get(thread);
    if (before === undefined || before.beats !== beats) {
      this.#threads.set(thread, { beats, since: now, named: false });
      return;
    }
    const still = now - before.since;
    // Of two tasks in a thread the one that had the last turn holds the other up.
    const turn = (t: Watched) => Atomics.load(t.pulse, TURN);
    const at = tasks.reduce((a, b) => (turn(b) > turn(a) ? b : a));
    const item = Atomics.load(at.pulse, ITEM);
    if (still >= this.#patience.named && !before.named) {
      before.named = true;
      this.#say(
        `${at.nameOf(item)}: nothing has gone on in it for ${seconds(still)} s; it is given up after ${seconds(this.#patience.given)} s`,
      );
    }
    if (still < this.#patience.given) return;
    this.#threads.delete(thread);
    for (const task of tasks) task.end(new Stuck(task === at ? item : null, seconds(still)));
  }
}

const seconds = (milliseconds: number) => Math.round(milliseconds / 1000);
