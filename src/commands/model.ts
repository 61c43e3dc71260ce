/** What `simulate`, `replay` and the lists do once they are asked; loaded only then. */
import { UsageError } from '../exit.ts';
import { parseLog } from '../parser/parse.ts';
import { driverByName } from '../reconstruct/driver.ts';
import { identifyKernel } from '../reconstruct/kernel.ts';
import { driverRows, eraRows, hypothesisRows, replayText, simulationJson, simulationText } from '../report/model.ts';
import { jsonText } from '../report/sanitize.ts';
import { DRIVERS } from '../sim/drivers/models.ts';
import { ERAS } from '../sim/eras/eras.ts';
import { crashesOf, EXPLORED } from '../sim/hypotheses/explored.ts';
import { HYPOTHESES, type Hypothesis } from '../sim/hypotheses/hypotheses.ts';
import { toPromela } from '../sim/promela.ts';
import { decodeReplay } from '../sim/replay.ts';
import { SCENARIOS, type SetUp } from '../sim/scenarios.ts';
import { simulate } from '../sim/simulate.ts';
import type { HypothesisId } from '../sim/types.ts';
import { rerun } from '../sim/witness.ts';
import type { SimulateOptions } from './simulate.ts';

function one<T>(what: string, name: string, known: ReadonlyMap<string, T>): T {
  const found = known.get(name);
  if (found === undefined)
    throw new UsageError(`the model has no ${what} ${name}; it has ${[...known.keys()].join(', ')}`);
  return found;
}

/** The era that --era or --kernel names. Throws UsageError where that is none, or one that this version does not model. */
function eraOf(options: SimulateOptions) {
  if (options.era !== undefined && options.kernel !== undefined)
    throw new UsageError('--era and --kernel both name the code; give one');
  if (options.era !== undefined) return one('era', options.era, ERAS);
  if (options.kernel === undefined) throw new UsageError('simulate needs --kernel VERSION or --era ID');
  const { kernel, fixed = [], notFixed = [] } = options;
  const noLog = parseLog(new Uint8Array(0), { name: '--kernel' })[0]!;
  const identity = identifyKernel(noLog, null, { kernel, fixed, notFixed });
  if (identity.era === null) {
    throw new UsageError(
      `the era of ${kernel} cannot be told (${identity.eras.join(' or ') || 'none fits'}): ${identity.fix.because}; name one with --era`,
    );
  }
  return one('era', identity.era, ERAS);
}

/** The hypothesis that --hypothesis names, or null. Throws UsageError where there is none such, or the model does not explore it. */
function hypothesisOf({ hypothesis }: SimulateOptions): HypothesisId | null {
  if (hypothesis === undefined) return null;
  const { id } = one('hypothesis', hypothesis, HYPOTHESES as ReadonlyMap<string, Hypothesis>);
  if (!EXPLORED.has(id))
    throw new UsageError(`${id} is judged by place and era only; the model explores ${[...EXPLORED].join(', ')}`);
  return id;
}

/** The scenario in which a hypothesis is at home. */
function scenarioFor(hypothesis: HypothesisId | null): string {
  if (hypothesis === 'priv-without-fwspec') return hypothesis;
  return hypothesis === 'probe-vs-probe' ? 'walks-only' : 'deferred-retry';
}

export async function printSimulation(options: SimulateOptions): Promise<string> {
  const hypothesis = hypothesisOf(options);
  const setUp: SetUp = {
    era: eraOf(options),
    driver: one('driver', driverByName(options.driver) ?? options.driver, DRIVERS),
    scenario: one('scenario', options.scenario ?? scenarioFor(hypothesis), SCENARIOS),
    memory: options.memory,
    granularity: options.granularity,
  };
  if (options.format === 'promela') return toPromela(setUp);
  const started = performance.now();
  const { budget, reduction } = options;
  const whole = simulate(setUp, {
    ...(budget ? { states: budget } : {}),
    ...(reduction === undefined ? {} : { reduction }),
  });
  const own = hypothesis === null ? null : crashesOf(setUp, hypothesis);
  const simulation = own === null ? whole : { ...whole, outcomes: whole.outcomes.filter((o) => own.has(o.outcome)) };
  const milliseconds = Math.round(performance.now() - started);
  return options.format === 'json'
    ? `${jsonText(simulationJson(simulation, hypothesis, milliseconds), 2)}\n`
    : simulationText(simulation, hypothesis);
}

export function printReplay(
  text: string,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string } {
  const decoded = decodeReplay(text);
  if (!decoded.ok) return decoded;
  if (decoded.threads.length === 0) return { ok: false, why: 'the replay string has no step' };
  const run = rerun(decoded.setUp, decoded.threads);
  if (run.stuckAt !== null)
    return {
      ok: false,
      why: `step ${run.stuckAt + 1} of the replay string cannot be taken: its thread waits or is over, or there is no such thread`,
    };
  return { ok: true, text: replayText(decoded.setUp, run) };
}

export function printList(name: 'kernels' | 'drivers' | 'hypotheses'): string {
  switch (name) {
    case 'kernels':
      return eraRows();
    case 'drivers':
      return driverRows();
    case 'hypotheses':
      return hypothesisRows();
  }
}
