/**
 * The witness as the page shows it: each run's steps with what is shared after them, and beside the crash the nearest run that passes. Everything in
 * it is sanitized, as the page's script reads the same data.
 */
import type { JudgedCrash, Triage } from '../../reconstruct/types.ts';
import { compareRuns } from '../../sim/explain/compare.ts';
import { type Nearest, nearestPassing } from '../../sim/explain/nearest.ts';
import { decodeReplay } from '../../sim/explain/replay.ts';
import { rerun } from '../../sim/explain/witness.ts';
import { explore } from '../../sim/explore/graph.ts';
import type { Witness, WitnessStep } from '../../sim/types.ts';
import { sanitize } from '../safe/sanitize.ts';
import { causeSteps } from '../story/wording.ts';
import { stepsThatMatter } from '../text/diagram.ts';
import { quotedLines } from './quoted.ts';
import type { PageRun, PageStep, Story } from './shape.ts';

/** States explored for the nearest passing run: a moment's work. Beyond it the simplest runs are tried, and the page says so. */
const BUDGET = { states: 250_000 };
const LOCK = 'iommu_probe_device_lock';

interface Passing {
  readonly witness: Witness;
  readonly found: Nearest;
}

function passingRun(story: Witness): { readonly passing: Passing | null; readonly locked: boolean } {
  const decoded = decodeReplay(story.replay);
  if (!decoded.ok) return { passing: null, locked: true };
  const { setUp, threads } = decoded;
  const locked = (setUp.lock ?? setUp.era.lock) !== 'none';
  const found = nearestPassing(explore(rerun(setUp, threads).machine, BUDGET), threads);
  const passing = found && {
    found,
    witness: { ...rerun(setUp, found.threads).witness, preemptions: found.preemptions },
  };
  return { passing, locked };
}

function columnsOf(runs: readonly Witness[], locked: boolean): readonly string[] {
  const names = new Set(runs.flatMap((run) => run.steps.flatMap((step) => Object.keys(step.after))));
  names.delete(LOCK);
  return [...names, ...(locked ? [LOCK] : [])];
}

function came(step: WitnessStep): string {
  return sanitize(step.outcome ?? step.reads ?? 'goes well');
}

/** A lock's owner by its lane: "CPU1" is shorter than what the thread does, which stands above the lane. */
function stateValue({ threads }: Witness, value: string): string {
  const owner = threads.indexOf(value);
  return owner < 0 ? sanitize(value) : `CPU${owner}`;
}

function faultWords({ outcome, unnoticed }: WitnessStep): string | null {
  if (outcome !== null) return sanitize(outcome);
  return unnoticed === undefined ? null : `${sanitize(unnoticed)} (goes unnoticed without KASAN)`;
}

/** What the page says of a crash's witness; null where the model found none. */
export function storyOf(triage: Triage, crash: JudgedCrash): Story | null {
  const { story: witness, cause } = crash.verdict;
  if (witness === null || witness.steps.length === 0) return null;
  const { passing, locked } = passingRun(witness);
  const comparison = passing && compareRuns(witness.steps, passing.witness.steps);
  const columns = columnsOf(passing ? [witness, passing.witness] : [witness], locked);
  const keep = causeSteps(cause);
  const quotes = quotedLines(triage, crash, witness);
  const same = (step: WitnessStep, other: Witness | undefined): number | null => {
    const at = other?.steps.findIndex((s) => s.thread === step.thread && s.stop === step.stop) ?? -1;
    return at < 0 ? null : at;
  };
  const pageSteps = (run: Witness, side: 'left' | 'right'): PageStep[] => {
    const matter = new Set(stepsThatMatter(run, keep).map(({ step }) => step));
    return run.steps.map((step, i) => {
      const log = side === 'left' ? (quotes[i] ?? []).map(({ line, text }) => ({ line, text: sanitize(text) })) : [];
      return {
        thread: step.thread,
        fn: sanitize(step.fn),
        file: sanitize(step.file),
        stack: step.stack.map(sanitize),
        text: sanitize(step.text),
        reads: step.reads === undefined ? null : sanitize(step.reads),
        state: columns.map((name) => stateValue(run, step.after[name] ?? '')),
        fault: faultWords(step),
        preempts: step.preempts,
        matters: matter.has(step) || log.length > 0,
        log,
        other: same(step, side === 'left' ? passing?.witness : witness),
      };
    });
  };
  const pageRun = (name: string, ends: string, run: Witness, side: 'left' | 'right'): PageRun => ({
    name,
    ends: sanitize(ends),
    preemptions: run.preemptions,
    replay: sanitize(run.replay),
    steps: pageSteps(run, side),
  });
  const outcome = witness.steps.at(-1)!.outcome ?? 'no fault';
  return {
    threads: witness.threads.map(sanitize),
    columns,
    runs: [
      pageRun('The crash', outcome, witness, 'left'),
      ...(passing ? [pageRun('The nearest passing run', passing.found.ends.join(', '), passing.witness, 'right')] : []),
    ],
    common: passing?.found.common ?? null,
    exhaustive: passing?.found.exhaustive ?? true,
    otherwise: (comparison?.otherwise ?? []).map(({ left, right }) => ({
      step: [left, right],
      came: [came(witness.steps[left]!), came(passing!.witness.steps[right]!)],
    })),
    locked,
  };
}
