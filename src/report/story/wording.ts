/** The words of a verdict, the same in every format. Each takes its facts from the triage alone and adds none. */

import { titleName } from '../../parser/title/frames.ts';
import type { FlipCause, JudgedCrash, KernelIdentity, Triage, Verdict, VerdictClass } from '../../reconstruct/types.ts';
import { nameOfCode } from '../../sim/eras/record.ts';
import type { HypothesisId } from '../../sim/types.ts';
import { plural, titleWords } from '../../words.ts';

/** What each hypothesis is, for a reader who meets its name for the first time. */
export const HYPOTHESES: Readonly<Record<HypothesisId, string>> = {
  'xlate-vs-probe-free': 'of_iommu_configure() against the error exit of __iommu_probe_device() on the same device',
  'probe-vs-probe': 'two __iommu_probe_device() on one device at once',
  'replay-vs-registration': "the client's replayed probe against a registration",
  'default-domain': 'the default domain was used before it was set up',
  'dma-configure-toctou': 'dev->driver changed between its test and its use in a dma_configure callback',
  'release-vs-xlate': 'iommu_release_device() against of_iommu_configure()',
  'driver-data-after-registration':
    'the IOMMU driver registered before it had set its own data (no race of two probes)',
  'probed-twice': 'a walk probed a client again that another walk had probed, and took its dev->iommu away',
  'second-provider': 'msm_iommu followed a master that it no longer had in priv (no race)',
  'priv-without-fwspec': 'the driver used priv where no fwspec had been made (no race)',
};

export const HEADLINE: Readonly<Record<VerdictClass, string>> = {
  confirmed: 'CONFIRMED',
  possible: 'POSSIBLE',
  excluded: 'NOT THIS RACE',
  insufficient: 'INSUFFICIENT',
  'no-crash': 'NO CRASH',
};

/** A class in a sentence: "no crash". */
export function classWords(verdict: VerdictClass): string {
  return HEADLINE[verdict].toLowerCase();
}

/** Which way of the model it is, in the model's own words: for who knows them. */
export function headlineRest(verdict: Verdict): string {
  const { hypothesis } = verdict;
  const own = verdict.outcomes.filter((o) => o.hypothesis === hypothesis).map((o) => o.outcome);
  const outcome = own.length === 0 ? verdict.outcome : own.join(' or ');
  switch (verdict.class) {
    case 'confirmed':
      return `the race ${hypothesis}${outcome === null ? '' : `: ${outcome}`}`;
    case 'possible':
      if (verdict.contradiction)
        return 'a contradiction: the kernel carries the fix, and the log shows what it prevents';
      return `fits the race xlate-vs-probe-free, not proved${outcome === null ? '' : `: ${outcome}`}`;
    case 'excluded':
      return hypothesis === null ? 'not the race' : `not the race; explained by ${hypothesis}`;
    case 'insufficient':
      return verdict.sentence === 'No kernel log is in this input.'
        ? 'no kernel log is in this input'
        : 'too little is left to judge';
    case 'no-crash':
      return 'nothing in this log is a crash';
  }
}

/** What follows the headline's word: the crash by the name that everybody else has for it. */
export function headlineOf(triage: Triage): string {
  const { verdict } = triage;
  const crash = decidingCrash(triage);
  if (crash === null) return headlineRest(verdict);
  const title = titleWords(crash.incident.title);
  if (verdict.class !== 'excluded') return title;
  return [
    titleWithModule(crash),
    ...taskWords(crash),
    ...(triage.kernel.release === null ? [] : [triage.kernel.release]),
  ].join(', ');
}

/** "kernel BUG in labmisc_probe [labmisc]". */
function titleWithModule({ incident: { title, pc, frames } }: JudgedCrash): string {
  const own = [pc, ...frames].find(
    (frame) => frame !== null && frame.module !== null && title.endsWith(` in ${titleName(frame.symbol)}`),
  );
  return own == null ? titleWords(title) : `${title} [${own.module}]`;
}

function taskWords({ incident: { comm, cpu, pid } }: JudgedCrash): readonly string[] {
  const task = comm ?? (pid === null ? null : `pid ${pid}`);
  return [...(task === null ? [] : [task]), ...(cpu === null ? [] : [`CPU ${cpu}`])];
}

