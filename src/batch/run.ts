/**
 * A batch: walks the inputs, has what is new judged by the pool, and takes the results in the order of the inputs, whoever was faster. What is held at a
 * time is a window of tasks; everything else is in the store's files or in the ledger's columns.
 */
import { complain } from '../exit.ts';
import type { TriageOptions } from '../reconstruct/types.ts';
import { jsonText } from '../report/safe/sanitize.ts';
import { membersOf } from './archive.ts';
import type { Ledger } from './ledger.ts';
import { gathered } from './member.ts';
import { Changed, type Found } from './open.ts';
import type { Pool } from './pool.ts';
import { headOf, type Store } from './store.ts';
import { type Item, type Outcome, saidOf, streamed } from './task.ts';
import { INPUT_SCHEMA, type InputLine, type InputStatus, type Said } from './types.ts';
import type { Step } from './walk.ts';

/** Logs of a task: as many as one message is worth, no more than keeps the others waiting. */
const MOST_ITEMS = 64;
const MOST_BYTES = 256 * 1024;
/** Inputs in a row that need no judging. */
const MOST_SLOTS = 512;
/** Names of an archive's members that are told apart. */
const MOST_NAMES = 1_000_000;

/** What came of one input, as it is told. */
export interface Result {
  readonly line: InputLine;
  /** False where it was judged in this run. */
  readonly known: boolean;
  /** True for an input that the user named and that could not be read. */
  readonly given: boolean;
}

export interface Run {
  readonly ledger: Ledger;
  readonly pool: Pool;
  readonly store: Store | null;
  readonly options: TriageOptions;
  readonly result: (result: Result) => void;
  /** Tasks that wait, are being judged, or wait for one before them. */
  readonly window: number;
  /** True once the user wants it to end. */
  readonly stopped: () => boolean;
}

/** An input with what its line says. */
interface Entry {
  readonly path: string;
  readonly bytes: number | null;
  readonly modified: number | null;
  readonly given: boolean;
}

interface Slot {
  readonly entry: Entry;
  /** To be judged; null where nothing is to be done. */
  readonly item: Item | null;
  /** What its line says without judging; null for an input that is known, or to be judged. */
  readonly told: Told | null;
}

interface Waiting {
  readonly slots: readonly Slot[];
  readonly outcomes: Promise<readonly Outcome[] | { readonly died: unknown }>;
}

type Told = Omit<InputLine, 'schema' | 'path' | 'bytes' | 'modified'>;

export class Batch {
  private slots: Slot[] = [];
  private items = 0;
  private bytes = 0;
  private readonly waiting: Waiting[] = [];
  /** Questions which contents are new are answered in the order of the tasks, so that of two with the same content always the first judges it. */
  private turn: Promise<void> = Promise.resolve();
  private readonly archives: { readonly found: Found; readonly entry: Entry }[] = [];
  /** Inputs whose content was left to another one that then could not be judged. */
  private again: Slot[] = [];

  constructor(private readonly run: Run) {}

  /** Takes every step to its end, or stops early; what was begun is finished either way. Archives come last, in their order. */
  async all(steps: AsyncIterable<Step> | Iterable<Step>): Promise<void> {
    const { stopped } = this.run;
    for await (const step of steps) {
      if (stopped()) break;
      if (step.is === 'file') await this.offer(step.found, step.found);
      else {
        const { path, given, status, said } = step;
        await this.put({ entry: { path, bytes: null, modified: null, given }, item: null, told: told(status, [said]) });
      }
    }
    await this.finish();
    for (let next = this.archives.shift(); next !== undefined && !stopped(); next = this.archives.shift()) {
      await this.archive(next.found, next.entry);
      await this.finish();
    }
    if (!stopped()) await this.repeat();
  }

  /** An input to judge, unless it is as it was when it was judged. */
  private async offer(item: Item, entry: Entry): Promise<void> {
    const known = this.run.ledger.isKnown(entry.path, entry.bytes!, entry.modified!);
    await this.put({ entry, item: known ? null : item, told: null });
  }

