/** Numbers for hashes, compactly: a table of 128-bit keys in typed arrays, 20 bytes an entry over its load, where a Map would take a hundred. */

const LOAD = 0.7;
const NONE = 0xffffffff;

export class Table128 {
  private capacity = 1024;
  private keys = new Uint32Array(this.capacity * 4);
  private values = new Uint32Array(this.capacity).fill(NONE);
  size = 0;

  /** The place of a key, or the free one where it belongs. `key` holds at least 16 bytes, evenly distributed. */
  private at(k0: number, k1: number, k2: number, k3: number): number {
    const mask = this.capacity - 1;
    const { keys, values } = this;
    for (let i = k0 & mask; ; i = (i + 1) & mask) {
      if (values[i] === NONE) return i;
      const k = i * 4;
      if (keys[k] === k0 && keys[k + 1] === k1 && keys[k + 2] === k2 && keys[k + 3] === k3) return i;
    }
  }

  get(key: Buffer): number | null {
    const value = this.values[this.at(word(key, 0), word(key, 4), word(key, 8), word(key, 12))]!;
    return value === NONE ? null : value;
  }

  /** The value of a key that is there; else `value`, which it then has. */
  getOrAdd(key: Buffer, value: number): number {
    const [k0, k1, k2, k3] = [word(key, 0), word(key, 4), word(key, 8), word(key, 12)];
    const i = this.at(k0, k1, k2, k3);
    if (this.values[i] !== NONE) return this.values[i]!;
    this.keys.set([k0, k1, k2, k3], i * 4);
    this.values[i] = value;
    if (++this.size > this.capacity * LOAD) this.grow();
    return value;
  }

  private grow(): void {
    const { keys, values } = this;
    this.capacity *= 2;
    this.keys = new Uint32Array(this.capacity * 4);
    this.values = new Uint32Array(this.capacity).fill(NONE);
    for (let i = 0; i < values.length; i++) {
      if (values[i] === NONE) continue;
      const k = i * 4;
      const to = this.at(keys[k]!, keys[k + 1]!, keys[k + 2]!, keys[k + 3]!);
      this.keys.set(keys.subarray(k, k + 4), to * 4);
      this.values[to] = values[i]!;
    }
  }
}

function word(key: Buffer, at: number): number {
  return key.readUInt32LE(at);
}

/** Typed columns that grow: one number for each row. */
export class Column<T extends Float64Array | Uint32Array | Uint8Array> {
  constructor(
    private array: T,
    public length = 0,
  ) {}

  at(i: number): number {
    return this.array[i]!;
  }

  set(i: number, value: number): void {
    if (i >= this.array.length) {
      const Kind = this.array.constructor as new (length: number) => T;
      const larger = new Kind(Math.max(i + 1, this.array.length * 2));
      larger.set(this.array);
      this.array = larger;
    }
    this.array[i] = value;
    if (i >= this.length) this.length = i + 1;
  }

  push(value: number): number {
    this.set(this.length, value);
    return this.length - 1;
  }
}
