/**
 * Partial-order reduction: which threads' steps suffice to be taken in a state, so that every outcome is still found.
 *
 * Faults. A fatal fault ends a path. Seen otherwise: a thread whose next step would fault rests there for ever. Nothing that others do can undo it, as the
 * pointer is in a register of its own and an object that was freed stays freed; and the step, were it taken, changes nothing. So the search takes no such
 * step. It notes the fault in the state where the step is next, which the full search reaches too, and lets the others go on. With this a reachable
 * fault is one that is noted in some *final* state, where no thread can go on; a quiet end is a final state in which no thread is about to fault. Both are
 * kept if every final state is reached.
 *
 * Persistent sets. A set of threads is chosen so that nothing the other threads can do, as long as none of the set moves, depends on the next step of any
 * that is in it; and a thread in the set that waits for the lock has the lock's owner in it as well. Taking the steps of such a set alone reaches every
 * final state: every path to one takes such a step, as nothing else can keep it from coming, and the first of them can be moved to the front, as it commutes
 * with all before it (Valmari,
 * "Stubborn sets for reduced state space generation", LNCS 483, 1991; Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", LNCS
 * 1032, 1996, chapter 4; Peled, "All from one, one for all", CAV 1993, whose cycle proviso is not needed, as code never jumps back and the state graph has no
 * cycle). Steps depend on each other where one writes what the other reads or writes. What others can still do is taken too large:
 *
 * - places they touch on any path from where they rest to their end (footprint.ts), taken to where they would have to take the lock if a thread of the set,
 *   or one that never moves again, owns it;
 * - an object only if one of them holds its id in a register, or it stands in a variable that one of them can still read (nothing else can give it to
 *   them: the set's threads do not move);
 * - a store of the value that is there already counts as a read.
 *
 * Allocations of two threads do not commute: who comes first gets the object of the lower number. But the two states that follow are the same up to the numbers
 * of objects, which steps only compare with NULL and outcomes do not name; so each final state is reached up to these numbers, and every outcome is
 * (footprint.ts refuses a model that names an object by its number).
 *
 * What this does not keep: the number of interleavings, the fewest preemptions, and which states are met on the way.
 */

import * as I from '../machine/instructions.ts';
import type { FaultResult, Machine, State } from '../machine/machine.ts';
import { REGISTER_BITS } from '../machine/program.ts';
import { LIVE } from '../machine/slots.ts';
import { type Footprints, footprints, type Pointer, READ, WRITE } from './footprint.ts';

const REGISTER = (1 << REGISTER_BITS) - 1;
/** Objects whose fields hold objects whose fields hold ...: further than the model nests them, a pointer is taken to be known to all. */
const NESTED = 4;

/** What a thread can do in a state. */
const GONE = 0;
const WAITS = 1;
const READY = 2;