  private async put(slot: Slot): Promise<void> {
    this.slots.push(slot);
    const { item } = slot;
    if (item !== null) {
      this.items++;
      this.bytes += 'content' in item ? item.content.length : item.bytes;
    }
    if (this.items >= MOST_ITEMS || this.bytes >= MOST_BYTES || this.slots.length >= MOST_SLOTS) await this.flush();
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

  private async finish(): Promise<void> {
    await this.flush();
    while (this.waiting.length > 0) await this.commitFirst();
  }

  private async commitFirst(): Promise<void> {
    const { slots, outcomes } = this.waiting[0]!;
    const came = await outcomes;
    this.waiting.shift();
    if ('died' in came) await this.oneByOne(slots, came.died);
    else this.commit(slots, came);
  }

  /** A thread died of one of these: each alone, so that only that one is lost. */
  private async oneByOne(slots: readonly Slot[], died: unknown): Promise<void> {
    const { pool, ledger, options } = this.run;
    for (const slot of slots) {
      if (slot.item === null) this.commit([slot], []);
      else {
        const task = { items: [slot.item], model: ledger.model, options };
        const claim = async (contents: readonly string[]) => contents.map((content) => ledger.claim(content));
        try {
          if (itemsOf(slots).length === 1) throw died;
          this.commit([slot], await pool.run(task, claim));
        } catch (error) {
          const text = `the thread that judged it ended: ${error instanceof Error ? error.message : String(error)}`;
          this.commit(
            [{ ...slot, item: null, told: told('defect', [{ code: 'OR302', text: text.slice(0, 300) }]) }],
            [],
          );
        }
      }
    }
  }

  /** Writes what came of a task: lines of the journal, then those of the inputs that rest on them, then tells it. */
  private commit(slots: readonly Slot[], outcomes: readonly Outcome[]): void {
    const records: string[] = [];
    const inputs: { readonly entry: Entry; readonly told: Told | null }[] = [];
    let at = 0;
    for (const { entry, item, told: said } of slots) {
      if (item === null) {
        inputs.push({ entry, told: said });
        continue;
      }
      const outcome = outcomes[at++]!;
      switch (outcome.is) {
        case 'archive':
          if ('content' in item) inputs.push({ entry, told: NESTED });
          else this.archives.push({ found: item, entry });
          break;
        case 'judged':
          records.push(...this.newRecords(outcome));
          if (this.run.ledger.isComplete(outcome.content))
            inputs.push({ entry, told: told('judged', outcome.said, outcome.content) });
          else this.again.push({ entry, item, told: null });
          break;
        case 'unreadable':
        case 'defect':
          inputs.push({ entry, told: told(outcome.is, outcome.said) });
      }
    }
    this.write(records, inputs);
  }

  /** Lines of the journal that it does not have. */
  private newRecords({ content, lines }: Extract<Outcome, { is: 'judged' }>): readonly string[] {
    const { ledger } = this.run;
    const fresh = lines.slice(ledger.have(content));
    for (const line of fresh) ledger.record(headOf(line));
    return fresh;
  }

  private write(
    records: readonly string[],
    inputs: readonly { readonly entry: Entry; readonly told: Told | null }[],
  ): void {
    const { ledger, store, result } = this.run;
    const results = inputs.map(({ entry, told: said }): Result => {
      const line = lineOf(entry, said ?? ledger.told(entry.path)!);
      return { line, known: said === null, given: entry.given };
    });
    const fresh: string[] = [];
    for (const { line, known } of results) {
      if (known) continue;
      const text = `${jsonText(line)}\n`;
      if (ledger.input(line, text)) fresh.push(text);
    }
    store?.append(records, fresh);
    for (const one of results) result(one);
  }

  /** An archive's members, then its own line: one that is killed in the middle is read again. */
  private async archive(found: Found, entry: Entry): Promise<void> {
    const { ledger, stopped } = this.run;
    const said: Said[] = [];
    const names = new Map<string, number>();
    try {
      for await (const member of membersOf(found, (s) => said.push(s))) {
        if (stopped()) return;
        // A name may stand there twice. They are remembered while they are few.
        const times = (names.get(member.name) ?? 0) + 1;
        if (names.size < MOST_NAMES) names.set(member.name, times);
        const path = `${found.path}!${member.name}${times > 1 ? `#${times}` : ''}`;
        const bytes = member.is === 'file' ? member.bytes : null;
        const modified = member.is === 'file' ? member.modified : null;
        const own: Entry = { path, bytes, modified, given: false };
        if (member.is === 'other') await this.put({ entry: own, item: null, told: told(member.status, [member.said]) });
        else if (ledger.isKnown(path, member.bytes, member.modified))
          await this.put({ entry: own, item: null, told: null });
        else await this.member(own, member.pieces);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined && !(error instanceof Changed)) throw error;
      said.push(saidOf(error));
    }
    await this.put({ entry, item: null, told: { ...told('archive', said), model: ledger.model } });
  }

  private async member(entry: Entry, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const { ledger, options } = this.run;
    const came = await gathered(pieces);
    const item = { path: entry.path, content: came.is === 'held' ? came.content : new Uint8Array(0) };
    if (came.is === 'failed') await this.put({ entry, item: null, told: told('unreadable', [came.said]) });
    else if (came.is === 'held') await this.put({ entry, item, told: null });
    else {
      // Too large to be sent to a thread: judged here, as it comes.
      await this.finish();
      this.commit([{ entry, item, told: null }], [await streamed(came.pieces, ledger.model, options)]);
    }
  }

  private async repeat(): Promise<void> {
    const { again } = this;
    this.again = [];
    for (const slot of again) {
      this.send([slot]);
      await this.finish();
    }
    const failed = told('defect', [{ code: 'OR302', text: 'its content could not be judged' }]);
    this.commit(
      this.again.map((slot) => ({ ...slot, item: null, told: failed })),
      [],
    );
  }
}

const NESTED = told('refused', [{ code: 'OR205', text: 'an archive in an archive is not opened' }]);

function itemsOf(slots: readonly Slot[]): Item[] {
  return slots.flatMap(({ item }) => (item === null ? [] : [item]));
}

function told(status: InputStatus, diagnostics: readonly Said[], content: string | null = null): Told {
  return { status, content, model: null, diagnostics };
}

function lineOf({ path, bytes, modified }: Entry, { status, content, model, diagnostics }: Told): InputLine {
  return {
    schema: INPUT_SCHEMA,
    path,
    status,
    bytes,
    modified: modified === null ? null : new Date(modified).toISOString(),
    content,
    model,
    diagnostics,
  };
}

/** Said on standard error, for those who see no line of the input. */
export function complainOf({ line: { path, status, diagnostics } }: Result): void {
  const failed = status !== 'judged' && status !== 'archive';
  for (const { code, text } of diagnostics)
    complain(failed ? `${path}: ${code}: ${text}` : `warning ${code}: ${text} (${path})`);
}
