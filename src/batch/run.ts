/**
 * A batch: walks the inputs and has what is new judged, files first, then the members of the archives that were met, then what rested on an input that
 * failed. window.ts sends and commit.ts takes the results; everything that is not under way is in the store's files or in the ledger's columns.
 */

import { Commits } from './commit.ts';
import { offerArchive } from './member.ts';
import { type Run, told } from './slot.ts';
import type { Step } from './walk.ts';
import { Window } from './window.ts';

const FAILED = told('defect', [{ code: 'OR302', text: 'its content could not be judged' }]);

export class Batch {
  private readonly commits: Commits;
  private readonly window: Window;

  constructor(private readonly run: Run) {
    this.commits = new Commits(run);
    this.window = new Window(run, this.commits);
  }

  /** Inputs that were met and have no line: none, once all of them were taken to their end. */
  get missing(): number {
    return this.commits.missing;
  }

  /** Takes every step to its end, or stops early; what was begun is finished either way. Archives come last, in their order. */
  async all(steps: AsyncIterable<Step> | Iterable<Step>): Promise<void> {
    const { commits, run, window } = this;
    for await (const step of steps) {
      if (run.stopped()) break;
      await this.offer(step);
    }
    await window.finish();
    const { archives } = commits;
    for (let next = archives.shift(); next !== undefined && !run.stopped(); next = archives.shift()) {
      await offerArchive(run, window, commits, next.found, next.entry);
      await window.finish();
    }
    if (!run.stopped()) await this.repeat();
  }

  /** An input to judge, unless it is as it was when it was judged. */
  private async offer(step: Step): Promise<void> {
    this.commits.owe();
    if (step.is === 'file') {
      const { found } = step;
      const known = this.run.ledger.isKnown(found.path, found.bytes, found.modified);
      await this.window.put({ entry: found, item: known ? null : found, told: null });
    } else {
      const { path, given, status, said } = step;
      const entry = { path, bytes: null, modified: null, given };
      await this.window.put({ entry, item: null, told: told(status, [said]) });
    }
  }

  /** Once more, each alone, what was left to another input with the same content that then failed. */
  private async repeat(): Promise<void> {
    const { commits, window } = this;
    const { again } = commits;
    commits.again = [];
    for (const slot of again) {
      await window.put(slot);
      await window.finish();
    }
    commits.commit(
      commits.again.map((slot) => ({ ...slot, item: null, told: FAILED })),
      [],
    );
  }
}