const BUG = "two threads set up one device's IOMMU at once";
const FIXED_BY = 'a2e7e59a9426 (v6.7)';

/** Whether this kernel has the fix, to stand behind its name. */
function hasFix({ fix, release }: KernelIdentity): string {
  const kernel = release ?? 'this kernel';
  if (fix.status === 'absent') return `which ${kernel} does not have`;
  return fix.status === 'present' ? `which ${kernel} has` : `and whether ${kernel} has that is not known`;
}

/** The verdict for somebody who never heard of the race; null where the verdict's own sentence does it, or the kind of the report. */
export function plainWords({ verdict, kernel, crashes }: Triage): string | null {
  switch (verdict.class) {
    case 'confirmed':
      return `A known bug of the kernel, not of your driver: ${BUG}. Fixed upstream by ${FIXED_BY}, ${hasFix(kernel)}.`;
    case 'possible':
      return verdict.contradiction
        ? `It looks like a known bug of the kernel (${BUG}), but this kernel carries the fix, ${FIXED_BY}: either its tree has lost it, or this is another bug.`
        : `It may be a known bug of the kernel, not of your driver: ${BUG}. Fixed upstream by ${FIXED_BY}, ${hasFix(kernel)}.`;
    case 'insufficient':
      return crashes.length === 0
        ? null
        : `Too little is left of it to say whether it is a known bug of the kernel (${BUG}; fixed by ${FIXED_BY}).`;
    case 'excluded':
    case 'no-crash':
      return null;
  }
}

/** Does the sentence say more than the headline above it? */
export function saysMore(verdict: Verdict): boolean {
  return verdict.sentence.toLowerCase() !== `${headlineRest(verdict)}.`.toLowerCase();
}

/** More eras than these are as good as all of them. */
const ERAS_LISTED = 4;

function noRelease({ cut }: KernelIdentity): string {
  return cut === undefined ? 'release not in the log' : `release cut to "${cut.prefix}" in line ${cut.line}`;
}

/** "6.5.6-403.asahi (arm64), era E, driver apple-dart"; null where the log and the options say nothing. Without `code`: the release alone. */
export function kernelWords(kernel: KernelIdentity, code = true): string | null {
  const open = kernel.eras.length > ERAS_LISTED ? 'any era' : `era ${kernel.eras.join(' or ')}`;
  const own = kernel.code ? nameOfCode(kernel.code) : `era ${kernel.era}`;
  const eras = kernel.era !== null ? own : kernel.eras.length > 0 ? open : null;
  const release = kernel.release === null ? null : kernel.release + (kernel.arch === null ? '' : ` (${kernel.arch})`);
  const driver = kernel.driver === null ? null : `driver ${kernel.driver}`;
  const parts = [release ?? (kernel.arch === null ? null : kernel.arch), ...(code ? [eras, driver] : [])].filter(
    (part) => part !== null,
  );
  return parts.length === 0 ? null : (release === null ? [noRelease(kernel), ...parts] : parts).join(', ');
}

/** The fix's status and why, to stand after a label; the commit is named once. */
export function fixWords({ fix }: Pick<KernelIdentity, 'fix'>): string {
  return fix.because.includes(fix.commit)
    ? `${fix.status}: ${fix.because}`
    : `${fix.commit} ${fix.status}: ${fix.because}`;
}

/** The fix as a fact of a report's head; null where neither the log nor the options say which kernel it is. */
export function fixFact(kernel: KernelIdentity): string | null {
  // Nothing to be fixed: there is no dev->iommu yet.
  if (kernel.era === 'A') return `not affected: ${kernel.fix.because}`;
  return kernel.release === null && kernel.era === null && kernel.cut === undefined ? null : fixWords(kernel);
}

/** Our sentences mark code with backticks, for markdown; on a terminal they would only be in the way. */
export function withoutMarks(text: string): string {
  return text.replace(/`([^`]+)`/g, '$1');
}

/** Where the crash stands: "line 7, CPU 2, kworker/u16:1 (pid 12), workqueue events_unbound ...". */
export function placeWords({ incident }: JudgedCrash): string {
  const task =
    incident.comm === null
      ? incident.pid === null
        ? null
        : `pid ${incident.pid}`
      : incident.comm + (incident.pid === null ? '' : ` (pid ${incident.pid})`);
  return [
    `line ${incident.span.line}`,
    incident.cpu === null ? null : `CPU ${incident.cpu}`,
    task,
    incident.workqueue === null ? null : `workqueue ${incident.workqueue}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** "write of `dev_iommu.priv`"; null where the fault leads to no field. */
