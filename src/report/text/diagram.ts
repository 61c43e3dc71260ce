/**
 * The witness in the form that lockdep made familiar: a column for each CPU, time running down. Only what matters is drawn; within one function
 * "..." stands for steps that were left out, and a function without a step that matters is not drawn at all.
 */

import type { Witness, WitnessStep } from '../../sim/types.ts';
import { sanitize } from '../safe/sanitize.ts';
import { pad, widthOf, wrap } from './layout.ts';

export interface DiagramOptions {
  /** Columns to fit, of the whole diagram. */
  readonly width: number;
  readonly clean?: (text: string) => string;
  /** Steps that must be drawn, as the flip test names them: "`dev->iommu = NULL` in dev_iommu_free (IOMMU registration)". */
  readonly keep?: readonly string[];
}

/** A step to draw, and how many of its thread were left out right before it. */
export interface DrawnStep {
  readonly step: WitnessStep;
  readonly leftOut: number;
}

/** From this width on there is room for a last column that shows what dev->iommu holds ("dev_iommu 1 (freed)"). */
const STATE_FROM = 98;
const STATE_WIDTH = 19;
const GUTTER = 2;
/** Room for `lock(iommu_probe_device_lock)` and most statements. */
const MIN_COLUMN = 36;
const SHARED = 'dev->iommu';

const PROBE = '__iommu_probe_device';
const LOAD = /= dev->iommu$/;
const FREE = /^kfree\(/;

function sameState(a: WitnessStep | undefined, b: WitnessStep): boolean {
  if (a === undefined) return false;
  const keys = new Set([...Object.keys(a.after), ...Object.keys(b.after)]);
  return [...keys].every((key) => a.after[key] === b.after[key]);
}

/** A thread's first load of dev->iommu in __iommu_probe_device(): without it a client's own replay would look like the walk's. */
function entersProbe(steps: readonly WitnessStep[], i: number): boolean {
  const same = (step: WitnessStep) => step.thread === steps[i]!.thread && step.fn === PROBE && LOAD.test(step.text);
  return same(steps[i]!) && !steps.slice(0, i).some(same);
}

/** How the flip test names a step. */
function nameOf(witness: Witness, step: WitnessStep): string {
  return `\`${step.text}\` in ${step.stack[0] ?? step.fn} (${witness.threads[step.thread]})`;
}

/**
 * Steps to draw, in order: changes of the shared state, the locks, both sides of each change of threads, loads of dev->iommu that see another
 * value than the thread's last one did, the way into __iommu_probe_device(), the load that the fault goes through, frees where the fault is on freed memory, and `keep`.
 */
export function stepsThatMatter(witness: Witness, keep: readonly string[] = []): readonly DrawnStep[] {
  const { steps } = witness;
  const last = steps.at(-1);
  const freed = /^(?:uaf|double-free)/.test(last?.outcome ?? '');
  const before = steps.slice(0, -1);
  const through = before.findLastIndex((s) => s.thread === last?.thread && LOAD.test(s.text));
  const seen = new Map<number, string | undefined>();
  const shown: DrawnStep[] = [];
  let leftOut = 0;
  steps.forEach((step, i) => {
    const previous = steps[i - 1];
    const next = steps[i + 1];
    const load = LOAD.test(step.text);
    const fresh = load && seen.get(step.thread) !== step.after[SHARED];
    if (load) seen.set(step.thread, step.after[SHARED]);
    if (previous?.thread !== step.thread) leftOut = 0;
    const matters =
      step.outcome !== null ||
      previous?.thread !== step.thread ||
      next?.preempts === true ||
      fresh ||
      i === through ||
      !sameState(previous, step) ||
      (freed && FREE.test(step.text)) ||
      entersProbe(steps, i) ||
      keep.includes(nameOf(witness, step));
    if (!matters) {
      leftOut++;
      return;
    }
    const above = shown.at(-1)?.step;
    // An accessor that tests and one that uses dev->iommu load it one after the other: one line says both.
    if (leftOut === 0 && above?.thread === step.thread && above.fn === step.fn && above.text === step.text) shown.pop();
    shown.push({ step, leftOut });
    leftOut = 0;
  });
  return shown;
}

/** lockdep's form: "mutex_lock(&x)" is lock(x). */
export function stepText(step: WitnessStep): string {
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
  // With three threads the columns stand closer than they are wide.
  const even = Math.floor((room - GUTTER * (threads - 1)) / threads);
  const column = Math.max(even, Math.min(MIN_COLUMN, room));
  const apart = threads === 1 ? 0 : Math.max(8, Math.floor((room - column) / (threads - 1)));
  const lines: string[] = [];

  const put = (thread: number, text: string, state = '') => {
    let line = ' '.repeat(thread * apart) + text;
    if (stateAt !== null && state !== '') line = `${pad(line, stateAt)}${state}`;
    lines.push(line.trimEnd());
  };
  // Only one thread has something on a line: a long statement may reach to the right edge.
  const putWrapped = (thread: number, indent: string, text: string, state = '') => {
    const fits = room - thread * apart - indent.length;
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
  for (const { step, leftOut } of stepsThatMatter(witness, options.keep)) {
    const taken = step.thread !== thread;
    if (taken && thread !== -1) {
      const mark = step.preempts ? '<preempted>' : waitingFor(witness, thread, step);
      if (mark !== null) putWrapped(thread, '  ', clean(mark));
    }
    if (taken || step.fn !== fn) putWrapped(step.thread, '', `${clean(step.fn)}()`);
    else if (leftOut > 0) put(step.thread, '  ...');
    thread = step.thread;
    fn = step.fn;
    const now = clean(step.after[SHARED] ?? state);
    putWrapped(step.thread, '  ', clean(stepText(step)), now === state ? '' : now);
    state = now;
    if (step.outcome !== null) putWrapped(step.thread, '  ', faultMark(clean(step.outcome)));
  }
  return lines;
}

/** A thread that gave way without being preempted and goes on later was waiting for what it does next; null if it was over. */
function waitingFor(witness: Witness, thread: number, until: WitnessStep): string | null {
  const next = witness.steps.slice(witness.steps.indexOf(until)).find((step) => step.thread === thread);
  return next === undefined ? null : `<waits for ${stepText(next)}>`;
}
