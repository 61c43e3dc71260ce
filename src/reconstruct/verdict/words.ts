/** The sentences of a verdict. Each is derived from the result it is about: names, lines, counts, bounds; nothing is said that they do not hold. */

import type { Incident } from '../../parser/types.ts';
import type { Cause } from '../../sim/explain/flip.ts';
import { GLOBAL_LOCK } from '../../sim/hypotheses/fixes.ts';
import { HYPOTHESES } from '../../sim/hypotheses/hypotheses.ts';
import type { Judgement } from '../../sim/judge.ts';
import { capital, plural } from '../../words.ts';
import type { Case } from '../evidence/case.ts';
import { hex, RACE, some, stack } from '../evidence/phrases.ts';
import { baseName, NOTIFIER, type TracePlace } from '../evidence/place.ts';
import { versionText } from '../kernel/version.ts';
import type { Claim, FlipCause, KernelIdentity, Rival, SearchBounds, VerdictClass } from '../types.ts';
import * as reasons from './reasons.ts';
import { outcomesOf } from './reasons.ts';
import type { Answer, Fit } from './search.ts';

export function searchOf(judgement: Judgement): SearchBounds {
  const { setUp, threads, states, exhaustive } = judgement;
  return {
    era: setUp.era.id,
    driver: setUp.driver.name,
    scenario: setUp.scenario.id,
    threads,
    devices: 1,
    instances: setUp.scenario.walks,
    states,
    exhaustive,
    memory: setUp.memory,
    granularity: setUp.granularity,
  };
}

/** The evidence of a crash that the model reaches, the most telling first; `last` is what the model says of it. */
function evidence(crash: Case, last: Claim): readonly Claim[] {
  const { place, fault, kernel, incident, observations } = crash;
  const at = place.functions.findIndex(
    (f) => f === 'of_iommu_configure' || f === 'probe_iommu_group' || f === NOTIFIER,
  );
  const who =
    place.role === 'client'
      ? 'the client\'s driver probe, translating its "iommus"'
      : place.functions.includes(NOTIFIER)
        ? "the client's device_add(), which has the IOMMU core probe it"
        : "the registering IOMMU's walk over the bus";
  const observed = observations.map((o) => ({ text: o.text, lines: some([o.line]), same: o.same ?? [] }));
  const banner = crash.log.events.find((e) => e.kind === 'banner' && e.release === kernel.release);
  const named = [incident.pc, incident.lr].filter((f) => f !== null && place.functions.includes(baseName(f.symbol)));
  const [first, ...others] = strongestFirst(fault.because, incident);
  return [
    ...(first ? [first] : []),
    ...observed.slice(-1),
    {
      text: `the crashing thread is ${who} (${stack(place, Math.min(at + 1 || 3, 6))})`,
      lines: some([place.lines[0], place.lines[at]]),
      same: some(named.map((f) => f?.line)),
    },
    ...observed.slice(0, -1),
    ...otherRegistrations(crash),
    ...others,
    ...crash.driver.because.slice(0, 1),
    { text: kernel.fix.because, lines: some([incident.at.cpu]), same: some([banner?.span.line]) },
    last,
  ];
}

/** What the model says of a crash that is the race's. */
function replayed(answer: Answer, fit: Fit): Claim {
  const { best } = fit;
  const bounds = `${reasons.modelOf(answer, best)}, ${best.states} states, ${best.exhaustive ? 'exhaustive' : 'not exhaustive'}`;
  const overlap = best.throughRace === best.crashing ? 'in all of them' : `in ${best.throughRace} of them`;
  const serial = best.serial ? '' : ', and no run of one thread after the other gets there';
  return {
    text: `${best.crashing} of ${plural(best.all, 'interleaving')} (${bounds}) end in ${outcomesOf(fit)} with all of this observed; ${overlap} the sections that a2e7e59a9426 serialises overlap${serial}`,
    lines: [],
  };
}

/** What was read from the Code: line names the field whatever the configuration; then what KASAN says of the object; the bare address comes last. */
function strongestFirst(claims: readonly Claim[], { at, kasan }: Incident): readonly Claim[] {
  const rank = ({ text, lines }: Claim): number => {
    if (at.code !== undefined && lines.includes(at.code)) return 0;
    if (kasan && [kasan.freed, kasan.allocated].some((s) => s && lines.includes(s.line))) return 1;
    return /^(?:read|write|access) at 0x/.test(text) ? 3 : 2;
  };
  return [...claims].sort((a, b) => rank(a) - rank(b));
}

/** Other instances of the IOMMU's driver that said so around the crash. */
function otherRegistrations({ log, incident, driver, observations }: Case): readonly Claim[] {
  const told = new Set(observations.map((o) => o.line));
  const around = log.events.filter(
    (e) =>
      e.kind === 'iommu-instance' &&
      (driver.name === null || e.driver === driver.name) &&
      !told.has(e.span.line) &&
      e.span.line >= incident.span.line &&
      e.span.line <= incident.lastLine,
  );
  if (around.length === 0) return [];
  const names = around.map((e) => (e.kind === 'iommu-instance' ? e.device : '')).join(', ');
  return [
    {
      text: `${names} registered too while the crash was being printed: every registration walks all clients`,
      lines: some(around.map((e) => e.span.line)),
    },
  ];
}

