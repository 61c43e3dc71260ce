/**
 * The cursor over physical lines: which line of the input is read next, where it ends, and how offsets in the window become offsets in the input. Lines
 * that are passed over are counted and never decoded.
 */

import type { MarkerFinder } from './finder.ts';

/** Bytes before a crash marker in which its prefaces stand. */
export const BACK = 65536;

/** Moves forward line by line over one window after the other; a window starts where the cursor is, or before. */
export class Cursor {
  buffer: Uint8Array = new Uint8Array(0);
  /** Offset in the window, and 1-based number, of the line that is read next. */
  at = 0;
  number = 1;
  /** Where the window starts in the input, without the bytes that were left out of the line at the cursor. */
  base = 0;
  /** How many bytes of a long line were left out of the window, and where. */
  private gap = 0;
  private gapAt = 0;
  private end = -1;

  constructor(
    readonly separator: number,
    private readonly finder: MarkerFinder,
  ) {}

  /** Another window. `dropped`: bytes at the front of the last one that are not in this one. */
  hold(buffer: Uint8Array, dropped: number): void {
    this.buffer = buffer;
    this.base += dropped;
    this.at -= dropped;
    this.gapAt -= dropped;
    this.end = -1;
  }

  /** `bytes` bytes at `at` of the window were left out, from the middle of a line that has no end. */
  leaveOut(at: number, bytes: number): void {
    this.gapAt = at;
    this.gap += bytes;
  }

  /** How many bytes were left out of the line at the cursor, which ends at `to`. */
  leftOutBefore(to: number): number {
    return this.gap > 0 && to > this.gapAt ? this.gap : 0;
  }

  /** Offset of the separator that ends the line at the cursor, or the window's end. */
  endOfLine(): number {
    if (this.end < this.at) {
      const found = this.buffer.indexOf(this.separator, this.at);
      this.end = found < 0 ? this.buffer.length : found;
    }
    return this.end;
  }

  /** True if the line at the cursor begins with printk's stamp. */
  isStamped(): boolean {
    const { buffer, at } = this;
    return buffer[at] === 91 && (buffer[at + 1] === 32 || (buffer[at + 1]! >= 48 && buffer[at + 1]! <= 57));
  }

  /** Moves behind the line at the cursor. */
  pass(): void {
    const { at, buffer } = this;
    const to = this.endOfLine();
    this.moveTo(Math.min(to + 1, buffer.length));
    if (to > at || to < buffer.length) this.number++;
  }

  /** Moves to `before` lines ahead of the line that holds `offset`, never backwards; counts what it passes. */
  skipTo(offset: number, before: number): void {
    const { buffer, separator } = this;
    let start = offset > this.at ? buffer.lastIndexOf(separator, offset - 1) + 1 : this.at;
    if (start < this.at) start = this.at;
    this.countTo(start);
    for (let i = 0; i < before && start > this.at && offset - start < BACK; i++) {
      const previous = start < 2 ? 0 : buffer.lastIndexOf(separator, start - 2) + 1;
      start = Math.max(previous, this.at);
      this.number--;
    }
    this.moveTo(start);
  }

  /** Counts the lines between the cursor and the offset, without moving. */
  countTo(offset: number): void {
    this.number += this.finder.count(this.at, offset, this.separator);
  }

  private moveTo(at: number): void {
    this.at = at;
    this.end = -1;
    // What was left out of a line that is behind us counts for all that follows.
    if (this.gap > 0 && at > this.gapAt) {
      this.base += this.gap;
      this.gap = 0;
    }
  }
}
