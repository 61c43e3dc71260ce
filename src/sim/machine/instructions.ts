/**
 * A thread's places as a table of small integers: what the machine runs instead of walking nodes, millions of times over. Every record is STRIDE
 * integers, and jumps are resolved to record offsets with the silent nothings skipped.
 */
import type { Place } from './flatten.ts';
import { NOTHING } from './flatten.ts';
import { type Field, type ObjectType, REGISTER_BITS, REGISTERS, type Register, type Value } from './program.ts';
import { OBJECT_TYPES, type Slots, STORED } from './slots.ts';
import type { ThreadCode } from './stops.ts';

export const STRIDE = 8;
/** Offsets in a record: operation, four operands, then for visible places their stop, and the records that follow. */
export const OP = 0;
export const A = 1;
export const B = 2;
export const C = 3;
export const D = 4;
export const STOP = 5;
export const NEXT = 6;
/** Where an `if` goes when its register does not equal its value. */
export const OTHER = 7;

export const END = 0;
/** A: register, B: slot of the global. */
export const LOAD = 1;
/** A: slot of the global, B: value. */
export const STORE = 2;
/** A: register, B: slot of the global. */
export const CLAIM = 3;
export const LOCK = 4;
export const UNLOCK = 5;
export const PRINT = 6;
/** A: pointer register, B: object type. */
export const FREE = 7;
/** A: pointer register, B: object type or one of BEHIND_*, C: offset of the stored field or 0, D: register or -1. */
export const GET = 8;
/** Likewise, D: value. */
export const PUT = 9;
/** Operations from here on are silent: they run with the visible step before them. */
export const SILENT = 10;
/** A: register, B: value. */
export const SET = 10;
/** A: register, B: number. */
export const IF = 11;
/** A: register, B: object type, C and D: first and last + 1 of `inits`. */
export const ALLOC = 12;

/** What GET and PUT go through where it is no heap object: the IOMMU's own struct, or a driver's object that is published late. */
export const BEHIND_IOMMU_DEVICE = 3;
export const BEHIND_LATE = 4;

export interface Instructions {
  readonly table: Int32Array;
  /** Pairs of stored field's offset and value, for ALLOC. */
  readonly inits: Int32Array;
  /** Record at which the thread starts, and by stop index the record of the stop. */
  readonly start: number;
  readonly entry: Int32Array;
  /** By stop index: the bits of the register word that are live there; the rest is garbage and is forgotten. */
  readonly keep: Int32Array;
}

/** Registers are named by their shift in the thread's register word. */
export function shiftOf(register: Register): number {
  return REGISTERS.indexOf(register) * REGISTER_BITS;
}

/** A number as it is, a register as the complement of its shift. */
function operand(value: Value): number {
  return typeof value === 'number' ? value : ~shiftOf(value.reg);
}

type Struct = ObjectType | 'iommu_device' | 'late';
const structs = new Map<Field, Struct>();

/** The struct, or "cfg" or "late", that a field belongs to. */
export function structOf(field: Field): Struct {
  let struct = structs.get(field);
  if (!struct) {
    struct = /^[^.:]+/.exec(field)![0] as Struct;
    structs.set(field, struct);
  }
  return struct;
}

function behind(field: Field): number {
  const struct = structOf(field);
  if (struct === 'iommu_device') return BEHIND_IOMMU_DEVICE;
  return struct === 'late' ? BEHIND_LATE : OBJECT_TYPES.indexOf(struct);
}

/** Slots from an object's life to a stored field; 0: the field holds no value in the model. */
function offsetOf(field: Field): number {
  const struct = structOf(field);
  if (struct === 'iommu_device' || struct === 'late') return 0;
  if (struct === 'cfg') return 1;
  return STORED[struct].findIndex(([name]) => name === field) + 1;
}

/** What a thread's code is in every machine, wherever that keeps its variables. */
type Fixed = Pick<Instructions, 'entry' | 'keep'> & { readonly goal: Int32Array };
const fixed = new WeakMap<ThreadCode, Fixed>();

