/** The places of a thread at which it can rest, i.e. its visible steps: what the scheduler chooses among. */
import { flatten, isVisible, type Place } from './flatten.ts';
import type { Global, Node, Procedure, QuietResult } from './program.ts';

/** A step where a thread can rest, i.e. an access, lock operation, print or end. */
export interface Stop {
  readonly place: Place;
  readonly index: number;
  /** A thread resting here is inside the serialised section: before the section's first step it is not inside yet. */
  readonly inside: boolean;
  /** Function that outcomes name. */
  readonly fn: string;
  readonly file: string;
  readonly end: QuietResult | null;
}

export interface ThreadCode {
  readonly places: readonly Place[];
  readonly stops: readonly Stop[];
  /** Place to stop index, or -1. */
  readonly stopOf: Int32Array;
  /** Globals that the thread touches. */
  readonly globals: ReadonlySet<Global>;
  /** By stop index, 1: the step is in the serialised section; a thread resting there is inside. */
  readonly section: Uint8Array;
  readonly inside: Uint8Array;
}

/** The function that outcomes name: accessors are their caller's. */
export function within(stack: readonly Procedure[]): Procedure {
  return stack.find((p) => p.inline !== 'accessor')!;
}

const known = new WeakMap<Procedure, ThreadCode>();

/** The straight code of a thread that runs `top`; kept, as scenarios of one era and driver share their threads. */
export function threadCode(top: Procedure): ThreadCode {
  let code = known.get(top);
  if (!code) {
    code = stopsOf(flatten(top));
    known.set(top, code);
  }
  return code;
}

/** A step where a thread can rest, as far as it is seen from outside. */
export interface Rest {
  readonly place: Pick<Place, 'node' | 'stack'>;
}

const rests = new WeakMap<Procedure, readonly Rest[]>();

/** The same steps as `threadCode` has, in its order, without making code of them: enough to hold a trace against them. */
export function restsOf(top: Procedure): readonly Rest[] {
  let list = rests.get(top);
  if (!list) {
    const found: Rest[] = [];
    gather(top.body, [top], found);
    rests.set(top, found);
    list = found;
  }
  return list;
}

function gather(body: readonly Node[], stack: readonly Procedure[], found: Rest[]): void {
  for (const node of body) {
    if (node.op === 'call') gather(node.procedure.body, [node.procedure, ...stack], found);
    else if (node.op === 'if') {
      gather(node.then, stack, found);
      gather(node.else, stack, found);
    } else if (isVisible(node)) found.push({ place: { node, stack } });
  }
}

function stopsOf(places: readonly Place[]): ThreadCode {
  const entered = enteredSections(places);
  const stopOf = new Int32Array(places.length).fill(-1);
  const stops: Stop[] = [];
  places.forEach((place, at) => {
    if (!isVisible(place.node)) return;
    stopOf[at] = stops.length;
    const fn = within(place.stack);
    stops.push({
      place,
      index: stops.length,
      inside: place.section && entered[at] === 1,
      fn: fn.fn,
      file: fn.file,
      end: place.node.op === 'end' ? place.node.result : null,
    });
  });
  return {
    places,
    stops,
    stopOf,
    globals: new Set(places.flatMap(({ node }) => globalOf(node))),
    section: Uint8Array.from(stops, (s) => Number(s.place.section)),
    inside: Uint8Array.from(stops, (s) => Number(s.inside)),
  };
}

/** 1 where a visible step of the section stands before the place with only silent ones between. One pass: code never jumps back. */
function enteredSections(places: readonly Place[]): Uint8Array {
  const entered = new Uint8Array(places.length);
  places.forEach((place, at) => {
    if (isVisible(place.node) ? !place.section : entered[at] === 0) return;
    if (place.next >= 0) entered[place.next] = 1;
    if (place.node.op === 'if') entered[place.other] = 1;
  });
  return entered;
}

function globalOf(node: Node): readonly Global[] {
  if (node.op === 'load') return [node.from];
  if (node.op === 'store') return [node.to];
  return node.op === 'claim' ? [node.what] : [];
}
