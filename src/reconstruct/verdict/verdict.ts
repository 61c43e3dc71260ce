/**
 * One crash, judged (DESIGN 5). The class never claims more than the log supports: every reason that keeps a fit from being a proof is
 * collected, and `confirmed` is what is left when there is none.
 */

import type { Diagnostic, Incident, ParsedLog } from '../../parser/types.ts';
import { exists } from '../../sim/drivers/exists.ts';
import { BeyondBudget } from '../../sim/effort.ts';
import { ERAS, INFERRED } from '../../sim/eras/eras.ts';
import { BEYOND_FIXES } from '../../sim/hypotheses/fixes.ts';
import type { EraId } from '../../sim/types.ts';
import type { Case } from '../evidence/case.ts';
import { damagedInside } from '../evidence/damaged.ts';
import { foreignModule } from '../evidence/foreign-module.ts';
import { lateProbe } from '../evidence/late-probe.ts';
import { lostFrame } from '../evidence/lost-frame.ts';
import { notANullOrFreedPointer } from '../evidence/no-access.ts';
import { observe } from '../evidence/observe.ts';
import { placeOf } from '../evidence/place.ts';
import { proved } from '../evidence/proof.ts';
import { accessLost, addressLost, isAftermath, isMemoryFault } from '../evidence/remains.ts';
import { isBareTrace, lossInside, lostOf } from '../evidence/remnant.ts';
import { decodeFault } from '../fault/fault.ts';
import { type Beside, beside } from '../image/beside.ts';
import { hasFix } from '../kernel/code.ts';
import { identifyDriver } from '../kernel/driver.ts';
import type { Claim, Fault, JudgedCrash, KernelIdentity, TriageOptions, Verdict, VerdictClass } from '../types.ts';
import { dataRace } from './data-race.ts';
import { contextOf, excluded, insufficient } from './excluded.ts';
import { base, causesToldOf, named } from './figures.ts';
import { rivalsOf } from './rivals.ts';
import {
  type Answer,
  ask,
  type DriverChoice,
  driversFor,
  type Fit,
  fitOf,
  type Question,
  questionOf,
  RACE_ID,
  type Reach,
  shapeWithout,
} from './search.ts';
import { NOT_FIXED, narrowing, settleOpen, withName } from './settle.ts';
import { withTrace } from './traced.ts';
import { words } from './words.ts';

/** Judges one crash report of a log. */
export function judgeCrash(
  log: ParsedLog,
  incident: Incident,
  kernel: KernelIdentity,
  options: TriageOptions,
): JudgedCrash {
  const own = beside(log, incident, options.images ?? []);
  const place = placeOf(incident);
  const { fault, refused } = faultBy(own, kernel);
  const found = identifyDriver(log, incident, options);
  const driver = { name: found.driver, candidates: found.candidates, because: found.because };
  const observations = observe(log, incident, place, driver.name);
  const given = {
    source: options.source !== undefined || kernel.code !== undefined,
    vmlinux: own.exact !== null && !own.taken,
  };
  const crash: Case = { log, incident: own.incident, kernel, place, fault, driver, observations, given };
  const { verdict: searched, diagnostics: beyond } = withinBudget(crash);
  const open = withTrace(throughLoss(crash, searched), log, incident, options);
  const verdict = { ...open, settle: open.settle.map((step) => withName(step, log.source.name)) };
  const judged = {
    incident,
    function: place.functions[0] ?? null,
    fault: isMemoryFault(incident) ? fault : null,
    verdict,
  };
  const diagnostics = [...own.diagnostics, ...refused, ...beyond];
  if (options.images === undefined) return diagnostics.length === 0 ? judged : { ...judged, diagnostics };
  return { ...judged, places: own.places, diagnostics };
}

