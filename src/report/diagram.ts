/**
 * The witness in the form that lockdep made familiar: a column for each CPU, time running down. Only what matters is drawn: steps that load or store
 * dev->iommu, change shared state, take or release a lock of the race, give up or regain the CPU, and the fault. Runs of other steps become "...".
 */

import type { Witness, WitnessStep } from '../sim/types.ts';
import { pad, widthOf, wrap } from './layout.ts';
import { sanitize } from './sanitize.ts';

export interface DiagramOptions {
  /** Columns to fit, of the whole diagram. */
  readonly width: number;
  readonly clean?: (text: string) => string;
}

/** From this width on there is room for a last column that shows what dev->iommu holds ("dev_iommu 1 (freed)"). */
const STATE_FROM = 98;
const STATE_WIDTH = 19;
const GUTTER = 2;
/** Room for `lock(iommu_probe_device_lock)` and most statements. */
const MIN_COLUMN = 36;
const SHARED = 'dev->iommu';

/** Locks of the race only: each device's own lock is held by one of the threads throughout and orders nothing. */
const RACE_LOCK = /lock\w*\(&?[\w>.-]*iommu/;

function sameState(a: WitnessStep | undefined, b: WitnessStep): boolean {
  if (a === undefined) return false;
  const keys = new Set([...Object.keys(a.after), ...Object.keys(b.after)]);
  return [...keys].every((key) => a.after[key] === b.after[key]);
}

function matters(steps: readonly WitnessStep[], i: number): boolean {
  const step = steps[i]!;
  const before = steps[i - 1];
  return (
    step.outcome !== null ||
    step.preempts ||
    steps[i + 1]?.preempts === true ||
    before?.thread !== step.thread ||
    step.text.includes(SHARED) ||
    RACE_LOCK.test(step.text) ||
    !sameState(before, step)
  );
}

/** Steps to draw, in order; null stands for a run of at least two steps of one thread that do not matter. */
export function stepsThatMatter(witness: Witness): readonly { step: WitnessStep; elided: number }[] {
  const { steps } = witness;
  const shown: { step: WitnessStep; elided: number }[] = [];
  let run: WitnessStep[] = [];
  const flush = () => {
    if (run.length === 1) shown.push({ step: run[0]!, elided: 0 });
    else if (run.length > 1) shown.push({ step: run[0]!, elided: run.length });
    run = [];
  };
  steps.forEach((step, i) => {
    if (matters(steps, i)) {
      flush();
      shown.push({ step, elided: 0 });
    } else run.push(step);
  });
  flush();
  return shown;
}

/** lockdep's form: "mutex_lock(&x)" is lock(x). */
function stepText(step: WitnessStep): string {
  return step.text.replace(/^(?:mutex|spin|raw_spin)_(lock|unlock)\(&?([\w>.-]+)\)$/, '$1($2)');
}

/** "null-write dev_iommu.priv in f" without the function, which stands above it. */
function faultMark(outcome: string): string {
  return `*** ${outcome.replace(/ in [^ ]+$/, '')}`;
}

/** Lines of the drawing, no line feeds in them, sanitized, each at most `width` columns. */
export function diagram(witness: Witness, options: DiagramOptions): string[] {
  const clean = options.clean ?? sanitize;
  const threads = Math.max(1, witness.threads.length);
  const stateAt = options.width >= STATE_FROM ? options.width - STATE_WIDTH : null;
  const room = stateAt === null ? options.width : stateAt - GUTTER;
  // Only one thread has something on a line, so a step may reach into the next column: with three threads they stand closer than they are wide.
  const even = Math.floor((room - GUTTER * (threads - 1)) / threads);
  const column = Math.max(even, Math.min(MIN_COLUMN, room));
  const apart = threads === 1 ? 0 : Math.max(8, Math.floor((room - column) / (threads - 1)));
  const lines: string[] = [];

  const put = (thread: number, text: string, state = '') => {
    let line = ' '.repeat(thread * apart) + text;
    if (stateAt !== null && state !== '') line = `${pad(line, stateAt)}${state}`;
    lines.push(line.trimEnd());
  };
  const putWrapped = (thread: number, indent: string, text: string, state = '') => {
    const fits = Math.min(column, room - thread * apart) - indent.length;
    const parts = widthOf(text) <= fits ? [text] : wrap(text, fits - 2);
    parts.forEach((part, i) => {
      put(thread, indent + (i === 0 ? part : `  ${part}`), i === 0 ? state : '');
    });
  };
  const row = (cells: readonly string[], last = '') => {
    const joined = cells.map((cell, i) => (i < threads - 1 ? pad(cell, apart) : cell)).join('');
    lines.push((last === '' ? joined : pad(joined, stateAt ?? 0) + last).trimEnd());
  };

  const labels = witness.threads.map((label) => wrap(clean(label), threads === 1 ? column : apart - GUTTER));
  row(
    labels.map((_, i) => `CPU${i}`),
    stateAt === null ? '' : SHARED,
  );
  for (let i = 0; i < Math.max(...labels.map((label) => label.length)); i++) row(labels.map((label) => label[i] ?? ''));
  row(
    labels.map((label) => '-'.repeat(Math.max(4, ...label.map(widthOf)))),
    stateAt === null ? '' : '-'.repeat(SHARED.length),
  );

  let thread = -1;
  let fn = '';
  let state = '';
  // A step that preempts is the first of the thread that took over: the mark belongs to the one that lost the CPU.
  for (const { step, elided } of stepsThatMatter(witness)) {
    if (step.preempts && thread !== -1) put(thread, '  <preempted>');
    if (elided > 0) {
      put(step.thread, '  ...');
      thread = step.thread;
      fn = '';
      continue;
    }
    if (step.thread !== thread || step.fn !== fn) putWrapped(step.thread, '', `${clean(step.fn)}()`);
    thread = step.thread;
    fn = step.fn;
    const now = clean(step.after[SHARED] ?? state);
    putWrapped(step.thread, '  ', clean(stepText(step)), now === state ? '' : now);
    state = now;
    if (step.outcome !== null) putWrapped(step.thread, '  ', faultMark(clean(step.outcome)));
  }
  return lines;
}
