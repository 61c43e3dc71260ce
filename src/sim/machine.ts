/**
 * A compiled scenario: numbered variables, an initial state, and one function that makes a thread take its next step. A state is a vector of
 * small numbers here and a few 32-bit words in the explorer (src/sim/pack.ts).
 */
import { fieldName, flatten, isVisible, type Place } from './flatten.ts';
import type { Field, Global, Mutex, ObjectType, Procedure, QuietResult, Register, Value } from './program.ts';
import type { FaultKind } from './types.ts';

export type Memory = 'kasan' | 'plain';

/** How many objects of a type a scenario may allocate in one run; running out is a defect of the bounds, never silent. */
export interface HeapBounds {
  readonly dev_iommu: number;
  readonly fwspec: number;
  readonly cfg: number;
}

export interface ThreadProgram {
  /** For people: "client probe (deferred retry)". */
  readonly name: string;
  readonly role: 'client' | 'walk';
  readonly top: Procedure;
}

export interface MachineOptions {
  readonly threads: readonly ThreadProgram[];
  readonly heap: HeapBounds;
  readonly memory: Memory;
  /** Objects that are there at the start: an ops-less fwspec on a dev_iommu, left by a deferred probe. */
  readonly leftByDeferral: boolean;
  /** dev_iommu.priv points to memory of the client's own, which is lost with it; else to the IOMMU instance. */
  readonly privIsAllocated: boolean;
  /** Adds one bit of history: did the sections that a2e7e59a9426 serialises overlap? */
  readonly watchOverlap: boolean;
}

/** A step where a thread can rest, i.e. an access, lock operation, print or end. */
export interface Stop {
  readonly place: Place;
  readonly index: number;
  /** First step of the serialised section: a thread resting here is not inside yet. */
  readonly inside: boolean;
  /** Function that outcomes name. */
  readonly fn: string;
  readonly file: string;
  readonly end: QuietResult | null;
}

export interface Variable {
  readonly name: string;
  readonly bits: number;
}

export type StepResult =
  /** The thread waits for a lock or is over. */
  | { readonly is: 'stuck' }
  | { readonly is: 'moved' }
  /** The step faulted; `fatal` is false for a use-after-free or double free that a kernel without KASAN does not notice. */
  | {
      readonly is: 'fault';
      readonly kind: FaultKind;
      readonly field: string;
      readonly fn: string;
      readonly fatal: boolean;
    };

const STUCK: StepResult = { is: 'stuck' };
const MOVED: StepResult = { is: 'moved' };

const GLOBALS: readonly Global[] = [
  'dev->iommu',
  'dev->iommu_group',
  'iommu_group_link',
  'group->default_domain',
  'bus->iommu_ops',
  'listed1',
  'listed2',
  'bound1',
  'bound2',
  'late_data',
];
const REGISTERS: readonly Register[] = ['p', 'fs', 'ops', 'cfg', 'idev', 'err', 'grp', 'tmp', 'own'];

/** Object fields that hold a value in the model; the others are touched only. */
const STORED: Readonly<Record<ObjectType, readonly Field[]>> = {
  dev_iommu: ['dev_iommu.fwspec', 'dev_iommu.iommu_dev', 'dev_iommu.priv'],
  fwspec: ['fwspec.ops'],
  cfg: ['cfg:ready'],
};

export const LIVE = 1;

export class Machine {
  readonly variables: readonly Variable[];
  readonly stops: readonly (readonly Stop[])[];
  readonly threads: readonly ThreadProgram[];
  readonly options: MachineOptions;
  readonly #at = new Map<string, number>();
  /** For each thread: flat place to stop index, or -1. */
  readonly #stopOf: readonly Int32Array[];
  readonly #places: readonly (readonly Place[])[];
  readonly #pc: readonly number[];
  readonly #regs: readonly ReadonlyMap<Register, number>[];
  readonly #lock: number;
  readonly #overlap: number;
  /** Slots by object id (index 0 unused): life of the object, and value of each stored field. */
  readonly #life: Readonly<Record<ObjectType, Int32Array>>;
  readonly #stored: ReadonlyMap<Field, Int32Array>;
  readonly #global: ReadonlyMap<Global, number>;
  /** For each thread and stop: the registers that are dead there. */
  readonly #dead: readonly (readonly Int32Array[])[];

