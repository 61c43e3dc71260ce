/** A crash beside the nearest run that passes: two columns, the first difference marked, and below them what the same steps came to in each. */

import { type Comparison, compareRuns, type Pair } from '../../sim/explain/compare.ts';
import type { Explanation } from '../../sim/explain/explain.ts';
import type { Nearest } from '../../sim/explain/nearest.ts';
import type { Rerun } from '../../sim/explain/witness.ts';
import type { SetUp } from '../../sim/scenarios.ts';
import type { Witness, WitnessStep } from '../../sim/types.ts';
import { plural } from '../../words.ts';
import { sanitize } from '../safe/sanitize.ts';
import { hang, pad, wrap } from './layout.ts';
import { causeLines, setUpLine } from './replay.ts';

const WIDTH = 80;
/** Common steps shown above the first difference. */
const BEFORE = 3;
/** Steps of the passing run shown behind the last one that says something. */
const AFTER = 2;
const GUTTER = ' | ';
const FIRST = ' ! ';
const COLUMN = Math.floor((WIDTH - GUTTER.length) / 2);

interface Shown {
  readonly steps: readonly WitnessStep[];
  /** Function and thread that the column's last cell stood in. */
  last: string;
}

/** A cell: the function where it changed, then the step with its number, and what it read. */
function cell(column: Shown, at: number | null): string[] {
  if (at === null) return [];
  const step = column.steps[at]!;
  const where = `T${step.thread} ${step.fn}()`;
  const lines = where === column.last ? [] : wrap(sanitize(where), COLUMN);
  column.last = where;
  const reads = step.reads === undefined ? '' : ` -> ${step.reads}`;
  lines.push(...hang(`${String(at + 1).padStart(4)} `, sanitize(step.text + reads), COLUMN));
  const fault = step.outcome ?? step.unnoticed;
  if (fault !== undefined) lines.push(...hang('     *** ', sanitize(fault.replace(/ in \S+$/, '')), COLUMN));
  return lines;
}

function rowLines(left: readonly string[], right: readonly string[], mark: string): string[] {
  const lines: string[] = [];
  for (let i = 0; i < Math.max(left.length, right.length); i++)
    lines.push(`${pad(left[i] ?? '', COLUMN)}${i === 0 ? mark : GUTTER}${right[i] ?? ''}`.trimEnd());
  return lines;
}

/** Rows up to which it is worth looking: the crash, and the same step of the passing run. */
function lastRow(pairs: readonly Pair[], { otherwise }: Comparison, crashAt: number, right: readonly WitnessStep[]) {
  const crash = pairs.findIndex((p) => p.left === crashAt);
  const told = Math.max(-1, ...otherwise.map((o) => o.right));
  const taken = pairs.findIndex((p) => p.right === told);
  const end = Math.max(crash, taken);
  return right.length - 1 <= (pairs[end]?.right ?? -1) + AFTER ? pairs.length : end + 1 + AFTER;
}

function came(step: WitnessStep): string {
  return step.outcome === null ? (step.reads ?? 'goes well') : `*** ${step.outcome}`;
}

function otherwiseLines(left: readonly WitnessStep[], right: readonly WitnessStep[], comparison: Comparison): string[] {
  return comparison.otherwise.flatMap((o) => {
    const step = left[o.left]!;
    const text = `${step.fn}() (thread ${step.thread}): ${step.text}: ${came(step)} in the crash (step ${o.left + 1}), ${came(right[o.right]!)} in the passing run (step ${o.right + 1})`;
    return hang('  - ', sanitize(text), WIDTH);
  });
}

/** Lines of at most 80 columns. `outcome` is what `crash` ends in. */
function diffLines(crash: Witness, passing: Witness, found: Nearest, outcome: string): string[] {
  const comparison = compareRuns(crash.steps, passing.steps);
  const { pairs, first } = comparison;
  const from = Math.max(0, first - BEFORE);
  const until = Math.min(pairs.length, lastRow(pairs, comparison, crash.steps.length - 1, passing.steps));
  const left: Shown = { steps: crash.steps, last: '' };
  const right: Shown = { steps: passing.steps, last: '' };
  const rows = pairs
    .slice(from, until)
    .flatMap((p, i) => rowLines(cell(left, p.left), cell(right, p.right), from + i === first ? FIRST : GUTTER));
  const bounded = found.exhaustive
    ? 'of all interleavings of the scenario'
    : 'the scenario is too large to be explored to its end: only runs were tried in which, behind the common steps, each thread runs until it waits or is over; a nearer one may exist';
  const head = (text: string) => wrap(sanitize(text), COLUMN);
  const shared = plural(from, 'step');
  const hidden = pairs.slice(until).filter((p) => p.right !== null).length;
  const differ = otherwiseLines(crash.steps, passing.steps, comparison);
  return [
    ...hang(
      'nearest passing run: ',
      `the first ${plural(found.common, 'step')} in common, then the fewest preemptions (${bounded})`,
      WIDTH,
    ),
    '',
    ...rowLines(head('the crash'), head('the nearest passing run'), GUTTER),
    ...rowLines(
      head(`${plural(crash.steps.length, 'step')}, ${plural(crash.preemptions, 'preemption')}`),
      head(`${plural(passing.steps.length, 'step')}, ${plural(passing.preemptions, 'preemption')}`),
      GUTTER,
    ),
    ...rowLines(['-'.repeat(COLUMN)], ['-'.repeat(COLUMN)], '-+-'),
    ...(from > 0 ? rowLines([`     (${plural(from, 'more step')} above)`], [`     (the same ${shared})`], GUTTER) : []),
    ...rows,
    ...(hidden > 0 ? rowLines([], [`     (${plural(hidden, 'more step')})`], GUTTER) : []),
    ...rowLines(head(`ends in: ${outcome}`), head(`ends in: ${found.ends.join(', ')}`), GUTTER),
    '',
    ...hang('', `! marks the first difference: ${taking(comparison, crash, passing)}`, WIDTH),
    ...(differ.length > 0 ? ['the same steps come to something else:', ...differ] : []),
  ];
}

/** Who runs at the first difference in each. */
function taking({ pairs, first }: Comparison, crash: Witness, passing: Witness): string {
  const at = pairs[first]?.left ?? pairs[first]?.right ?? 0;
  const name = (w: Witness) => `thread ${w.steps[at]!.thread} (${w.threads[w.steps[at]!.thread]})`;
  return `at step ${at + 1} the crash lets ${name(crash)} run, the passing run ${name(passing)}`;
}

/** The whole page of `replay --diff`. */
export function diffText(setUp: SetUp, run: Rerun, why: Explanation | null): string {
  const outcome = run.witness.steps.at(-1)?.outcome ?? '';
  const nearest = why?.nearest ?? null;
  const lines = [
    ...wrap(setUpLine(setUp), WIDTH),
    ...run.witness.threads.map((name, i) => `thread ${i} (T${i}): ${name}`),
    '',
    ...(nearest === null
      ? hang('nearest passing run: ', 'none was found: every run that was looked at meets a memory error', WIDTH)
      : diffLines(run.witness, nearest.run.witness, nearest.found, outcome)),
    ...(why === null ? [] : causeLines(why)),
    ...(nearest === null ? [] : [`the passing run: oopsreplay replay ${nearest.run.witness.replay}`]),
    '',
  ];
  return lines.map(sanitize).join('\n');
}
