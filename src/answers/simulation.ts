/** From the options of `simulate` to its page: which code, which set-up, what the search found and whose it is. */
import { parseLog } from '../parser/parse.ts';
import { againstRelease, codesByRelease } from '../reconstruct/kernel/against-source.ts';
import { codeOf as codeOfKernel } from '../reconstruct/kernel/code.ts';
import { driverByName } from '../reconstruct/kernel/driver.ts';
import { identifyKernel } from '../reconstruct/kernel/kernel.ts';
import { codesOf } from '../reconstruct/kernel/source/codes.ts';
import type { SourceReading } from '../reconstruct/kernel/source/types.ts';
import type { GivenCode, KernelIdentity } from '../reconstruct/types.ts';
import { changeJson, changeText } from '../report/model/change.ts';
import { dotText } from '../report/model/dot.ts';
import { notAffectedText, type SimulationPage, simulationJson, simulationText } from '../report/model/model.ts';
import { jsonText } from '../report/safe/sanitize.ts';
import { absence } from '../sim/drivers/exists.ts';
import { DRIVERS } from '../sim/drivers/models.ts';
import { ERAS } from '../sim/eras/eras.ts';
import { withoutUnused } from '../sim/eras/overrides.ts';
import { withFeatures } from '../sim/eras/record.ts';
import { type CauseOfRun, causeOfRun, EXPLAIN_BUDGET } from '../sim/explain/explain.ts';
import { decodeReplay } from '../sim/explain/replay.ts';
import { DEFAULT_BUDGET, type Graph } from '../sim/explore/graph.ts';
import { attributed, attributedFromStarts } from '../sim/explored.ts';
import { HYPOTHESES, type Hypothesis } from '../sim/hypotheses/hypotheses.ts';
import type { EraCode } from '../sim/procedures/code.ts';
import { toPromela } from '../sim/promela/promela.ts';
import { build, misfit, SCENARIOS, type SetUp } from '../sim/scenarios.ts';
import { type Simulation, search, searchStarts } from '../sim/simulate.ts';
import type { HypothesisId } from '../sim/types.ts';
import { UsageError } from '../usage.ts';
import { answerFor, notAffected } from './kernel.ts';

export interface SimulateOptions {
  readonly kernel?: string;
  readonly era?: string;
  readonly code?: string;
  readonly source?: string;
  readonly git?: string;
  readonly set?: string;
  readonly iommus?: '1' | '2';
  readonly earlier?: 'none' | 'one' | 'any';
  readonly driver: string;
  readonly scenario?: string;
  readonly hypothesis?: string;
  readonly memory: 'kasan' | 'plain';
  readonly granularity: 'compiled' | 'source' | 'merged';
  readonly fixed?: readonly string[];
  readonly notFixed?: readonly string[];
  readonly reduction?: boolean;
  readonly budget?: number;
  /** `table`: as text. */
  readonly format: 'text' | 'table' | 'json' | 'dot' | 'promela';
}

/** What a command can do and a page cannot: read the files and trees that are named, and warn on standard error. */
export interface Reader {
  /** What the tree shows that --source or --git names; null without one. */
  readonly tree: () => SourceReading | null;
  readonly code: (path: string) => GivenCode;
  readonly warn: (text: string) => void;
}

const NO_READER: Reader = {
  tree: () => null,
  code: (path) => {
    throw new UsageError(`--code ${path}: cannot be read here`);
  },
  warn: () => {},
};

function one<T>(what: string, name: string, known: ReadonlyMap<string, T>): T {
  const found = known.get(name);
  if (found === undefined)
    throw new UsageError(`the model has no ${what} ${name}; it has ${[...known.keys()].join(', ')}`);
  return found;
}

/** The kernel that --kernel names, with what --fixed and --not-fixed say of it. Throws UsageError where its era cannot be told. */
function identityOf(
  kernel: string,
  { fixed = [], notFixed = [] }: SimulateOptions,
  source: SourceReading | null = null,
): KernelIdentity {
  const noLog = parseLog(new Uint8Array(0), { name: '--kernel' })[0]!;
  const identity = identifyKernel(noLog, null, { kernel, fixed, notFixed, ...(source && { source }) });
  if (identity.era === null) {
    throw new UsageError(
      `the era of ${kernel} cannot be told (${identity.eras.join(' or ') || 'none fits'}): ${identity.fix.because}; name one with --era`,
    );
  }
  return identity;
}

