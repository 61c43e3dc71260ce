/**
 * What the steps of a machine's threads read and write, now and from now on: what partial-order reduction (reduce.ts) knows of a machine. It is read off the
 * tables that the machine runs, so a new procedure, variable or driver needs nothing here.
 *
 * Places. A place is a variable that threads share, with the objects of a type taken together: a global, the lock, the lives of a type's objects, one of
 * their fields. Which object a step goes through is known when the step is next, and decided there (`Touch`, `holdsOnlyHere` in reduce.ts).
 */
import * as I from '../machine/instructions.ts';
import type { Machine } from '../machine/machine.ts';
import { REGISTERS } from '../machine/program.ts';
import { OBJECT_TYPES, STORED } from '../machine/slots.ts';

export const READ = 1;
export const WRITE = 2;

/** A variable that may hold the id of an object of a type: a global, or a field of some object. */
export interface Pointer {
  /** Slot, and for a field those of the other objects: every `stride`, `count` times. */
  readonly slot: number;
  readonly stride: number;
  readonly count: number;
  readonly place: number;
  /** Type of the objects that the field lies in, or -1: a global. */
  readonly within: number;
}

export interface Footprints {
  readonly places: number;
  /** Place of a global by its slot, of the lock, of a type's lives, and of a type's stored field by `field(type, offset)`. */
  readonly global: Int32Array;
  readonly lock: number;
  readonly life: Int32Array;
  readonly field: (type: number, offset: number) => number;
  /** By thread: [stop * places + place] -> READ | WRITE from that stop to the thread's end; */
  readonly future: readonly Uint8Array[];
  /** likewise to where the thread would take the lock, which it does not take. */
  readonly beforeLock: readonly Uint8Array[];
  /** By type: where ids of its objects are kept. */
  readonly pointers: readonly (readonly Pointer[])[];
  /** By thread and type: shifts of the registers that may hold such ids. */
  readonly registers: readonly (readonly Int32Array[])[];
}

export function footprints(machine: Machine): Footprints {
  const { slots, code } = machine;
  const global = new Int32Array(slots.variables.length).fill(-1);
  let places = 0;
  for (const { table } of code) for (const slot of globalsIn(table)) if (global[slot] === -1) global[slot] = places++;
  const lock = places++;
  const life = Int32Array.from(OBJECT_TYPES, (type) => {
    const at = places;
    places += 1 + STORED[type].length;
    return at;
  });
  const field = (type: number, offset: number): number => life[type]! + offset;
  const touched = (table: Int32Array, at: number): readonly (readonly [place: number, how: number])[] => {
    const a = table[at + I.A]!;
    const b = table[at + I.B]!;
    const c = table[at + I.C]!;
    switch (table[at]) {
      case I.LOAD:
        return [[global[b]!, READ]];
      case I.STORE:
        return [[global[a]!, WRITE]];
      case I.CLAIM:
        return [[global[b]!, READ | WRITE]];
      case I.LOCK:
      case I.UNLOCK:
        return [[lock, READ | WRITE]];
      case I.FREE:
        return [[life[b]!, READ | WRITE]];
      case I.GET:
      case I.PUT:
        if (b >= I.BEHIND_IOMMU_DEVICE) return [];
        return [[life[b]!, READ], ...(c > 0 ? [[field(b, c), table[at] === I.GET ? READ : WRITE] as const] : [])];
      case I.END:
      case I.PRINT:
      case I.SET:
      case I.IF:
      // What is behind an allocation nobody else can reach yet.
      case I.ALLOC:
        return [];
      default:
        throw new Error(`what does instruction ${table[at]} of the model touch?`);
    }
  };
  const after = (cut: boolean) =>
    code.map(({ table, entry }) => {
      const all = new Uint8Array((table.length / I.STRIDE) * places);
      // Code never jumps back: from the end, every place behind a record is done before it.
      for (let at = table.length - I.STRIDE; at >= 0; at -= I.STRIDE) {
        const row = (at / I.STRIDE) * places;
        if (cut && table[at] === I.LOCK) continue;
        for (const to of successors(table, at)) {
          const from = (to / I.STRIDE) * places;
          for (let p = 0; p < places; p++) all[row + p]! |= all[from + p]!;
        }
        for (const [p, how] of touched(table, at)) all[row + p]! |= how;
      }
      const byStop = new Uint8Array(entry.length * places);
      entry.forEach((at, stop) => {
        const row = (at / I.STRIDE) * places;
        byStop.set(all.subarray(row, row + places), stop * places);
      });
      return byStop;
    });
  return {
    places,
    global,
    lock,
    life,
    field,
    future: after(false),
    beforeLock: after(true),
    ...pointersOf(machine, global, field),
  };
}

