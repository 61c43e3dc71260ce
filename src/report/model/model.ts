/** The model's own results in print: simulations, and what it knows. */

import type { KernelIdentity } from '../../reconstruct/types.ts';
import { DRIVERS } from '../../sim/drivers/models.ts';
import { DRIVER_NAMES } from '../../sim/drivers/names.ts';
import { ERAS } from '../../sim/eras/eras.ts';
import { ERA_ORDER, ERAS_WITH_FIX, ERAS_WITH_LOCK, MAINLINE_ERAS, STABLE_ERAS } from '../../sim/eras/releases.ts';
import type { CauseOfRun } from '../../sim/explain/explain.ts';
import { fixesIn, HYPOTHESES } from '../../sim/hypotheses/hypotheses.ts';
import type { Simulation } from '../../sim/simulate.ts';
import type { EraId, HypothesisId } from '../../sim/types.ts';
import { plural } from '../../words.ts';
import { sanitize, sanitizeAscii } from '../safe/sanitize.ts';
import { fixWords, shortCount } from '../story/wording.ts';
import { hang } from '../text/layout.ts';
import { causeLines } from '../text/replay.ts';
import { tableLines } from '../text/table.ts';

const WIDTH = 80;

/** A head and its rows. */
function table(head: readonly string[], rows: readonly (readonly string[])[], widths?: readonly number[]): string {
  return tableLines(
    [head, ...rows].map((row) => row.map(sanitizeAscii)),
    { widths },
  ).join('\n');
}

/** The release that ends the race for the users of a kernel. */
export interface FirstFixed {
  /** "6.1.y": the kernel's own branch. */
  readonly branch: string;
  /** `release` is of that branch; else the branch has none, and it is the next one that has the fix. */
  readonly ofBranch: boolean;
  readonly release: string;
  readonly commit: string;
  readonly era: EraId | null;
  /** "6.1.y has a2e7e59a9426 since 6.1.68" */
  readonly fact: string;
  /** Crashes of the race that the model reaches with that release's code: none, if all is well. Null where the model does not have it. */
  readonly reaches: readonly string[] | null;
}

/** What `--kernel` asks beside the exploration. */
export interface KernelAnswer {
  readonly release: string;
  readonly era: EraId;
  /** Why it is that era, and what the release string leaves open. */
  readonly because: readonly string[];
  readonly fix: KernelIdentity['fix'];
  readonly affected: boolean;
  /** The crashes that belong to the race. */
  readonly race: readonly string[];
  readonly firstFixed: FirstFixed | null;
}

/** A simulation, and what was found out about it. */
export interface SimulationPage {
  readonly simulation: Simulation;
  readonly hypothesis: HypothesisId | null;
  /** Which hypothesis each outcome belongs to; null where that was not asked and takes long to find out. */
  readonly belongs: ReadonlyMap<string, HypothesisId> | null;
  /** Of the first outcome; null where that is no crash. */
  readonly cause: CauseOfRun | null;
  readonly kernel: KernelAnswer | null;
}

const RACE: HypothesisId = 'xlate-vs-probe-free';

function kernelLines({ release, era, because, fix }: KernelAnswer): string[] {
  return [
    ...hang('kernel  ', `${release}: era ${era}. ${because.join('; ')}`, WIDTH),
    ...hang('fix     ', fixWords({ fix }), WIDTH),
  ];
}

/** "6.1.50 can crash this way", and where it ends. */
function answerLines(answer: KernelAnswer, { driver, scenario, exhaustive }: Simulation): string[] {
  const { release, affected, race, firstFixed, fix } = answer;
  const who = `${release} with ${driver}, ${scenario}`;
  const lines = affected
    ? [`${who}: can crash by the race ${RACE}, in ${plural(race.length, 'way')}`]
    : [
        `${who}: ${exhaustive ? 'cannot crash' : 'no crash was found, but not all was searched,'} by the race ${RACE}${fix.status === 'present' ? ` (it has ${fix.commit})` : ' in this scenario'}`,
      ];
  if (affected && firstFixed !== null) lines.push(fixedWords(firstFixed));
  return lines.flatMap((line) => hang('', sanitize(line), WIDTH));
}

function fixedWords({ branch, ofBranch, release, commit, era, reaches, fact }: FirstFixed): string {
  const proof =
    reaches === null
      ? ''
      : reaches.length === 0
        ? `; with its code (era ${era}) the model reaches none of them`
        : `; but with its code (era ${era}) the model still reaches ${reaches.join(', ')}`;
  const where = ofBranch
    ? `the first release of ${branch} that cannot: ${release} (${commit})`
    : `${fact}; the next release that has it: ${release}`;
  return where + proof;
}