/** What names the code: a kernel (perhaps with its tree), a tree alone, an era, or a record. */
interface Named {
  readonly kernel: KernelIdentity | null;
  readonly reading: SourceReading | null;
}

/** Throws UsageError where not exactly one of them names it. */
function namedBy(options: SimulateOptions, { tree: read }: Reader): Named {
  const tree = options.source !== undefined || options.git !== undefined;
  const given = [
    ...(['era', 'code'] as const).filter((name) => options[name] !== undefined).map((name) => `--${name}`),
    ...(options.kernel === undefined ? [] : ['--kernel']),
    ...(tree && options.kernel === undefined ? [options.source === undefined ? '--git' : '--source'] : []),
  ];
  if (given.length > 1) throw new UsageError(`${given.join(' and ')} both name the code; give one`);
  if (given.length === 0)
    throw new UsageError('simulate needs --kernel VERSION, --era ID, --code FILE, --source DIR or --git DIR');
  const reading = tree ? read() : null;
  return { reading, kernel: options.kernel === undefined ? null : identityOf(options.kernel, options, reading) };
}

/** The code of a tree that showed all of it. Throws UsageError, with what is not seen, where it did not. */
function codeRead(reading: SourceReading): EraCode {
  const { codes, why } = codesOf(reading);
  if (codes.length === 1) return codes[0]!;
  const open = reading.features.flatMap((f) => (f.why === null ? [] : [`${f.feature} (${f.why})`]));
  throw new UsageError(
    `${reading.tree}: ${why ?? `it may be ${codes.length} codes, as this is not seen: ${open.join('; ')}`}`,
  );
}

/** The code that was asked about. Throws UsageError where there is none such. */
function codeOf({ era, code }: SimulateOptions, { kernel, reading }: Named, read: Reader): EraCode {
  if (code !== undefined) return read.code(code).code;
  if (kernel === null && reading !== null) return codeRead(reading);
  return (kernel?.era && codeOfKernel(kernel, kernel.era)) || one('era', era!, ERAS);
}

/** Where the tree contradicts the release that was named beside it. */
function warnAgainst(options: SimulateOptions, { kernel, reading }: Named, { warn }: Reader): void {
  if (kernel === null || reading === null || options.kernel === undefined) return;
  const byName = identifyKernel(parseLog(new Uint8Array(0), { name: '--kernel' })[0]!, null, {
    kernel: options.kernel,
  });
  for (const text of againstRelease(reading, byName.release, byName.version ?? null, codesByRelease(byName)))
    warn(`warning OR404: ${text}; the tree was taken`);
}

/** The same with --set; null without. Throws UsageError where no tree can be so. */
function changedCode(code: EraCode, { set }: SimulateOptions): EraCode | null {
  if (set === undefined) return null;
  const made = withFeatures(code, set);
  if (!made.ok) throw new UsageError(`--set ${set}: ${made.why}`);
  return made.code;
}

/** The hypothesis that --hypothesis names, or null. Throws UsageError where there is none such. */
function hypothesisOf({ hypothesis }: SimulateOptions): Hypothesis | null {
  return hypothesis === undefined ? null : one('hypothesis', hypothesis, HYPOTHESES as ReadonlyMap<string, Hypothesis>);
}

/** The longest part of a page's work. */
function pageOf(
  setUp: SetUp,
  { simulation: whole, graph }: ReturnType<typeof search>,
  identity: KernelIdentity | null,
  hypothesis: HypothesisId | null,
  any: boolean,
): SimulationPage {
  const asked = identity !== null || hypothesis !== null;
  // What a fix leaves can be told of searches that came to their end only.
  const whose = whole.exhaustive && (asked || whole.states <= EXPLAIN_BUDGET.states);
  const belongs = whose ? (any ? attributedFromStarts : attributed)(setUp) : null;
  const simulation =
    hypothesis === null
      ? whole
      : { ...whole, outcomes: whole.outcomes.filter((o) => belongs?.get(o.outcome) === hypothesis) };
  const race = whole.outcomes
    .filter((o) => o.crash && belongs?.get(o.outcome) === 'xlate-vs-probe-free')
    .map((o) => o.outcome);
  return {
    simulation,
    hypothesis,
    belongs,
    cause: graph && causeOfFirst(graph, simulation),
    kernel: identity && answerFor(identity, setUp, race),
  };
}

/** Why the first outcome comes to be, where that is a crash. */
function causeOfFirst(graph: Graph, { outcomes }: Simulation): CauseOfRun | null {
  const first = outcomes[0];
  const decoded = first?.crash ? decodeReplay(first.witness) : null;
  return decoded?.ok ? causeOfRun(graph, decoded.threads, first!.outcome) : null;
}

