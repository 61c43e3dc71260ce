/**
 * Where every variable of a compiled scenario lies in a state. A state is a few 32-bit words and nothing else: the machine steps on the very words that
 * the explorer keeps, so that nothing is packed or unpacked and no object is made per state.
 */
import { type Field, GLOBALS, type Global, type ObjectType, REGISTER_BITS, REGISTERS } from './program.ts';

/** Made by Machine.initial(), changed by Machine.step(); read a variable of it with Machine.read(). */
export type State = Uint32Array;

export interface Variable {
  readonly name: string;
  readonly bits: number;
}

/** How many objects of a type a scenario may allocate in one run; running out is a defect of the bounds, never silent. */
export type HeapBounds = Readonly<Record<ObjectType, number>>;

/** Object fields that hold a value in the model, with their bits; the others are touched only. A driver's own struct holds one value. */
export const STORED: Readonly<Record<ObjectType, readonly (readonly [field: Field, bits: number])[]>> = {
  dev_iommu: [
    ['dev_iommu.fwspec', 3],
    ['dev_iommu.iommu_dev', 2],
    ['dev_iommu.priv', 3],
  ],
  fwspec: [
    ['fwspec.ops', 1],
    ['fwspec.num_ids', 1],
  ],
  cfg: [['cfg:ready', 1]],
};

const POINTERS: ReadonlySet<Global> = new Set([
  'dev->iommu',
  'dev2->iommu',
  'dev->archdata.iommu',
  'dev2->archdata.iommu',
]);

/** Values of an object's life: 0 absent, LIVE, or LIVE + 1 + the thread that freed it. */
export const LIVE = 1;

export const OBJECT_TYPES = ['dev_iommu', 'fwspec', 'cfg'] as const satisfies readonly ObjectType[];

export class Slots {
  readonly variables: readonly Variable[];
  /** Words of a state; word t, for each thread t, holds that thread's registers and nothing that another thread writes. */
  readonly words: number;
  /** By slot, i.e. by index into `variables`. */
  readonly word: Int32Array;
  readonly shift: Int32Array;
  readonly mask: Int32Array;
  /** Slot of each thread's program counter. */
  readonly pc: readonly number[];
  readonly lock: number;
  readonly overlap: number;
  /** By index into OBJECT_TYPES: slot of object 1's life (its stored fields stand behind it), and slots from one object to the next. */
  readonly first: Int32Array;
  readonly stride: Int32Array;
  readonly #byName = new Map<string, number>();

  /** `stops`: how many places each thread can rest at. `globals`: those that some thread touches; the others would be constant. */
  constructor(stops: readonly number[], heap: HeapBounds, globals: ReadonlySet<Global>) {
    const variables: Variable[] = [];
    const declare = (name: string, bits: number): number => {
      this.#byName.set(name, variables.length);
      return variables.push({ name, bits }) - 1;
    };
    const registers = stops.map((_, t) => REGISTERS.map((r) => declare(`thread${t}.${r}`, REGISTER_BITS)));
    this.pc = stops.map((n, t) => declare(`thread${t}.pc`, 32 - Math.clz32(n)));
    for (const g of GLOBALS) if (globals.has(g)) declare(g, POINTERS.has(g) ? 3 : 1);
    this.lock = declare('iommu_probe_device_lock', 2);
    this.overlap = declare('sections overlapped', 1);
    this.first = new Int32Array(OBJECT_TYPES.length);
    this.stride = new Int32Array(OBJECT_TYPES.length);
    OBJECT_TYPES.forEach((type, i) => {
      this.first[i] = variables.length;
      this.stride[i] = 1 + STORED[type].length;
      for (let id = 1; id <= heap[type]; id++) {
        declare(`${type}${id}`, 3);
        for (const [field, bits] of STORED[type]) declare(`${type}${id}.${field}`, bits);
      }
    });
    this.variables = variables;
    this.word = new Int32Array(variables.length);
    this.shift = new Int32Array(variables.length);
    this.mask = Int32Array.from(variables, ({ bits }) => (1 << bits) - 1);
    this.words = this.#place(variables, registers);
  }

  /** Registers in a word for each thread, from bit 0; everything else into the first word with room: no variable straddles two. */
  #place(variables: readonly Variable[], registers: readonly (readonly number[])[]): number {
    const used: number[] = [];
    registers.forEach((slots, t) => {
      slots.forEach((slot, i) => {
        this.word[slot] = t;
        this.shift[slot] = i * REGISTER_BITS;
      });
      used.push(32);
    });
    for (let slot = registers.flat().length; slot < variables.length; slot++) {
      const { bits } = variables[slot]!;
      let word = registers.length;
      while (word < used.length && used[word]! + bits > 32) word++;
      if (word === used.length) used.push(0);
      this.word[slot] = word;
      this.shift[slot] = used[word]!;
      used[word]! += bits;
    }
    return used.length;
  }

  /** Slot of a variable by name ("dev->iommu", "fwspec1.fwspec.ops"); throws where the model has none of that name. */
  named(name: string): number {
    const slot = this.#byName.get(name);
    if (slot === undefined) throw new Error(`the model has no variable ${name}`);
    return slot;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  global(name: Global): number {
    return this.named(name);
  }

  get(v: State, slot: number): number {
    return (v[this.word[slot]!]! >>> this.shift[slot]!) & this.mask[slot]!;
  }

  set(v: State, slot: number, value: number): void {
    const mask = this.mask[slot]!;
    // Silent truncation would be another model than the one that was written down.
    if (value > mask) throw new Error(`a variable of the model outgrew its bits: ${this.variables[slot]!.name}`);
    const shift = this.shift[slot]!;
    const word = this.word[slot]!;
    v[word] = (v[word]! & ~(mask << shift)) | (value << shift);
  }
}