/** A log may leave so much open that exploring all of it takes minutes: then it is said what would narrow it. */
function withinBudget(crash: Case): { readonly verdict: Verdict; readonly diagnostics: readonly Diagnostic[] } {
  try {
    return { verdict: verdictOf(crash), diagnostics: [] };
  } catch (error) {
    if (!(error instanceof BeyondBudget)) throw error;
    const beyond = words.beyondBudget(crash, error.states);
    const verdict = {
      ...insufficient(crash, beyond),
      settle: narrowing(crash),
      sentence: words.beyondBudgetSentence(beyond),
    };
    return { verdict, diagnostics: [{ code: 'OR303', text: beyond.text, line: crash.incident.span.line }] };
  }
}

/**
 * By the kernel's own layouts where they are there. Raw BTF names no kernel: it is let go where a known layout has a field for the access and it has none, or
 * another one.
 */
function faultBy(
  { incident, exact, taken, because }: Beside,
  kernel: KernelIdentity,
): { readonly fault: Fault; readonly refused: readonly Diagnostic[] } {
  const fault = decodeFault(incident, kernel, exact);
  const known = exact !== null && taken ? decodeFault(incident, kernel) : fault;
  if (known.fields.length > 0 && !known.fields.some((field) => fault.fields.includes(field))) {
    const has = fault.fields.length === 0 ? 'no field that is accessed there' : fault.fields.join(' or ');
    const text = `with the offsets of ${exact!.name} the access in ${incident.pc?.symbol ?? 'the function'} is to ${has}, and with known ones to ${known.fields.join(' or ')}: it is taken to be of another kernel; it was not used`;
    return { fault: known, refused: [{ code: 'OR405', text, line: incident.at.address ?? null }] };
  }
  return { fault: because.length === 0 ? fault : { ...fault, because: [...fault.because, ...because] }, refused: [] };
}

/** What excludes a crash may be that lines are missing; not so where its kernel does, or the kind of report that it is. */
function throughLoss(crash: Case, verdict: Verdict): Verdict {
  const { kernel, incident } = crash;
  const eras = kernel.era ? [kernel.era] : kernel.eras;
  const byKernel =
    kernel.fix.status === 'present' || (eras.length > 0 && eras.every((e) => e === 'A' || hasFix(kernel, e)));
  if (verdict.class !== 'excluded' || byKernel || !(isMemoryFault(incident) || isBareTrace(incident))) return verdict;
  const lost = lossInside(crash) ?? damagedInside(crash) ?? lostFrame(crash);
  return lost === null ? verdict : insufficient(crash, lost);
}

function verdictOf(crash: Case): Verdict {
  const { incident, place, kernel } = crash;
  const late = lateProbe(crash);
  if (late !== null) return quietHole(crash, late);
  const eras = kernel.era ? [kernel.era] : kernel.eras.length > 0 ? kernel.eras : ANY_ERA;
  if (incident.type === 'KCSAN-DATARACE') return dataRace(crash, eras);
  const other = notANullOrFreedPointer(crash.log, incident, place);
  if (other !== null) return excluded(crash, [], other, eras);
  const lost = lostOf(crash);
  if (lost !== null) return insufficient(crash, lost);
  if (!isMemoryFault(incident) && !isAftermath(incident, place) && !isBareTrace(incident))
    return excluded(crash, [], words.notAMemoryFault(incident), eras);
  if (place.role === 'nested' || place.role === 'elsewhere')
    return excluded(crash, [], words.outsideTheModel(place), eras);
  if (eras.every((e) => e === 'A')) return excluded(crash, [], words.beforeDevIommu(kernel), eras);
  const choice = driversFor(crash.driver.name, crash.driver.candidates, place);
  const question = questionOf(crash);
  const asked = eras
    .filter((era) => ERAS.has(era))
    .flatMap((era) => choice.drivers.filter((d) => exists(d, era)).map((driver) => ({ era, driver })));
  if (asked.length === 0) return neverTogether(crash, eras, choice);
  const near = asked.map(({ era, driver }) => ask(question, era, driver));
  // Before it is said that nothing ends so: scenarios of more threads, too, where the log leaves few enough to ask about.
  const again = (reach: Reach) => asked.map(({ era, driver }) => ask(question, era, driver, undefined, reach));
  const raceless = near.every((a) => fitOf(a, RACE_ID) === null);
  const wide = raceless && asked.length <= MOST_WIDE && !accessLost(crash) ? again('wide') : near;
  const further = wide.every((a) => a.fits.length === 0) && asked.length <= MOST_FAR && !accessLost(crash);
  const answers = further ? again('far') : wide;
  return weigh(crash, eras, answers, question, choice);
}