  constructor(options: MachineOptions) {
    this.options = options;
    this.threads = options.threads;
    this.#places = options.threads.map((t) => flatten(t.top));
    this.stops = this.#places.map(stopsOf);
    this.#stopOf = this.#places.map((places, t) => {
      const map = new Int32Array(places.length).fill(-1);
      const list = this.stops[t]!;
      for (const stop of list) map[places.indexOf(stop.place)] = stop.index;
      return map;
    });
    const variables: Variable[] = [];
    const declare = (name: string, bits: number): number => {
      variables.push({ name, bits });
      this.#at.set(name, variables.length - 1);
      return variables.length - 1;
    };
    for (const g of GLOBALS) declare(g, g === 'dev->iommu' ? 3 : 1);
    this.#lock = declare('iommu_probe_device_lock', 2);
    this.#overlap = declare('sections overlapped', 1);
    for (const type of ['dev_iommu', 'fwspec', 'cfg'] as const) {
      for (let i = 1; i <= options.heap[type]; i++) {
        declare(`${type}${i}`, 3);
        for (const field of STORED[type])
          declare(
            `${type}${i}.${field}`,
            field === 'fwspec.ops' || field === 'cfg:ready' ? 1 : field === 'dev_iommu.iommu_dev' ? 2 : 3,
          );
      }
    }
    this.#pc = options.threads.map((_, t) => declare(`thread${t}.pc`, 9));
    this.#regs = options.threads.map((_, t) => new Map(REGISTERS.map((r) => [r, declare(`thread${t}.${r}`, 3)])));
    this.variables = variables;
    this.#global = new Map(GLOBALS.map((g) => [g, this.variable(g)]));
    const byId = (type: ObjectType, name: (id: number) => string) =>
      Int32Array.from({ length: options.heap[type] + 1 }, (_, id) => (id === 0 ? -1 : this.variable(name(id))));
    const types = ['dev_iommu', 'fwspec', 'cfg'] as const;
    this.#life = Object.fromEntries(types.map((type) => [type, byId(type, (id) => `${type}${id}`)])) as Record<
      ObjectType,
      Int32Array
    >;
    this.#stored = new Map(
      types.flatMap((type) => STORED[type].map((field) => [field, byId(type, (id) => `${type}${id}.${field}`)])),
    );
    this.#dead = this.stops.map((list, t) =>
      list.map((stop) =>
        Int32Array.from([...this.#regs[t]!].filter(([name]) => !stop.place.live.has(name)).map(([, slot]) => slot)),
      ),
    );
    if (this.stops.some((list) => list.length > 511))
      throw new Error('a thread of the model has more steps than its program counter has room for');
  }

  /** Index of a variable by name, for observations and printing. */
  variable(name: string): number {
    const at = this.#at.get(name);
    if (at === undefined) throw new Error(`the model has no variable ${name}`);
    return at;
  }

  initial(): Uint16Array {
    const v = new Uint16Array(this.variables.length);
    if (this.options.leftByDeferral) {
      v[this.variable('dev->iommu')] = 1;
      v[this.variable('dev_iommu1')] = LIVE;
      v[this.variable('dev_iommu1.dev_iommu.fwspec')] = 1;
      v[this.variable('fwspec1')] = LIVE;
    }
    for (let t = 0; t < this.threads.length; t++) this.#settle(v, t, 0);
    return v;
  }

  stopAt(v: Uint16Array, thread: number): Stop {
    return this.stops[thread]![v[this.#pc[thread]!]!]!;
  }

  /** The quiet result of a thread that is over, or null. */
  result(v: Uint16Array, thread: number): QuietResult | null {
    return this.stopAt(v, thread).end;
  }

  /** True when the thread can take a step. */
  enabled(v: Uint16Array, thread: number): boolean {
    const stop = this.stopAt(v, thread);
    if (stop.end) return false;
    return stop.place.node.op !== 'lock' || v[this.#lock] === 0;
  }

  /** Makes `thread` take its step in `v`. On a fatal fault `v` is left as it was. */
  step(v: Uint16Array, thread: number): StepResult {
    if (!this.enabled(v, thread)) return STUCK;
    const stop = this.stopAt(v, thread);
    const fault = this.#execute(v, thread, stop);
    if (fault?.is === 'fault' && fault.fatal) return fault;
    if (this.options.watchOverlap) this.#watch(v, thread, stop);
    this.#settle(v, thread, stop.place.next);
    return fault ?? MOVED;
  }

  /** The object that the next step of `thread` goes through, and who freed it (null: nobody); null where the step follows no pointer, or NULL. */
  objectAt(
    v: Uint16Array,
    thread: number,
  ): { readonly type: ObjectType; readonly id: number; readonly freedBy: number | null } | null {
    const node = this.stopAt(v, thread).place.node;
    if (node.op !== 'get' && node.op !== 'put' && node.op !== 'free') return null;
    const type = node.op === 'free' ? node.type : typeOf(node.field);
    const id = v[this.#regs[thread]!.get(node.ptr)!]!;
    if (id === 0 || type === 'late' || type === 'iommu_device') return null;
    const state = v[this.#life[type][id]!]!;
    return { type, id, freedBy: state > LIVE ? state - LIVE - 1 : null };
  }

  #watch(v: Uint16Array, thread: number, stop: Stop): void {
    if (!stop.place.section) return;
    for (let t = 0; t < this.threads.length; t++) if (t !== thread && this.stopAt(v, t).inside) v[this.#overlap] = 1;
  }

  /** True when the step at `stop`, were it to fault, happens with both sections open, or they overlapped before. */
  overlapped(v: Uint16Array, thread: number): boolean {
    if (v[this.#overlap] === 1) return true;
    if (!this.stopAt(v, thread).place.section) return false;
    return this.threads.some((_, t) => t !== thread && this.stopAt(v, t).inside);
  }

  /** Runs silent nodes from `place` until the thread rests at a stop, and forgets registers that are dead there. */
  #settle(v: Uint16Array, thread: number, from: number): void {
    const places = this.#places[thread]!;
    const stopOf = this.#stopOf[thread]!;
    const regs = this.#regs[thread]!;
    let at = from;
    while (stopOf[at] === -1) {
      const place = places[at]!;
      const node = place.node;
      let next = place.next;
      if (node.op === 'set') v[regs.get(node.dst)!] = this.#value(v, regs, node.value);
      else if (node.op === 'if') {
        const equal = v[regs.get(node.test.reg)!] === node.test.value;
        if (equal !== (node.test.is === '==')) next = place.other;
      } else if (node.op === 'alloc') {
        const id = this.#allocate(v, node.type);
        for (const [field, value] of Object.entries(node.init ?? {})) {
          v[this.#stored.get(field as Field)![id]!] = this.#value(v, regs, value as Value);
        }
        v[regs.get(node.dst)!] = id;
      }
      at = next;
    }
    const stop = stopOf[at]!;
    v[this.#pc[thread]!] = stop;
    for (const slot of this.#dead[thread]![stop]!) v[slot] = 0;
  }

  #value(v: Uint16Array, regs: ReadonlyMap<Register, number>, value: Value): number {
    return typeof value === 'number' ? value : v[regs.get(value.reg)!]!;
  }

  #allocate(v: Uint16Array, type: ObjectType): number {
    const slots = this.#life[type];
    for (let id = 1; id < slots.length; id++) {
      if (v[slots[id]!] === 0) {
        v[slots[id]!] = LIVE;
        return id;
      }
    }
    throw new Error(`the scenario allocates more than ${slots.length - 1} ${type} objects`);
  }

  #execute(v: Uint16Array, thread: number, stop: Stop): StepResult | null {
    const node = stop.place.node;
    const regs = this.#regs[thread]!;
    switch (node.op) {
      case 'load':
        v[regs.get(node.dst)!] = v[this.#global.get(node.from)!]!;
        return null;
      case 'store':
        v[this.#global.get(node.to)!] = this.#value(v, regs, node.value);
        return null;
      case 'claim': {
        const slot = this.#global.get(node.what)!;
        v[regs.get(node.dst)!] = v[slot]!;
        v[slot] = 1;
        return null;
      }
      case 'lock':
        v[this.#lock] = thread + 1;
        return null;
      case 'unlock':
        v[this.#lock] = 0;
        return null;
      case 'free': {
        const id = v[regs.get(node.ptr)!]!;
        if (id === 0) return null; // kfree(NULL)
        const slot = this.#life[node.type][id]!;
        if (v[slot] !== LIVE) return this.#fault('double-free', node.type, stop);
        v[slot] = LIVE + 1 + thread;
        // With KASAN nobody gets past a freed object, so its contents are forgotten; without, they are read stale.
        if (this.options.memory === 'kasan')
          for (const field of STORED[node.type]) v[this.#stored.get(field)![id]!] = 0;
        return null;
      }
      case 'get':
      case 'put':
        return this.#access(v, regs, node, stop);
      default:
        return null;
    }
  }

  #access(
    v: Uint16Array,
    regs: ReadonlyMap<Register, number>,
    node: Extract<Place['node'], { op: 'get' | 'put' }>,
    stop: Stop,
  ): StepResult | null {
    const way = node.op === 'get' ? 'read' : 'write';
    const id = v[regs.get(node.ptr)!]!;
    const type = typeOf(node.field);
    if (type === 'late') return this.#fault(`null-${way}`, node.field, stop);
    if (type === 'iommu_device') return id === 1 ? null : this.#fault(`null-${way}`, node.field, stop);
    if (id === 0) return this.#fault(`null-${way}`, node.field, stop);
    const state = v[this.#life[type][id]!]!;
    const fault = state === LIVE ? null : this.#fault(`uaf-${way}`, node.field, stop);
    if (fault?.is === 'fault' && fault.fatal) return fault;
    const slot = this.#stored.get(type === 'cfg' ? 'cfg:ready' : node.field)?.[id];
    if (slot !== undefined) {
      if (node.op === 'put') v[slot] = this.#value(v, regs, node.value);
      else if (node.dst) v[regs.get(node.dst)!] = v[slot]!;
    }
    return fault;
  }

  #fault(kind: FaultKind, field: string, stop: Stop): StepResult {
    const fatal = kind.startsWith('null') || this.options.memory === 'kasan';
    return { is: 'fault', kind, field: fieldName(field as Field), fn: stop.fn, fatal };
  }
}

const types = new Map<Field, ObjectType | 'iommu_device' | 'late'>();

/** The struct, or "cfg" or "late", that a field belongs to; looked up once a field. */
function typeOf(field: Field): ObjectType | 'iommu_device' | 'late' {
  let type = types.get(field);
  if (!type) {
    type = field.slice(0, field.search(/[.:]/)) as ObjectType;
    types.set(field, type);
  }
  return type;
}

function stopsOf(places: readonly Place[]): readonly Stop[] {
  const inside = new Set<number>();
  // A section's first steps: reached from outside without passing a visible step inside.
  places.forEach((place) => {
    if (!(place.section && isVisible(place.node))) return;
    for (const to of reach(places, place.next)) if (places[to]!.section) inside.add(to);
  });
  const stops: Stop[] = [];
  places.forEach((place, at) => {
    if (!isVisible(place.node)) return;
    const fn = place.stack.find((p) => p.inline !== 'accessor')!;
    stops.push({
      place,
      index: stops.length,
      inside: inside.has(at),
      fn: fn.fn,
      file: fn.file,
      end: place.node.op === 'end' ? place.node.result : null,
    });
  });
  return stops;
}

/** Visible places that can come next from `at`. */
function reach(places: readonly Place[], from: number): readonly number[] {
  const out: number[] = [];
  const work = [from];
  const seen = new Set<number>();
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    if (at < 0 || seen.has(at)) continue;
    seen.add(at);
    const place = places[at]!;
    if (isVisible(place.node)) {
      out.push(at);
      continue;
    }
    work.push(place.next);
    if (place.node.op === 'if') work.push(place.other);
  }
  return out;
}

export type { Mutex };
