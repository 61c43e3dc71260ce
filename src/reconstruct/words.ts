/** The sentences of a verdict. Each is derived from the result it is about: names, lines, counts, bounds; nothing is said that they do not hold. */
import type { Incident } from '../parser/types.ts';
import type { Cause, Judgement } from '../sim/judge.ts';
import type { EraId, HypothesisId } from '../sim/types.ts';
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
    text: `this report (${incident.type}) is not about an access to memory, and the race shows in one: a NULL or freed dev->iommu or fwspec`,
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
  const callers = place.functions.slice(1, 3);
  const below = callers.length > 0 ? `, called by ${callers.join(', ')}` : '';
  return {
    text: `the crashing thread is in ${place.functions[0]}()${below}: neither translating a client's "iommus" (of_iommu_configure) nor probing one for an IOMMU (__iommu_probe_device)`,
    lines: some(place.lines.slice(0, 2)),
  };
}

function another(answer: Answer): Claim {
  const { hypothesis, reachable } = answer.attribution!;
  const best = answer.best!;
  const cure =
    hypothesis === 'probe-vs-probe'
      ? "and 01657bc14a39's lock alone makes it unreachable"
      : `and a2e7e59a9426 leaves it reachable${reachable.global ? '' : ' not'}`;
  return {
    text: `the model (era ${answer.era}, ${answer.driver}, ${best.setUp.scenario.id}) reaches ${best.outcomes.join(' or ')} in ${plural(best.crashing, 'interleaving')}, ${cure}: another bug than ${RACE}`,
    lines: [],
  };
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
  const stack = place.functions.slice(0, 3).join(' <- ');
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
    text: `the model of ${where} has no access to dev->iommu or its objects at this place (${stack})${stranger}`,
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
  const { kernel } = crash;
  return {
    text: `contradiction: ${kernel.fix.because}, and with it the model reaches no such crash; without it the model reaches exactly this one (${without.best!.outcomes.join(', ')}). Either the tree that was built does not have the fix (then say --not-fixed a2e7e59a9426), or this is another bug`,
    lines: some([crash.incident.at.cpu, crash.incident.at.address]),
  };
}

function eraOpen(eras: readonly EraId[], cannot: readonly EraId[]): Claim {
  const not = cannot.length > 0 ? `; in ${cannot.join(', ')} the model does not reach it` : '';
  return { text: `the kernel is not known well enough: it may be of era ${eras.join(', ')}${not}`, lines: [] };
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
  const fields = fault.fields.length > 0 ? `; by its offset alone it could be ${fault.fields.join(' or ')}` : '';
  return {
    text: `the log does not itself name the field that was accessed (no Code: line that leads to dev->iommu)${fields}`,
    lines: some([incident.at.address]),
  };
}

function aroundTheRace(around: readonly Judgement[]): Claim {
  const j = around[0]!;
  return {
    text: j.serial
      ? 'the model reaches this crash with the threads run one after the other'
      : `${j.crashing - j.throughRace} of ${plural(j.crashing, 'crashing interleaving')} do not pass the race window`,
    lines: [],
  };
}

function notExhaustive(): Claim {
  return { text: 'the search ended at its budget and is not exhaustive', lines: [] };
}

function rivalOpen(rival: Rival): Claim {
  return { text: `${rival.hypothesis} is not ruled out: ${rival.because}`, lines: rival.lines };
}

/** The evidence of a crash that the race explains, the strongest first. */
function evidence(crash: Case, answer: Answer): readonly Claim[] {
  const best = answer.best!;
  const { place, fault, kernel, incident, observations } = crash;
  const replay: Claim = {
    text: `${plural(best.crashing, 'interleaving')} of ${best.all} (era ${answer.era}, ${answer.driver}, ${best.setUp.scenario.id}, ${best.graph.states} states, ${best.graph.exhaustive ? 'exhaustive' : 'not exhaustive'}) end in ${best.outcomes.join(' or ')} with everything above explained; ${best.throughRace === best.crashing ? 'all' : best.throughRace} pass the race window, none runs the threads one after the other`,
    lines: [],
  };
  const at = place.functions.findIndex((f) => f === 'of_iommu_configure' || f === 'probe_iommu_group');
  const who =
    place.role === 'client'
      ? 'the client\'s driver probe, translating its "iommus"'
      : "the registering IOMMU's walk over the bus";
  const observed = observations.map((o) => ({ text: o.text, lines: some([o.line]) }));
  const [first, ...others] = strongestFirst(fault.because, incident.at.code);
  return [
    ...(first ? [first] : []),
    ...observed.slice(-1),
    {
      text: `the crashing thread is ${who} (${place.functions.slice(0, Math.min(at + 1 || 3, 4)).join(' <- ')})`,
      lines: some([place.lines[0], place.lines[at]]),
    },
    ...others,
    ...observed.slice(0, -1),
    ...otherRegistrations(crash),
    ...crash.driver.because.slice(0, 1),
    { text: kernel.fix.because, lines: some([incident.at.cpu]) },
    replay,
  ];
}

/** What was read from the Code: line names the field whatever the configuration: it goes before readings of the address. */
function strongestFirst(claims: readonly Claim[], code: number | undefined): readonly Claim[] {
  const decoded = (c: Claim) => Number(code !== undefined && c.lines.includes(code));
  return [...claims].sort((a, b) => decoded(b) - decoded(a));
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
      : `the report ends at ${place.functions.join(' <- ')}, before it says which thread this was`;
  const claims: Claim[] = [{ text: left, lines: some([incident.lastLine]) }];
  if (fault.address !== null) {
    const fields =
      fault.fields.length > 0
        ? `offset of ${fault.fields.join(' or ')} in this kernel's structs, so it could still be ${RACE}`
        : `not an offset that ${RACE} is known for`;
    claims.push({
      text: `the address ${hex(fault.address)} is ${fault.shape === 'null' ? fields : 'no offset from NULL'}`,
      lines: some([incident.at.address]),
    });
  }
  return claims;
}

function sentence(verdictClass: VerdictClass, crash: Case, answer: Answer, reasons: readonly Claim[]): string {
  const outcome = answer.best!.outcomes.join(' or ');
  const side =
    crash.place.role === 'client'
      ? "the client's translation lost dev->iommu or its fwspec to a failing probe"
      : 'the registering walk met a client in the middle of its translation';
  if (verdictClass === 'confirmed') return `This crash is ${RACE}: ${outcome}; ${side}.`;
  return `This crash fits ${RACE} (${outcome}), but the log does not prove it: ${reasons[0]?.text ?? ''}.`;
}

function sentenceOf(verdictClass: 'insufficient', crash: Case): string {
  void verdictClass;
  return `Too little of the crash is left to judge: ${cut(crash)[0]!.text}.`;
}

function excludedSentence(crash: Case, hypothesis: HypothesisId | null, why: Claim): string {
  void crash;
  const is = hypothesis ? ` It is ${hypothesis}.` : '';
  return `This crash is not ${RACE}.${is} ${why.text.charAt(0).toUpperCase()}${why.text.slice(1)}.`;
}

function cause(causes: readonly Cause[]): FlipCause {
  const [first] = causes;
  return {
    before: first!.before,
    after: first!.after,
    text: `${first!.before} before ${first!.after}; with the two reversed, no interleaving ends in this crash`,
  };
}

export const words = {
  notAMemoryFault,
  outsideTheModel,
  another,
  unexplained,
  unreachable,
  contradiction,
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
  cut,
  sentence,
  sentenceOf,
  excludedSentence,
  cause,
};