/** No kernel of these eras has the driver: there is nothing to explore, and nothing is said of the crash. */
function neverTogether(crash: Case, eras: readonly EraId[], { drivers }: DriverChoice): Verdict {
  const open = { kernel: true, code: true, driver: true, fix: false, field: false, rivals: [], freed: false };
  return {
    ...insufficient(crash, words.neverTogether(crash, eras, drivers)),
    settle: settleOpen(crash, open),
  };
}

/** Pairs of era and driver at most for which clients of other entries are explored. */
const MOST_WIDE = 24;

/** Pairs of era and driver at most for which scenarios of many threads are explored: a second or so each. */
const MOST_FAR = 2;

/** Where neither the release nor the trace bounds it. */
const ANY_ERA: readonly EraId[] = ['B', 'B1', 'C', 'D', 'E', 'E2', 'F61', 'F', 'F2', 'F3', 'G', 'H'];

function weigh(
  crash: Case,
  eras: readonly EraId[],
  answers: readonly Answer[],
  question: Question,
  choice: DriverChoice,
): Verdict {
  const crashing = answers.filter((a) => a.fits.length > 0);
  // The place fits, and what was accessed there cannot be compared.
  if (crashing.length > 0 && accessLost(crash)) return insufficient(crash, words.accessLost(crash));
  if (crashing.length > 0 && addressLost(crash) && crash.kernel.release === null)
    return insufficient(crash, words.addressAndKernelLost(crash));
  if (crashing.some((a) => fitOf(a, RACE_ID))) return weighRace(crash, eras, answers, choice);
  const other = crashing[0];
  if (other) return excluded(crash, answers, words.another(other), eras);
  const reached = answers.find((a) => a.reached);
  if (reached) return excluded(crash, answers, words.unexplained(reached, question.observations), eras);
  return fixedOrUnreachable(crash, eras, answers, question, choice);
}

