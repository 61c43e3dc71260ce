/** Why a crash is not the race, and what keeps one that fits from being proved: a claim each, derived from the result it is about. */

import type { Incident } from '../../parser/types.ts';
import { absence } from '../../sim/drivers/exists.ts';
import { GLOBAL_LOCK } from '../../sim/hypotheses/fixes.ts';
import type { Judgement } from '../../sim/judge.ts';
import type { Driver } from '../../sim/procedures/code.ts';
import type { EraId } from '../../sim/types.ts';
import { plural } from '../../words.ts';
import type { Case } from '../evidence/case.ts';
import type { Observation } from '../evidence/observe.ts';
import { hex, RACE, some, stack } from '../evidence/phrases.ts';
import type { TracePlace } from '../evidence/place.ts';
import type { Claim, Fault, KernelIdentity, Rival } from '../types.ts';
import type { Answer, Fit } from './search.ts';

export function notAMemoryFault(incident: Incident): Claim {
  return {
    text: `a report of type ${incident.type} is not of an access through a NULL or freed pointer, and the race shows in one: dev->iommu or its fwspec`,
    lines: [incident.span.line],
  };
}

/** `line`: where the WARNING's words stand. */
export function lateProbe({ place, incident }: Case, line: number): readonly Claim[] {
  const walk = place.functions.findIndex((f) => f === 'probe_iommu_group' || f === 'bus_iommu_probe');
  const replay = place.functions.indexOf('of_iommu_configure');
  const who: Claim =
    walk >= 0
      ? {
          text: 'the walk of a registration probed the device, after its driver was bound',
          lines: [place.lines[walk]!],
        }
      : replay >= 0
        ? { text: "the client's own replay probed the device, which no walk had", lines: [place.lines[replay]!] }
        : { text: 'a probe came to the device after its driver was bound', lines: [incident.span.line] };
  return [
    {
      text: '__iommu_probe_device() says that the device has a driver already: that was bound before the device was probed for its IOMMU',
      lines: [line],
    },
    who,
    {
      text: 'no memory fault is reported: the device goes on, and what DMA its driver set up before it was grouped bypasses the IOMMU',
      lines: [],
    },
  ];
}

export function lateProbeSentence(): string {
  return 'This WARNING is not the race between of_iommu_configure() and iommu_probe_device(), but a sibling of it, replay-vs-registration: a driver was bound to a client before the client was probed for its IOMMU.';
}

