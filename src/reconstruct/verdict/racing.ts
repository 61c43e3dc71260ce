/**
 * A KCSAN report of two accesses without order. Where they are the race's own two threads, on a word that the translation uses and the probe frees, nothing shows
 * the race more directly; but it is a report of what can happen, not of what a crash came from, so that it is possible at most.
 */
import type { RacingAccess } from '../../parser/types.ts';
import { type Attribution, attributeBy } from '../../sim/attribute.ts';
import { conflicts, type Side } from '../../sim/conflict.ts';
import type { Driver } from '../../sim/procedures/code.ts';
import { SCENARIOS, type SetUp } from '../../sim/scenarios.ts';
import type { EraId } from '../../sim/types.ts';
import type { Case } from '../evidence/case.ts';
import { RACE, stack } from '../evidence/phrases.ts';
import { NOTIFIER, placeOf, standsAt, type TracePlace } from '../evidence/place.ts';
import { type CodeKnown, codeOf } from '../kernel/code.ts';
import type { Claim } from '../types.ts';

/** The two accesses with their places; null for a report of anything else, or of one access alone. */
export interface Racing {
  readonly sides: readonly [RacingAccess, RacingAccess];
  readonly places: readonly [TracePlace, TracePlace];
}

export function racingOf({ incident }: Case): Racing | null {
  const [a, b] = incident.racing ?? [];
  if (a === undefined || b === undefined) return null;
  const place = (side: RacingAccess) =>
    placeOf({ ...incident, frames: side.frames, pc: null, lr: null, workqueue: null });
  return { sides: [a, b], places: [place(a), place(b)] };
}

/** Is one of the two a client's translation or probe and the other a walk's? */
export function isOfTheRace({ places }: Racing): boolean {
  const roles = places.map((p) => p.role);
  return roles.every((r) => r === 'client' || r === 'walk');
}

/** What the model says: whose the conflict is, and on which words. */
export interface Conflict {
  readonly era: EraId;
  readonly attribution: Attribution;
  readonly words: readonly string[];
}

const IN: readonly string[] = ['deferred-retry', 'first-probe', 'walks-only'];
const ADDING: readonly string[] = ['device-add'];

/** `lock` as for `ask`: what a tree without its fix would do. */
export function conflictIn(
  racing: Racing,
  kernel: CodeKnown,
  era: EraId,
  drivers: readonly Driver[],
  lock?: SetUp['lock'],
): Conflict | null {
  const code = codeOf(kernel, era);
  if (!code) return null;
  const side = (i: 0 | 1): Side => ({
    does: racing.sides[i].does,
    at: (machine, thread, stop) => standsAt(racing.places[i], machine, { thread, stop }),
  });
  const sides: readonly [Side, Side] = [side(0), side(1)];
  const adding = racing.places.some((p) => p.functions.includes(NOTIFIER));
  const walksOnly = !adding && racing.places.every((p) => p.role === 'walk');
  for (const driver of drivers) {
    const setUps = (adding ? ADDING : IN)
      .map((id) => SCENARIOS.get(id)!)
      .filter((s) => s.client !== walksOnly)
      .map(
        (scenario): SetUp => ({
          era: code,
          driver,
          scenario,
          memory: 'plain',
          granularity: 'source',
          ...(lock ? { lock } : {}),
        }),
      );
    const attribution = attributeBy(setUps, (s) => conflicts(s, sides).length > 0);
    if (attribution === null) continue;
    const words = [...new Set(setUps.flatMap((s) => conflicts(s, sides)))];
    return { era, attribution, words };
  }
  return null;
}

const WHO = {
  client: 'a client\'s driver probe, translating its "iommus"',
  walk: "a registering IOMMU's walk",
} as const;

/** What each thread did, with its lines. */
export function racingClaims({ sides, places }: Racing): readonly Claim[] {
  return sides.map((side, i): Claim => {
    const place = places[i]!;
    const adds = place.functions.includes(NOTIFIER) ? "the client's device_add()" : null;
    const who = adds ?? (place.role === 'client' || place.role === 'walk' ? WHO[place.role] : 'another thread');
    return {
      text: `${side.does} of ${side.size} bytes in ${who} (${stack(place, 3)})`,
      lines: [side.line, ...place.lines.slice(0, 1)],
    };
  });
}

/** What the model adds. */
export function conflictClaim({ era, words }: Conflict): Claim {
  return {
    text: `the model (era ${era}) has these two accesses side by side, with no lock that orders them: on ${words.join(', ')}`,
    lines: [],
  };
}

export const NO_CRASH_YET: Claim = {
  text: 'KCSAN reports two accesses that nothing orders, not what came of them: that a crash is of this race takes its own report',
  lines: [],
};

export function dataRaceSentence(racing: Racing): string {
  const [a, b] = racing.places;
  return `This is a data race of the two threads of ${RACE}, in ${a.functions[0]}() and ${b.functions[0]}(), on a word that one uses and the other takes away; whether it ever ended in a crash the report does not say.`;
}

/** Why such a report is not the race's. */
export function otherDataRace(racing: Racing | null, line: number, eras: readonly EraId[]): Claim {
  if (racing === null)
    return { text: 'a data race of which KCSAN knows one access alone: the other thread is not named', lines: [line] };
  if (!isOfTheRace(racing)) {
    const who = racing.places.map((p) => stack(p, 2)).join(' and ');
    return {
      text: `the data race is between ${who}: not a translation of a client's "iommus" and the probe of an IOMMU's client`,
      lines: racing.sides.map((s) => s.line),
    };
  }
  return {
    text: `in ${eras.length === 1 ? 'era' : 'eras'} ${eras.join(', ')} the model has no two accesses to one word side by side at these places`,
    lines: racing.sides.map((s) => s.line),
  };
}