/** The crashes by what they belong to, with the commits that close it. */
function belongLines({ simulation, belongs }: SimulationPage): string[] {
  if (belongs === null)
    return hang(
      '',
      'which hypotheses they belong to takes as many explorations again: --kernel or --hypothesis asks',
      WIDTH,
    );
  const crashes = simulation.outcomes.filter((o) => o.crash);
  return [...new Set(belongs.values())].flatMap((id) => {
    const own = crashes.filter((o) => belongs.get(o.outcome) === id);
    if (own.length === 0) return [];
    const fixes = fixesIn(HYPOTHESES.get(id)!, simulation.era);
    const closed = fixes.length > 0 ? `closed by ${fixes.join(', ')}` : 'closed by no commit that is known';
    // The table has named them; which ones they are need only be said where there are others.
    if (own.length === crashes.length)
      return hang('', `${own.length === 1 ? 'it belongs' : 'all of them belong'} to ${id} (${closed})`, WIDTH);
    return [
      ...hang('', `${plural(own.length, 'crash', 'crashes')} of ${id} (${closed}):`, WIDTH),
      ...own.map((o) => `  ${o.outcome}`),
    ];
  });
}

/** ", two entries in iommus, an instance up before", as far as it was asked for or makes a difference. */
function startWords({ iommus, earlier }: Simulation): string {
  const before = { none: '', one: ', an instance up before', any: ', with an instance up before and without' }[earlier];
  return `${iommus === 2 ? ', two entries in "iommus"' : ''}${before}`;
}

export function simulationText(page: SimulationPage): string {
  const { simulation: s, hypothesis, cause, kernel } = page;
  const rows = s.outcomes.map((o) => [
    o.outcome,
    o.crash ? 'crash' : 'quiet',
    o.serial ? 'yes' : 'no',
    o.preemptionsExact ? String(o.preemptions) : `at most ${o.preemptions}`,
    s.reduction ? 'not counted' : atLeast(s, o.interleavings),
  ]);
  const head = `${s.code ?? `era ${s.era}`}, ${s.driver}, ${s.scenario}${startWords(s)}, memory ${s.memory}, granularity ${s.granularity}${hypothesis === null ? '' : `, hypothesis ${hypothesis}`}`;
  const bounds = `${plural(s.bounds.threads, 'thread')}, ${plural(s.bounds.devices, 'client device')}, ${plural(s.bounds.instances, 'IOMMU instance')}`;
  const crashes = s.outcomes.filter((o) => o.crash).length;
  return [
    head,
    ...(kernel === null ? [] : kernelLines(kernel)),
    `${bounds}; ${s.states} states, ${s.transitions} transitions, ${s.reduction ? 'interleavings not counted' : `${atLeast(s, s.interleavings)} interleavings`}; ${extent(s)}`,
    crashes === 0
      ? `no crash${hypothesis === null ? '' : ` of ${hypothesis}`} is reachable`
      : `${plural(crashes, 'crash', 'crashes')} can be reached`,
    table(['outcome', 'end', 'serial', 'preemptions', 'interleavings'], rows),
    ...(hypothesis === null ? belongLines(page) : []),
    ...(cause === null ? [] : ['the first of them:', ...causeLines(cause)]),
    ...s.outcomes.slice(0, 1).map((o) => `to see the first of them step by step: oopsreplay replay ${o.witness}`),
    ...(kernel === null ? [] : answerLines(kernel, s)),
    '',
  ].join('\n');
}

/** A kernel without the code that the race needs. */
export function notAffectedText({ release, because }: KernelAnswer): string {
  return [...hang('', sanitize(`${release} is not affected: ${because.join('; ')}`), WIDTH), ''].join('\n');
}

function kernelJson({ release, era, because, fix, affected, race, firstFixed }: KernelAnswer) {
  return {
    release,
    era,
    because,
    fix: { commit: fix.commit, status: fix.status, because: fix.because },
    affected,
    race,
    firstFixed: firstFixed && {
      branch: firstFixed.branch,
      ofBranch: firstFixed.ofBranch,
      release: firstFixed.release,
      commit: firstFixed.commit,
      era: firstFixed.era,
      because: firstFixed.fact,
      reaches: firstFixed.reaches,
    },
  };
}

function atLeast({ countsExact }: Simulation, count: bigint): string {
  return `${countsExact ? '' : 'at least '}${shortCount(String(count))}`;
}

