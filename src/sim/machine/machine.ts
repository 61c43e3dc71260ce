/**
 * A compiled scenario: numbered variables, an initial state, and one function that makes a thread take its next step. It runs the tables of
 * src/sim/machine/instructions.ts on the packed words of src/sim/machine/slots.ts; nothing is allocated on the way but the initial state.
 */
import * as I from './instructions.ts';
import { type FaultResult, FaultResults, MOVED, STUCK, type StepResult } from './outcome.ts';
import { GLOBALS, type Global, type ObjectType, type Procedure, type QuietResult, REGISTER_BITS } from './program.ts';
import { type HeapBounds, LIVE, OBJECT_TYPES, Slots, STORED, type State, type Variable } from './slots.ts';
import { type Stop, threadCode } from './stops.ts';

export type { FaultResult, StepResult } from './outcome.ts';
export { LIVE, type State } from './slots.ts';
export type { Stop } from './stops.ts';

export type Memory = 'kasan' | 'plain';

export interface ThreadProgram {
  /** For people: "client probe (deferred retry)". */
  readonly name: string;
  readonly role: 'client' | 'walk';
  /** The client's device; 1 where nothing is said. */
  readonly device?: 1 | 2;
  readonly top: Procedure;
}

/** A state to start from: what was left by what happened before. */
export interface Start {
  readonly because: string | null;
  readonly values: readonly (readonly [variable: string, value: number])[];
}

export interface MachineOptions {
  readonly threads: readonly ThreadProgram[];
  readonly heap: HeapBounds;
  readonly memory: Memory;
  /** What differs from zero at the start, and why: variables by name (LIVE for an object's life). */
  readonly initially: Start;
  /** dev_iommu.priv points to memory of the client's own, which is lost with it; else to the IOMMU instance. */
  readonly privIsAllocated: boolean;
  /** Adds one bit of history: did the sections that a2e7e59a9426 serialises overlap? */
  readonly watchOverlap: boolean;
}

/** What reports ask for in every machine. */
const ALWAYS: readonly Global[] = ['dev->iommu', 'dev->iommu_group', 'group->default_domain'];

const UNTOUCHED: ReadonlySet<string> = new Set(GLOBALS);

const REGISTER = (1 << REGISTER_BITS) - 1;

export class Machine {
  readonly stops: readonly (readonly Stop[])[];
  readonly threads: readonly ThreadProgram[];
  readonly options: MachineOptions;
  /** Where variables lie, and the threads as tables: for what reads a machine rather than runs it (footprint.ts). */
  readonly slots: Slots;
  readonly code: readonly I.Instructions[];
  /** Where each thread's program counter lies. */
  readonly #pcWord: Int32Array;
  readonly #pcShift: Int32Array;
  readonly #pcMask: Int32Array;
  /** By thread and stop index: the step is in the serialised section; a thread resting there is inside. */
  readonly #section: readonly Uint8Array[];
  readonly #inside: readonly Uint8Array[];
  readonly #faults: FaultResults;
  readonly #forgets: boolean;

  constructor(options: MachineOptions) {
    this.options = options;
    this.threads = options.threads;
    const codes = options.threads.map((t) => threadCode(t.top));
    this.stops = codes.map((c) => c.stops);
    const slots = new Slots(
      codes.map((c) => c.stops.length),
      options.heap,
      new Set([...ALWAYS, ...codes.flatMap((c) => [...c.globals])]),
    );
    this.slots = slots;
    this.code = codes.map((c) => I.compile(c, slots));
    this.#pcWord = Int32Array.from(slots.pc, (slot) => slots.word[slot]!);
    this.#pcShift = Int32Array.from(slots.pc, (slot) => slots.shift[slot]!);
    this.#pcMask = Int32Array.from(slots.pc, (slot) => slots.mask[slot]!);
    this.#section = codes.map((c) => c.section);
    this.#inside = codes.map((c) => c.inside);
    this.#faults = new FaultResults(this.stops, options.memory === 'kasan');
    // With KASAN nobody gets past a freed object, so its contents are forgotten; without, they are read stale.
    this.#forgets = options.memory === 'kasan';
  }

  get variables(): readonly Variable[] {
    return this.slots.variables;
  }

