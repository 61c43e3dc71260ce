/** The sentences of a verdict. Each is derived from the result it is about: names, lines, counts, bounds; nothing is said that they do not hold. */
import type { Incident } from '../parser/types.ts';
import { HYPOTHESES } from '../sim/hypotheses/hypotheses.ts';
import type { Cause, Judgement } from '../sim/judge.ts';
import type { EraId } from '../sim/types.ts';
import type { Observation } from './observe.ts';
import type { TracePlace } from './place.ts';
import type { Answer } from './search.ts';
import type { Claim, Fault, FlipCause, KernelIdentity, Rival, SearchBounds, VerdictClass } from './types.ts';
import type { Case } from './verdict.ts';

const RACE = 'the race between of_iommu_configure() and iommu_probe_device()';

function hex(value: bigint | null): string {
  return value === null ? 'an address that the log does not show' : `0x${value.toString(16)}`;
}

function some(lines: readonly (number | null | undefined)[]): readonly number[] {
  return [...new Set(lines.filter((l): l is number => typeof l === 'number'))].sort((a, b) => a - b);
}

function plural(n: number | bigint, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 || n === 1n ? one : many}`;
}

export function searchOf(judgement: Judgement): SearchBounds {
  const { setUp, graph } = judgement;
  return {
    era: setUp.era.id,
    driver: setUp.driver.name,
    scenario: setUp.scenario.id,
    threads: graph.machine.threads.length,
    devices: 1,
    instances: setUp.scenario.walks,
    states: graph.states,
    exhaustive: graph.exhaustive,
    memory: setUp.memory,
    granularity: setUp.granularity,
  };
}

function notAMemoryFault(incident: Incident): Claim {
  return {
    text: `a report of type ${incident.type} is not about an access to memory, and the race shows in one: through a NULL or freed dev->iommu or fwspec`,
    lines: [incident.span.line],
  };
}

function outsideTheModel(place: TracePlace): Claim {
  if (place.role === 'nested') {
    return {
      text: 'of_iommu_configure() runs below probe_iommu_group() in one thread (v6.15 and later): the translation is part of the registration, there is no second thread to race with',
      lines: some(place.lines.slice(0, 1)),
    };
  }
  const callers = place.functions.length > 1 ? ` (${stack(place, 3)})` : '';
  return {
    text: `the crashing thread is in ${place.functions[0]}()${callers}: neither translating a client's "iommus" (of_iommu_configure) nor probing one for an IOMMU (__iommu_probe_device)`,
    lines: some(place.lines.slice(0, 2)),
  };
}

/** What the model says of a crash that it gives to another hypothesis. */
function another(answer: Answer): Claim {
  const { hypothesis, reachable } = answer.attribution!;
  const best = answer.best!;
  const cure =
    hypothesis === 'probe-vs-probe'
      ? 'and with the lock of 01657bc14a39 alone in none'
      : reachable.global
        ? 'and a2e7e59a9426 does not change that'
        : 'and with a2e7e59a9426 in none';
  return {
    text: `the model (${modelOf(answer)}) reaches ${best.outcomes.join(' or ')} in ${plural(best.crashing, 'interleaving')}, ${cure}`,
    lines: [],
  };
}

/** "era E, apple-dart, deferred-retry" */
function modelOf(answer: Answer): string {
  return `era ${answer.era}, ${answer.driver}, ${answer.best!.setUp.scenario.id}`;
}

/** The innermost functions of a trace, as code: "`a <- b <- c`". */
function stack(place: TracePlace, count: number): string {
  return `\`${place.functions.slice(0, count).join(' <- ')}\``;
}

function unexplained(answer: Answer, observations: readonly Observation[]): Claim {
  const missing = observations.filter((_, i) => !answer.met[i]);
  const what = missing.length > 0 ? missing.map((o) => o.text).join('; ') : 'what else the log shows, all at once';
  return {
    text: `the model reaches this fault, but never together with this: ${what}`,
    lines: some(missing.map((o) => o.line)),
  };
}

