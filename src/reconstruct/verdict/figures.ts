/** What every verdict carries, whatever its class: how much is explained, the exploration's figures, the witness, the outcomes that fit. */
import type { Cause } from '../../sim/explain/flip.ts';
import { witnessOf } from '../../sim/explain/witness.ts';
import type { Schedule } from '../../sim/explore/schedule.ts';
import { causesOf, type Judgement, scheduleOf } from '../../sim/judge.ts';
import type { Witness } from '../../sim/types.ts';
import type { Case } from '../evidence/case.ts';
import type { FittingOutcome, Verdict } from '../types.ts';
import type { Answer } from './search.ts';
import { searchOf, words } from './words.ts';

const stories = new WeakMap<Judgement, Witness>();

/** The witness written down, once for all crashes that have this judgement. */
function storyOf(judgement: Judgement, schedule: Schedule): Witness {
  const story = stories.get(judgement) ?? witnessOf(judgement.setUp, schedule);
  stories.set(judgement, story);
  return story;
}

/** What every class carries: the exploration's figures where there was one. */
export function base(crash: Case, answer: Answer | null, best: Judgement | null): Verdict {
  const crashes = best !== null && best.crashing > 0n;
  const schedule = crashes ? scheduleOf(best) : null;
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
    outcome: null,
    outcomes: [],
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

/** Every outcome that fits, once for each hypothesis that it belongs to; and the one name, where there is one. */
export function named(answers: readonly Answer[]): Pick<Verdict, 'outcome' | 'outcomes'> {
  const all = new Map<string, FittingOutcome & { readonly count: bigint }>();
  for (const { fits } of answers)
    for (const { hypothesis, outcomes } of fits)
      for (const { outcome, crashing: count } of outcomes) {
        const key = `${hypothesis} ${outcome}`;
        const known = all.get(key);
        if (!known || known.count < count) all.set(key, { outcome, hypothesis, crashing: String(count), count });
      }
  const outcomes = [...all.values()].map(({ outcome, hypothesis, crashing }) => ({ outcome, hypothesis, crashing }));
  const names = new Set(outcomes.map((o) => o.outcome));
  return { outcome: names.size === 1 ? outcomes[0]!.outcome : null, outcomes };
}

/** The first order says most, but where a walk crashed: there a later one may (`words.cause`), so all are needed. */
export function causesToldOf({ place }: Case, judgement: Judgement): readonly Cause[] {
  return causesOf(judgement, place.role === 'walk' ? undefined : 1);
}
