/**
 * What came of a task goes into the store and the ledger: lines of the journal first, then those of the inputs that rest on them, and only what is written
 * is told. What a task shows to be an archive, or to rest on another input that failed, is kept for later.
 */

import { jsonText } from '../report/safe/sanitize.ts';
import type { Found } from './open.ts';
import { type Entry, lineOf, type Result, type Run, type Slot, type Told, told } from './slot.ts';
import { headOf } from './store.ts';
import type { Outcome } from './task.ts';
import type { Said } from './types.ts';

const NESTED = told('refused', [{ code: 'OR205', text: 'an archive in an archive is not opened' }]);

/** An input and what its line says; null where that is in the ledger. */
interface Input {
  readonly entry: Entry;
  readonly told: Told | null;
}

/** Commits tasks; who calls it keeps to the order of the inputs. */
export class Commits {
  /** Archives that were met, in their order. */
  readonly archives: { readonly found: Found; readonly entry: Entry }[] = [];
  /** Inputs whose content was left to another one that then could not be judged. */
  again: Slot[] = [];

  /** Inputs that have no line yet. */
  private owed = 0;

  constructor(private readonly run: Pick<Run, 'ledger' | 'store' | 'result' | 'judged'>) {}

  /** An input was met: it is owed one line. */
  owe(): void {
    this.owed++;
  }

  /** How many of those that were met have none. */
  get missing(): number {
    return this.owed;
  }

  /** `outcomes`: one for each slot that holds something to judge. */
  commit(slots: readonly Slot[], outcomes: readonly Outcome[]): void {
    const records: string[] = [];
    const inputs: Input[] = [];
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
            inputs.push({
              entry,
              told: told('judged', [...outcome.said, ...this.apart(outcome.content)], outcome.content),
            });
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
    for (const line of fresh) {
      ledger.record(headOf(line));
      this.run.judged?.(line);
    }
    return fresh;
  }

  /** Of an input in which nothing is a kernel's line that is said, by its name. */
  private apart(content: string): readonly Said[] {
    const apart = this.run.ledger.isApart(content);
    return apart ? [{ code: 'OR111', text: 'no kernel log is in this input: it is in no count' }] : [];
  }

  private write(records: readonly string[], inputs: readonly Input[]): void {
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
    this.owed -= results.length;
    for (const one of results) result(one);
  }
}