function unreachable(crash: Case, answers: readonly Answer[], eras: readonly EraId[], outside: string | null): Claim {
  const asked = [...new Set(answers.map((a) => a.era))];
  const { fault, incident, place } = crash;
  const access = fault.access ? `a ${fault.access} at ${hex(fault.address)}` : `an access at ${hex(fault.address)}`;
  const lines = some([incident.at.address, place.lines[0]]);
  const where = `${asked.length === 1 ? 'era' : 'eras'} ${asked.join(', ')}`;
  if (asked.length === 0) {
    return {
      text: `${access} in ${place.functions[0]}(): in ${eras.length === 1 ? 'era' : 'eras'} ${eras.join(', ')} a2e7e59a9426 is in, under whose lock translation and probe cannot overlap`,
      lines,
    };
  }
  if (answers.some((a) => a.placed))
    return { text: `no interleaving of ${where} ends in ${access} in ${place.functions[0]}()`, lines };
  const stranger = outside === null ? '' : `; ${outside} is not among its drivers`;
  return {
    text: `the model of ${where} has no access to dev->iommu or its objects at this place (${stack(place, 3)})${stranger}`,
    lines,
  };
}

function beforeDevIommu(kernel: KernelIdentity): Claim {
  return {
    text: `${kernel.release ?? 'this kernel'} is older than v5.7: dev->iommu does not exist there, and the failing probe frees nothing that a translation uses`,
    lines: [],
  };
}

function eraNotModelled(era: EraId, nearest: EraId): Claim {
  return { text: `era ${era} was judged by the code of era ${nearest}, its nearest neighbour in the model`, lines: [] };
}

function driverOutside(name: string): Claim {
  return {
    text: `${name} is not a driver of the model; it was taken to store and test priv as drivers of its kind do`,
    lines: [],
  };
}

function contradiction(crash: Case, without: Answer): Claim {
  return {
    text: `contradiction: with a2e7e59a9426 the model reaches no such crash, and without it exactly this one (${without.best!.outcomes.join(', ')})`,
    lines: some([crash.incident.at.cpu, crash.incident.at.address]),
  };
}

function contradictionSentence({ kernel }: Case, without: Answer): string {
  const who = kernel.release ?? 'this kernel';
  const carries = kernel.fix.because.startsWith('--fixed') ? 'is said to carry' : 'carries';
  return (
    `The crash is one that ${RACE} makes (${without.best!.outcomes.join(', ')}), but ${who} ${carries} a2e7e59a9426, under which it is unreachable. ` +
    'Either the tree that was built does not have the fix (then judge the log again with --not-fixed a2e7e59a9426), or this is another bug.'
  );
}

function eraOpen(eras: readonly EraId[], cannot: readonly EraId[]): Claim {
  const not = cannot.length > 0 ? `, and in ${cannot.join(', ')} the model does not reach this crash` : '';
  return { text: `which code ran is not known: it may be of era ${eras.join(', ')}${not}`, lines: [] };
}

function fixOpen(kernel: KernelIdentity): Claim {
  return {
    text: `whether the kernel carries a2e7e59a9426 is ${kernel.fix.status === 'unknown' ? 'not known' : 'in doubt'}: ${kernel.fix.because}`,
    lines: [],
  };
}

function driverOpen(candidates: readonly string[]): Claim {
  return {
    text: `the IOMMU driver is not known, and the model does not reach this with every one that it could be${candidates.length > 0 ? ` (${candidates.join(', ')})` : ''}`,
    lines: [],
  };
}

function fieldOpen(fault: Fault, incident: Incident): Claim {
  if (incident.kind === 'warning') {
    return {
      text: 'the report is about the size of an allocation; that it came from a freed fwspec is what the model offers, not what the log shows',
      lines: some([incident.span.line]),
    };
  }
  const fields = fault.fields.length > 0 ? `; its offset alone fits ${fault.fields.join(' or ')}` : '';
  return {
    text: `no Code: line leads to dev->iommu, so nothing but the address names the field${fields}`,
    lines: some([incident.at.address]),
  };
}

function aroundTheRace(around: readonly Judgement[]): Claim {
  const j = around[0]!;
  return {
    text: j.serial
      ? 'the model reaches this crash with the threads run one after the other'
      : `in ${j.crashing - j.throughRace} of ${plural(j.crashing, 'interleaving')} that crash so, the sections that a2e7e59a9426 serialises do not overlap`,
    lines: [],
  };
}

function notExhaustive(): Claim {
  return { text: 'the search ended at its budget and is not exhaustive', lines: [] };
}

function rivalOpen(rival: Rival): Claim {
  return { text: `${rival.hypothesis} is not ruled out: ${rival.because}`, lines: rival.lines };
}

