/**
 * One crash, judged (DESIGN 5). The class never claims more than the log supports: every reason that keeps a fit from being a proof is
 * collected, and `confirmed` is what is left when there is none.
 */

import type { Incident, ParsedLog } from '../../parser/types.ts';
import { ERAS, INFERRED } from '../../sim/eras/eras.ts';
import { hasCommit } from '../../sim/eras/record.ts';
import { FIX } from '../../sim/eras/releases.ts';
import type { Cause } from '../../sim/explain/flip.ts';
import { witnessOf } from '../../sim/explain/witness.ts';
import type { Schedule } from '../../sim/explore/schedule.ts';
import { causesOf, type Judgement } from '../../sim/judge.ts';
import type { EraId, Witness } from '../../sim/types.ts';
import type { Case } from '../evidence/case.ts';
import { lateProbe } from '../evidence/late-probe.ts';
import { observe } from '../evidence/observe.ts';
import { placeOf } from '../evidence/place.ts';
import { proved } from '../evidence/proof.ts';
import { accessLost, addressLost, isAftermath, isMemoryFault, memoryOf } from '../evidence/remains.ts';
import { isBareTrace, lossInside, lostOf } from '../evidence/remnant.ts';
import { decodeFault } from '../fault/fault.ts';
import { identifyDriver } from '../kernel/driver.ts';
import type { Claim, JudgedCrash, KernelIdentity, TriageOptions, Verdict, VerdictClass } from '../types.ts';
import { type RivalContext, rivalsOf } from './rivals.ts';
import { type Answer, ask, type DriverChoice, driversFor, type Question, reachesIn } from './search.ts';
import { settleCut, settleOpen } from './settle.ts';
import { withTrace } from './traced.ts';
import { searchOf, words } from './words.ts';

/** Judges one crash report of a log. */
export function judgeCrash(
  log: ParsedLog,
  incident: Incident,
  kernel: KernelIdentity,
  options: TriageOptions,
): JudgedCrash {
  const place = placeOf(incident);
  const fault = decodeFault(incident, kernel);
  const found = identifyDriver(log, incident, options);
  const driver = { name: found.driver, candidates: found.candidates, because: found.because };
  const observations = observe(log, incident, place, driver.name);
  const crash: Case = { log, incident, kernel, place, fault, driver, observations };
  const verdict = withTrace(throughLoss(crash, verdictOf(crash)), log, incident, options);
  return { incident, function: place.functions[0] ?? null, fault: isMemoryFault(incident) ? fault : null, verdict };
}

/** What excludes a crash may be that lines are missing; not so where its kernel does, or the kind of report that it is. */
function throughLoss(crash: Case, verdict: Verdict): Verdict {
  const { kernel, incident } = crash;
  const eras = kernel.era ? [kernel.era] : kernel.eras;
  const byKernel = eras.length > 0 && eras.every((e) => e === 'A' || hasCommit(FIX.commit, e, kernel.code));
  if (verdict.class !== 'excluded' || byKernel || !(isMemoryFault(incident) || isBareTrace(incident))) return verdict;
  const lost = lossInside(crash);
  return lost === null ? verdict : insufficient(crash, lost);
}

function verdictOf(crash: Case): Verdict {
  const { incident, place, kernel } = crash;
  const late = lateProbe(crash);
  if (late !== null) return quietHole(crash, late);
  const lost = lostOf(crash);
  if (lost !== null) return insufficient(crash, lost);
  if (!isMemoryFault(incident) && !isAftermath(incident, place) && !isBareTrace(incident))
    return excluded(crash, null, words.notAMemoryFault(incident), []);
  if (place.role === 'nested' || place.role === 'elsewhere')
    return excluded(crash, null, words.outsideTheModel(place), []);
  const eras = kernel.era ? [kernel.era] : kernel.eras.length > 0 ? kernel.eras : ANY_ERA;
  if (eras.every((e) => e === 'A')) return excluded(crash, null, words.beforeDevIommu(kernel), eras);
  const choice = driversFor(crash.driver.name, crash.driver.candidates, place);
  const question: Question = { ...crash, memory: memoryOf(crash), ...(kernel.code ? { code: kernel.code } : {}) };
  const answers = eras
    .filter((era) => ERAS.has(era))
    .flatMap((era) => choice.drivers.map((driver) => ask(question, era, driver)));
  return weigh(crash, eras, answers, question, choice);
}

/** Where neither the release nor the trace bounds it. */
const ANY_ERA: readonly EraId[] = ['B', 'B1', 'C', 'D', 'E', 'E2', 'F61', 'F', 'F2', 'F3', 'G', 'H'];

