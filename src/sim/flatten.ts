/**
 * From procedures to straight code: calls inlined (each place keeps its call stack), tests turned into jumps, registers that are
 * dead at a place found, so that states which differ only in garbage are one state.
 */
import type { Field, Node, Procedure, QuietResult, Register, Value } from './program.ts';

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
  live: ReadonlySet<Register>;
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
  const place: Place = { node, stack, next: at + 1, other: -1, section: false, live: new Set() };
  places.push(place);
  switch (node.op) {
    case 'call': {
      const inner: number[] = [];
      for (const n of node.procedure.body) emit(n, [node.procedure, ...stack], places, inner);
      for (const r of inner) places[r]!.next = places.length;
      return;
    }
    case 'if': {
      for (const n of node.then) emit(n, stack, places, returns);
      const jump = places.length;
      // A silent jump over the other branch.
      places.push({
        node: { op: 'section', open: false },
        stack,
        next: -2,
        other: -1,
        section: false,
        live: new Set(),
      });
      place.other = places.length;
      for (const n of node.else) emit(n, stack, places, returns);
      const skip = places[jump]!;
      places[jump] = { ...skip, node: NOTHING, next: places.length };
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

function resolve(places: Place[]): void {
  for (const place of places) {
    if (place.next >= places.length || place.other >= places.length) {
      throw new Error('a procedure of the model runs off its end without an `end` node');
    }
  }
}

/** Sections open and close along every path; a place must not be inside on one and outside on another. */
function markSections(places: Place[]): void {
  const seen = new Map<number, boolean>();
  const work: [number, boolean][] = [[0, false]];
  for (let item = work.pop(); item; item = work.pop()) {
    const [at, open] = item;
    if (at < 0) continue;
    const before = seen.get(at);
    if (before !== undefined) {
      if (before !== open)
        throw new Error('a place of the model is inside the serialised section on one path and outside on another');
      continue;
    }
    seen.set(at, open);
    const place = places[at]!;
    place.section = open;
    const after = place.node.op === 'section' ? place.node.open : open;
    work.push([place.next, after]);
    if (place.node.op === 'if') work.push([place.other, after]);
  }
}

function markLive(places: Place[]): void {
  let changed = true;
  while (changed) {
    changed = false;
    for (let i = places.length - 1; i >= 0; i--) {
      const place = places[i]!;
      const live = new Set<Register>(place.next >= 0 ? places[place.next]!.live : []);
      if (place.node.op === 'if') for (const r of places[place.other]!.live) live.add(r);
      for (const r of written(place.node)) live.delete(r);
      for (const r of read(place.node)) live.add(r);
      if (live.size !== place.live.size || [...live].some((r) => !place.live.has(r))) {
        place.live = live;
        changed = true;
      }
    }
  }
}

function written(node: Node): readonly Register[] {
  switch (node.op) {
    case 'load':
    case 'set':
    case 'alloc':
    case 'claim':
      return [node.dst];
    case 'get':
      return node.dst ? [node.dst] : [];
    default:
      return [];
  }
}

function read(node: Node): readonly Register[] {
  const of = (v: Value): readonly Register[] => (typeof v === 'number' ? [] : [v.reg]);
  switch (node.op) {
    case 'get':
      return [node.ptr];
    case 'put':
      return [node.ptr, ...of(node.value)];
    case 'store':
      return of(node.value);
    case 'free':
      return [node.ptr];
    case 'set':
      return node === NOTHING ? [] : of(node.value);
    case 'if':
      return [node.test.reg];
    case 'alloc':
      return Object.values(node.init ?? {}).flatMap((v) => of(v as Value));
    default:
      return [];
  }
}

/** What a step's node is about, for outcomes and diagrams. */
export function resultOf(node: Node): QuietResult | null {
  return node.op === 'end' ? node.result : null;
}

/** "cfg:apple_dart_master_cfg.stream_maps" is named without its kind. */
export function fieldName(field: Field): string {
  return field.replace(/^(?:cfg|late):/, '');
}
