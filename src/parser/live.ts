/**
 * A log while it is written: what is kept of it, and when a report in it is over. A report is over at its end mark, where a panic or the next boot ends it, or when no
 * line like a report's has come for two seconds. What is kept is bounded: of each boot the beginning, which names the kernel, and the end.
 */

/** Bytes kept of a boot's beginning and of its end; in between they are dropped. */
const HEAD = 64 << 10;
const TAIL = 512 << 10;
const MOST = 2 << 20;

/** Lines that end a report, or everything. */
const ENDS = ['---[ end trace', '---[ end Kernel panic', 'Rebooting in '].map((text) => Buffer.from(text));
const BANNER = Buffer.from('Linux version ');
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
].map((text) => Buffer.from(text));

export class LiveLog {
  #kept = Buffer.alloc(0);
  /** Up to where in `#kept` reports have been told. */
  #told = 0;
  #pending = false;

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
  take(piece: Buffer, judge: (log: Buffer, from: number) => number): boolean {
    const before = this.#kept.length;
    // A word may stand across the border of two pieces.
    const from = Math.max(0, before - 32);
    this.#kept = Buffer.concat([this.#kept, piece]);
    const fresh = this.#kept.subarray(from);
    const like = REPORT.some((word) => fresh.includes(word));
    if (like) this.#pending = true;
    if (this.#pending && ENDS.some((word) => fresh.includes(word))) this.settle(judge);
    const banner = this.#kept.indexOf(BANNER, Math.max(from, 1));
    if (banner > 0 && this.#hasBanner(banner)) {
      const line = this.#kept.lastIndexOf(10, banner) + 1;
      const next = this.#kept.subarray(line);
      this.#kept = this.#kept.subarray(0, line);
      if (this.#pending) this.settle(judge);
      this.#kept = Buffer.from(next);
      this.#told = 0;
      this.#pending = REPORT.some((word) => this.#kept.includes(word));
    }
    if (this.#kept.length > MOST) {
      if (this.#pending) this.settle(judge);
      this.#drop();
    }
    return like;
  }

  /** Has everything judged that came until now. */
  settle(judge: (log: Buffer, from: number) => number): void {
    this.#told = Math.max(this.#told, judge(this.#kept, this.#told));
    this.#pending = false;
  }

  /** The first banner begins this boot, a later one the next. */
  #hasBanner(at: number): boolean {
    return this.#kept.indexOf(BANNER) < at || at > HEAD;
  }

  #drop(): void {
    const head = this.#kept.lastIndexOf(10, HEAD) + 1;
    const tail = this.#kept.indexOf(10, this.#kept.length - TAIL) + 1;
    this.#told = Math.max(head, this.#told - (tail - head));
    this.#kept = Buffer.concat([this.#kept.subarray(0, head), this.#kept.subarray(tail)]);
  }
}
