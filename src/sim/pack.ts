/** States packed into a few 32-bit words, and an open-addressed table of them: no object is made per state. */
import type { Variable } from './machine.ts';

/** Where a variable lies: it never straddles two words. */
interface Slot {
  readonly word: number;
  readonly shift: number;
  readonly mask: number;
}

export class Packing {
  readonly words: number;
  readonly #slots: readonly Slot[];

  constructor(variables: readonly Variable[]) {
    const slots: Slot[] = [];
    let word = 0;
    let used = 0;
    for (const { bits } of variables) {
      if (used + bits > 32) {
        word++;
        used = 0;
      }
      slots.push({ word, shift: used, mask: bits === 32 ? -1 : (1 << bits) - 1 });
      used += bits;
    }
    this.#slots = slots;
    this.words = word + 1;
  }

  pack(v: Uint16Array, into: Uint32Array): void {
    into.fill(0);
    const slots = this.#slots;
    for (let i = 0; i < slots.length; i++) {
      const s = slots[i]!;
      const value = v[i]!;
      if (value > s.mask) throw new Error('a variable of the model outgrew its bits');
      into[s.word]! |= value << s.shift;
    }
  }

  unpack(from: Uint32Array, at: number, v: Uint16Array): void {
    const slots = this.#slots;
    for (let i = 0; i < slots.length; i++) {
      const s = slots[i]!;
      v[i] = (from[at + s.word]! >>> s.shift) & s.mask;
    }
  }
}

/** Set of packed states, numbered in the order they came. Grows by doubling; load factor at most one half. */
export class StateTable {
  count = 0;
  states: Uint32Array;
  readonly #words: number;
  #slots: Int32Array;
  #mask: number;

  constructor(words: number, capacity = 1 << 12) {
    this.#words = words;
    this.states = new Uint32Array(capacity * words);
    this.#slots = new Int32Array(capacity * 2).fill(-1);
    this.#mask = this.#slots.length - 1;
  }

  /** The number of `state`, which is added if it is new (then it equals the old `count`). */
  add(state: Uint32Array): number {
    const w = this.#words;
    let at = hash(state, w) & this.#mask;
    for (let found = this.#slots[at]!; found !== -1; found = this.#slots[at]!) {
      let same = true;
      for (let i = 0; i < w; i++) {
        if (this.states[found * w + i] !== state[i]) {
          same = false;
          break;
        }
      }
      if (same) return found;
      at = (at + 1) & this.#mask;
    }
    if ((this.count + 1) * 2 > this.#slots.length) {
      this.#grow();
      return this.add(state);
    }
    const index = this.count++;
    if (this.count * w > this.states.length) {
      const bigger = new Uint32Array(this.states.length * 2);
      bigger.set(this.states);
      this.states = bigger;
    }
    this.states.set(state, index * w);
    this.#slots[at] = index;
    return index;
  }

  #grow(): void {
    const w = this.#words;
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    this.#mask = this.#slots.length - 1;
    const key = new Uint32Array(w);
    for (let i = 0; i < this.count; i++) {
      key.set(this.states.subarray(i * w, i * w + w));
      let at = hash(key, w) & this.#mask;
      while (this.#slots[at] !== -1) at = (at + 1) & this.#mask;
      this.#slots[at] = i;
    }
  }
}

/** Murmur3's finalizer over the words. */
function hash(state: Uint32Array, words: number): number {
  let h = 0x9747b28c;
  for (let i = 0; i < words; i++) {
    h = Math.imul(h ^ state[i]!, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}
