/**
 * Where the next marker of a window stands: with the scanner in small inputs, with a sieve that learned from the input in large ones. Who looks twice
 * at the same place pays once.
 */

import { BYTE_MESSAGES, MARKERS, PSTORE_HEADERS, type Role } from '../grammars/markers.ts';
import { Scanner } from './scan.ts';
import { Sieve } from './sieve.ts';

/** Inputs from this size on are worth a sieve of their own. */
const SIEVED = 1 << 20;

const NEEDLES = [
  ...MARKERS.filter((m) => m.role !== 'part'),
  ...[...PSTORE_HEADERS, ...BYTE_MESSAGES].map((text) => ({ text, role: 'event' as const })),
];
let scanner: Scanner | null = null;

/** Finds markers in one window after the other. Of a pstore dump, which is nothing but a report, each line counts as one. */
export class MarkerFinder {
  /** Role of the marker that `next` gave last. */
  role: Role = 'event';
  private buffer: Uint8Array = new Uint8Array(0);
  private sieve: Scanner | Sieve;
  /** The next marker at or behind the last place asked for, -1 if there is none, null if nobody looked. */
  private hit: number | null = null;

  constructor(private readonly pstore: boolean) {
    scanner ??= new Scanner(NEEDLES);
    this.sieve = scanner;
  }

  /** Another window: what was found in the last one is forgotten. */
  hold(buffer: Uint8Array): void {
    this.buffer = buffer;
    this.hit = null;
    if (buffer.length >= SIEVED && this.sieve === scanner) this.sieve = Sieve.of(scanner, NEEDLES, buffer) ?? scanner;
    if (this.sieve instanceof Sieve) this.sieve.forget();
  }

  /** Offset of the next marker at or behind `at` and before `ready`, or -1; sets `role`. */
  next(at: number, ready: number): number {
    if (this.hit === null || (this.hit >= 0 && this.hit < at)) {
      this.hit = this.pstore && at === 0 ? 0 : this.sieve.find(this.buffer, at, ready);
      this.role = this.pstore ? 'crash' : this.sieve.role;
    }
    return this.hit;
  }

  /** How often the byte stands between two offsets of the window. */
  count(from: number, to: number, byte: number): number {
    const { buffer, sieve } = this;
    if (sieve instanceof Sieve) return sieve.count(buffer, from, to, byte);
    let sum = 0;
    for (let i = from; i < to; i++) if (buffer[i] === byte) sum++;
    return sum;
  }
}