function globalsIn(table: Int32Array): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < table.length; at += I.STRIDE) {
    if (table[at] === I.STORE) found.push(table[at + I.A]!);
    if (table[at] === I.LOAD || table[at] === I.CLAIM) found.push(table[at + I.B]!);
  }
  return found;
}

export function successors(table: Int32Array, at: number): readonly number[] {
  if (table[at] === I.END) return [];
  const next = table[at + I.NEXT]!;
  return table[at] === I.IF ? [next, table[at + I.OTHER]!] : [next];
}

const register = (t: number, shift: number) => `r${t}.${shift}`;
const variable = (slot: number) => `g${slot}`;
const member = (type: number, offset: number) => `f${type}.${offset}`;

/**
 * Two states that differ in the numbers of objects only must have the same future, up to these numbers (reduce.ts): so a pointer is compared with NULL and
 * with nothing else, and no object is named by a number.
 */
function refuseNumberedObjects(code: Machine['code'], isPointer: (name: string) => boolean): void {
  const refuse = (name: string, number: number): void => {
    if (number > 0 && isPointer(name)) throw new Error(`the model names object ${number} by its number`);
  };
  code.forEach(({ table, inits }, t) => {
    for (let at = 0; at < table.length; at += I.STRIDE) {
      const [op, a, b, c, d] = table.subarray(at, at + 5) as unknown as [number, number, number, number, number];
      if (op === I.IF || op === I.SET) refuse(register(t, a), b);
      else if (op === I.STORE) refuse(variable(a), b);
      else if (op === I.CLAIM) refuse(variable(b), 1);
      else if (op === I.PUT && c > 0) refuse(member(b, c), d);
      else if (op === I.ALLOC) for (let i = c; i < d; i += 2) refuse(member(b, inits[i]!), inits[i + 1]!);
    }
  });
}

/**
 * Which variables may hold ids of a type's objects: those whose value gets to a pointer that is followed or freed as that type, by any chain of
 * assignments of any thread, in whatever order.
 */
function pointersOf(
  { slots, code, options }: Machine,
  global: Int32Array,
  field: (type: number, offset: number) => number,
): Pick<Footprints, 'pointers' | 'registers'> {
  /** By name of a variable: bit T for type T. */
  const types = new Map<string, number>();
  const flows: (readonly [from: string, to: string])[] = [];
  const value = (t: number, v: number, to: string): void => {
    if (v < 0) flows.push([register(t, ~v), to]);
  };
  code.forEach(({ table, inits }, t) => {
    for (let at = 0; at < table.length; at += I.STRIDE) {
      const [op, a, b, c, d] = table.subarray(at, at + 5) as unknown as [number, number, number, number, number];
      if (op === I.LOAD || op === I.CLAIM) flows.push([variable(b), register(t, a)]);
      else if (op === I.STORE) value(t, b, variable(a));
      else if (op === I.SET) value(t, b, register(t, a));
      else if (op === I.ALLOC) for (let i = c; i < d; i += 2) value(t, inits[i + 1]!, member(b, inits[i]!));
      else if ((op === I.GET || op === I.PUT || op === I.FREE) && b < I.BEHIND_IOMMU_DEVICE) {
        types.set(register(t, a), (types.get(register(t, a)) ?? 0) | (1 << b));
        if (op === I.PUT && c > 0) value(t, d, member(b, c));
        if (op === I.GET && c > 0 && d >= 0) flows.push([member(b, c), register(t, d)]);
      }
    }
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (const [from, to] of flows) {
      const before = types.get(from) ?? 0;
      const now = before | (types.get(to) ?? 0);
      if (now === before) continue;
      types.set(from, now);
      changed = true;
    }
  }
  refuseNumberedObjects(code, (name) => (types.get(name) ?? 0) !== 0);
  const may = (name: string, type: number) => ((types.get(name) ?? 0) & (1 << type)) !== 0;
  const pointers = OBJECT_TYPES.map((_, type): readonly Pointer[] => {
    const found: Pointer[] = [];
    global.forEach((place, slot) => {
      if (place >= 0 && may(variable(slot), type)) found.push({ slot, stride: 0, count: 1, place, within: -1 });
    });
    OBJECT_TYPES.forEach((name, within) => {
      for (let offset = 1; offset <= STORED[name].length; offset++) {
        if (!may(member(within, offset), type)) continue;
        const slot = slots.first[within]! + offset;
        const place = field(within, offset);
        found.push({ slot, stride: slots.stride[within]!, count: options.heap[name], place, within });
      }
    });
    return found;
  });
  const registers = code.map((_, t) =>
    OBJECT_TYPES.map((__, type) => {
      const shifts = REGISTERS.map((___, r) => I.shiftOf(REGISTERS[r]!));
      return Int32Array.from(shifts.filter((shift) => may(register(t, shift), type)));
    }),
  );
  return { pointers, registers };
}