/** The place fits, and what was accessed there cannot be compared. */
function accessLost({ place, incident }: Case): Claim {
  const cut = incident.cuts.find((c) => c.what === 'address');
  if (cut !== undefined)
    return {
      text: `the address is cut in line ${cut.line} ("${cut.text}" is left of it) and no Code: line is there to say what ${place.functions[0]}() accessed`,
      lines: [cut.line],
    };
  return {
    text: `neither the address nor the Code: line is left to say what ${place.functions[0]}() accessed`,
    lines: some([incident.lastLine]),
  };
}

/** `lost`: the part of the report that is not there. */
function cut({ incident, fault }: Case, lost: Claim): readonly Claim[] {
  const claims: Claim[] = [lost];
  if (fault.address !== null) {
    const fields =
      fault.fields.length > 0
        ? `the offset of ${fault.fields.join(' or ')} in this kernel's structs, so it could still be ${RACE}`
        : `not an offset that ${RACE} is known for`;
    claims.push({
      text: `the address ${hex(fault.address)} is ${fault.shape === 'null' ? fields : 'no offset from NULL'}`,
      lines: some([incident.at.address]),
    });
  }
  return claims;
}

function raceSentence(
  verdictClass: VerdictClass,
  crash: Case,
  fit: Fit,
  causes: readonly Cause[],
  reasons: readonly Claim[],
): string {
  if (verdictClass === 'confirmed')
    return `This crash is ${RACE}: ${whatHappened(crash, causes)}.${taken(crash.kernel)}`;
  const more = reasons.length > 1 ? ` (the first of ${reasons.length} reasons)` : '';
  return `This crash fits ${RACE} (${outcomesOf(fit)}), but the log does not prove it: ${reasons[0]?.text ?? ''}${more}.`;
}

/** A tree with patches of its own may have the fix among them: what was assumed, and what would follow otherwise. */
function taken({ takenWithoutFix, release, version }: KernelIdentity): string {
  if (!takenWithoutFix || !version) return '';
  return ` Taken for granted: ${release} has not picked ${GLOBAL_LOCK} on top of ${versionText(version)}; with it the model does not reach this crash.`;
}

/** The flip test's order as a sentence; without one, which thread met what. */
function whatHappened({ place }: Case, causes: readonly Cause[]): string {
  const told = tellingOf(causes, place);
  const [before, after] = [stepOf(told?.before), stepOf(told?.after)];
  if (before && after)
    return `${before.fn}() of the ${before.thread} did \`${before.step}\` before ${after.fn}() of the ${after.thread} did \`${after.step}\``;
  return place.role === 'client'
    ? "a failing probe freed what the client's translation was still using"
    : place.functions.includes(NOTIFIER)
      ? "the client's device_add() met the probe of a registration"
      : "the registering IOMMU's walk met a client in the middle of its translation";
}

/** "`dev->iommu = NULL` in dev_iommu_free (IOMMU registration)" in its parts. */
function stepOf(text: string | undefined): { step: string; fn: string; thread: string } | null {
  const match = /^`(.+)` in (\S+) \(([^()]+?)(?: \(.*\))?\)$/.exec(text ?? '');
  return match && { step: match[1]!, fn: match[2]!, thread: match[3]! };
}

function cutSentence(lost: Claim): string {
  return `${capital(lost.text)}: whether this is ${RACE} cannot be told from it.`;
}

/** More is open than one log may have explored. */
function beyondBudget({ kernel, driver }: Case, states: number): Claim {
  const open = [
    ...(kernel.era === null ? ['which kernel it is'] : []),
    ...(driver.name === null ? ['which IOMMU driver'] : []),
  ];
  const left = open.length === 0 ? 'its place has more threads' : `it is open ${open.join(' and ')}`;
  return {
    text: `${left}: that asks for more than the ${states} states of the model that are explored for one log`,
    lines: [],
  };
}

function beyondBudgetSentence(beyond: Claim): string {
  return `Whether this is ${RACE} was not looked at to the end: ${beyond.text}.`;
}

/**
 * What it is comes first, and why it is not the race after. `explains` is the rival that explains it, `open` one that may; the model's own
 * attribution says both things at once.
 */
function excludedSentence(explains: Rival | null, open: Rival | null, byModel: boolean, why: Claim): string {
  const not = `This crash is not ${RACE}`;
  const after = `${capital(why.text)}.`;
  if (explains) {
    const is = `${not}, but ${explains.hypothesis}: ${HYPOTHESES.get(explains.hypothesis)!.means}.`;
    return byModel ? `${is} ${after}` : `${is} ${capital(explains.because)}. ${after}`;
  }
  return open ? `${not}. It may be ${open.hypothesis}: ${open.because}. ${after}` : `${not}. ${after}`;
}

/** A sentence begins with a capital letter, unless it begins with the name of a function or field. */
/**
 * Of several orders the one that says most: the store to dev->iommu, which comes first where there is one; for a walk that crashes what the client
 * had just stored; else the first.
 */
function tellingOf(causes: readonly Cause[], { role }: TracePlace): Cause | undefined {
  const [first] = causes;
  if (role !== 'walk' || first?.before.startsWith('`dev->iommu =')) return first;
  return causes.find((c) => c.before.startsWith('`iommu->fwspec = fwspec`')) ?? first;
}

function cause(causes: readonly Cause[], place: TracePlace): FlipCause {
  const { before, after } = tellingOf(causes, place)!;
  return {
    before,
    after,
    text: `${before} before ${after}; with the two reversed, no interleaving ends in this crash`,
  };
}

export const words = {
  ...reasons,
  evidence,
  replayed,
  strongestFirst,
  accessLost,
  cut,
  raceSentence,
  cutSentence,
  beyondBudget,
  beyondBudgetSentence,
  excludedSentence,
  cause,
};