  /** Words of a state. */
  get words(): number {
    return this.slots.words;
  }

  /** Value of a variable by name, for printing and for naming ends; 0 of a global that no thread touches. */
  read(v: State, name: string): number {
    if (UNTOUCHED.has(name) && !this.slots.has(name)) return 0;
    return this.slots.get(v, this.slots.named(name));
  }

  /** Does any thread of this machine touch it? */
  has(global: Global): boolean {
    return this.slots.has(global);
  }

  initial(): State {
    const v = new Uint32Array(this.words);
    for (const [name, value] of this.options.initially.values)
      if (!UNTOUCHED.has(name) || this.slots.has(name)) this.slots.set(v, this.slots.named(name), value);
    for (let t = 0; t < this.threads.length; t++) this.#settle(v, t, this.code[t]!.start, 0);
    return v;
  }

  /** Index among its stops of the place where a thread rests, in a state that begins at word `from` of `v`. */
  stopIndex(v: State, thread: number, from = 0): number {
    return (v[from + this.#pcWord[thread]!]! >>> this.#pcShift[thread]!) & this.#pcMask[thread]!;
  }

  /** How far the threads have come together; every step adds to it, as code never jumps back. */
  progress(v: State): number {
    let sum = 0;
    for (let t = 0; t < this.threads.length; t++) sum += this.stopIndex(v, t);
    return sum;
  }

  stopAt(v: State, thread: number): Stop {
    return this.stops[thread]![this.stopIndex(v, thread)]!;
  }

  /** The quiet result of a thread that is over, or null. */
  result(v: State, thread: number): QuietResult | null {
    return this.stopAt(v, thread).end;
  }

  /** True when the thread can take a step. */
  enabled(v: State, thread: number): boolean {
    const op = this.stopAt(v, thread).place.node.op;
    return op !== 'end' && (op !== 'lock' || this.slots.get(v, this.slots.lock) === 0);
  }

  /** Makes `thread` take its step in `v`. Stuck, or on a fatal fault, `v` is left as it was. */
  step(v: State, thread: number): StepResult {
    const slots = this.slots;
    const code = this.code[thread]!;
    const table = code.table;
    const stop = this.stopIndex(v, thread);
    const at = code.entry[stop]!;
    const a = table[at + I.A]!;
    const b = table[at + I.B]!;
    let registers = v[thread]!;
    let fault: FaultResult | null = null;
    switch (table[at]) {
      case I.END:
        return STUCK;
      case I.LOAD:
        registers = put(registers, a, slots.get(v, b));
        break;
      case I.STORE:
        slots.set(v, a, valueIn(registers, b));
        break;
      case I.CLAIM:
        registers = put(registers, a, slots.get(v, b));
        slots.set(v, b, 1);
        break;
      case I.LOCK:
        if (slots.get(v, slots.lock) !== 0) return STUCK;
        slots.set(v, slots.lock, thread + 1);
        break;
      case I.UNLOCK:
        slots.set(v, slots.lock, 0);
        break;
      case I.FREE: {
        const id = (registers >>> a) & REGISTER;
        if (id === 0) break; // kfree(NULL)
        const life = this.#life(b, id);
        if (slots.get(v, life) !== LIVE) {
          fault = this.#faults.freed(thread, stop, 'double-free');
          if (fault.fatal) return fault;
          break;
        }
        slots.set(v, life, LIVE + 1 + thread);
        if (this.#forgets) for (let i = 1; i <= STORED[OBJECT_TYPES[b]!].length; i++) slots.set(v, life + i, 0);
        break;
      }
      case I.GET:
      case I.PUT: {
        const id = (registers >>> a) & REGISTER;
        const writes = table[at] === I.PUT;
        if (id === 0 || b === I.BEHIND_LATE || (b === I.BEHIND_IOMMU_DEVICE && id !== 1))
          return this.#faults.null(thread, stop, writes ? 'null-write' : 'null-read');
        if (b === I.BEHIND_IOMMU_DEVICE) break;
        const life = this.#life(b, id);
        if (slots.get(v, life) !== LIVE) {
          fault = this.#faults.freed(thread, stop, writes ? 'uaf-write' : 'uaf-read');
          if (fault.fatal) return fault;
        }
        const offset = table[at + I.C]!;
        const d = table[at + I.D]!;
        if (offset === 0) break;
        if (writes) slots.set(v, life + offset, valueIn(registers, d));
        else if (d >= 0) registers = put(registers, d, slots.get(v, life + offset));
        break;
      }
    }
    if (this.options.watchOverlap && this.#section[thread]![stop] === 1 && this.#othersInside(v, thread))
      slots.set(v, slots.overlap, 1);
    this.#settle(v, thread, table[at + I.NEXT]!, registers);
    return fault ?? MOVED;
  }

  /** The object that the next step of `thread` goes through, and who freed it (null: nobody); null where the step follows no pointer, or NULL. */
  objectAt(
    v: State,
    thread: number,
  ): { readonly type: ObjectType; readonly id: number; readonly freedBy: number | null } | null {
    const node = this.stopAt(v, thread).place.node;
    if (node.op !== 'get' && node.op !== 'put' && node.op !== 'free') return null;
    const type = node.op === 'free' ? node.type : I.structOf(node.field);
    const id = (v[thread]! >>> I.shiftOf(node.ptr)) & REGISTER;
    if (id === 0 || type === 'late' || type === 'iommu_device') return null;
    const state = this.slots.get(v, this.#life(OBJECT_TYPES.indexOf(type), id));
    return { type, id, freedBy: state > LIVE ? state - LIVE - 1 : null };
  }

  /** True when the step of `thread`, were it to fault, happens with both sections open, or they overlapped before. */
  overlapped(v: State, thread: number): boolean {
    if (this.slots.get(v, this.slots.overlap) === 1) return true;
    return this.#section[thread]![this.stopIndex(v, thread)] === 1 && this.#othersInside(v, thread);
  }

  #othersInside(v: State, thread: number): boolean {
    for (let t = 0; t < this.threads.length; t++)
      if (t !== thread && this.#inside[t]![this.stopIndex(v, t)] === 1) return true;
    return false;
  }

  #life(type: number, id: number): number {
    return this.slots.first[type]! + (id - 1) * this.slots.stride[type]!;
  }

  /** Runs silent instructions from record `at` until the thread rests at a stop, and forgets registers that are dead there. */
  #settle(v: State, thread: number, at: number, registers: number): void {
    const { table, inits, keep } = this.code[thread]!;
    for (let op = table[at]!; op >= I.SILENT; op = table[at]!) {
      const a = table[at + I.A]!;
      const b = table[at + I.B]!;
      if (op === I.IF) {
        at = table[at + (((registers >>> a) & REGISTER) === b ? I.NEXT : I.OTHER)]!;
        continue;
      }
      if (op === I.SET) registers = put(registers, a, valueIn(registers, b));
      else {
        const id = this.#allocate(v, b);
        const life = this.#life(b, id);
        for (let i = table[at + I.C]!; i < table[at + I.D]!; i += 2)
          this.slots.set(v, life + inits[i]!, valueIn(registers, inits[i + 1]!));
        registers = put(registers, a, id);
      }
      at = table[at + I.NEXT]!;
    }
    const stop = table[at + I.STOP]!;
    v[thread] = registers & keep[stop]!;
    const word = this.#pcWord[thread]!;
    const shift = this.#pcShift[thread]!;
    v[word] = (v[word]! & ~(this.#pcMask[thread]! << shift)) | (stop << shift);
  }

  #allocate(v: State, type: number): number {
    const name = OBJECT_TYPES[type]!;
    for (let id = 1; id <= this.options.heap[name]; id++) {
      const life = this.#life(type, id);
      if (this.slots.get(v, life) !== 0) continue;
      this.slots.set(v, life, LIVE);
      return id;
    }
    throw new Error(`the scenario allocates more than ${this.options.heap[name]} ${name} objects`);
  }
}

function put(registers: number, shift: number, value: number): number {
  return (registers & ~(REGISTER << shift)) | (value << shift);
}

/** A number, or the register that its complement names. */
function valueIn(registers: number, value: number): number {
  return value >= 0 ? value : (registers >>> ~value) & REGISTER;
}
