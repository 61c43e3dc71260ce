/** The two verdicts that say no: too little is left, or it is something else. */
import type { EraId } from '../../sim/types.ts';
import type { Case } from '../evidence/case.ts';
import { notANullOrFreedPointer } from '../evidence/no-access.ts';
import { isMemoryFault } from '../evidence/remains.ts';
import type { Claim, Rival, Verdict } from '../types.ts';
import { base, named } from './figures.ts';
import { type RivalContext, rivalsOf } from './rivals.ts';
import { type Answer, driversFor, fitOf, judgedIn, questionOf, RACE_ID, reachesIn } from './search.ts';
import { settleCut } from './settle.ts';
import { words } from './words.ts';

export function insufficient(crash: Case, lost: Claim): Verdict {
  return {
    ...base(crash, null, null),
    class: 'insufficient',
    because: words.cut(crash, lost),
    settle: settleCut(crash.incident, crash.place),
    sentence: words.cutSentence(lost),
  };
}

export function excluded(crash: Case, answers: readonly Answer[], why: Claim, eras: readonly EraId[]): Verdict {
  const answer =
    answers.find((a) => a.fits.length > 0) ?? answers.find((a) => a.reached) ?? answers.find((a) => a.placed) ?? null;
  const { log, incident, place } = crash;
  const memoryFault = isMemoryFault(incident) && notANullOrFreedPointer(log, incident, place) === null;
  const rivals = memoryFault ? rivalsOf(contextOf(crash, eras, answers, answer), null) : [];
  const explains = rivals.find((r) => r.status === 'explains' && r.hypothesis !== RACE_ID) ?? null;
  const open = rivals.find((r) => r.status === 'open') ?? null;
  const holder = explains === null ? null : (answers.find((a) => fitOf(a, explains.hypothesis) !== null) ?? null);
  const own = holder === null ? null : fitOf(holder, explains!.hypothesis);
  const first = explains ? [{ text: `${explains.hypothesis}: ${explains.because}`, lines: explains.lines }] : [];
  const fields =
    crash.fault.fields.length > 0 && memoryFault ? words.strongestFirst(crash.fault.because, crash.incident) : [];
  return {
    ...(explains !== null && own === null
      ? byItself(crash, explains)
      : base(crash, holder ?? answer, own?.best ?? answer?.nearest ?? null)),
    class: 'excluded',
    hypothesis: explains?.hypothesis ?? null,
    ...named(answers),
    rivals,
    because: own ? words.evidence(crash, why) : [...first, why, ...fields],
    sentence: words.excludedSentence(explains, open, own !== null, why),
  };
}

/** Figures of the hypothesis that explains the crash, not of those that do not; none where the log alone says it. */
function byItself(crash: Case, { own }: Rival): Verdict {
  const explained = own?.explained ?? { k: 0, n: 0 };
  return {
    ...base(crash, null, null),
    explained: { ...explained, firstUnexplained: null },
    search: own?.search ?? null,
  };
}

export function contextOf(
  crash: Case,
  eras: readonly EraId[],
  answers: readonly Answer[],
  answer: Answer | null,
): RivalContext {
  const asked = questionOf(crash);
  const choice = driversFor(crash.driver.name, crash.driver.candidates, crash.place);
  return {
    ...crash,
    eras,
    placed: answer?.placed ?? false,
    fits: answers.flatMap((a) => a.fits.map((fit) => ({ driver: a.driver, fit }))),
    reaches: (scenario) => reachesIn(scenario, asked, eras, choice.drivers),
    judged: (scenario) => judgedIn(scenario, asked, eras, choice.drivers),
  };
}