/** The evidence of a crash that the model reaches, the most telling first; `last` is what the model says of it. */
function evidence(crash: Case, last: Claim): readonly Claim[] {
  const { place, fault, kernel, incident, observations } = crash;
  const at = place.functions.findIndex((f) => f === 'of_iommu_configure' || f === 'probe_iommu_group');
  const who =
    place.role === 'client'
      ? 'the client\'s driver probe, translating its "iommus"'
      : "the registering IOMMU's walk over the bus";
  const observed = observations.map((o) => ({ text: o.text, lines: some([o.line]) }));
  const [first, ...others] = strongestFirst(fault.because, incident);
  return [
    ...(first ? [first] : []),
    ...observed.slice(-1),
    {
      text: `the crashing thread is ${who} (${stack(place, Math.min(at + 1 || 3, 6))})`,
      lines: some([place.lines[0], place.lines[at]]),
    },
    ...observed.slice(0, -1),
    ...otherRegistrations(crash),
    ...others,
    ...crash.driver.because.slice(0, 1),
    { text: kernel.fix.because, lines: some([incident.at.cpu]) },
    last,
  ];
}

/** What the model says of a crash that is the race's. */
function replayed(answer: Answer): Claim {
  const best = answer.best!;
  const bounds = `${modelOf(answer)}, ${best.graph.states} states, ${best.graph.exhaustive ? 'exhaustive' : 'not exhaustive'}`;
  const overlap = best.throughRace === best.crashing ? 'in all of them' : `in ${best.throughRace} of them`;
  const serial = best.serial ? '' : ', and no run of one thread after the other gets there';
  return {
    text: `${best.crashing} of ${plural(best.all, 'interleaving')} (${bounds}) end in ${best.outcomes.join(' or ')} with all of this observed; ${overlap} the sections that a2e7e59a9426 serialises overlap${serial}`,
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

function cut({ incident, place, fault }: Case): readonly Claim[] {
  const left =
    place.functions.length === 0
      ? 'the report ends before it says which function faulted'
      : place.role === 'client' || place.role === 'walk'
        ? `neither the address nor the Code: line is left to say what ${place.functions[0]}() accessed`
        : `the report ends at ${stack(place, place.functions.length)}, before it says which thread this was`;
  const claims: Claim[] = [{ text: left, lines: some([incident.lastLine]) }];
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
  answer: Answer,
  causes: readonly Cause[],
  reasons: readonly Claim[],
): string {
  if (verdictClass === 'confirmed') return `This crash is ${RACE}: ${whatHappened(crash, causes)}.`;
  const more = reasons.length > 1 ? ` (the first of ${reasons.length} reasons)` : '';
  return `This crash fits ${RACE} (${answer.best!.outcomes.join(' or ')}), but the log does not prove it: ${reasons[0]?.text ?? ''}${more}.`;
}

/** The flip test's order as a sentence; without one, which thread met what. */
function whatHappened({ place }: Case, causes: readonly Cause[]): string {
  const told = tellingOf(causes, place);
  const [before, after] = [stepOf(told?.before), stepOf(told?.after)];
  if (before && after)
    return `${before.fn}() of the ${before.thread} did \`${before.step}\` before ${after.fn}() of the ${after.thread} did \`${after.step}\``;
  return place.role === 'client'
    ? "a failing probe freed what the client's translation was still using"
    : "the registering IOMMU's walk met a client in the middle of its translation";
}

/** "`dev->iommu = NULL` in dev_iommu_free (IOMMU registration)" in its parts. */
function stepOf(text: string | undefined): { step: string; fn: string; thread: string } | null {
  const match = /^`(.+)` in (\S+) \(([^()]+?)(?: \(.*\))?\)$/.exec(text ?? '');
  return match && { step: match[1]!, fn: match[2]!, thread: match[3]! };
}

function cutSentence(crash: Case): string {
  return `${capital(cut(crash)[0]!.text)}: whether this is ${RACE} cannot be told from it.`;
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
function capital(text: string): string {
  return /^[\w.>-]*[_(`]/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

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
  notAMemoryFault,
  outsideTheModel,
  another,
  unexplained,
  unreachable,
  contradiction,
  contradictionSentence,
  beforeDevIommu,
  eraNotModelled,
  driverOutside,
  eraOpen,
  fixOpen,
  driverOpen,
  fieldOpen,
  aroundTheRace,
  notExhaustive,
  rivalOpen,
  evidence,
  replayed,
  strongestFirst,
  cut,
  raceSentence,
  cutSentence,
  excludedSentence,
  cause,
};