function fixedOf(code: ThreadCode): Fixed {
  const known = fixed.get(code);
  if (known) return known;
  const { places, stops, stopOf } = code;
  const entry = new Int32Array(stops.length);
  for (let i = 0; i < places.length; i++) if (stopOf[i]! >= 0) entry[stopOf[i]!] = i * STRIDE;
  const register = (1 << REGISTER_BITS) - 1;
  const keep = Int32Array.from(stops, ({ place }) =>
    REGISTERS.reduce((bits, _, r) => (place.live & (1 << r) ? bits | (register << (r * REGISTER_BITS)) : bits), 0),
  );
  const made = { goal: withoutNothings(places), entry, keep };
  fixed.set(code, made);
  return made;
}

export function compile(code: ThreadCode, slots: Slots): Instructions {
  const { places, stopOf } = code;
  const { goal, entry, keep } = fixedOf(code);
  const table = new Int32Array(places.length * STRIDE);
  const inits: number[] = [];
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    const at = i * STRIDE;
    const made = operation(place, slots, inits);
    for (let n = 0; n < made.length; n++) table[at + n] = made[n]!;
    table[at + STOP] = stopOf[i]!;
    table[at + NEXT] = place.next < 0 ? -1 : goal[place.next]! * STRIDE;
    if (place.node.op !== 'if') continue;
    const other = goal[place.other]! * STRIDE;
    const swapped = place.node.test.is === '!=';
    table[at + OTHER] = swapped ? table[at + NEXT]! : other;
    if (swapped) table[at + NEXT] = other;
  }
  return { table, inits: Int32Array.from(inits), start: goal[0]! * STRIDE, entry, keep };
}

/** Each place, or the first one behind it that does something. Code never jumps back, so one pass from the end finds them. */
function withoutNothings(places: readonly Place[]): Int32Array {
  const goal = new Int32Array(places.length);
  for (let i = places.length - 1; i >= 0; i--) {
    const { node, next } = places[i]!;
    const nothing = node === NOTHING || node.op === 'call' || node.op === 'return' || node.op === 'section';
    goal[i] = nothing ? goal[next]! : i;
  }
  return goal;
}

/** OP and operands. */
function operation({ node }: Place, slots: Slots, inits: number[]): readonly number[] {
  switch (node.op) {
    case 'end':
      return [END];
    case 'load':
      return [LOAD, shiftOf(node.dst), slots.global(node.from)];
    case 'store':
      return [STORE, slots.global(node.to), operand(node.value)];
    case 'claim':
      return [CLAIM, shiftOf(node.dst), slots.global(node.what)];
    case 'lock':
      return [LOCK];
    case 'unlock':
      return [UNLOCK];
    case 'print':
      return [PRINT];
    case 'free':
      return [FREE, shiftOf(node.ptr), OBJECT_TYPES.indexOf(node.type)];
    case 'get':
      return [GET, shiftOf(node.ptr), behind(node.field), offsetOf(node.field), node.dst ? shiftOf(node.dst) : -1];
    case 'put':
      return [PUT, shiftOf(node.ptr), behind(node.field), offsetOf(node.field), operand(node.value)];
    case 'set':
      return [SET, shiftOf(node.dst), operand(node.value)];
    case 'if':
      return [IF, shiftOf(node.test.reg), node.test.value];
    case 'alloc': {
      const from = inits.length;
      for (const [field, value] of Object.entries(node.init ?? {}))
        inits.push(offsetOf(field as Field), operand(value as Value));
      return [ALLOC, shiftOf(node.dst), OBJECT_TYPES.indexOf(node.type), from, inits.length];
    }
    // Calls, returns and section marks are never reached: `withoutNothings` leads past them.
    case 'call':
    case 'return':
    case 'section':
      return [SET, 0, ~0];
  }
}