export function outsideTheModel(place: TracePlace): Claim {
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
export function another(answer: Answer): Claim {
  const { hypothesis, attribution, best, outcomes } = answer.fits[0]!;
  const { survives } = attribution;
  const cure =
    hypothesis === 'probe-vs-probe'
      ? 'and with the lock of 01657bc14a39 alone in none'
      : survives.includes(GLOBAL_LOCK)
        ? 'and a2e7e59a9426 does not change that'
        : 'and with a2e7e59a9426 in none';
  return {
    text: `the model (${modelOf(answer, best)}) reaches ${outcomes.map((o) => o.outcome).join(' or ')} in ${plural(best.crashing, 'interleaving')}, ${cure}`,
    lines: [],
  };
}

/** "era E, apple-dart, deferred-retry" */
export function modelOf({ era, driver }: Answer, { setUp }: Judgement): string {
  return `era ${era}, ${driver}, ${setUp.scenario.id}`;
}

export function unexplained(answer: Answer, observations: readonly Observation[]): Claim {
  const missing = observations.filter((_, i) => !answer.met[i]);
  const what = missing.length > 0 ? missing.map((o) => o.text).join('; ') : 'what else the log shows, all at once';
  return {
    text: `the model reaches this fault, but never together with this: ${what}`,
    lines: some(missing.map((o) => o.line)),
  };
}

export function unreachable(
  crash: Case,
  answers: readonly Answer[],
  eras: readonly EraId[],
  outside: string | null,
): Claim {
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
  if (answers.some((a) => a.placed)) {
    const searched = [...new Set(answers.flatMap((a) => a.searched))];
    const begun = [...new Set(answers.flatMap((a) => a.unfinished))];
    const open =
      begun.length === 0
        ? ''
        : `, and none was found in ${begun.join(', ')}, which ${begun.length === 1 ? 'was' : 'were'} not searched to the end`;
    return {
      text: `no interleaving of ${searched.join(', ')} in ${where} ends in ${access} in ${place.functions[0]}()${open}`,
      lines,
    };
  }
  const stranger = outside === null ? '' : `; ${outside} is not among its drivers`;
  return {
    text: `the model of ${where} has no access to dev->iommu or its objects at this place (${stack(place, 3)})${stranger}`,
    lines,
  };
}

export function beforeDevIommu(kernel: KernelIdentity): Claim {
  return {
    text: `${kernel.release ?? 'this kernel'} is older than v5.7: dev->iommu does not exist there, and the failing probe frees nothing that a translation uses`,
    lines: [],
  };
}

/** The release and the driver exclude each other. */
export function neverTogether({ driver, kernel }: Case, eras: readonly EraId[], drivers: readonly Driver[]): Claim {
  const why = drivers.map((d) => eras.map((era) => absence(d, era)).find((a) => a !== null)).find((a) => a != null);
  const which = kernel.release === null ? 'the kernel' : kernel.release;
  return {
    text: `${why ?? 'no kernel of these eras has the driver'}: either the tree of ${which} took it from a later one, or kernel and driver are not what they seem`,
    lines: driver.because.flatMap((c) => c.lines).slice(0, 1),
  };
}

export function eraInferred(era: EraId): Claim {
  return {
    text: `the code of era ${era} is inferred from the patches around it, not read in a tree of its release`,
    lines: [],
  };
}

export function driverOutside(name: string): Claim {
  return {
    text: `${name} is not a driver of the model; it was taken to store and test priv as drivers of its kind do`,
    lines: [],
  };
}

export function contradiction(crash: Case, without: Fit): Claim {
  return {
    text: `${crash.kernel.fix.status === 'absent' ? '' : 'contradiction: '}with a2e7e59a9426 the model reaches no such crash, and without it this one (${outcomesOf(without)})`,
    lines: some([crash.incident.at.cpu, crash.incident.at.address]),
  };
}

export const outcomesOf = ({ outcomes }: Fit) => outcomes.map((o) => o.outcome).join(' or ');

/** `exactly`: the log itself names what was accessed, not the address alone. */
export function contradictionSentence({ kernel }: Case, without: Fit, exactly: boolean): string {
  const who = kernel.release ?? 'this kernel';
  // --not-fixed was said, and the era's code has no form without the lock that a release ever had.
  if (kernel.fix.status === 'absent')
    return (
      `The crash is ${exactly ? 'exactly ' : ''}one that ${RACE} makes (${outcomesOf(without)}), and ${who} is said not to carry a2e7e59a9426. No release has this code without it, so that what ` +
      'the tree has instead is not known: the model was asked with its lock taken out, and the tree itself (--source DIR) has to show that it is so.'
    );
  const carries = kernel.fix.because.startsWith('--fixed') ? 'is said to carry' : 'carries';
  return (
    `The crash is ${exactly ? 'exactly ' : ''}one that ${RACE} makes (${outcomesOf(without)}), but ${who} ${carries} a2e7e59a9426, under which it is unreachable. ` +
    'Either the tree that was built lost or reverted the fix (then judge the log again with --not-fixed a2e7e59a9426), or something is at work that the model does not have.'
  );
}

export function dataRaceInFixed({ kernel }: Case): Claim {
  return {
    text: `${kernel.release ?? 'This kernel'} carries a2e7e59a9426, whose lock orders the two: either the tree that was built lost or reverted it, or something is at work that the model does not have`,
    lines: [],
  };
}

export function eraOpen(eras: readonly EraId[], cannot: readonly EraId[]): Claim {
  const not = cannot.length > 0 ? `, and in ${cannot.join(', ')} the model does not reach this crash` : '';
  return { text: `which code ran is not known: it may be of era ${eras.join(', ')}${not}`, lines: [] };
}

export function fixOpen(kernel: KernelIdentity): Claim {
  return {
    text: `whether the kernel carries a2e7e59a9426 is ${kernel.fix.status === 'unknown' ? 'not known' : 'in doubt'}: ${kernel.fix.because}. Without it this crash is one that the race makes; with it the model does not reach this crash, and it is another bug`,
    lines: [],
  };
}

/** Where the log names no driver: which ones the model reaches the crash with. Those with which it does not cannot be it. */
export function drivers({ driver }: Case, answers: readonly Answer[]): readonly Claim[] {
  const asked = [...new Set(answers.map((a) => a.driver))];
  if (driver.name !== null || asked.length < 2) return [];
  const can = asked.filter((name) => answers.some((a) => a.driver === name && a.fits.length > 0));
  const cannot = asked.length - can.length;
  const not =
    cannot === 0
      ? ''
      : `; with ${cannot === 1 ? 'the other one' : `the other ${cannot}`} that the log allows it does not`;
  return [
    { text: `the IOMMU driver is not named: the model reaches this crash with ${can.join(', ')}${not}`, lines: [] },
  ];
}

export function fieldOpen(fault: Fault, incident: Incident): Claim {
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

export function addressAndKernelLost({ fault, incident }: Case): Claim {
  return {
    text: `the report's head and its CPU line are lost: neither the address on the way to ${fault.fields.join(' or ')} nor the kernel is known`,
    lines: some([incident.span.line]),
  };
}

/** The release is a prefix: what holds of all releases that begin so. */
export function releaseCut({ cut, fix }: KernelIdentity): Claim {
  return { text: `${fix.because}, and with it the model does not reach this crash`, lines: some([cut?.line]) };
}

/** The address is cut, and nothing else says it. */
function whereAddress({ cuts }: Incident): string {
  const cut = cuts.find((c) => c.what === 'address');
  return cut === undefined ? 'the address is not in the log' : `the address is cut ("${cut.text}")`;
}

export function addressOpen(fault: Fault, incident: Incident): Claim {
  return {
    text: `${whereAddress(incident)}: that the pointer on the way to ${fault.fields.join(' or ')} was NULL is what the model offers, not what the log shows`,
    lines: some([incident.cuts.find((c) => c.what === 'address')?.line]),
  };
}

export function aroundTheRace(around: readonly Judgement[]): Claim {
  const j = around[0]!;
  return {
    text: j.serial
      ? 'the model reaches this crash with the threads run one after the other'
      : `in ${j.crashing - j.throughRace} of ${plural(j.crashing, 'interleaving')} that crash so, the sections that a2e7e59a9426 serialises do not overlap`,
    lines: [],
  };
}

export function notExhaustive(): Claim {
  return { text: 'the search ended at its budget and is not exhaustive', lines: [] };
}

export function rivalOpen(rival: Rival): Claim {
  return { text: `${rival.hypothesis} is not ruled out: ${rival.because}`, lines: rival.lines };
}