/** Looks at one state at a time: `look`, then what it found. */
export class Reduction {
  /** By thread: the fatal fault that its next step would be, or null. */
  readonly faults: (FaultResult | null)[];
  /** Threads that can take a step, as bits, and by thread the state behind it. */
  ready = 0;
  readonly after: readonly State[];
  readonly #machine: Machine;
  readonly #prints: Footprints;
  readonly #threads: number;
  readonly #can: Uint8Array;
  readonly #stop: Int32Array;
  /** Owner of the lock, or -1. */
  #owner = -1;
  /** What the next step of a thread touches: places and how, and the object that they are of (type -1: none). */
  readonly #touches: Touch[];

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#prints = footprints(machine);
    this.#threads = machine.threads.length;
    this.#can = new Uint8Array(this.#threads);
    this.#stop = new Int32Array(this.#threads);
    this.faults = machine.threads.map(() => null);
    this.after = machine.threads.map(() => machine.initial());
    this.#touches = machine.threads.map(() => ({
      count: 0,
      places: new Int32Array(this.#prints.places),
      how: new Int32Array(this.#prints.places),
      type: -1,
      id: 0,
    }));
  }

  /** What each thread can do in `v`. */
  look(v: State): void {
    const { slots } = this.#machine;
    this.ready = 0;
    this.#owner = slots.get(v, slots.lock) - 1;
    for (let t = 0; t < this.#threads; t++) {
      this.#stop[t] = this.#machine.stopIndex(v, t);
      const after = this.after[t]!;
      for (let i = 0; i < v.length; i++) after[i] = v[i]!;
      const result = this.#machine.step(after, t);
      this.faults[t] = null;
      if (result.is === 'stuck') this.#can[t] = this.#op(t) === I.END ? GONE : WAITS;
      else if (result.is === 'fault' && result.fatal) {
        this.#mustStayFaulty(v, t);
        this.faults[t] = result;
        this.#can[t] = GONE;
      } else {
        this.#can[t] = READY;
        this.ready |= 1 << t;
      }
    }
  }

  #at(t: number): number {
    return this.#machine.code[t]!.entry[this.#stop[t]!]!;
  }

  #op(t: number): number {
    return this.#machine.code[t]!.table[this.#at(t)]!;
  }

  /** An object that was never there could still come to be: then the fault would not last, and all that is said above would fall. */
  #mustStayFaulty(v: State, t: number): void {
    const { table } = this.#machine.code[t]!;
    const at = this.#at(t);
    const type = table[at + I.B]!;
    const id = (v[t]! >>> table[at + I.A]!) & REGISTER;
    if (id === 0 || type >= I.BEHIND_IOMMU_DEVICE || this.#life(v, type, id) > LIVE) return;
    throw new Error('the model follows a pointer to an object that was never there');
  }

  #life(v: State, type: number, id: number): number {
    const { slots } = this.#machine;
    return slots.get(v, slots.first[type]! + (id - 1) * slots.stride[type]!);
  }

  /** Threads of the smallest persistent set that starting from one of them gives, as bits: of these the ones that are ready. */
  choose(v: State): number {
    if ((this.ready & (this.ready - 1)) === 0) return this.ready;
    for (let t = 0; t < this.#threads; t++) if (this.#can[t] === READY) this.#touch(v, t);
    let best = this.ready;
    let size = bits(best);
    for (let t = 0; t < this.#threads; t++) {
      if (this.#can[t] !== READY) continue;
      const set = this.#close(v, t) & this.ready;
      const n = bits(set);
      if (n === 1) return set;
      if (n < size) {
        best = set;
        size = n;
      }
    }
    return best;
  }

  /** The persistent set that contains `seed`. */
  #close(v: State, seed: number): number {
    let set = 1 << seed;
    for (let changed = true; changed; ) {
      changed = false;
      for (let t = 0; t < this.#threads; t++) {
        if ((set & (1 << t)) === 0) continue;
        if (this.#can[t] === WAITS) {
          const owner = this.#owner;
          if ((set & (1 << owner)) !== 0 || this.#can[owner] === GONE) continue;
          set |= 1 << owner;
          changed = true;
          continue;
        }
        for (let u = 0; u < this.#threads; u++) {
          if ((set & (1 << u)) !== 0 || this.#can[u] === GONE || !this.#depends(v, set, t, u)) continue;
          set |= 1 << u;
          changed = true;
        }
      }
    }
    return set;
  }

  /** What thread `u`, not in `set`, does to a place before any thread of `set` moves. */
  #later(set: number, u: number, place: number): number {
    const owner = this.#owner;
    const shut = owner >= 0 && owner !== u && ((set & (1 << owner)) !== 0 || this.#can[owner] === GONE);
    const rows = shut ? this.#prints.beforeLock[u]! : this.#prints.future[u]!;
    return rows[this.#stop[u]! * this.#prints.places + place]!;
  }

  #depends(v: State, set: number, t: number, u: number): boolean {
    const { count, places, how, type, id } = this.#touches[t]!;
    for (let i = 0; i < count; i++) {
      const later = this.#later(set, u, places[i]!);
      if ((how[i] === READ ? later & WRITE : later) === 0) continue;
      if (type < 0 || this.#known(v, set, type, id, NESTED)) return true;
    }
    return false;
  }

  /** Can a thread outside of `set` get to this object before one of `set` moves? */
  #known(v: State, set: number, type: number, id: number, depth: number): boolean {
    if (depth === 0) return true;
    for (let u = 0; u < this.#threads; u++) {
      if ((set & (1 << u)) !== 0 || this.#can[u] === GONE) continue;
      const shifts = this.#prints.registers[u]![type]!;
      for (let i = 0; i < shifts.length; i++) if (((v[u]! >>> shifts[i]!) & REGISTER) === id) return true;
    }
    for (const pointer of this.#prints.pointers[type]!) {
      if (this.#isRead(set, pointer.place) && this.#pointsTo(v, set, pointer, id, depth)) return true;
    }
    return false;
  }

  #isRead(set: number, place: number): boolean {
    for (let u = 0; u < this.#threads; u++) {
      if ((set & (1 << u)) !== 0 || this.#can[u] === GONE) continue;
      if ((this.#later(set, u, place) & READ) !== 0) return true;
    }
    return false;
  }

  #pointsTo(v: State, set: number, { slot, stride, count, within }: Pointer, id: number, depth: number): boolean {
    const { slots } = this.#machine;
    for (let n = 0; n < count; n++) {
      if (slots.get(v, slot + n * stride) !== id) continue;
      if (within < 0 || this.#known(v, set, within, n + 1, depth - 1)) return true;
    }
    return false;
  }

  /** What the next step of `t`, which is ready, reads and writes. */
  #touch(v: State, t: number): void {
    const { slots, code } = this.#machine;
    const { global, lock, life, field } = this.#prints;
    const touch = this.#touches[t]!;
    const { table } = code[t]!;
    const at = this.#at(t);
    const a = table[at + I.A]!;
    const b = table[at + I.B]!;
    const c = table[at + I.C]!;
    const registers = v[t]!;
    const value = (operand: number) => (operand >= 0 ? operand : (registers >>> ~operand) & REGISTER);
    touch.count = 0;
    touch.type = -1;
    switch (table[at]) {
      case I.LOAD:
        add(touch, global[b]!, READ);
        break;
      case I.STORE:
        add(touch, global[a]!, slots.get(v, a) === value(b) ? READ : WRITE);
        break;
      case I.CLAIM:
        add(touch, global[b]!, slots.get(v, b) === 1 ? READ : WRITE);
        break;
      case I.LOCK:
        add(touch, lock, WRITE);
        break;
      case I.FREE:
      case I.GET:
      case I.PUT: {
        const id = (registers >>> a) & REGISTER;
        if (id === 0 || b >= I.BEHIND_IOMMU_DEVICE) break;
        touch.type = b;
        touch.id = id;
        const first = slots.first[b]! + (id - 1) * slots.stride[b]!;
        if (table[at] === I.FREE) {
          add(touch, life[b]!, slots.get(v, first) === LIVE ? WRITE : READ);
          // With KASAN its contents are forgotten as well: who touches them reads its life.
          break;
        }
        add(touch, life[b]!, READ);
        if (c === 0) break;
        const writes = table[at] === I.PUT && slots.get(v, first + c) !== value(table[at + I.D]!);
        add(touch, field(b, c), writes ? WRITE : READ);
        break;
      }
      case I.UNLOCK:
        // The owner's unlocking changes nothing for threads that cannot take the lock before it.
        if (this.#owner !== t) add(touch, lock, WRITE);
        break;
      case I.PRINT:
        break;
      default:
        throw new Error(`what does instruction ${table[at]} of the model touch?`);
    }
  }
}

interface Touch {
  count: number;
  readonly places: Int32Array;
  readonly how: Int32Array;
  type: number;
  id: number;
}

function add(touch: Touch, place: number, how: number): void {
  touch.places[touch.count] = place;
  touch.how[touch.count++] = how;
}

function bits(set: number): number {
  let n = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) n++;
  return n;
}
