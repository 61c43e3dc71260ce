/**
 * A log while it is written: what is kept of it, and when a report in it is over. A report is over at its end mark, where a panic or the next boot ends it, or when no
 * line like a report's has come for two seconds. What is kept is bounded: of each boot the beginning, which names the kernel, and the end.
 */

import { concat, find } from '../bytes.ts';

/** Bytes kept of a boot's beginning and of its end; in between they are dropped. */
const HEAD = 64 << 10;
const TAIL = 512 << 10;
const MOST = 1 << 20;

/** Lines that end a report, or everything. */
const ENDS = ['---[ end trace', '---[ end Kernel panic', 'Rebooting in '];
const BANNER = 'Linux version ';
/** Bytes of a line that is waited for to end. */
const LINE = 64 << 10;
const BOOTING = 'Booting Linux on ';
/** Bytes of the longest of these words. */
const LONGEST = 32;
/** What lines of a report hold: mostly a frame or a register. Cheap to look for, and never missed by a report that can be judged. */
const REPORT = [
  '+0x',
  'BUG',
  'WARNING',
  'Oops',
  'Unable to handle',
  'Internal error',
  'Kernel panic',
  'blocked for more than',
  'detected stall',
  'lockup',
  'general protection',
];

const has = (bytes: Uint8Array, text: string) => find(bytes, text) >= 0;

/** Where the boot of this banner begins: arm64 prints a line before it. */
function bootAt(log: Uint8Array, banner: number): number {
  const line = log.lastIndexOf(10, banner) + 1;
  if (line < 2) return line;
  const before = log.lastIndexOf(10, line - 2) + 1;
  return has(log.subarray(before, line), BOOTING) ? before : line;
}

export class LiveLog {
  #kept: Uint8Array = new Uint8Array(0);
  /** Up to where in `#kept` reports have been told. */
  #told = 0;
  #pending = false;
  /** What came of a line that has not ended. */
  #partial: Uint8Array = new Uint8Array(0);
  /** Behind the boot's own banner. */
  #own = 0;

  /** A report has begun that has not been told. */
  get pending(): boolean {
    return this.#pending;
  }

  get bytes(): number {
    return this.#kept.length;
  }

  /**
   * Takes what came. `judge` is called, with what is kept and from where in it reports are new, whenever a report is over; what it returns is up to where all
   * have been told. True where a line like a report's was in it.
   */
  take(piece: Uint8Array, judge: (log: Uint8Array, from: number) => number): boolean {
    // Whole lines only: a release or an address that is half there would be taken for a cut one.
    const end = piece.lastIndexOf(10) + 1;
    if (end === 0 && this.#partial.length < LINE) {
      this.#partial = concat([this.#partial, piece]);
      return false;
    }
    let from = Math.max(0, this.#kept.length - LONGEST);
    let rest = concat([this.#kept, this.#partial, end === 0 ? piece : piece.subarray(0, end)]);
    this.#partial = end === 0 ? new Uint8Array(0) : concat([piece.subarray(end)]);
    let like = false;
    for (;;) {
      const banner = find(rest, BANNER, Math.max(from, this.#own));
      const next = banner < 0 ? -1 : bootAt(rest, banner);
      // The banner on the first line is this boot's own.
      if (next === 0) {
        this.#own = banner + BANNER.length;
        continue;
      }
      this.#kept = next < 0 ? rest : rest.subarray(0, next);
      const fresh = this.#kept.subarray(from);
      if (REPORT.some((word) => has(fresh, word))) {
        like = true;
        this.#pending = true;
      }
      if (this.#pending && (next > 0 || ENDS.some((word) => has(fresh, word)))) this.settle(judge);
      if (next < 0) break;
      rest = rest.subarray(next);
      from = 0;
      this.#told = 0;
      this.#own = 0;
    }
    if (this.#kept.length > MOST) {
      if (this.#pending) this.settle(judge);
      this.#drop();
    }
    return like;
  }

  /** Has everything judged that came until now, a line that did not end included. */
  finish(judge: (log: Uint8Array, from: number) => number): void {
    const { length } = this.#kept;
    this.#kept = concat([this.#kept, this.#partial]);
    if (this.#pending || REPORT.some((word) => has(this.#kept.subarray(length), word))) this.settle(judge);
    this.#kept = this.#kept.subarray(0, length);
  }

  /** Has everything judged that came in whole lines. */
  settle(judge: (log: Uint8Array, from: number) => number): void {
    this.#told = Math.max(this.#told, judge(this.#kept, this.#told));
    this.#pending = false;
  }

  #drop(): void {
    const head = this.#kept.lastIndexOf(10, HEAD) + 1;
    const tail = this.#kept.indexOf(10, this.#kept.length - TAIL) + 1;
    this.#told = Math.max(head, this.#told - (tail - head));
    this.#kept = concat([this.#kept.subarray(0, head), this.#kept.subarray(tail)]);
  }
}