/** The race reaches this crash in some of what the log leaves open: is it proved? */
function weighRace(crash: Case, eras: readonly EraId[], answers: readonly Answer[], choice: DriverChoice): Verdict {
  const { kernel, fault, incident } = crash;
  const race = answers.filter((a) => fitOf(a, RACE_ID));
  const fits = race.map((a) => fitOf(a, RACE_ID)!);
  const cost = (a: Answer) => fitOf(a, RACE_ID)!.best.preemptions ?? 99;
  const best = [...race].sort((a, b) => cost(a) - cost(b))[0]!;
  const reasons: Claim[] = [];
  const cannot = eras.filter((e) => !race.some((a) => a.era === e));
  const eraOpen = eras.length > 1 || kernel.era === null;
  if (kernel.cut !== undefined && kernel.fix.status !== 'absent') reasons.push(words.releaseCut(kernel));
  if (eraOpen) reasons.push(words.eraOpen(eras, cannot));
  const fixOpen = kernel.fix.status !== 'absent';
  if (fixOpen && !eraOpen) reasons.push(words.fixOpen(kernel));
  if (eras.length === 1 && INFERRED.has(eras[0]!) && kernel.code === undefined)
    reasons.push(words.eraInferred(eras[0]!));
  if (choice.outside !== null) reasons.push(words.driverOutside(choice.outside));
  const foreign = foreignModule(crash);
  if (foreign !== null) reasons.push(foreign);
  const fieldOpen = !proved(crash);
  if (fieldOpen) reasons.push(words.fieldOpen(fault, incident));
  if (addressLost(crash)) reasons.push(words.addressOpen(fault, incident));
  const around = fits.flatMap((f) => f.crashing).filter((j) => j.throughRace !== j.crashing || j.serial);
  if (around.length > 0) reasons.push(words.aroundTheRace(around));
  if (race.some((a) => a.unfinished.length > 0)) reasons.push(words.notExhaustive());
  const rivals = rivalsOf(contextOf(crash, eras, answers, best), RACE_ID);
  const rivalOpen = rivals.filter((r) => r.status !== 'refuted');
  for (const rival of rivalOpen) reasons.push(words.rivalOpen(rival));
  const verdictClass: VerdictClass = reasons.length === 0 ? 'confirmed' : 'possible';
  const settle = settleOpen(crash, {
    kernel: (eraOpen && kernel.release === null) || kernel.disputed !== undefined,
    fix: fixOpen,
    code: eraOpen || foreign !== null,
    driver: crash.driver.name === null && choice.drivers.length > 1,
    field: fieldOpen && incident.kind !== 'warning',
    rivals: rivalOpen.map((r) => r.hypothesis),
    freed: incident.kind === 'warning',
  });
  const { best: judgement } = fitOf(best, RACE_ID)!;
  return {
    ...base(crash, best, judgement),
    class: verdictClass,
    hypothesis: RACE_ID,
    ...named(answers),
    rivals,
    because: [
      ...words.evidence(crash, words.replayed(best, fitOf(best, RACE_ID)!)),
      ...words.drivers(crash, answers),
      ...reasons,
    ],
    settle,
    sentence: words.raceSentence(verdictClass, crash, fitOf(best, RACE_ID)!, causesToldOf(crash, judgement), reasons),
  };
}

/** Nothing that was looked at reaches the crash: is that because the kernel is fixed, or because it takes more threads? */
function fixedOrUnreachable(
  crash: Case,
  eras: readonly EraId[],
  answers: readonly Answer[],
  question: Question,
  choice: DriverChoice,
): Verdict {
  const fixed = eras.filter((e) => hasFix(crash.kernel, e));
  if (fixed.length > 0 && !accessLost(crash)) {
    // What would the same code do without the fix?
    const shape = shapeWithout(fixed);
    for (const driver of choice.drivers) {
      const without = ask(question, shape, driver, 'static', 'wide');
      const fit = fitOf(without, RACE_ID) ?? without.fits.find((f) => f.hypothesis !== BEYOND_FIXES);
      if (fit) return contradicting(crash, without, fit, eras);
    }
  }
  return excluded(crash, answers, words.unreachable(crash, answers, eras, choice.outside), eras);
}

/** The release says that the race is closed, and the crash is exactly the race's: either the one is wrong, or something is outside of the model. */
function contradicting(crash: Case, without: Answer, fit: Fit, eras: readonly EraId[]): Verdict {
  const said = crash.kernel.fix.status === 'absent';
  return {
    ...base(crash, null, null),
    class: 'possible',
    hypothesis: RACE_ID,
    ...named([{ ...without, fits: [fit] }]),
    rivals: rivalsOf(contextOf(crash, eras, [], null), RACE_ID),
    because: [words.contradiction(crash, fit), ...words.strongestFirst(crash.fault.because, crash.incident)],
    settle: [
      ...(said ? [] : [NOT_FIXED]),
      ...settleOpen(crash, { kernel: false, fix: true, field: false, rivals: [], freed: false }),
    ],
    sentence: words.contradictionSentence(crash, fit, proved(crash)),
    contradiction: !said,
  };
}

/** No fault, but the mark of a sibling that v6.15 brought: it is named, and is not the race. */
function quietHole(crash: Case, line: number): Verdict {
  const because = words.lateProbe(crash, line);
  return {
    ...base(crash, null, null),
    class: 'excluded',
    hypothesis: 'replay-vs-registration',
    because,
    sentence: words.lateProbeSentence(),
  };
}
