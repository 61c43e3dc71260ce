/**
 * From a witness to turns that can be forced on a running kernel: where it lets a thread be preempted, the thread waits at a gate until its next turn. A place
 * that cannot be told apart in machine code is moved to the nearest one with which the model still ends in the same crash; every plan is run on the model.
 */
import { decodeReplay, encodeReplay } from '../explain/replay.ts';
import { rerun, textOf } from '../explain/witness.ts';
import type { Machine, ThreadProgram } from '../machine/machine.ts';
import { build, type SetUp } from '../scenarios.ts';
import { endsSo, type MergedCode, mergedCode, mergedWitnesses } from './merged.ts';
import { isAtClient, namesOf, type Place, placesOf } from './places.ts';
import { runTurns, type Turn } from './turns.ts';

export interface Gate {
  readonly thread: number;
  readonly role: ThreadProgram['role'];
  /** In a walk: it is at the client there. */
  readonly ofClient: boolean;
  /** The turn in which the thread goes on; null: it has none any more. */
  readonly resume: number | null;
  /** "dev->iommu = NULL in dev_iommu_free()" */
  readonly before: string;
  readonly places: readonly Place[];
  /** Steps of the thread between where the witness has it and where it can be stopped; 0: the very place. */
  readonly moved: number;
}

export interface ForcingPlan {
  readonly setUp: SetUp;
  /** What the witness ends in, and what the model comes to with these turns: another crash where the witness's own cannot be forced. */
  readonly wanted: string;
  readonly outcome: string;
  readonly threads: readonly ThreadProgram[];
  /** The thread of each turn; the last one's ends in the crash. */
  readonly turns: readonly number[];
  /** Gate i ends turn i. */
  readonly gates: readonly Gate[];
  /** These turns need a load of dev->iommu that C lets a compiler merge with another, and no others that end so do without. */
  readonly reloads: boolean;
  /** The interleaving that is forced, as a replay string. */
  readonly replay: string;
}

export type Planned = { readonly ok: true; readonly plan: ForcingPlan } | { readonly ok: false; readonly why: string };

interface Candidate {
  readonly turns: readonly Turn[];
  readonly last: number;
  readonly moved: readonly number[];
}

interface Found {
  readonly candidate: Candidate;
  readonly outcome: string;
  /** It ends so with merged loads, too. */
  readonly merges: boolean;
}

/** Plans tried at most for one witness: thousands a second. */
const MOST_TRIES = 60_000;
/** Plans looked at beyond the nearest one for one that needs no load which compilers leave out. */
const MORE_TRIES = 3000;

/** The turns that force `replay`, or the nearest ones; `why` not, as a sentence. */
export function forcingPlan(replay: string): Planned {
  const no = (why: string): Planned => ({ ok: false, why });
  const decoded = decodeReplay(replay);
  if (!decoded.ok) return no(decoded.why);
  const { setUp, threads } = decoded;
  const { witness, machine, stuckAt } = rerun(setUp, threads);
  const wanted = witness.steps.at(-1)?.outcome ?? null;
  if (stuckAt !== null) return no(`step ${stuckAt + 1} of the witness cannot be taken`);
  if (wanted === null) return no('the witness ends in no crash, so there is nothing to reproduce');
  const strange = machine.threads.find((t) => t.role === 'walk' && !/^(?:IOMMU registration)$/.test(t.name));
  if (machine.threads.length !== 2 || strange !== undefined || machine.threads.every((t) => t.role === 'walk'))
    return no(
      `the module forces one translation against one registration; this witness has ${machine.threads.map((t) => t.name).join(', ')}`,
    );
  const exact = segmentsOf(machine, threads);
  if (exact.turns.length === 0)
    return no('one thread alone comes to this crash, in every order: nothing needs to be forced, boot and see');
  const merged = mergedCode(setUp, machine);
  const witnesses = mergedWitnesses(setUp);
  const found = search(setUp, machine, exact, wanted, merged, witnesses);
  if (found === null) return no('no turns that can be forced on a kernel end in a crash of the model');
  const plan = planInMerged(merged, setUp, machine, found, wanted) ?? planOf(setUp, machine, found, wanted);
  if (found.merges) return { ok: true, plan };
  return elsewhere(witnesses(found.outcome), found.outcome) ?? { ok: true, plan };
}

/** Has each turn a place in the merged code to end at? */
function canRest({ setUp, machine, moved }: MergedCode, turns: readonly Turn[]): boolean {
  const places = placesOfAll(setUp, machine, moved(turns));
  return places?.every((p) => p.length > 0) ?? false;
}

/** The plan by the merged code, which compilers make, where that has other places; null where it has the same, or none. */
function planInMerged(
  merged: MergedCode | null,
  setUp: SetUp,
  machine: Machine,
  found: Found,
  wanted: string,
): ForcingPlan | null {
  if (merged === null || !found.merges) return null;
  const turns = merged.moved(found.candidate.turns);
  const places = placesOfAll(merged.setUp, merged.machine, turns);
  if (JSON.stringify(places) === JSON.stringify(placesOfAll(setUp, machine, found.candidate.turns))) return null;
  return planOf(merged.setUp, merged.machine, { ...found, candidate: { ...found.candidate, turns } }, wanted);
}

/** The same crash by another interleaving, one that needs no load that compilers leave out; null: there is none that can be forced. */
function elsewhere(witness: string | null, outcome: string): Planned | null {
  if (witness === null) return null;
  const planned = forcingPlan(witness);
  return planned.ok && planned.plan.outcome === outcome ? planned : null;
}

