/**
 * The set of states that an exploration has met: open-addressed tables over one array of words, so that no object is made per state.
 *
 * A state's number is looked up in a table of its own shard, and whoever asks says which: any function of the state will do, and equal states must be
 * of one shard. With a shard that the search passes through in order (Machine.progress) the tables in use at a time are few and small and stay in the
 * processor's caches, where one table for all would be missed at nearly every look-up; and growing one copies few slots.
 */
import type { State } from '../machine/slots.ts';

export const FIRST_STATES = 1 << 12;
const FIRST_SLOTS = 64;
/** A slot holds a state's number + 1, or 0, in its low bits, and above them a part of the hash, which spares most comparisons of unequal states. */
const NUMBER_BITS = 27;
const NUMBER = (1 << NUMBER_BITS) - 1;
const EMPTY = new Int32Array(0);

/** More states than this can be told apart by no slot. */
export const MOST_STATES = NUMBER - 1;

/**
 * How much larger an array becomes when it is full. Memory that was never written to costs nothing where the system hands out zeroed pages on first use,
 * which all do for large arrays; copying does.
 */
const GROWTH = 16;

/** A larger array with the same contents: GROWTH times the size, but no larger than `most` requires; twice the size where that is not to be had. */
export function grown<T extends Int32Array | Uint32Array | Uint16Array>(from: T, most: number): T {
  const make = from.constructor as new (length: number) => T;
  const twice = from.length * 2;
  let into: T;
  try {
    into = new make(Math.max(twice, Math.min(from.length * GROWTH, most)));
  } catch {
    into = new make(twice);
  }
  into.set(from);
  return into;
}

/** States numbered in the order they came; load factor of the tables at most one half. */
export class StateTable {
  count = 0;
  /** State n is words n * `words` to (n + 1) * `words`. Replaced when the table grows. */
  states: Uint32Array;
  readonly words: number;
  readonly #shards: Int32Array[] = [];
  readonly #filled: number[] = [];

  readonly #most: number;

  /** `most`: how many states are to be expected at most; more are no error. */
  constructor(words: number, most: number) {
    this.words = words;
    this.#most = most;
    this.states = new Uint32Array(FIRST_STATES * words);
  }

  /** The number of `state`, which is added if it is new (then it equals the old `count`). */
  add(state: State, shard: number): number {
    const w = this.words;
    let slots = this.#shards[shard];
    if (slots === undefined || slots.length === 0) slots = this.#open(shard);
    const mask = slots.length - 1;
    const states = this.states;
    const h = hash(state, 0, w);
    const tag = h & ~NUMBER;
    let at = h & mask;
    for (let slot = slots[at]!; slot !== 0; slot = slots[at]!) {
      if ((slot & ~NUMBER) === tag) {
        const found = (slot & NUMBER) - 1;
        const base = found * w;
        let i = 0;
        while (i < w && states[base + i] === state[i]) i++;
        if (i === w) return found;
      }
      at = (at + 1) & mask;
    }
    const index = this.count++;
    slots[at] = tag | (index + 1);
    const base = index * w;
    if (base === states.length) this.#extend();
    const into = this.states;
    for (let i = 0; i < w; i++) into[base + i] = state[i]!;
    if (++this.#filled[shard]! * 2 > slots.length) this.#grow(shard);
    return index;
  }

  #open(shard: number): Int32Array {
    for (let s = this.#shards.length; s < shard; s++) {
      this.#shards.push(EMPTY);
      this.#filled.push(0);
    }
    this.#filled[shard] = 0;
    this.#shards[shard] = new Int32Array(FIRST_SLOTS);
    return this.#shards[shard];
  }

  #extend(): void {
    if (this.count > MOST_STATES) throw new Error(`a search of more than ${MOST_STATES} states`);
    this.states = grown(this.states, this.#most * this.words);
  }

  #grow(shard: number): void {
    const w = this.words;
    const states = this.states;
    const old = this.#shards[shard]!;
    const slots = new Int32Array(old.length * 4);
    const mask = slots.length - 1;
    for (let i = 0; i < old.length; i++) {
      const slot = old[i]!;
      if (slot === 0) continue;
      let at = hash(states, ((slot & NUMBER) - 1) * w, w) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = slot;
    }
    this.#shards[shard] = slots;
  }
}

/** Multiplies each word in, and stirs at the end: the low bits choose a slot, the high ones tell states apart. */
function hash(words: Uint32Array, from: number, count: number): number {
  let h = 0x9747b28c;
  for (let i = from; i < from + count; i++) {
    h = Math.imul(h ^ words[i]!, 0x9e3779b1);
    h ^= h >>> 15;
  }
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}
