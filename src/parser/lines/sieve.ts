/**
 * The scanner for large inputs: a WebAssembly filter (simd.ts) finds the few places that may be in a marker, the exact scanner (scan.ts) looks at those.
 * Finds what the exact one finds, at several times its speed; where WebAssembly cannot be had, it is the exact one.
 */
import { ofLatin1 } from '../../bytes.ts';
import { equalsAt, LONGEST, type Needle, type Scanner } from './scan.ts';
import { assemble, HASHES, hashOf, ROOM, TABLES, TEXT } from './simd.ts';

const GROUPS = 16;
/** Bytes of the input from which the sieve learns what is common in it. */
const SAMPLE = 128 * 1024;
/** What a place that must be looked at exactly costs, beside one that only passes the tables. */
const EXACTLY = 12;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  scan(at: number, to: number): number;
  count(at: number, to: number, byte: number): number;
}

/** What is used of it; @types/node leaves it to the library of the browsers. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
}

/** The strings by the hash of the three bytes that stand for each, and where in it these are. */
type Kept = ReadonlyMap<number, readonly { readonly bytes: Uint8Array; readonly at: number }[]>;

/** One group of strings: which halves of bytes occur at each of its three places, and how often text passes each. */
class Group {
  readonly low = [0, 0, 0];
  readonly high = [0, 0, 0];
  private readonly rates = [0, 0, 0];

  rate(bytes: Uint8Array, at: number, common: Float64Array): number {
    let rate = 1;
    for (let k = 0; k < 3; k++) {
      const low = this.low[k]! | (1 << (bytes[at + k]! & 15));
      const high = this.high[k]! | (1 << (bytes[at + k]! >> 4));
      rate *= low === this.low[k] && high === this.high[k] ? this.rates[k]! : passing(low, high, common);
    }
    return rate;
  }

  add(bytes: Uint8Array, at: number, common: Float64Array): void {
    for (let k = 0; k < 3; k++) {
      this.low[k] = this.low[k]! | (1 << (bytes[at + k]! & 15));
      this.high[k] = this.high[k]! | (1 << (bytes[at + k]! >> 4));
      this.rates[k] = passing(this.low[k]!, this.high[k]!, common);
    }
  }
}

/** The share of bytes whose halves are among these. */
function passing(low: number, high: number, common: Float64Array): number {
  let rate = 0;
  for (let h = 2; h < 8; h++)
    if (high & (1 << h)) for (let l = 0; l < 16; l++) if (low & (1 << l)) rate += common[(h << 4) | l]!;
  return rate;
}

/** Finds markers in large buffers. */
export class Sieve {
  private readonly text: Uint8Array;
  /** What is in the module's memory: which buffer, from where, how much. */
  private held: Uint8Array | null = null;
  private from = 0;
  private size = 0;

  private constructor(
    private readonly exact: Scanner,
    private readonly module: Exports,
    private readonly kept: Kept,
  ) {
    this.text = new Uint8Array(module.memory.buffer, TEXT, ROOM);
  }

  /** A sieve for inputs like that one. Null where this machine has no such WebAssembly. */
  static of(exact: Scanner, needles: readonly Needle[], like: Uint8Array): Sieve | null {
    try {
      const { Instance, Module } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
      const module = new Instance(new Module(assemble())).exports;
      const kept = fill(new Uint8Array(module.memory.buffer), needles, like.subarray(0, SAMPLE));
      return new Sieve(exact, module, kept);
    } catch {
      return null;
    }
  }

  get role() {
    return this.exact.role;
  }

  /** The bytes changed under us: nothing that is held is true any more. */
  forget(): void {
    this.held = null;
  }

  private hold(buffer: Uint8Array, at: number): void {
    if (this.held === buffer && at >= this.from && at + LONGEST < this.from + this.size) return;
    if (this.held === buffer && at >= this.from && this.from + this.size === buffer.length) return;
    this.held = buffer;
    this.from = at;
    this.size = Math.min(ROOM, buffer.length - at);
    this.text.set(buffer.subarray(at, at + this.size));
    this.text.fill(0, this.size, Math.min(ROOM, this.size + 64));
  }

