/** Is a trace a behaviour of the model? Tries every arrangement of the trace's registrations and attempts that the model has, for one era and driver. */

import { explore, stateAt } from '../explore/graph.ts';
import type { State } from '../machine/machine.ts';
import type { Driver, EraCode } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { withBuses } from '../procedures/of_iommu.ts';
import type { EraId, ScenarioId } from '../types.ts';
import { alphabetOf } from './alphabet.ts';
import { type Match, match } from './match.ts';
import { type Others, othersOf } from './others.ts';
import { type Attempt, type Traced, type TracedOptions, traced } from './traced.ts';
import type { Assigned, Call, Conformance, Role, Trace } from './types.ts';

/** Of the client, of registrations in all, and of registrations that overlap: what the bits of a state have room for. */
const MOST_ATTEMPTS = 3;
const MOST_REGISTRATIONS = 3;
const MOST_LANES = 2;
const MOST_PHANDLES = 4;
/** Where calls before the first are lost, a trace may begin in any of so many states. */
const MOST_STARTS = 20_000;

/** Names of the functions that a trace is judged by, for this driver. */
export function alphabetFor(era: EraCode, driver: Driver): ReadonlySet<string> {
  const code = codeOf(era, driver);
  const xlate = driver.of_xlate(code);
  return alphabetOf(driver, [...(xlate === null ? [] : [xlate.fn]), driver.probe_device(code).fn]);
}

function codeOf(era: EraCode, driver: Driver): Code {
  return withBuses({ ...era, granularity: 'compiled', driver, bus: 'platform', devices: 1 });
}

/** Holds `trace`, already cut to the alphabet of this code and driver, against the model. */
export function conform(trace: Trace, record: EraCode, driver: Driver): Conformance {
  const code = codeOf(record, driver);
  const era = record.id;
  const alphabet = recorded(trace, code);
  const phandles = phandlesOf(trace);
  const options = { code, alphabet, phandles, memory: trace.memory };
  const others = othersIn(options);
  const bindings = since(code, '6.15');
  const { arrangements, surplus } = arrangementsOf(trace, bindings);
  let best: { match: Match; model: Traced } | null = null;
  let bounded = false;
  // A client that was deferred before the trace begins is for traces that begin late.
  for (const leftByDeferral of trace.fromBoot && !trace.lost ? [false] : [false, true]) {
    for (const lanes of arrangements) {
      const model = traced({ ...options, lanes, leftByDeferral });
      const { starts, all } = startsOf(model, trace.lost);
      const answer = match({ model, others, alphabet, trace, bindings, starts });
      // What one arrangement was not searched for to its end may lie there, whichever explains most.
      bounded ||= answer.bounded || !all;
      const found = { ...answer, bounded };
      if (best === null || better(found, best.match)) best = { match: found, model };
      // Nothing is likelier.
      if (found.accepted && found.cost === 0) return result(trace, era, driver, best, surplus);
    }
    if (best?.match.accepted) break;
  }
  const { match: closest, model } = best!;
  return result(trace, era, driver, { match: { ...closest, bounded }, model }, surplus);
}

const KEPT = 32;
const othersKnown = new Map<string, Others>();

/** What other devices do is the same for all traces of the same functions. */
function othersIn(options: Omit<TracedOptions, 'lanes' | 'leftByDeferral'>): Others {
  const { code, alphabet, phandles } = options;
  const key = [
    ...Object.values({ ...code, driver: code.driver.name, dma_configure: '' }),
    phandles,
    ...[...alphabet].sort(),
  ].join(' ');
  const found = othersKnown.get(key) ?? othersOf({ ...options, memory: 'plain' });
  if (othersKnown.size >= KEPT) othersKnown.clear();
  othersKnown.set(key, found);
  return found;
}

function better(a: Match, b: Match): boolean {
  if (a.accepted !== b.accepted) return a.accepted;
  return a.explained !== b.explained ? a.explained > b.explained : a.cost < b.cost;
}