function weigh(
  crash: Case,
  eras: readonly EraId[],
  answers: readonly Answer[],
  question: Question,
  choice: DriverChoice,
): Verdict {
  const crashing = answers.filter((a) => a.crashing.length > 0);
  // The place fits, and what was accessed there cannot be compared.
  if (crashing.length > 0 && accessLost(crash)) return insufficient(crash, words.accessLost(crash));
  if (crashing.length > 0 && addressLost(crash) && crash.kernel.release === null)
    return insufficient(crash, words.addressAndKernelLost(crash));
  const race = crashing.filter((a) => a.attribution?.hypothesis === 'xlate-vs-probe-free');
  if (race.length > 0) return weighRace(crash, eras, answers, race, choice);
  const other = crashing[0];
  if (other) return excluded(crash, other, words.another(other), eras);
  const reached = answers.find((a) => a.reached);
  if (reached) return excluded(crash, reached, words.unexplained(reached, question.observations), eras);
  return fixedOrUnreachable(crash, eras, answers, question, choice);
}

/** The race reaches this crash in some of what the log leaves open: is it proved? */
function weighRace(
  crash: Case,
  eras: readonly EraId[],
  answers: readonly Answer[],
  race: readonly Answer[],
  choice: DriverChoice,
): Verdict {
  const { kernel, fault, incident } = crash;
  const best = [...race].sort(
    (a, b) => (a.best?.schedule?.preemptions ?? 99) - (b.best?.schedule?.preemptions ?? 99),
  )[0]!;
  const reasons: Claim[] = [];
  const cannot = eras.filter((e) => !race.some((a) => a.era === e));
  const eraOpen = eras.length > 1 || kernel.era === null;
  if (eraOpen) reasons.push(words.eraOpen(eras, cannot));
  const fixOpen = kernel.fix.status !== 'absent';
  if (fixOpen && !eraOpen) reasons.push(words.fixOpen(kernel));
  if (eras.length === 1 && INFERRED.has(eras[0]!) && kernel.code === undefined)
    reasons.push(words.eraInferred(eras[0]!));
  if (choice.outside !== null) reasons.push(words.driverOutside(choice.outside));
  const driverOpen = answers.some((a) => a.era === best.era && !race.includes(a));
  if (driverOpen) reasons.push(words.driverOpen(crash.driver.candidates));
  const fieldOpen = !proved(crash);
  if (fieldOpen) reasons.push(words.fieldOpen(fault, incident));
  if (addressLost(crash)) reasons.push(words.addressOpen(fault));
  const around = race.flatMap((a) => a.crashing).filter((j) => j.throughRace !== j.crashing || j.serial);
  if (around.length > 0) reasons.push(words.aroundTheRace(around));
  if (race.some((a) => !a.exhaustive)) reasons.push(words.notExhaustive());
  const rivals = rivalsOf(contextOf(crash, eras, best), 'xlate-vs-probe-free');
  const rivalOpen = rivals.filter((r) => r.status !== 'refuted');
  for (const rival of rivalOpen) reasons.push(words.rivalOpen(rival));
  const verdictClass: VerdictClass = reasons.length === 0 ? 'confirmed' : 'possible';
  const settle = settleOpen(crash, {
    kernel: eraOpen && kernel.release === null,
    fix: fixOpen,
    field: fieldOpen && incident.kind !== 'warning',
    rivals: rivalOpen.map((r) => r.hypothesis),
    freed: incident.kind === 'warning',
  });
  return {
    ...base(crash, best),
    class: verdictClass,
    hypothesis: 'xlate-vs-probe-free',
    rivals,
    because: [...words.evidence(crash, words.replayed(best)), ...reasons],
    settle,
    sentence: words.raceSentence(verdictClass, crash, best, causesToldOf(crash, best.best!), reasons),
  };
}

/** The first order says most, but where a walk crashed: there a later one may (`words.cause`), so all are needed. */
function causesToldOf({ place }: Case, judgement: Judgement): readonly Cause[] {
  return causesOf(judgement, place.role === 'walk' ? undefined : 1);
}

/** Nothing that the log leaves open reaches the crash: is that because the kernel is fixed? */
function fixedOrUnreachable(
  crash: Case,
  eras: readonly EraId[],
  answers: readonly Answer[],
  question: Question,
  choice: DriverChoice,
): Verdict {
  const fixed = eras.filter((e) => hasCommit(FIX.commit, e, crash.kernel.code));
  if (fixed.length === 0)
    return excluded(
      crash,
      answers.find((a) => a.placed) ?? null,
      words.unreachable(crash, answers, eras, choice.outside),
      eras,
    );
  // What would the same code do without the fix? The newer eras have F's translation for this purpose.
  const shape: EraId = fixed.includes('F61') ? 'F61' : 'F';
  const without = choice.drivers
    .map((driver) => ask(question, shape, driver, 'static'))
    .find((a) => a.crashing.length > 0 && a.attribution?.hypothesis !== 'driver-data-after-registration');
  if (!without || accessLost(crash))
    return excluded(crash, null, words.unreachable(crash, answers, eras, choice.outside), eras);
  return {
    ...excluded(crash, null, words.contradiction(crash, without), eras),
    settle: settleOpen(crash, { kernel: false, fix: true, field: false, rivals: [], freed: false }),
    sentence: words.contradictionSentence(crash, without),
    contradiction: true,
  };
}

