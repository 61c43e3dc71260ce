/**
 * From procedures to straight code: calls inlined (each place keeps its call stack), tests turned into jumps, registers that are
 * dead at a place found, so that states which differ only in garbage are one state.
 */
import { type Field, type Node, type Procedure, REGISTERS, type Register, type Value } from './program.ts';

/** One node with its successors; `next` and `other` are places in the same array, -1 behind an end. */
export interface Place {
  readonly node: Node;
  /** Procedures on the stack, innermost first. */
  readonly stack: readonly Procedure[];
  next: number;
  /** Taken when an `if` test fails. */
  other: number;
  /** Inside the section that a2e7e59a9426 serialises. */
  section: boolean;
  /** Registers whose value can still matter here: bit r for REGISTERS[r]. */
  live: number;
}

const VISIBLE: ReadonlySet<Node['op']> = new Set([
  'load',
  'store',
  'get',
  'put',
  'claim',
  'free',
  'lock',
  'unlock',
  'print',
  'end',
]);

/** A step of an interleaving, or the thread's end. */
export function isVisible(node: Node): boolean {
  return VISIBLE.has(node.op);
}

/** The thread that runs `top`, which must leave through `end` nodes only. */
export function flatten(top: Procedure): readonly Place[] {
  const places: Place[] = [];
  emit({ op: 'call', procedure: top }, [], places, []);
  resolve(places);
  markSections(places);
  markLive(places);
  return places;
}

/** `returns` collects the places that leave the current procedure and must go on behind its call. */
function emit(node: Node, stack: readonly Procedure[], places: Place[], returns: number[]): void {
  const at = places.length;
  const place: Place = { node, stack, next: at + 1, other: -1, section: false, live: 0 };
  places.push(place);
  switch (node.op) {
    case 'call': {
      const inner: number[] = [];
      const within = [node.procedure, ...stack];
      for (const n of node.procedure.body) emit(n, within, places, inner);
      for (const r of inner) places[r]!.next = places.length;
      return;
    }
    case 'if': {
      for (const n of node.then) emit(n, stack, places, returns);
      const jump = places.length;
      // A silent jump over the other branch.
      places.push({ node: NOTHING, stack, next: -1, other: -1, section: false, live: 0 });
      place.other = places.length;
      for (const n of node.else) emit(n, stack, places, returns);
      places[jump]!.next = places.length;
      return;
    }
    case 'return':
      returns.push(at);
      return;
    case 'end':
      place.next = -1;
      return;
    default:
      return;
  }
}

/** A silent node that does nothing: jumps are written with it. */
export const NOTHING: Node = { op: 'set', dst: 'tmp', value: { reg: 'tmp' } };

/** Every jump leads forward, which the passes over the places rely on: one pass in order, or from the end, sees all. */
function resolve(places: Place[]): void {
  places.forEach((place, at) => {
    if (place.next >= places.length || place.other >= places.length)
      throw new Error('a procedure of the model runs off its end without an `end` node');
    if (place.node.op !== 'end' && place.next <= at) throw new Error('a procedure of the model jumps back');
  });
}

/** Sections open and close along every path; a place must not be inside on one and outside on another. */
function markSections(places: Place[]): void {
  const UNREACHED = 2;
  const open = new Uint8Array(places.length).fill(UNREACHED);
  const enter = (at: number, inside: number): void => {
    if (at < 0) return;
    if (open[at] !== UNREACHED && open[at] !== inside)
      throw new Error('a place of the model is inside the serialised section on one path and outside on another');
    open[at] = inside;
  };
  enter(0, 0);
  places.forEach((place, at) => {
    const inside = open[at]!;
    if (inside === UNREACHED) return;
    place.section = inside === 1;
    const after = place.node.op === 'section' ? Number(place.node.open) : inside;
    enter(place.next, after);
    if (place.node.op === 'if') enter(place.other, after);
  });
}

function markLive(places: Place[]): void {
  for (let i = places.length - 1; i >= 0; i--) {
    const place = places[i]!;
    const behind = place.next >= 0 ? places[place.next]!.live : 0;
    const other = place.node.op === 'if' ? places[place.other]!.live : 0;
    place.live = ((behind | other) & ~written(place.node)) | read(place.node);
  }
}

function bit(register: Register): number {
  return 1 << REGISTERS.indexOf(register);
}

function written(node: Node): number {
  // A jump only looks like an assignment: it must not make `tmp` dead.
  if (node === NOTHING) return 0;
  switch (node.op) {
    case 'load':
    case 'set':
    case 'alloc':
    case 'claim':
      return bit(node.dst);
    case 'get':
      return node.dst ? bit(node.dst) : 0;
    default:
      return 0;
  }
}

function read(node: Node): number {
  const of = (v: Value): number => (typeof v === 'number' ? 0 : bit(v.reg));
  switch (node.op) {
    case 'get':
    case 'free':
      return bit(node.ptr);
    case 'put':
      return bit(node.ptr) | of(node.value);
    case 'store':
      return of(node.value);
    case 'set':
      return node === NOTHING ? 0 : of(node.value);
    case 'if':
      return bit(node.test.reg);
    case 'alloc':
      return Object.values(node.init ?? {}).reduce<number>((bits, v) => bits | of(v as Value), 0);
    default:
      return 0;
  }
}

/** "cfg:apple_dart_master_cfg.stream_maps" is named without its kind. */
export function fieldName(field: Field): string {
  return field.replace(/^(?:cfg|late):/, '');
}