/**
 * Functions whose entry is recorded whenever it happens. A function that the filter names and that never shows was never entered, unless compilers may
 * merge it into its caller, or it is in a driver's module, which is not there yet when a boot's filter is set.
 */
function recorded(trace: Trace, code: Code): ReadonlySet<string> {
  const shown = new Set(trace.calls.map((c) => c.fn));
  const model = traced({
    ...{ code, alphabet: new Set<string>(), phandles: 1, memory: 'plain', leftByDeferral: false },
    lanes: [[{ role: 'client' }], [{ role: 'walk', instance: 1 }]],
  });
  const certain = new Set(['driver_bound', 'driver_deferred_probe_check_state']);
  for (const { place } of model.machine.stops.flat())
    for (const p of place.stack) if (p.inline === 'never' && p.file !== code.driver.file) certain.add(p.fn);
  for (const fn of trace.filter) if (certain.has(fn)) shown.add(fn);
  return shown;
}

/** Every attempt translates each of the client's "iommus": the most calls of of_iommu_xlate() in a row. */
function phandlesOf({ calls }: Trace): number {
  const now = new Map<string, number>();
  let most = 1;
  for (const { task, fn } of calls) {
    if (fn === 'of_iommu_configure' || fn === 'really_probe') now.set(task, 0);
    if (fn !== 'of_iommu_xlate') continue;
    now.set(task, (now.get(task) ?? 0) + 1);
    most = Math.max(most, now.get(task)!);
  }
  return Math.min(most, MOST_PHANDLES);
}

/** What the threads of the model do, an arrangement for each registration that may be of the client's own IOMMU. */
function arrangementsOf(
  trace: Trace,
  bindings: boolean,
): {
  readonly arrangements: readonly (readonly (readonly Attempt[])[])[];
  /** Registrations beyond what the model has room for. */
  readonly surplus: number;
} {
  const client: Attempt[] = Array.from({ length: bindings ? MOST_ATTEMPTS : attemptsOf(trace) }, () => ({
    role: 'client' as const,
  }));
  const lanes = lanesOf(trace);
  const walks = lanes.flat().length;
  const of = (own: number): readonly (readonly Attempt[])[] => {
    let n = 0;
    return [client, ...lanes.map((l) => l.map((): Attempt => ({ role: 'walk', instance: n++ === own ? 1 : 2 })))];
  };
  const total = trace.calls.filter((c) => c.fn === 'iommu_device_register').length;
  // The last one: the client's own IOMMU has not come to register.
  return { arrangements: Array.from({ length: walks + 1 }, (_, own) => of(own)), surplus: Math.max(0, total - walks) };
}

const OF_CLIENT: ReadonlySet<string> = new Set(['of_iommu_xlate', 'iommu_fwspec_init', 'iommu_fwspec_free']);

/** Invocations that go beyond what any device's probe does: each may be an attempt of the client. So may the last of the task that crashed. */
function attemptsOf({ calls, crash }: Trace): number {
  const counted = new Set<string>();
  let n = crash === null ? 0 : 1;
  for (const { task, fn, parent } of calls) {
    if (fn === 'of_iommu_configure' || fn === 'really_probe') counted.delete(task);
    if (!OF_CLIENT.has(fn) || parent === 'dev_iommu_free' || counted.has(task)) continue;
    counted.add(task);
    n++;
  }
  return Math.min(Math.max(n, 1), MOST_ATTEMPTS);
}

/** Registrations by the order of their calls; those of one task, or over before the next one's probe began, follow one another in a lane. */
function lanesOf({ calls }: Trace): readonly (readonly number[])[] {
  const lanes: { task: string; end: number; walks: number[] }[] = [];
  let n = 0;
  calls.forEach(({ task, fn }, at) => {
    if (fn !== 'iommu_device_register' || n >= MOST_REGISTRATIONS) return;
    const start = probeOf(calls, at, -1);
    const free = lanes.find((l) => l.task === task || l.end < start);
    if (!free && lanes.length >= MOST_LANES) return;
    const lane = free ?? { task, end: 0, walks: [] };
    if (!free) lanes.push(lane);
    lane.task = task;
    lane.end = probeOf(calls, at, 1);
    lane.walks.push(n++);
  });
  return lanes.length === 0 ? [[0]] : lanes.map((l) => l.walks);
}

