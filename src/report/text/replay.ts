/** A replay in print: every step with the shared state after it, what the run came to, and the order that was its cause. */

import { eraOfCode, nameOfCode } from '../../sim/eras/record.ts';
import { type End, type Explanation, endOf } from '../../sim/explain/explain.ts';
import type { Cause } from '../../sim/explain/flip.ts';
import type { Rerun } from '../../sim/explain/witness.ts';
import { forcingPlan } from '../../sim/force/plan.ts';
import { placeText } from '../../sim/force/words.ts';
import type { SetUp } from '../../sim/scenarios.ts';
import type { WitnessStep } from '../../sim/types.ts';
import { plural } from '../../words.ts';
import { sanitize } from '../safe/sanitize.ts';
import { hang } from './layout.ts';

export const REPLAY_SCHEMA = 'oopsreplay/replay/1';
const WIDTH = 80;

/** What a run came to, in words that stand after "ends in:". */
export function endWords(end: End): string {
  switch (end.is) {
    case 'crash':
      return end.outcome;
    case 'quiet':
      return end.ends.join(', ') || 'nothing that has a name';
    case 'unfinished':
      return `no outcome: the schedule is over, and thread ${end.threads.join(' and thread ')} could go on`;
  }
}

/** The flip test's order for a crash that no log constrains. Lines of at most 80 columns. */
export function causeLines({ cause, exhaustive }: { readonly cause: Cause | null; readonly exhaustive: boolean }) {
  const text = !exhaustive
    ? 'not told: the scenario was not explored to its end'
    : cause === null
      ? 'no single order of two steps: the crash is reached with each pair of them reversed'
      : `${cause.before} before ${cause.after}; reversed, no interleaving of the scenario ends in this crash`;
  return hang('cause: ', sanitize(text), WIDTH);
}

function stateWords(after: WitnessStep['after']): string {
  return Object.entries(after)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

function stepLines(step: WitnessStep, i: number): string[] {
  const preempts = step.preempts ? '  (the other thread was preempted)' : '';
  const reads = step.reads === undefined ? '' : `  (reads ${step.reads})`;
  return [
    `${String(i + 1).padStart(3)}  thread ${step.thread}  ${step.fn}()  ${step.file}${preempts}`,
    `       ${step.text}${reads}`,
    ...hang('         ', stateWords(step.after), WIDTH),
    ...(step.unnoticed === undefined ? [] : [`       (goes unnoticed without KASAN: ${step.unnoticed})`]),
    ...(step.outcome === null ? [] : [`       *** ${step.outcome}`]),
  ];
}

/** ", two entries in iommus, an instance up before", as far as it is so. */
export function moreWords({ iommus, earlier }: Pick<SetUp, 'iommus' | 'earlier'>): string {
  return `${iommus === 2 ? ', two entries in "iommus"' : ''}${earlier ? ', an instance up before' : ''}`;
}

export function setUpLine(of: SetUp): string {
  const { era, driver, scenario, memory, granularity, lock } = of;
  const code = lock === undefined ? era : { ...era, lock };
  const which = eraOfCode({ ...code, lock: era.lock }) === null ? nameOfCode(code) : `era ${era.id}`;
  return `${which} (lock: ${code.lock}), ${driver.name}, ${scenario.id}${moreWords(of)}, memory ${memory}, granularity ${granularity}`;
}

/** Where a kernel's threads have to wait for it, for a crash that can be forced so. */
function forcingLines(replay: string): readonly string[] {
  const planned = forcingPlan(replay);
  if (!planned.ok) return hang('forcing points: ', sanitize(`none; ${planned.why}`), WIDTH);
  const { gates, outcome, wanted } = planned.plan;
  const nearest = outcome === wanted ? '' : ` (they force ${outcome}, the nearest that can be)`;
  return [
    ...hang('forcing points: ', `oopsreplay reproduce makes a kernel module of them${nearest}`, WIDTH),
    ...gates.flatMap((gate, i) =>
      hang(`  ${i}. `, `thread ${gate.thread}, before ${gate.before}: ${placeText(gate)}`, WIDTH),
    ),
  ];
}

/** Every step with its thread, function, source file and effect, and the shared state after it. */
export function replayText(setUp: SetUp, run: Rerun, why: Explanation | null): string {
  const lines = [
    setUpLine(setUp),
    ...run.witness.threads.map((name, i) => `thread ${i}: ${name}`),
    '',
    ...run.witness.steps.flatMap(stepLines),
    '',
    `ends in: ${endWords(endOf(run))}; ${plural(run.witness.preemptions, 'preemption')}`,
    ...(why === null ? [] : [...causeLines(why), ...forcingLines(run.witness.replay)]),
    '',
  ];
  return lines.map(sanitize).join('\n');
}

function stepJson(step: WitnessStep, i: number) {
  return {
    step: i + 1,
    thread: step.thread,
    function: step.fn,
    file: step.file,
    stack: step.stack,
    text: step.text,
    reads: step.reads ?? null,
    after: step.after,
    preempts: step.preempts,
    unnoticed: step.unnoticed ?? null,
    outcome: step.outcome,
  };
}

/** Null where nothing of it can be forced. */
function forcingJson(replay: string) {
  const planned = forcingPlan(replay);
  if (!planned.ok) return null;
  const { outcome, gates } = planned.plan;
  return {
    outcome,
    gates: gates.map((gate) => ({ thread: gate.thread, before: gate.before, place: placeText(gate) })),
  };
}

/** schema/replay.schema.json. `nearest` is there where it was asked for and some run passes. */
export function replayJson(setUp: SetUp, run: Rerun, why: Explanation | null) {
  const end = endOf(run);
  const nearest = why?.nearest ?? null;
  return {
    schema: REPLAY_SCHEMA,
    witness: run.witness.replay,
    era: setUp.era.id,
    lock: setUp.lock ?? setUp.era.lock,
    driver: setUp.driver.name,
    scenario: setUp.scenario.id,
    iommus: setUp.iommus ?? 1,
    earlier: setUp.earlier ?? false,
    memory: setUp.memory,
    granularity: setUp.granularity,
    threads: run.witness.threads,
    steps: run.witness.steps.map(stepJson),
    preemptions: run.witness.preemptions,
    complete: end.is !== 'unfinished',
    crash: end.is === 'crash',
    ends: end.is === 'crash' ? [end.outcome] : end.is === 'quiet' ? end.ends : [],
    exhaustive: why?.exhaustive ?? null,
    cause: why?.cause ?? null,
    forcing: why === null ? null : forcingJson(run.witness.replay),
    nearest: nearest && {
      common: nearest.found.common,
      exhaustive: nearest.found.exhaustive,
      preemptions: nearest.found.preemptions,
      ends: nearest.found.ends,
      witness: nearest.run.witness.replay,
      steps: nearest.run.witness.steps.map(stepJson),
    },
  };
}