/** What there is to say of a kernel without dev->iommu: no exploration, since there is nothing to explore. */
function olderThanTheRace(options: SimulateOptions, identity: KernelIdentity): string {
  const driver = one('driver', driverByName(options.driver) ?? options.driver, DRIVERS).name;
  const hypothesis = hypothesisOf(options);
  const scenario = one('scenario', options.scenario ?? hypothesis?.scenario ?? 'deferred-retry', SCENARIOS);
  const kernel = notAffected(identity);
  if (options.format === 'text' || options.format === 'table') return notAffectedText(kernel);
  if (options.format !== 'json') throw new UsageError(`there is no model of era A: ${kernel.because[0]}`);
  const { memory, granularity } = options;
  const bounds = {
    threads: Number(scenario.client) + scenario.walks || 1,
    devices: scenario.devices ?? 1,
    instances: scenario.walks,
  } as const;
  const nothing = { states: 0, transitions: 0, depth: 0, interleavings: 0n, outcomes: [], exhaustive: true };
  const searched = { budget: DEFAULT_BUDGET.states, reduction: false, countsExact: true };
  const simulation: Simulation = {
    era: 'A',
    code: null,
    driver,
    scenario: scenario.id,
    memory,
    granularity,
    iommus: 1,
    earlier: 'none',
    bounds,
    ...searched,
    ...nothing,
  };
  return `${jsonText(simulationJson({ simulation, hypothesis: hypothesis?.id ?? null, belongs: new Map(), cause: null, kernel }, 0), 2)}\n`;
}

/** The text that the options ask for. Throws UsageError where they cannot be meant. */
export function simulationFor(options: SimulateOptions, reader: Reader = NO_READER): string {
  const hypothesis = hypothesisOf(options);
  const named = namedBy(options, reader);
  const { kernel, reading } = named;
  warnAgainst(options, named, reader);
  if (reading?.devIommu.values.every((is) => is === false))
    return olderThanTheRace(options, { ...identityOf('v5.6', {} as SimulateOptions), release: reading.tree });
  if (kernel?.era === 'A') return olderThanTheRace(options, kernel);
  if (options.era === 'A')
    return olderThanTheRace(options, { ...identityOf('v5.6', {} as SimulateOptions), release: null });
  const code = codeOf(options, named, reader);
  const changed = changedCode(code, options);
  const setUp: SetUp = withoutUnused({
    era: code,
    driver: one('driver', driverByName(options.driver) ?? options.driver, DRIVERS),
    scenario: one('scenario', options.scenario ?? hypothesis?.scenario ?? 'deferred-retry', SCENARIOS),
    memory: options.memory,
    granularity: options.granularity,
    ...(options.iommus === '2' ? { iommus: 2 as const } : {}),
    ...(options.earlier === 'one' ? { earlier: true } : {}),
  });
  if (setUp.iommus === 2 && setUp.scenario.entries !== undefined)
    throw new UsageError(`--iommus 2: the scenario ${setUp.scenario.id} has entries of its own`);
  const any = options.earlier === undefined || options.earlier === 'any';
  const set: SetUp | null = changed && { ...setUp, era: changed };
  const never = absence(setUp.driver, setUp.era.id) ?? misfit(setUp.scenario, setUp.driver);
  if (never) throw new UsageError(never);
  if (options.format === 'promela') return toPromela(set ?? setUp);
  const started = performance.now();
  const explored = (of: SetUp, identity: KernelIdentity | null): SimulationPage => {
    const { budget, reduction } = options;
    const how = {
      ...(budget === undefined ? {} : { states: budget }),
      ...(reduction === undefined ? {} : { reduction }),
    };
    const found = any ? searchStarts(of, how) : search(build(of), of, how);
    return pageOf(of, found, identity, hypothesis?.id ?? null, any);
  };
  if (options.format === 'dot') return dotText(set ?? setUp, explored(set ?? setUp, null).simulation);
  const page = explored(setUp, kernel);
  const other = set && explored(set, null);
  const milliseconds = Math.round(performance.now() - started);
  if (options.format === 'json') {
    const whole = simulationJson(page, milliseconds);
    return `${jsonText(other === null ? whole : { ...whole, set: changeJson(options.set!, page, other) }, 2)}\n`;
  }
  return other === null ? simulationText(page) : `${simulationText(page)}\n${changeText(options.set!, page, other)}`;
}
