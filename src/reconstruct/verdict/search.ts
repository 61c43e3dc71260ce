/** One crash against the model: every era, driver and scenario that the log leaves open, explored, and the results put together. */
import type { Incident } from '../../parser/types.ts';
import { reachOf } from '../../sim/asked.ts';
import { type Attribution, owners } from '../../sim/attribute.ts';
import { exists } from '../../sim/drivers/exists.ts';
import { DRIVERS, stranger } from '../../sim/drivers/models.ts';
import { accounted, chargeAll } from '../../sim/effort.ts';
import { withoutUnused } from '../../sim/eras/overrides.ts';
import type { Budget } from '../../sim/explore/graph.ts';
import { type Judgement, judge, type Target } from '../../sim/judge.ts';
import type { Memory } from '../../sim/machine/machine.ts';
import { NEAR, setUpsIn, WIDE } from '../../sim/near.ts';
import type { Driver } from '../../sim/procedures/code.ts';
import { SCENARIOS, type Scenario, type SetUp, type Silhouette, silhouetteOf } from '../../sim/scenarios.ts';
import type { EraId, HypothesisId, ScenarioId } from '../../sim/types.ts';
import { shows } from '../evidence/access.ts';
import type { Case } from '../evidence/case.ts';
import type { Observation } from '../evidence/observe.ts';
import { standsAt, type TracePlace } from '../evidence/place.ts';
import { memoryOf } from '../evidence/remains.ts';
import { type CodeKnown, codeOf } from '../kernel/code.ts';
import type { Fault } from '../types.ts';

export interface Question {
  readonly kernel: CodeKnown;
  readonly incident: Incident;
  readonly place: TracePlace;
  readonly fault: Fault;
  readonly observations: readonly Observation[];
  readonly memory: Memory;
}

/** The era whose code, with the fix taken out, stands for those: the newer ones have F's translation for this purpose. */
export function shapeWithout(fixed: readonly EraId[]): EraId {
  return fixed.find((e) => e === 'F61' || e === 'C' || e === 'B1' || e === 'B') ?? 'F';
}

export function questionOf(crash: Case): Question {
  return { ...crash, memory: memoryOf(crash) };
}

/** Outcomes of the model that fit the crash and belong to one hypothesis: each outcome is attributed apart. */
export interface Fit {
  readonly hypothesis: HypothesisId;
  readonly attribution: Attribution;
  /** Each with its interleavings in the scenario that has the most of them. */
  readonly outcomes: readonly { readonly outcome: string; readonly crashing: bigint }[];
  /** The scenario with the fewest preemptions among those that crash so with everything explained. */
  readonly best: Judgement;
  /** Every scenario that crashes so with everything explained. */
  readonly crashing: readonly Judgement[];
}

/** What the model says for one era and driver. */
export interface Answer {
  readonly era: EraId;
  readonly driver: string;
  /** Some step of the model stands at the place of the trace; is reached in the way that the log shows. */
  readonly placed: boolean;
  readonly reached: boolean;
  /** A fit for each hypothesis; empty where nothing crashes so with everything explained. */
  readonly fits: readonly Fit[];
  /** Where there is no fit, the scenario that crashes so and explains most. */
  readonly nearest: Judgement | null;
  /** For each observation: explained together with the crash in some scenario. */
  readonly met: readonly boolean[];
  /** Scenarios whose interleavings were all looked at, and those that were begun. */
  readonly searched: readonly ScenarioId[];
  readonly unfinished: readonly ScenarioId[];
}

/** The hypothesis that the class is about. */
export const RACE_ID: HypothesisId = 'xlate-vs-probe-free';

/** What of an answer belongs to one hypothesis. */
export function fitOf(answer: Answer, hypothesis: HypothesisId): Fit | null {
  return answer.fits.find((f) => f.hypothesis === hypothesis) ?? null;
}

/** Answers by what was asked: a collection of logs asks the same again and again, and so does a log with many reports. */
const answers = new Map<string, ReturnType<typeof accounted<Answer>>>();
const ANSWERS_KEPT = 4096;

/** Everything of a question that an answer can depend on: `shows` and the observations look at nothing else. */
function keyOf({ incident, place, fault, observations, memory }: Question, ...rest: readonly unknown[]): string {
  return JSON.stringify([
    ...rest,
    ...[memory, incident.kind, incident.kasan?.bug],
    ...[place.role, place.functions, fault.address === null, fault.shape, fault.access, fault.fields],
    ...[fault.decoded, fault.located, fault.objects],
    observations.map((o) => o.key),
  ]);
}