  /** True if the three bytes there are in a marker that stands there whole. */
  private may(buffer: Uint8Array, place: number): boolean {
    const kept = this.kept.get(hashOf(buffer[place]!, buffer[place + 1]!, buffer[place + 2]!));
    if (kept !== undefined)
      for (const { bytes, at } of kept) if (equalsAt(buffer, place - at, bytes, buffer.length)) return true;
    return false;
  }

  /** As Scanner.find(). */
  find(buffer: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to) {
      this.hold(buffer, at);
      const whole = this.from + this.size >= buffer.length;
      // A marker must not be missed for standing on the edge.
      const edge = Math.min(to, this.from + this.size - (whole ? 0 : LONGEST));
      const place = this.module.scan(TEXT + at - this.from, TEXT + edge - this.from);
      if (place < 0) {
        at = edge;
        if (whole) return -1;
        continue;
      }
      const near = place - TEXT + this.from;
      if (!this.may(buffer, near)) {
        at = near + 1;
        continue;
      }
      const found = this.exact.find(buffer, Math.max(from, near - LONGEST), Math.min(to, near + LONGEST));
      if (found >= 0) return found;
      at = near + 1;
    }
    return -1;
  }

  /** How often a byte stands in [from, to). */
  count(buffer: Uint8Array, from: number, to: number, byte: number): number {
    let sum = 0;
    let at = from;
    while (at < to) {
      this.hold(buffer, at);
      const edge = Math.min(to, this.from + this.size);
      sum += this.module.count(TEXT + at - this.from, TEXT + edge - this.from, byte);
      at = edge;
    }
    return sum;
  }
}

/** Puts each string into the group where it lets the least text more through, by its three rarest neighbours there. */
function fill(memory: Uint8Array, needles: readonly Needle[], sample: Uint8Array): Kept {
  const kept = new Map<number, { readonly bytes: Uint8Array; readonly at: number }[]>();
  const common = new Float64Array(256);
  const together = new Float64Array(65536);
  const share = 1 / (sample.length + 1);
  for (let i = 0; i + 2 < sample.length; i++) {
    common[sample[i]!]! += share;
    together[hashOf(sample[i]!, sample[i + 1]!, sample[i + 2]!)]! += share;
  }
  const groups = Array.from({ length: GROUPS }, () => new Group());
  const rates = new Float64Array(GROUPS);
  for (const { text } of needles) {
    const bytes = ofLatin1(text);
    const hashAt = (at: number) => hashOf(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!);
    const places = Array.from({ length: bytes.length - 2 }, (_, at) => at);
    places.sort((a, b) => together[hashAt(a)]! - together[hashAt(b)]!);
    let best = { cost: Infinity, more: 0, group: 0, at: 0 };
    for (const at of places.slice(0, 4))
      for (let g = 0; g < GROUPS; g++) {
        const more = groups[g]!.rate(bytes, at, common) - rates[g]!;
        const cost = more + EXACTLY * together[hashAt(at)]!;
        if (cost < best.cost) best = { cost, more, group: g, at };
      }
    groups[best.group]!.add(bytes, best.at, common);
    rates[best.group] = rates[best.group]! + best.more;
    const hash = hashAt(best.at);
    const others = kept.get(hash);
    if (others === undefined) kept.set(hash, [{ bytes, at: best.at }]);
    else others.push({ bytes, at: best.at });
    memory[HASHES + (hash >> 3)]! |= 1 << (hash & 7);
  }
  for (let g = 0; g < GROUPS; g++)
    for (let k = 0; k < 3; k++)
      for (let half = 0; half < 16; half++) {
        const table = TABLES + 16 * (4 * k + 2 * (g >> 3));
        if (groups[g]!.low[k]! & (1 << half)) memory[table + half]! |= 1 << (g & 7);
        if (groups[g]!.high[k]! & (1 << half)) memory[table + 16 + half]! |= 1 << (g & 7);
      }
  return kept;
}
