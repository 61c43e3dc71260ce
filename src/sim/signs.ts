/**
 * What a log can show of the moment of a crash, as questions to the model's state right before the faulting step. There are no others: what a graph says of a
 * crash is kept by the answers to these (digest.ts), so that no log needs the graph itself.
 */
import type { Machine, State } from './machine/machine.ts';

type Holds = (machine: Machine, v: State, thread: number) => boolean;

/** Functions of the two threads that do their work at one place of the program, so that being inside says how far a thread is. */
const INSIDE = [
  'iommu_fwspec_init',
  'iommu_fwspec_free',
  'of_iommu_xlate',
  'dev_iommu_free',
  '__iommu_probe_device',
  'probe_iommu_group',
  'bus_iommu_probe',
  'iommu_device_register',
  'of_iommu_configure',
] as const;

type Inside = (typeof INSIDE)[number];

export const isInside = (fn: string): fn is Inside => (INSIDE as readonly string[]).includes(fn);

type Role = 'client' | 'walk';

export type Sign =
  /** The registration ends after the crash; 'close': the lines are near enough to have changed places. */
  | 'registers-after'
  | 'registers-after, close'
  | 'registered-before'
  | 'registered-before, close'
  /** The IOMMU driver's init has not returned. */
  | 'init-runs'
  | `freed by ${Role}`
  /** The object is an earlier attempt's. */
  | 'allocated earlier'
  | `${Role} in ${Inside}`;

/** The thread whose registration the log's lines are about. */
function registrar(machine: Machine): number {
  return machine.threads.findIndex((t) => t.role === 'walk');
}

type Stops = Machine['stops'][number];

/** Of a thread: its first stop below each function, and where it prints. */
interface Marks {
  readonly below: ReadonlyMap<string, number>;
  readonly print: number | null;
}

const marks = new WeakMap<Stops, Marks>();

function marksOf(stops: Stops): Marks {
  let known = marks.get(stops);
  if (!known) {
    const below = new Map<string, number>();
    for (const { place, index } of stops) for (const { fn } of place.stack) if (!below.has(fn)) below.set(fn, index);
    known = { below, print: stops.find((s) => s.place.node.op === 'print')?.index ?? null };
    marks.set(stops, known);
  }
  return known;
}

/** Has this registering thread printed its line? Its stops are numbered in program order, and the line stands behind the walk. */
function printed(machine: Machine, v: State, thread: number): boolean {
  const { print } = marksOf(machine.stops[thread]!);
  // A driver without such a line in the model leaves its order open.
  return print === null || machine.stopIndex(v, thread) > print;
}

function registersAfter(close: boolean): Holds {
  return (machine, v, thread) => {
    const walk = registrar(machine);
    if (walk < 0 || walk === thread) return false;
    if (printed(machine, v, walk)) return close;
    return goesOnTo(machine, v, thread, walk, (later) => printed(machine, later, walk));
  };
}

function registeredBefore(close: boolean): Holds {
  return (machine, v, thread) => {
    const walk = registrar(machine);
    // The walk that crashed itself is another instance's: the line is of one that came earlier.
    if (walk < 0 || walk === thread) return true;
    return printed(machine, v, walk) || close;
  };
}

const initRuns: Holds = (machine, v, thread) =>
  machine.threads.some((t, i) => t.role === 'walk' && (i === thread || machine.result(v, i) === null));

function freedBy(role: Role): Holds {
  return (machine, v, thread) => {
    const by = machine.objectAt(v, thread)?.freedBy ?? null;
    return by !== null && machine.threads[by]!.role === role;
  };
}

const allocatedEarlier: Holds = (machine, v, thread) => machine.objectAt(v, thread)?.id === 1;

/** Another thread of that role has got as far as into the function. */
function inside(role: Role, fn: string): Holds {
  return (machine, v, thread) =>
    machine.threads.some((t, i) => {
      if (t.role !== role || i === thread) return false;
      const reached = marksOf(machine.stops[i]!).below.get(fn);
      return reached !== undefined && machine.stopIndex(v, i) >= reached;
    });
}

/** Each sign's place in the list is its bit. */
const SIGNS: readonly (readonly [Sign, Holds])[] = [
  ['registers-after', registersAfter(false)],
  ['registers-after, close', registersAfter(true)],
  ['registered-before', registeredBefore(false)],
  ['registered-before, close', registeredBefore(true)],
  ['init-runs', initRuns],
  ['freed by client', freedBy('client')],
  ['freed by walk', freedBy('walk')],
  ['allocated earlier', allocatedEarlier],
  ...INSIDE.map((fn) => [`client in ${fn}`, inside('client', fn)] as const),
  ...INSIDE.map((fn) => [`walk in ${fn}`, inside('walk', fn)] as const),
];

const BIT: ReadonlyMap<Sign, number> = new Map(SIGNS.map(([sign], i) => [sign, 1 << i]));

/** The bits of all signs that show in `v`, the state right before `thread` faults. */
export function signsIn(machine: Machine, v: State, thread: number): number {
  let bits = 0;
  for (let i = 0; i < SIGNS.length; i++) if (SIGNS[i]![1](machine, v, thread)) bits |= 1 << i;
  return bits;
}

/** Is the sign among those bits? */
export function isAmong(sign: Sign, bits: number): boolean {
  return (bits & BIT.get(sign)!) !== 0;
}

/** Can `thread` still get to a step that `there` accepts after the crashed thread is gone (its locks held for ever)? */
function goesOnTo(
  machine: Machine,
  before: State,
  crashed: number,
  thread: number,
  there: (v: State) => boolean,
): boolean {
  const v = before.slice();
  while (!there(v)) {
    let moved = false;
    for (let t = 0; t < machine.threads.length && !moved; t++) {
      if (t === crashed || (t !== thread && machine.stopAt(v, thread).place.node.op !== 'lock')) continue;
      if (!machine.enabled(v, t)) continue;
      const result = machine.step(v, t);
      if (result.is === 'fault' && result.fatal) return false;
      moved = true;
    }
    if (!moved) return false;
  }
  return true;
}
