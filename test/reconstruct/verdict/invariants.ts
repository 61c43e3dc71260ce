/** What no verdict may break, whatever the log: DESIGN 5 as a check. Every violation is a sentence. */
import { agreement, shownOf } from '../../../src/reconstruct/evidence/access.ts';
import type { JudgedCrash, Triage, Verdict } from '../../../src/reconstruct/types.ts';
import { decodeReplay } from '../../../src/sim/explain/replay.ts';
import { rerun } from '../../../src/sim/explain/witness.ts';

const RACE = 'xlate-vs-probe-free';

export function violations(triage: Triage): readonly string[] {
  return [
    ...triage.crashes.flatMap((c) => ofCrash(c).map((v) => `line ${c.incident.span.line}: ${v}`)),
    ...ofKernel(triage),
  ];
}

function ofCrash(crash: JudgedCrash): readonly string[] {
  const { verdict } = crash;
  return [...agrees(crash), ...ofClass(crash), ...counts(verdict), ...attributed(verdict), ...explaining(verdict)];
}

/** Every outcome that is named fits what the report shows. */
function agrees({ incident, fault, verdict }: JudgedCrash): readonly string[] {
  if (fault === null)
    return verdict.outcomes
      .filter(() => incident.kind !== 'warning' && incident.kind !== 'other')
      .map((o) => `${o.outcome} of no memory fault`);
  return verdict.outcomes.flatMap(({ outcome }) => {
    const [, kind, field] = /^(\S+) (\S+) in /.exec(outcome)!;
    const how = agreement(shownOf(incident, fault), { kind: kind as 'null-read', field: field! });
    return how === 'contradicted' ? [`${outcome} contradicts the fault`] : [];
  });
}

function ofClass({ verdict, fault }: JudgedCrash): readonly string[] {
  const { explained, interleavings, rivals } = verdict;
  const bad: string[] = [];
  if (verdict.class === 'confirmed') {
    if (verdict.hypothesis !== RACE) bad.push(`confirmed for ${verdict.hypothesis}`);
    if (explained.k !== explained.n || explained.firstUnexplained !== null)
      bad.push(`confirmed with ${explained.k} of ${explained.n}`);
    if (interleavings === null || interleavings.crashing === '0') bad.push('confirmed without an interleaving');
    else if (interleavings.throughRace !== interleavings.crashing) bad.push('confirmed, not all through the race');
    if (rivals.some((r) => r.status !== 'refuted')) bad.push('confirmed with a rival open');
    if (verdict.outcomes.length === 0 || verdict.outcomes.some((o) => o.hypothesis !== RACE))
      bad.push('confirmed with an outcome of another hypothesis, or none');
    if (verdict.witness === null) bad.push('confirmed without a witness');
    else {
      const end = endsIn(verdict.witness);
      if (!verdict.outcomes.some((o) => o.outcome === end)) bad.push(`the witness ends in ${end}`);
    }
    if (verdict.contradiction) bad.push('confirmed, and a contradiction');
    if (fault === null) bad.push('confirmed without a fault');
    if (verdict.search === null || !verdict.search.exhaustive) bad.push('confirmed by a search that is not exhaustive');
  }
  if (verdict.class === 'possible' && verdict.hypothesis !== RACE) bad.push('possible, and not of the race');
  if (verdict.class === 'excluded' && verdict.outcomes.some((o) => o.hypothesis === RACE))
    bad.push('excluded with an outcome of the race that fits');
  if (
    verdict.class === 'excluded' &&
    verdict.hypothesis !== null &&
    verdict.outcomes.length > 0 &&
    !verdict.outcomes.some((o) => o.hypothesis === verdict.hypothesis)
  )
    bad.push(`excluded by ${verdict.hypothesis}, which has no outcome that fits`);
  if (/null|undefined|NaN/.test(verdict.sentence.replace(/null-(?:read|write)/g, '')))
    bad.push(`the sentence says ${verdict.sentence}`);
  return bad;
}

/** What a replay of the witness comes to; without KASAN a use-after-free shows only behind the step that goes on. */
function endsIn(witness: string): string | null {
  const decoded = decodeReplay(witness);
  if (!decoded.ok) return decoded.why;
  const last = rerun(decoded.setUp, decoded.threads).witness.steps.at(-1);
  return last?.outcome ?? last?.unnoticed ?? null;
}

function counts({ interleavings, outcomes, outcome }: Verdict): readonly string[] {
  const bad: string[] = [];
  if (interleavings && BigInt(interleavings.crashing) > BigInt(interleavings.all))
    bad.push('more crash than there are');
  if (outcomes.some((o) => o.crashing === '0')) bad.push('an outcome that fits in no interleaving');
  const names = new Set(outcomes.map((o) => o.outcome));
  if (outcome !== null && (names.size !== 1 || !names.has(outcome)))
    bad.push(`the outcome is ${outcome}, of ${[...names].join()}`);
  return bad;
}

/** Who explains a crash does so by a search of its own, or it is said that the log alone says it; none does by explaining nothing. */
function explaining({ class: is, rivals, explained }: Verdict): readonly string[] {
  const all = rivals.filter((r) => r.status === 'explains');
  return [
    ...all.flatMap(({ hypothesis, own, because }) => {
      if (hypothesis === RACE) return [`${is}, and the race is said to explain it`];
      if (own === undefined) return [`${hypothesis} explains by nobody knows what`];
      if (own === null) return because.includes('not modelled here') ? [] : [`${hypothesis} explains without a search`];
      const { k, n } = own.explained;
      return k === n && n > 0 && own.crashing !== '0' ? [] : [`${hypothesis} explains ${k} of ${n}`];
    }),
    ...(all.length > 0 && explained.k === 0 && explained.n > 0 ? [`explained 0 of ${explained.n} by a rival`] : []),
  ];
}

/** One outcome, one owner. */
function attributed({ outcomes }: Verdict): readonly string[] {
  const keys = outcomes.map((o) => `${o.hypothesis} ${o.outcome}`);
  return keys.length === new Set(keys).size ? [] : ['an outcome is named twice'];
}

function ofKernel({ verdict, kernel }: Triage): readonly string[] {
  if (verdict.class !== 'confirmed') return [];
  return [
    ...(kernel.fix.status === 'absent' ? [] : [`confirmed, the fix is ${kernel.fix.status}`]),
    // A release of which the beginning is left is enough where all that begin so are one era, and the user says what the tree has.
    ...(kernel.era === null || (kernel.release === null && kernel.cut === undefined)
      ? ['confirmed, the kernel is not known']
      : []),
    ...(kernel.cut !== undefined && kernel.fix.because.search(/--(?:not-)?fixed|--source|--git/) < 0
      ? ['confirmed, the release is cut']
      : []),
  ];
}