export function faultWords({ fault }: JudgedCrash): string | null {
  if (fault === null || fault.fields.length === 0) return null;
  return `${fault.access ?? 'access'} of ${fault.fields.map((field) => `\`${field}\``).join(' or ')}`;
}

/** "explained 5 of 5 observations", with the first that is not; null where the model was not asked, or nothing was to be explained. */
export function explainedWords(verdict: Verdict): string | null {
  const { k, n, firstUnexplained } = verdict.explained;
  if (n === 0 || verdict.search === null) return null;
  const rest = firstUnexplained === null ? '' : `; the first that is not is line ${firstUnexplained}`;
  return `explained ${k} of ${plural(n, 'observation')}${rest}`;
}

/** Decimal strings up to 12 digits as they are, longer ones rounded to 8.3e18: a reader compares magnitudes, reports and JSON have the digits. */
export function shortCount(decimal: string): string {
  return decimal.length <= 12 ? decimal : Number(decimal).toExponential(1).replace('+', '');
}

/**
 * How many interleavings fit the log and end in its crash, and in how many of those the fix would have kept the threads apart; null where
 * nothing was counted. A log that shows its crash has no other that fits, so the two figures are one then.
 */
export function interleavingWords(verdict: Verdict, count: (decimal: string) => string = shortCount): string | null {
  const counts = verdict.interleavings;
  if (counts === null) return null;
  const { all, consistent, crashing, throughRace } = counts;
  if (all === '0') return null;
  const fit =
    consistent === crashing
      ? `${count(crashing)} of ${count(all)} interleavings fit the log and end in this crash`
      : `${count(consistent)} of ${count(all)} interleavings fit the log, and ${count(crashing)} of these end in this crash`;
  if (crashing === '0') return fit;
  const through = throughRace === crashing ? 'all' : throughRace === '0' ? 'none' : count(throughRace);
  return `${fit}; in ${through} of them the sections that a2e7e59a9426 serialises overlap`;
}

/** What the search covered; null where there was none. */
export function searchWords(verdict: Verdict): string | null {
  const search = verdict.search;
  if (search === null) return null;
  return (
    `searched era ${search.era}, ${search.driver}, scenario ${search.scenario}: ${plural(search.threads, 'thread')}, ` +
    `${plural(search.devices, 'device')}, ${plural(search.instances, 'IOMMU instance')}; ${plural(search.states, 'state')}, ` +
    (search.exhaustive ? 'exhaustive' : 'NOT exhaustive')
  );
}

/** How the model took memory and accessors; null where it was not asked. */
export function modelWords({ search }: Verdict): string | null {
  return search === null ? null : `memory: ${search.memory}, granularity: ${search.granularity}`;
}

/** What the two steps of the flip test are, right before they are named. */
export const CAUSE_LEAD =
  'Every interleaving that fits the log and ends in this crash has these two steps in this order; with the two reversed, none is left:';

/** The two steps of the flip test, for the diagram to draw. */
export function causeSteps(cause: FlipCause | null): readonly string[] {
  return cause === null ? [] : [cause.before, cause.after];
}

/** The crash that the top-level verdict comes from: the first of its class. Null without crashes. */
export function decidingCrash(triage: Triage): JudgedCrash | null {
  return triage.crashes.find((crash) => crash.verdict.class === triage.verdict.class) ?? triage.crashes[0] ?? null;
}

/** "boot.log", or "boot.log (boot 2 of 3)" where a file held several. */
export function sourceWords(triage: Triage): string {
  const { name, boot, boots, goesOn } = triage.log.source;
  // A large input is judged boot by boot: how many there are is not known yet.
  if (goesOn) return `${name} (boot ${boot + 1})`;
  return boots > 1 ? `${name} (boot ${boot + 1} of ${boots})` : name;
}