/** How far is looked: 'near' where the race is; 'wide' also with clients of two entries, of other instances, and left-overs; 'far' also what takes long. */
export type Reach = 'near' | 'wide' | 'far';

/** Explores one era and driver. `lock` overrides the era's own, to ask what a tree without its fix would do. */
export function ask(question: Question, era: EraId, driver: Driver, lock?: SetUp['lock'], far: Reach = 'near'): Answer {
  const key = keyOf(question, era, JSON.stringify(codeOf(question.kernel, era)), driver.name, lock, far);
  let answer = answers.get(key);
  if (!answer) {
    answer = accounted(() => answered(question, era, driver, lock, far));
    if (answers.size >= ANSWERS_KEPT) answers.delete(answers.keys().next().value!);
    answers.set(key, answer);
  }
  chargeAll(answer.asked);
  return answer.value;
}

/** More threads, other buses: looked at where the others do not reach a crash, before it is said that nothing does. A release is a rival's own (release-rival.ts). */
const FAR: readonly ScenarioId[] = ['two-walks', 'device-add', 'dma-configure-toctou'];
/** States at most of a scenario with many threads: a second or two. */
const FAR_BUDGET = { states: 1_500_000 };

function answered(question: Question, eraId: EraId, driver: Driver, lock: SetUp['lock'], far: Reach): Answer {
  const era = codeOf(question.kernel, eraId)!;
  const { incident, place, fault, observations, memory } = question;
  const target: Target = (silhouette, model) => shows(incident, place, fault, silhouette, model);
  const allowed = { near: NEAR, wide: [...NEAR, ...WIDE], far: [...NEAR, ...WIDE, ...FAR] }[far]
    .map((id) => SCENARIOS.get(id)!)
    .filter((s) => possible(s, place, lock ?? era.lock) && observations.every((o) => o.allows(s)));
  const setUps = setUpsIn(allowed, { era, driver, memory }, lock, far !== 'near');
  const standing = setUps.filter((s) => stands(silhouetteOf(s), place));
  // What does not reach the crash is not counted either: the counting takes as long as the search.
  const unfinished: ScenarioId[] = [];
  const isFar = (s: SetUp) => FAR.includes(s.scenario.id);
  const budgetOf = (s: SetUp) => (isFar(s) ? FAR_BUDGET : undefined);
  const judgements = standing.flatMap((s) =>
    reaches(s, target, unfinished, budgetOf(s)) ? [judge(s, target, observations, budgetOf(s))] : [],
  );
  const explains = (j: Judgement) => j.met.filter(Boolean).length;
  const nearest = judgements.filter((j) => j.reached).sort((a, b) => explains(b) - explains(a))[0] ?? null;
  const reaching = new Set(judgements.map((j) => j.setUp));
  const placed = standing.filter((s) => !isFar(s) || reaching.has(s));
  const fits = fitsOf(placed, judgements, target, observations);
  unfinished.push(...judgements.filter((j) => !j.exhaustive).map((j) => j.setUp.scenario.id));
  return {
    era: eraId,
    driver: driver.name,
    placed: standing.length > 0,
    reached: nearest !== null,
    fits,
    nearest: fits.length > 0 ? null : nearest,
    met: observations.map((_, i) => judgements.some((j) => j.met[i])),
    searched: allowed.map((s) => s.id).filter((id) => !unfinished.includes(id)),
    unfinished,
  };
}

/** Does it come to the crash at all? Where the search ended before that could be said, the scenario is among the `unfinished`. */
function reaches(setUp: SetUp, target: Target, unfinished: ScenarioId[], budget?: Budget): boolean {
  const { faults, exhaustive } = reachOf({ ...setUp, watchOverlap: true }, budget);
  const silhouette = silhouetteOf(setUp);
  const found = faults.some((f) => target(silhouette, f));
  if (!exhaustive && !found) unfinished.push(setUp.scenario.id);
  return found;
}

