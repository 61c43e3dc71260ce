/**
 * Which of a scenario's crashes belong to which hypothesis. Attribution is by fix and the model decides it (DESIGN 5): run with the era's own
 * lock, with 01657bc14a39's alone, and with a2e7e59a9426's.
 */
import { type LockScope, since } from '../code.ts';
import { graphOf } from '../judge.ts';
import type { SetUp } from '../scenarios.ts';
import type { HypothesisId, ScenarioId } from '../types.ts';

/** Hypotheses that the model explores; the others are judged by place and era. */
export const EXPLORED: ReadonlySet<HypothesisId> = new Set([
  'xlate-vs-probe-free',
  'probe-vs-probe',
  'driver-data-after-registration',
  'priv-without-fwspec',
]);

function outcomesWith(setUp: SetUp, lock: LockScope): ReadonlySet<string> {
  return new Set(graphOf({ ...setUp, lock, watchOverlap: true }).faults.map((f) => f.outcome));
}

/** Names of the crashes of `setUp` that belong to `hypothesis`; none where the era or scenario cannot have it. */
export function crashesOf(setUp: SetUp, hypothesis: HypothesisId): ReadonlySet<string> {
  const own = outcomesWith(setUp, setUp.lock ?? setUp.era.lock);
  const stray = setUp.scenario.id === 'priv-without-fwspec';
  if (stray || hypothesis === 'priv-without-fwspec')
    return stray && hypothesis === 'priv-without-fwspec' ? own : new Set();
  const behindStatic = outcomesWith(setUp, 'static');
  const behindGlobal = outcomesWith(setUp, 'global');
  const keep = (test: (outcome: string) => boolean) => new Set([...own].filter(test));
  switch (hypothesis) {
    case 'probe-vs-probe':
      return keep((o) => !behindStatic.has(o));
    case 'xlate-vs-probe-free':
      return keep((o) => behindStatic.has(o) && !behindGlobal.has(o));
    case 'driver-data-after-registration':
      return keep((o) => behindGlobal.has(o));
    default:
      return new Set();
  }
}

/** Scenarios whose crashes the two locks tell apart; in the others what neither of them cures need not be a driver's data that came too late. */
const TOLD_BY_LOCK: ReadonlySet<ScenarioId> = new Set([
  'deferred-retry',
  'first-probe',
  'two-walks',
  'walks-only',
  'two-clients',
  'priv-without-fwspec',
]);

/** The hypothesis that each crash of `setUp` belongs to, by the crash's name; a crash that this test cannot tell is not in it. */
export function attributed(setUp: SetUp): ReadonlyMap<string, HypothesisId> {
  // From v6.15 the walk drops the lock on its way, which opens races that neither commit is about.
  const told = TOLD_BY_LOCK.has(setUp.scenario.id) && !since(setUp.era, '6.15');
  const of = new Map<string, HypothesisId>();
  for (const hypothesis of EXPLORED) {
    if (hypothesis === 'driver-data-after-registration' && !told) continue;
    for (const outcome of crashesOf(setUp, hypothesis)) of.set(outcome, hypothesis);
  }
  return of;
}
