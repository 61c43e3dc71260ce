/** The set of states that an exploration has met: an open-addressed table over one array of words, so that no object is made per state. */
import type { State } from './slots.ts';

/** States numbered in the order they came. Grows by doubling; load factor at most one half. */
export class StateTable {
  count = 0;
  /** State n is words n * `words` to (n + 1) * `words`. Replaced when the table grows. */
  states: Uint32Array;
  readonly words: number;
  #slots: Int32Array;
  #mask: number;

  constructor(words: number, capacity = 1 << 12) {
    this.words = words;
    this.states = new Uint32Array(capacity * words);
    this.#slots = new Int32Array(capacity * 2).fill(-1);
    this.#mask = this.#slots.length - 1;
  }

  /** The number of `state`, which is added if it is new (then it equals the old `count`). */
  add(state: State): number {
    const w = this.words;
    const slots = this.#slots;
    const states = this.states;
    let at = hash(state, 0, w) & this.#mask;
    for (let found = slots[at]!; found !== -1; found = slots[at]!) {
      const base = found * w;
      let i = 0;
      while (i < w && states[base + i] === state[i]) i++;
      if (i === w) return found;
      at = (at + 1) & this.#mask;
    }
    if ((this.count + 1) * 2 > slots.length) {
      this.#grow();
      return this.add(state);
    }
    const index = this.count++;
    const base = index * w;
    for (let i = 0; i < w; i++) this.states[base + i] = state[i]!;
    slots[at] = index;
    return index;
  }

  #grow(): void {
    const w = this.words;
    const states = new Uint32Array(this.states.length * 2);
    states.set(this.states);
    this.states = states;
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    this.#mask = this.#slots.length - 1;
    for (let i = 0; i < this.count; i++) {
      let at = hash(states, i * w, w) & this.#mask;
      while (this.#slots[at] !== -1) at = (at + 1) & this.#mask;
      this.#slots[at] = i;
    }
  }
}

/** Murmur3's finalizer over the words. */
function hash(words: Uint32Array, from: number, count: number): number {
  let h = 0x9747b28c;
  for (let i = from; i < from + count; i++) {
    h = Math.imul(h ^ words[i]!, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}