/** What the search covered, and how. */
function extent({ exhaustive, reduction, budget }: Simulation): string {
  const end = exhaustive ? 'exhaustive' : `NOT exhaustive: ended at its budget of ${plural(budget, 'state')}`;
  return reduction ? `${end}, with partial-order reduction` : end;
}

/** The object of CONTRACT, "simulate". */
export function simulationJson(
  { simulation: s, hypothesis, belongs, cause, kernel }: SimulationPage,
  milliseconds: number,
) {
  return {
    schema: 'oopsreplay/simulate/1',
    era: s.era,
    code: s.code,
    driver: s.driver,
    scenario: s.scenario,
    hypothesis,
    iommus: s.iommus,
    earlier: s.earlier,
    bounds: s.bounds,
    budget: s.budget,
    exhaustive: s.exhaustive,
    reduction: s.reduction,
    countsExact: s.countsExact,
    memory: s.memory,
    granularity: s.granularity,
    states: s.states,
    transitions: s.transitions,
    depth: s.depth,
    interleavings: s.interleavings.toString(),
    milliseconds,
    outcomes: s.outcomes.map((o) => ({
      ...o,
      interleavings: o.interleavings.toString(),
      hypothesis: belongs?.get(o.outcome) ?? null,
    })),
    cause: cause?.cause ?? null,
    kernel: kernel && kernelJson(kernel),
  };
}

export function eraRows(): string {
  const rows = ERA_ORDER.map((id) => {
    const from = MAINLINE_ERAS.find((m) => m.era === id)?.from;
    const stable = STABLE_ERAS.filter((s) => s.era === id).map((s) => `${s.branch}.${s.from}`);
    const since = [...(from ? [`v${from}`] : []), ...stable].join(', ') || 'before v5.7';
    const lock = ERAS_WITH_FIX.has(id)
      ? 'also around the translation'
      : ERAS_WITH_LOCK.has(id)
        ? 'inside __iommu_probe_device()'
        : 'none';
    const subject = MAINLINE_ERAS.find((m) => m.era === id);
    return [
      id,
      since,
      lock,
      ERAS.has(id) ? 'yes' : 'not affected',
      subject ? `${subject.commit ?? ''} ${subject.subject}`.trim() : '',
    ];
  });
  return `${table(['era', 'since', 'iommu_probe_device_lock', 'modelled', 'opened by'], rows)}\n`;
}

export function driverRows(): string {
  const stores = { priv_set: 'priv', add_ids: 'ids only', neither: 'nothing' } as const;
  const rows = [...DRIVERS.values()].map((d) => [d.name, stores[d.class], d.file]);
  const named = DRIVER_NAMES.map((d) => d.name).filter((name) => !DRIVERS.has(name));
  const more = named.length > 0 ? `recognised in logs, not modelled: ${named.join(', ')}\n` : '';
  return `${table(['driver', 'of_xlate stores', 'source'], rows)}\n${more}`;
}

export function hypothesisRows(): string {
  const rows = [...HYPOTHESES.values()].map((h) => [
    h.id,
    h.eras.join(' '),
    fixesIn(h, null).join(', ') || '-',
    h.scenario,
    h.means,
  ]);
  const widths = [32, 18, 16, 22, 48];
  return `${table(['hypothesis', 'eras', 'closed by', 'scenario', 'means'], rows, widths)}\n`;
}

/** What the three lists say, for programs. */
export function knownJson(list: 'kernels' | 'drivers' | 'hypotheses'): readonly object[] {
  switch (list) {
    case 'kernels':
      return ERA_ORDER.map((era) => {
        const main = MAINLINE_ERAS.find((m) => m.era === era);
        return {
          era,
          since: [
            ...MAINLINE_ERAS.filter((m) => m.era === era && m.from !== null).map((m) => `v${m.from}`),
            ...STABLE_ERAS.filter((s) => s.era === era).map((s) => `${s.branch}.${s.from}`),
          ],
          lock: ERAS_WITH_LOCK.has(era),
          fix: ERAS_WITH_FIX.has(era),
          modelled: ERAS.has(era),
          commit: main?.commit ?? null,
          subject: main?.subject ?? null,
        };
      });
    case 'drivers':
      return DRIVER_NAMES.map(({ name }) => {
        const driver = DRIVERS.get(name);
        return {
          driver: name,
          modelled: driver !== undefined,
          stores: driver?.class ?? null,
          file: driver?.file ?? null,
        };
      });
    case 'hypotheses':
      return [...HYPOTHESES.values()].map((h) => ({
        hypothesis: h.id,
        eras: h.eras,
        closedBy: fixesIn(h, null),
        scenario: h.scenario,
        means: h.means,
        shows: h.shows,
      }));
  }
}