/** The outcomes of all scenarios, each attributed apart, by hypothesis. */
function fitsOf(
  placed: readonly SetUp[],
  judgements: readonly Judgement[],
  target: Target,
  observations: readonly Observation[],
): readonly Fit[] {
  const crashing = judgements.filter((j) => j.crashing > 0n);
  const names = [...new Set(crashing.flatMap((j) => j.outcomes))].sort();
  const attributed = names.flatMap((outcome) => {
    const only: Target = (silhouette, fault) => fault.outcome === outcome && target(silhouette, fault);
    const counts = crashing.map((j) => judge(j.setUp, only, observations, j.budget).crashing);
    return owners(placed, only).map((attribution) => ({ outcome, attribution, counts }));
  });
  const hypotheses = [...new Set(attributed.map((a) => a.attribution.hypothesis))];
  return hypotheses.map((hypothesis): Fit => {
    const own = attributed.filter((a) => a.attribution.hypothesis === hypothesis);
    const outcomes = new Set(own.map((a) => a.outcome));
    const all = hypotheses.length === 1;
    const these = all
      ? crashing
      : crashing
          .map((j) => judge(j.setUp, (m, f) => outcomes.has(f.outcome) && target(m, f), observations, j.budget))
          .filter((j) => j.crashing > 0n);
    const cost = (j: Judgement) => j.preemptions ?? Number.POSITIVE_INFINITY;
    return {
      hypothesis,
      attribution: own[0]!.attribution,
      outcomes: own.map(({ outcome, counts }) => ({
        outcome,
        crashing: counts.toSorted((a, b) => (a < b ? 1 : -1))[0]!,
      })),
      best: [...these].sort((a, b) => cost(a) - cost(b))[0]!,
      crashing: these,
    };
  });
}

/** Does the model reach the log's access at its place in `scenario`, whatever else the log shows? For rivals with a scenario of their own. */
export function reachesIn(
  scenario: Scenario,
  { kernel, incident, place, fault, memory }: Question,
  eras: readonly EraId[],
  drivers: readonly Driver[],
): boolean {
  return eras.some((id) => {
    const era = codeOf(kernel, id);
    return drivers.some((driver) => {
      if (!era || !exists(driver, id)) return false;
      const setUp: SetUp = withoutUnused({ era, driver, scenario, memory, granularity: 'compiled' as const });
      const silhouette = silhouetteOf(setUp);
      if (!stands(silhouette, place)) return false;
      return reachOf(setUp).faults.some((f) => shows(incident, place, fault, silhouette, f));
    });
  });
}

/** The same with everything that the log shows: the era and driver that explain it by the most interleavings, or null. */
export function judgedIn(
  scenario: Scenario,
  question: Question,
  eras: readonly EraId[],
  drivers: readonly Driver[],
): Judgement | null {
  const { kernel, incident, place, fault, observations, memory } = question;
  const target: Target = (silhouette, model) => shows(incident, place, fault, silhouette, model);
  const judgements = eras.flatMap((id) => {
    const era = codeOf(kernel, id);
    if (!era || !observations.every((o) => o.allows(scenario))) return [];
    return drivers
      .filter((driver) => exists(driver, id))
      .map((driver): SetUp => withoutUnused({ era, driver, scenario, memory, granularity: 'compiled' }))
      .filter((setUp) => stands(silhouetteOf(setUp), place))
      .map((setUp) => judge(setUp, target, observations, FAR.includes(scenario.id) ? FAR_BUDGET : undefined));
  });
  return judgements.filter((j) => j.crashing > 0n).sort((a, b) => (a.crashing < b.crashing ? 1 : -1))[0] ?? null;
}

/** Does any step of the scenario stand where the trace does? Costs nothing beside exploring. */
function stands(silhouette: Silhouette, place: TracePlace): boolean {
  return silhouette.stops.some((stops, thread) =>
    stops.some((_, stop) => standsAt(place, silhouette, { thread, stop })),
  );
}

const BY_ACPI = /^(?:acpi_(?:dma_configure_id|iommu_\w+)|iort_\w+|viot_\w+)$/;

/** A client's crash needs the client; two registrations at once matter only where nothing serialises their probes. */
function possible(scenario: Scenario, place: TracePlace, lock: SetUp['lock']): boolean {
  // A translation by ACPI shows by its frames; a walk's crash does not tell how its client is described.
  if ((scenario.bus === 'acpi') !== place.functions.some((f) => BY_ACPI.test(f))) return false;
  if (!scenario.client) return place.role === 'walk' && lock === 'none';
  if (scenario.walks === 0) return place.role === 'client';
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
  // Of several that the log leaves open, one that the model does not have may be it.
  const unknown = candidates.find((c) => !DRIVERS.has(c)) ?? null;
  return { drivers: some.length > 0 ? some : [...DRIVERS.values()], outside: name ?? unknown };
}