/** The witness as turns, each up to the stop at which its thread rests when the other takes over. */
function segmentsOf(machine: Machine, threads: readonly number[]): Candidate {
  const v = machine.initial();
  const turns: Turn[] = [];
  for (const [i, thread] of threads.entries()) {
    if (i > 0 && threads[i - 1] !== thread) {
      const before = threads[i - 1]!;
      turns.push({ thread: before, until: machine.stopIndex(v, before) });
    }
    machine.step(v, thread);
  }
  return { turns, last: threads.at(-1)!, moved: turns.map(() => 0) };
}

/** The stops that each thread takes before the gate of its turn, in the run that these turns make; null where one is never reached. */
function stopsBefore(machine: Machine, turns: readonly Turn[]): readonly (readonly number[])[] | null {
  const v = machine.initial();
  const taken = machine.threads.map((): number[] => []);
  const out: number[][] = [];
  for (const { thread, until } of turns) {
    while (machine.stopIndex(v, thread) !== until) {
      if (!machine.enabled(v, thread)) return null;
      taken[thread]!.push(machine.stopIndex(v, thread));
      if (machine.step(v, thread).is === 'stuck') return null;
    }
    out.push([...taken[thread]!]);
  }
  return out;
}

function placesOfAll(setUp: SetUp, machine: Machine, turns: readonly Turn[]): readonly (readonly Place[])[] | null {
  const before = stopsBefore(machine, turns);
  if (before === null) return null;
  const names = namesOf(setUp);
  return turns.map(({ thread, until }, i) => placesOf(setUp, machine, thread, until, before[i]!, names));
}

/**
 * Candidates that differ little from the witness, the nearest first, and the first of them that ends as wanted, or else in any crash. One that ends so with
 * merged loads goes before one that does not, where it is not far.
 */
function search(
  setUp: SetUp,
  machine: Machine,
  exact: Candidate,
  wanted: string,
  merged: MergedCode | null,
  witnesses: (outcome: string) => string | null,
): Found | null {
  let best = null as Found | null;
  let tries = 0;
  let most = MOST_TRIES;
  for (const start of [...registeringFirst(machine, exact), exact])
    for (const candidate of nearby(machine, start)) {
      if (tries++ > most) break;
      const { turns, last } = candidate;
      const { outcome, kept } = runTurns(machine, turns, last);
      if (outcome === null || kept < turns.length) continue;
      if (outcome !== wanted && best !== null) continue;
      const merges = merged === null || (endsSo(merged, turns, last, outcome) && canRest(merged, turns));
      if (best?.outcome === wanted && !merges) continue;
      const places = placesOfAll(setUp, machine, turns);
      if (places === null || places.some((p) => p.length === 0)) continue;
      if (outcome === wanted && merges) return { candidate, outcome, merges };
      best = { candidate, outcome, merges };
      if (outcome === wanted) most = Math.min(most, tries + (witnesses(outcome) === null ? 0 : MORE_TRIES));
    }
  return best;
}

/**
 * Where the client has the first turn, it may as well be the registration's, up to where it first looks at the client: then no count of the client's attempts
 * is needed.
 */
function* registeringFirst(machine: Machine, { turns, last, moved }: Candidate): Generator<Candidate> {
  const walk = machine.threads.findIndex((t) => t.role === 'walk');
  if (turns[0]?.thread === walk) return;
  const at = machine.stops[walk]!.findIndex((s) => isAtClient(machine, walk, s.index));
  if (at > 0) yield { turns: [{ thread: walk, until: at }, ...turns], last, moved: [0, ...moved] };
}

/** The same turns with their ends moved along the code, the fewest steps first. */
function* nearby(machine: Machine, { turns, last, moved }: Candidate): Generator<Candidate> {
  const shifts = Array.from({ length: 61 }, (_, i) => (i % 2 === 0 ? i / 2 : -(i + 1) / 2));
  const lists = turns.map(({ thread, until }) =>
    shifts.filter((by) => until + by > 0 && until + by < machine.stops[thread]!.length),
  );
  for (let most = 0; most <= 40; most++)
    for (const chosen of sums(lists, most))
      yield {
        turns: turns.map(({ thread, until }, i) => ({ thread, until: until + chosen[i]! })),
        last,
        moved: moved.map((m, i) => m + Math.abs(chosen[i]!)),
      };
}

/** One shift of each list, their absolute values adding up to `sum`. */
function* sums(lists: readonly (readonly number[])[], sum: number): Generator<readonly number[]> {
  const [first, ...rest] = lists;
  if (first === undefined) {
    if (sum === 0) yield [];
    return;
  }
  for (const by of first)
    if (Math.abs(by) <= sum) for (const others of sums(rest, sum - Math.abs(by))) yield [by, ...others];
}

function planOf(
  setUp: SetUp,
  machine: Machine,
  { candidate: { turns, last, moved }, outcome, merges }: Found,
  wanted: string,
): ForcingPlan {
  const places = placesOfAll(setUp, machine, turns)!;
  const order = [...turns.map((t) => t.thread), last];
  const gates = turns.map(({ thread, until }, i): Gate => {
    const again = order.findIndex((t, at) => at > i && t === thread);
    const stop = machine.stops[thread]![until]!;
    const { role } = machine.threads[thread]!;
    return {
      ...{ thread, role, resume: again < 0 ? null : again },
      ofClient: role === 'walk' && isAtClient(machine, thread, until),
      before: stop.end === null ? `${textOf(stop.place.node)} in ${stop.fn}()` : 'nothing more: it is through',
      places: places[i]!.slice(0, 4),
      moved: moved[i]!,
    };
  });
  return {
    ...{ setUp, wanted, outcome, threads: machine.threads, turns: order, gates, reloads: !merges },
    replay: encodeReplay(setUp, runTurns(build(setUp), turns, last).schedule),
  };
}