/** No fault, but the mark of a sibling that v6.15 brought: it is named, and is not the race. */
function quietHole(crash: Case, line: number): Verdict {
  const because = words.lateProbe(crash, line);
  return {
    ...base(crash, null),
    class: 'excluded',
    hypothesis: 'replay-vs-registration',
    because,
    sentence: words.lateProbeSentence(),
  };
}

function insufficient(crash: Case, lost: Claim): Verdict {
  return {
    ...base(crash, null),
    class: 'insufficient',
    because: words.cut(crash, lost),
    settle: settleCut(crash.incident, crash.place),
    sentence: words.cutSentence(lost),
  };
}

function excluded(crash: Case, answer: Answer | null, why: Claim, eras: readonly EraId[]): Verdict {
  const memoryFault = isMemoryFault(crash.incident);
  const rivals = memoryFault ? rivalsOf(contextOf(crash, eras, answer), null) : [];
  const explains = rivals.find((r) => r.status === 'explains' && r.hypothesis !== 'xlate-vs-probe-free') ?? null;
  const open = rivals.find((r) => r.status === 'open') ?? null;
  const byModel = explains !== null && answer?.attribution?.hypothesis === explains.hypothesis;
  const first = explains ? [{ text: `${explains.hypothesis}: ${explains.because}`, lines: explains.lines }] : [];
  const fields =
    crash.fault.fields.length > 0 && memoryFault ? words.strongestFirst(crash.fault.because, crash.incident) : [];
  return {
    ...base(crash, answer),
    class: 'excluded',
    hypothesis: explains?.hypothesis ?? null,
    rivals,
    because: byModel ? words.evidence(crash, why) : [...first, why, ...fields],
    sentence: words.excludedSentence(explains, open, byModel, why),
  };
}

function contextOf(crash: Case, eras: readonly EraId[], answer: Answer | null): RivalContext {
  const { code } = crash.kernel;
  const asked: Question = { ...crash, memory: memoryOf(crash), ...(code ? { code } : {}) };
  const choice = driversFor(crash.driver.name, crash.driver.candidates, crash.place);
  return {
    ...crash,
    eras,
    placed: answer?.placed ?? false,
    attribution: answer?.attribution ?? null,
    reaches: (scenario) => reachesIn(scenario, asked, eras, choice.drivers),
  };
}

const stories = new WeakMap<Judgement, Witness>();

/** The witness written down, once for all crashes that have this judgement. */
function storyOf(judgement: Judgement, schedule: Schedule): Witness {
  const story = stories.get(judgement) ?? witnessOf(judgement.setUp, schedule);
  stories.set(judgement, story);
  return story;
}

/** What every class carries: the exploration's figures where there was one. */
function base(crash: Case, answer: Answer | null): Verdict {
  const best = answer?.best ?? null;
  const crashes = best !== null && best.crashing > 0n;
  const schedule = crashes ? best.schedule : null;
  const story = schedule ? storyOf(best!, schedule) : null;
  const causes = crashes ? causesToldOf(crash, best!) : [];
  const met = [
    answer?.reached ?? false,
    answer?.placed ?? false,
    ...(answer ? answer.met : crash.observations.map(() => false)),
  ];
  const lines = [
    crash.incident.at.address ?? crash.incident.at.oops ?? crash.incident.span.line,
    crash.place.lines[0] ?? null,
    ...crash.observations.map((o) => o.line),
  ];
  const first = met.findIndex((m) => !m);
  return {
    class: 'excluded',
    hypothesis: null,
    outcome: crashes && best!.outcomes.length === 1 ? best!.outcomes[0]! : null,
    explained: {
      k: met.filter(Boolean).length,
      n: met.length,
      firstUnexplained: first < 0 ? null : (lines[first] ?? null),
    },
    interleavings: best
      ? {
          all: String(best.all),
          consistent: String(best.crashing),
          crashing: String(best.crashing),
          throughRace: String(best.throughRace),
        }
      : null,
    witness: story?.replay ?? null,
    preemptions: schedule?.preemptions ?? null,
    rivals: [],
    because: [],
    settle: [],
    sentence: '',
    story,
    cause: causes[0] ? words.cause(causes, crash.place) : null,
    search: best ? searchOf(best) : null,
    contradiction: false,
  };
}
