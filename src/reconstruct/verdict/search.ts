/** One crash against the model: every era, driver and scenario that the log leaves open, explored, and the results put together. */
import type { Incident } from '../../parser/types.ts';
import { type Attribution, attribute } from '../../sim/attribute.ts';
import { DRIVERS, stranger } from '../../sim/drivers/models.ts';
import { ERAS } from '../../sim/eras/eras.ts';
import { graphOf, type Judgement, judge, machineOf, type Target } from '../../sim/judge.ts';
import type { Machine, Memory } from '../../sim/machine/machine.ts';
import type { Driver, EraCode } from '../../sim/procedures/code.ts';
import { SCENARIOS, type Scenario, type SetUp } from '../../sim/scenarios.ts';
import type { EraId } from '../../sim/types.ts';
import { shows } from '../evidence/access.ts';
import type { Observation } from '../evidence/observe.ts';
import { standsAt, type TracePlace } from '../evidence/place.ts';
import type { Fault } from '../types.ts';

export interface Question {
  readonly incident: Incident;
  readonly place: TracePlace;
  readonly fault: Fault;
  readonly observations: readonly Observation[];
  readonly memory: Memory;
  /** The code that was handed in: asked in place of the era's. */
  readonly code?: EraCode;
}

/** What the model says for one era and driver. */
export interface Answer {
  readonly era: EraId;
  readonly driver: string;
  /** Some step of the model stands at the place of the trace; is reached in the way that the log shows. */
  readonly placed: boolean;
  readonly reached: boolean;
  /** The scenario with the fewest preemptions among those that crash with everything explained; else the one that explains most. */
  readonly best: Judgement | null;
  /** Every scenario that crashes with everything explained. */
  readonly crashing: readonly Judgement[];
  /** For each observation: explained together with the crash in some scenario. */
  readonly met: readonly boolean[];
  readonly attribution: Attribution | null;
  readonly exhaustive: boolean;
}

/** Answers by what was asked: a collection of logs asks the same again and again, and so does a log with many reports. */
const answers = new Map<string, Answer>();
const ANSWERS_KEPT = 4096;

/** Everything of a question that an answer can depend on: `shows` and the observations look at nothing else. */
function keyOf(
  { incident, place, fault, observations, memory, code }: Question,
  era: EraId,
  driver: Driver,
  lock = '',
): string {
  return JSON.stringify([
    ...(code ? Object.entries(code) : []),
    ...[era, driver.name, lock, memory, incident.kind, incident.kasan?.bug, incident.kasan?.access],
    ...[place.role, place.functions, fault.address === null, fault.shape, fault.access, fault.fields],
    observations.map((o) => o.key),
  ]);
}

/** Explores one era and driver. `lock` overrides the era's own, to ask what a tree without its fix would do. */
export function ask(question: Question, era: EraId, driver: Driver, lock?: SetUp['lock']): Answer {
  const key = keyOf(question, era, driver, lock);
  let answer = answers.get(key);
  if (!answer) {
    answer = answered(question, era, driver, lock);
    if (answers.size >= ANSWERS_KEPT) answers.delete(answers.keys().next().value!);
    answers.set(key, answer);
  }
  return answer;
}

function answered(question: Question, eraId: EraId, driver: Driver, lock?: SetUp['lock']): Answer {
  const era = question.code ?? ERAS.get(eraId)!;
  const { incident, place, fault, observations, memory } = question;
  const target: Target = (machine, model) => shows(incident, place, fault, machine, model);
  const scenarios = ['deferred-retry', 'first-probe', 'walks-only'].map((id) => SCENARIOS.get(id)!);
  const allowed = scenarios.filter(
    (s) => possible(s, place, lock ?? era.lock) && observations.every((o) => o.allows(s)),
  );
  const setUps = allowed.map(
    (scenario): SetUp => ({ era, driver, scenario, memory, granularity: 'compiled', ...(lock ? { lock } : {}) }),
  );
  const placed = setUps.filter((s) => stands(machineOf(s), place));
  if (placed.length === 0) return nowhere(eraId, driver.name, observations.length);
  const judgements = placed.map((s) => judge(s, target, observations));
  const crashing = judgements.filter((j) => j.crashing > 0n);
  const cost = (j: Judgement) => j.schedule?.preemptions ?? Number.POSITIVE_INFINITY;
  const explains = (j: Judgement) => j.met.filter(Boolean).length;
  const best =
    [...crashing].sort((a, b) => cost(a) - cost(b))[0] ??
    judgements.filter((j) => j.reached).sort((a, b) => explains(b) - explains(a))[0] ??
    null;
  return {
    era: eraId,
    driver: driver.name,
    placed: true,
    reached: judgements.some((j) => j.reached),
    best,
    crashing,
    met: observations.map((_, i) => judgements.some((j) => j.met[i])),
    attribution: attribute(placed, target),
    exhaustive: judgements.every((j) => j.exhaustive),
  };
}

/** Does the model reach the log's access at its place in `scenario`, whatever else the log shows? For rivals with a scenario of their own. */
export function reachesIn(
  scenario: Scenario,
  { incident, place, fault, memory, code }: Question,
  eras: readonly EraId[],
  drivers: readonly Driver[],
): boolean {
  return eras.some((id) => {
    const era = code ?? ERAS.get(id);
    return drivers.some((driver) => {
      if (!era) return false;
      const setUp: SetUp = { era, driver, scenario, memory, granularity: 'compiled' };
      if (!stands(machineOf(setUp), place)) return false;
      const { machine, faults } = graphOf(setUp);
      return faults.some((f) => shows(incident, place, fault, machine, f));
    });
  });
}

/** Does any step of the machine stand where the trace does? Costs nothing beside exploring. */
function stands(machine: Machine, place: TracePlace): boolean {
  return machine.stops.some((stops, thread) => stops.some((_, stop) => standsAt(place, machine, { thread, stop })));
}

/** No step of the model stands at the place: there is nothing to explore. */
function nowhere(era: EraId, driver: string, observations: number): Answer {
  const met = Array.from({ length: observations }, () => false);
  return {
    era,
    driver,
    placed: false,
    reached: false,
    best: null,
    crashing: [],
    met,
    attribution: null,
    exhaustive: true,
  };
}

/** A client's crash needs the client; two registrations at once matter only where nothing serialises their probes. */
function possible(scenario: Scenario, place: TracePlace, lock: SetUp['lock']): boolean {
  if (!scenario.client) return place.role === 'walk' && lock === 'none';
  return true;
}

/** The drivers to ask about. */
export interface DriverChoice {
  readonly drivers: readonly Driver[];
  /** The driver, known or by its of_xlate, is not one of the model's: what stands for it is an assumption. */
  readonly outside: string | null;
}

/** The one that is known, or a stand-in for a stranger's of_xlate, or every driver of the model that the log leaves open. */
export function driversFor(name: string | null, candidates: readonly string[], place: TracePlace): DriverChoice {
  const one = name === null ? null : DRIVERS.get(name);
  if (one) return { drivers: [one], outside: null };
  const caller = place.functions.indexOf('of_iommu_xlate');
  const of_xlate = caller > 0 ? place.functions[caller - 1]! : null;
  const some = candidates.map((c) => DRIVERS.get(c)).filter((d) => d !== undefined);
  if (of_xlate?.endsWith('_of_xlate') && (name !== null || candidates.length === 0)) {
    return { drivers: [stranger(of_xlate)], outside: name ?? of_xlate };
  }
  return { drivers: some.length > 0 ? some : [...DRIVERS.values()], outside: name };
}
