/** A bounded map by bytes that stand somewhere in a larger array: no string has to be made to see that they were met before. */

/** Slots that are looked at for one key: a hostile input's keys may share a hash. A key that finds no place is not kept. */
const PROBES = 16;
/** Slots for each key, and bytes for keys to begin with. */
const SPARE = 4;
const BYTES = 1 << 14;

export function hashOf(text: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

export class ByteMap<Value> {
  /** One more than the number of the key that is there; 0 for none. */
  private readonly slots: Int32Array;
  private readonly hashes: Int32Array;
  /** Where each key's bytes begin, and behind the last one where they end. */
  private readonly starts: Int32Array;
  private bytes = new Uint8Array(BYTES);
  private readonly values: Value[] = [];

  /** `most`: keys, a power of two; `room`: bytes of all of them. */
  constructor(
    private readonly most: number,
    private readonly room: number,
  ) {
    this.slots = new Int32Array(SPARE * most);
    this.hashes = new Int32Array(most);
    this.starts = new Int32Array(most + 1);
  }

  /** `hash`: the bytes' by `hashOf`. */
  get(text: Uint8Array, from: number, to: number, hash: number): Value | undefined {
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    for (let probe = 0, slot = hash & mask; probe < PROBES; probe++, slot = (slot + 1) & mask) {
      const number = slots[slot]! - 1;
      if (number < 0) return undefined;
      if (hashes[number] === hash && this.isSame(number, text, from, to)) return this.values[number];
    }
    return undefined;
  }

  /** Keeps a value for bytes that have none. False where there is no room for another: the map is full then. */
  set(text: Uint8Array, from: number, to: number, hash: number, value: Value): boolean {
    const { slots, starts, values } = this;
    const number = values.length;
    const start = starts[number]!;
    const end = start + to - from;
    if (number === this.most || end > this.room) return false;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let probe = 0; slots[slot] !== 0; slot = (slot + 1) & mask) if (++probe === PROBES) return true;
    if (end > this.bytes.length) this.grow(end);
    const { bytes } = this;
    for (let at = from; at < to; at++) bytes[start + at - from] = text[at]!;
    starts[number + 1] = end;
    this.hashes[number] = hash;
    values.push(value);
    slots[slot] = number + 1;
    return true;
  }

  clear(): void {
    this.slots.fill(0);
    this.values.length = 0;
  }

  private isSame(number: number, text: Uint8Array, from: number, to: number): boolean {
    const { bytes, starts } = this;
    const start = starts[number]!;
    if (starts[number + 1]! - start !== to - from) return false;
    for (let at = from; at < to; at++) if (bytes[start + at - from] !== text[at]) return false;
    return true;
  }

  private grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, 2 * this.bytes.length));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
