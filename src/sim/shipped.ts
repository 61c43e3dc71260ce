/**
 * Digests of the usual questions, made when the program is built (scripts/answers.mjs): every era with every driver in the scenarios in which the race is looked
 * for first, and what each fix leaves of them. A file beside the program, read when a crash is first judged; without it everything is explored.
 *
 * The file: the model's version and a line feed; the number of keys; keys (two halves of a hash) with the place of their entry, by hash; entries.
 * Numbers are of seven bits a byte, the lowest first.
 */
import type { Digest, Ending, Reach } from './digest.ts';
import type { Fault } from './explore/graph.ts';
import { accessed } from './machine/outcome.ts';
import { within } from './machine/stops.ts';
import type { Silhouette } from './scenarios.ts';
import type { FaultKind } from './types.ts';

const KINDS: readonly FaultKind[] = ['null-read', 'null-write', 'uaf-read', 'uaf-write', 'double-free'];

/** Bytes of a key with its place. */
const SLOT = 12;

interface Shipped {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where the keys begin; how many there are. */
  readonly keys: number;
  readonly count: number;
}

let offered: (() => Uint8Array | null) | null = null;
let shipped: Shipped | null = null;

/** `read` is called once, when something is asked; null where there is no such file. `model`: the version that it must be of. */
export function offerAnswers(model: string, read: () => Uint8Array | null): void {
  shipped = null;
  offered = () => {
    const bytes = read();
    const line = new TextEncoder().encode(`${model}\n`);
    return bytes !== null && line.every((byte, i) => bytes[i] === byte) ? bytes.subarray(line.length) : null;
  };
}

function answers(): Shipped | null {
  if (offered !== null) {
    const bytes = offered();
    offered = null;
    if (bytes !== null) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      shipped = { bytes, view, keys: 4, count: view.getUint32(0, true) };
    }
  }
  return shipped;
}

/** Two hashes of 32 bits (FNV-1a, from two offsets). */
export function hashOf(key: string): readonly [number, number] {
  let a = 0x811c9dc5;
  let b = 0x050c5d1f;
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ (c + i), 0x01000193);
  }
  return [a >>> 0, b >>> 0];
}

/** Reads numbers of an entry. */
class Numbers {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  next(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  big(): bigint {
    let high = 0n;
    let low = 0;
    let shift = 0n;
    for (let bits = 0; ; ) {
      const byte = this.#bytes[this.#at++]!;
      low += (byte & 127) * 2 ** bits;
      bits += 7;
      if (byte < 128) return high + (BigInt(low) << shift);
      if (bits < 49) continue;
      high += BigInt(low) << shift;
      shift += 49n;
      low = 0;
      bits = 0;
    }
  }
}

function entryOf(key: string): Numbers | null {
  const all = answers();
  if (all === null) return null;
  const [a, b] = hashOf(key);
  const { view, keys, count } = all;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = keys + middle * SLOT;
    const first = view.getUint32(at, true);
    const second = view.getUint32(at + 4, true);
    if (first === a && second === b) return new Numbers(all.bytes, view.getUint32(at + 8, true));
    if (first < a || (first === a && second < b)) low = middle + 1;
    else high = middle;
  }
  return null;
}

/** A fault by its numbers: what it is called stands at the step. */
function faultAt({ stops }: Silhouette, thread: number, stop: number, kind: FaultKind): Fault {
  const { node, stack } = stops[thread]![stop]!.place;
  const { fn } = within(stack);
  const field = accessed(node);
  return { kind, field, fn, thread, stop, outcome: `${kind} ${field} in ${fn}` };
}

function reachIn(numbers: Numbers, silhouette: Silhouette): Reach & { readonly counted: boolean } {
  const flags = numbers.next();
  const states = numbers.next();
  const faults = Array.from({ length: numbers.next() }, () => {
    const at = numbers.next();
    const thread = numbers.next();
    return faultAt(silhouette, thread, Math.floor(at / KINDS.length), KINDS[at % KINDS.length]!);
  });
  return { faults, states, exhaustive: (flags & 1) !== 0, counted: (flags & 2) !== 0 };
}

/** The faults of the set-up with this key; null where they did not come with the build. */
export function shippedReach(key: string, silhouette: Silhouette): Reach | null {
  const numbers = entryOf(key);
  if (numbers === null) return null;
  const { faults, states, exhaustive } = reachIn(numbers, silhouette);
  return { faults, states, exhaustive };
}

/** Likewise with counts. */
export function shippedDigest(key: string, silhouette: Silhouette): Digest | null {
  const numbers = entryOf(key);
  if (numbers === null) return null;
  const { counted, ...reach } = reachIn(numbers, silhouette);
  if (!counted) return null;
  const all = numbers.big();
  const serial = new Set<string>();
  for (const { outcome } of reach.faults) if (numbers.next() === 1) serial.add(outcome);
  const endings = Array.from(
    { length: numbers.next() },
    (): Ending => ({
      fault: numbers.next(),
      signs: numbers.next(),
      crashing: numbers.big(),
      throughRace: numbers.big(),
      preemptions: numbers.next(),
    }),
  );
  return { ...reach, threads: silhouette.threads.length, all, serial, endings };
}

/** The file of these answers but for its first line; a Digest is one that is counted. */
export function answersFile(entries: ReadonlyMap<string, Reach | Digest>): Uint8Array {
  const places = new Map<string, number>();
  const bytes: number[] = [];
  const first = 4 + entries.size * SLOT;
  const slots = [...entries].map(([key, value]) => {
    const entry = bytesOf(value);
    const content = entry.join();
    const known = places.get(content);
    const at = known ?? first + bytes.length;
    if (known === undefined) {
      places.set(content, at);
      for (const byte of entry) bytes.push(byte);
    }
    return { hash: hashOf(key), at };
  });
  slots.sort((x, y) => x.hash[0] - y.hash[0] || x.hash[1] - y.hash[1]);
  const file = new Uint8Array(first + bytes.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, entries.size, true);
  slots.forEach(({ hash, at }, i) => {
    const before = slots[i - 1]?.hash;
    if (before?.[0] === hash[0] && before[1] === hash[1]) throw new Error('two keys have one hash');
    [...hash, at].forEach((number, j) => {
      view.setUint32(4 + i * SLOT + j * 4, number, true);
    });
  });
  file.set(bytes, first);
  return file;
}

function bytesOf(value: Reach | Digest): readonly number[] {
  const bytes: number[] = [];
  const put = (number: number | bigint) => {
    let rest = BigInt(number);
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
  };
  const counted = 'endings' in value;
  put((value.exhaustive ? 1 : 0) + (counted ? 2 : 0));
  put(value.states);
  put(value.faults.length);
  for (const { thread, stop, kind } of value.faults) {
    put(stop * KINDS.length + KINDS.indexOf(kind));
    put(thread);
  }
  if (!counted) return bytes;
  put(value.all);
  for (const { outcome } of value.faults) put(value.serial.has(outcome) ? 1 : 0);
  put(value.endings.length);
  for (const { fault, signs, crashing, throughRace, preemptions } of value.endings)
    for (const number of [fault, signs, crashing, throughRace, preemptions]) put(number);
  return bytes;
}