/** Where the probe that makes the call `at` begins (by -1) or is bound (by 1), past the probes inside it. Not recorded: at the call, or never. */
function probeOf(calls: readonly Call[], at: number, by: -1 | 1): number {
  const [bracket, closing] = by < 0 ? ['driver_bound', 'really_probe'] : ['really_probe', 'driver_bound'];
  let inner = 0;
  for (let i = at + by; i >= 0 && i < calls.length; i += by) {
    const { task, fn } = calls[i]!;
    if (task !== calls[at]!.task) continue;
    if (fn === bracket) inner++;
    if (fn === closing && inner-- === 0) return i;
  }
  return by < 0 ? at : Number.POSITIVE_INFINITY;
}

/** The one start of a whole trace; all states where what came before is lost. */
function startsOf(model: Traced, lost: boolean): { readonly starts: readonly State[]; readonly all: boolean } {
  const { machine } = model;
  if (!lost) return { starts: [machine.initial()], all: true };
  const graph = explore(machine, { states: MOST_STARTS });
  const state = (_: unknown, i: number) => stateAt(graph, i, new Uint32Array(machine.words));
  return { starts: Array.from({ length: graph.expanded }, state), all: graph.exhaustive };
}

function result(
  trace: Trace,
  era: EraId,
  driver: Driver,
  { match: found, model }: { match: Match; model: Traced },
  surplus: number,
): Conformance {
  const n = trace.calls.length + (trace.crash ? 1 : 0);
  const k = found.accepted ? n : found.explained;
  const at = trace.calls[k]?.line ?? trace.crash?.line ?? null;
  const attempts = new Set(
    found.assigned.flatMap(({ by }) => (by.is === 'thread' && by.thread === 0 ? [by.attempt] : [])),
  );
  return {
    era,
    driver: driver.name,
    accepted: found.accepted,
    explained: { k, n },
    firstUnexplained: found.accepted ? null : at,
    scenario: scenarioOf(model, attempts.size),
    outcome: found.outcome,
    assigned: found.assigned,
    threads: model.machine.threads.map((t) => t.role),
    roles: rolesOf(model, found.assigned),
    expected: found.expected,
    bound: found.accepted ? null : boundOf(found, surplus),
  };
}

function boundOf(found: Match, surplus: number): string | null {
  if (surplus > 0)
    return `the model has room for ${MOST_REGISTRATIONS} registrations, ${MOST_LANES} of them at once; ${surplus} more are in the trace`;
  return found.bounded ? 'the search ended at its bounds' : null;
}

/** As `simulate` names them: by the client's attempts and the registrations. */
function scenarioOf({ lanes, leftByDeferral }: Traced, attempts: number): ScenarioId {
  const walks = lanes.slice(1).flat().length;
  if (attempts === 0 && walks > 1) return 'walks-only';
  if (walks > 1) return 'two-walks';
  return leftByDeferral || attempts > 1 ? 'deferred-retry' : 'first-probe';
}

function rolesOf(model: Traced, assigned: readonly Assigned[]): readonly Role[] {
  const roles = new Map<string, Role>();
  for (const { call, by } of assigned) {
    if (by.is !== 'thread') continue;
    const lane = model.lanes[by.thread]!;
    const { role } = lane[by.attempt]!;
    const which = lane.length > 1 ? `, ${role === 'client' ? 'attempt' : 'no.'} ${by.attempt + 1}` : '';
    const what = `${model.machine.threads[by.thread]!.name}${which}`;
    const key = `${call.task} ${by.thread} ${by.attempt}`;
    const known = roles.get(key);
    const lines = [known?.lines[0] ?? call.line, call.line] as const;
    roles.set(key, { task: call.task, role, what, calls: (known?.calls ?? 0) + 1, lines });
  }
  return [...roles.values()];
}
