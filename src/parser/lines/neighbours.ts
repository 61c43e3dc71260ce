/** The bytes next to a line, for framings whose records take several lines. */
import { latin1, utf8 } from '../../bytes.ts';
import type { Around } from '../framings/cut.ts';
import { BINARY_HEAD } from '../framings/journal-export.ts';

/** Bytes on either side of a line in which the other fields of its record may stand. */
const RECORD_SIZE = 1500;

/** Looks around one line at a time; made once for a buffer, so that an ordinary line costs nothing. */
export class Neighbours implements Around {
  private from = 0;
  private next = 0;
  binary = false;

  constructor(private readonly buffer: Uint8Array) {}

  /** Moves to the line of these offsets; `next` is one past its newline. */
  of(from: number, next: number): Around {
    this.from = from;
    this.next = next;
    const head = BINARY_HEAD.length;
    const { buffer } = this;
    // The last letter of "MESSAGE" first: hardly any line ends in it.
    this.binary = buffer[from - 2] === 69 && from >= head && latin1(buffer, from - head, from) === BINARY_HEAD;
    return this;
  }

  before(): string {
    return utf8(this.buffer, Math.max(0, this.from - RECORD_SIZE), this.from);
  }

  after(): string {
    return utf8(this.buffer, this.next, Math.min(this.buffer.length, this.next + RECORD_SIZE));
  }
}
