/**
 * The tasks under way: inputs are gathered into tasks, tasks are sent to the pool, and what comes back is committed in the order of the inputs, whoever
 * was faster. What is held at a time is a window of tasks.
 */

import { lackOf } from '../lacking.ts';
import type { Commits } from './commit.ts';
import { itemsOf, type Run, type Slot, told } from './slot.ts';
import type { Outcome } from './task.ts';
import { Stuck } from './watch.ts';

/** Logs of a task: as many as one message is worth, no more than keeps the others waiting. */
const MOST_ITEMS = 64;
const MOST_BYTES = 256 * 1024;
/** Inputs in a row that need no judging. */
const MOST_SLOTS = 512;

interface Waiting {
  readonly slots: readonly Slot[];
  readonly outcomes: Promise<readonly Outcome[] | { readonly died: unknown }>;
}

/** Sends inputs to the pool and commits what comes of them. */
export class Window {
  private slots: Slot[] = [];
  private items = 0;
  private bytes = 0;
  private readonly waiting: Waiting[] = [];
  /** Questions which contents are new are answered in the order of the tasks, so that of two with the same content always the first judges it. */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly run: Pick<Run, 'ledger' | 'pool' | 'options' | 'window'>,
    private readonly commits: Commits,
  ) {}

  /** Takes an input; waits while the window is full. */
  async put(slot: Slot): Promise<void> {
    this.slots.push(slot);
    const { item } = slot;
    if (item !== null) {
      this.items++;
      this.bytes += 'content' in item ? item.content.length : item.bytes;
    }
    if (this.items >= MOST_ITEMS || this.bytes >= MOST_BYTES || this.slots.length >= MOST_SLOTS) await this.flush();
  }

  /** Everything that was put is committed. */
  async finish(): Promise<void> {
    await this.flush();
    while (this.waiting.length > 0) await this.commitFirst();
  }

  /** Hands what was gathered to the pool, and waits while the window is full. */
  private async flush(): Promise<void> {
    const { slots } = this;
    if (slots.length === 0) return;
    this.slots = [];
    this.items = 0;
    this.bytes = 0;
    this.send(slots);
    while (this.waiting.length >= this.run.window) await this.commitFirst();
  }

  private send(slots: readonly Slot[]): void {
    const { pool, ledger, options } = this.run;
    const items = itemsOf(slots);
    if (items.length === 0) {
      this.waiting.push({ slots, outcomes: Promise.resolve([]) });
      return;
    }
    const before = this.turn;
    let passOn = () => {};
    this.turn = new Promise((done) => {
      passOn = done;
    });
    const claimed: string[] = [];
    const outcomes = pool
      .run({ items, model: ledger.model, options }, async (contents) => {
        await before;
        const wanted = contents.map((content) => ledger.claim(content));
        claimed.push(...contents.filter((_, i) => wanted[i]));
        passOn();
        return wanted;
      })
      .catch((died: unknown) => {
        for (const content of claimed) ledger.release(content);
        return { died };
      })
      .finally(passOn);
    this.waiting.push({ slots, outcomes });
  }

  private async commitFirst(): Promise<void> {
    const { slots, outcomes } = this.waiting[0]!;
    const came = await outcomes;
    this.waiting.shift();
    if ('died' in came) await this.oneByOne(slots, came.died);
    else this.commits.commit(slots, came);
  }

  /** A thread died of one of these: each alone, so that only that one is lost. */
  private async oneByOne(slots: readonly Slot[], died: unknown): Promise<void> {
    const { pool, ledger, options } = this.run;
    const items = itemsOf(slots);
    // The very input that a thread was stuck at is not waited for once more; what only shared the thread with it is.
    const stuck = died instanceof Stuck && died.item !== null ? items[died.item] : undefined;
    const single = items.length === 1 && !(died instanceof Stuck) && lackOf(died) === null;
    for (const slot of slots) {
      if (slot.item === null) {
        this.commits.commit([slot], []);
        continue;
      }
      const task = { items: [slot.item], model: ledger.model, options };
      const claim = async (contents: readonly string[]) => contents.map((content) => ledger.claim(content));
      try {
        if (single || slot.item === stuck) throw died;
        this.commits.commit([slot], await alone(() => pool.run(task, claim)));
      } catch (error) {
        const text = `the thread that judged it ended: ${error instanceof Error ? error.message : String(error)}`;
        const said = told('defect', [{ code: 'OR302', text: text.slice(0, 300) }]);
        this.commits.commit([{ ...slot, item: null, told: said }], []);
      }
    }
  }
}

/** Again, a few times, where the thread was ended for another input than this one. */
async function alone<T>(run: () => Promise<T>): Promise<T> {
  for (let left = 3; ; left--) {
    try {
      return await run();
    } catch (error) {
      if (left === 0 || !(error instanceof Stuck) || error.item !== null) throw error;
    }
  }
}
