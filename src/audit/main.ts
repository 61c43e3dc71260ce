/** `npm run audit`: what scripts/audit.mjs prints. */
import type { ReadFile } from '../reconstruct/kernel/source/types.ts';
import { plural } from '../words.ts';
import { type Audited, agrees, audit, type Finding } from './audit.ts';
import { LEFT_OUT, NEVER, NOT_FOLLOWED, STANDS_FOR } from './exceptions.ts';
import { sourceLines } from './lines.ts';

export interface Tree {
  readonly name: string;
  readonly read: ReadFile;
}

export interface Printed {
  readonly lines: readonly string[];
  /** Of a difference, or of a tree whose code could not be told. */
  readonly failed: boolean;
  /** The module that docs/MODEL.md takes file and line of each step from. */
  readonly module: string;
}

/** Audits each tree. `plant`: each function's text is also changed, and what was not noticed is listed. */
export function auditTrees(trees: readonly Tree[], plant: boolean): Printed {
  const all = trees.map(({ name, read }) => ({ read, done: audit(name, read, plant) }));
  const audited = all.map(({ done }) => done);
  const failed = audited.some((a) => a.code === null || !a.findings.every(agrees));
  return {
    lines: [...audited.flatMap((a) => report(a, plant)), ...exceptions(audited)],
    failed,
    module: sourceLines(all),
  };
}

function report(a: Audited, plant: boolean): string[] {
  const head = `${a.tree}: ${a.version === null ? 'a kernel without a version in its Makefile' : `Linux ${a.version}`}`;
  if (a.code === null) return [`${head}: which code it has could not be told: ${a.why}`];
  const held = a.findings.filter((f) => f.notHeld === null);
  const steps = held.flatMap((f) => f.steps);
  const found = steps.filter((s) => s.lines.length > 0).length;
  const differing = held.filter((f) => !agrees(f));
  const lines = [
    `${head}, code of era ${a.code.id}`,
    `  ${plural(held.length, 'function body', 'function bodies')} held, ${plural(steps.length, 'step')}: ${found} found, in order; ${steps.length - found} without a text of their own`,
    `  ${plural(differing.length, 'difference', 'differences').replace(/^0 .*/, 'no difference')}`,
    ...differing.flatMap(difference),
  ];
  if (!plant) return lines;
  const tried = held.reduce((n, f) => n + f.planted, 0);
  const unnoticed = held.flatMap((f) => f.unnoticed.map((what) => `    ${f.file} ${f.fn}(): ${what}`));
  return [
    ...lines,
    `  ${plural(tried, 'change')} planted, ${tried - unnoticed.length} noticed; not noticed:`,
    ...unnoticed,
  ];
}

function difference(f: Finding): string[] {
  return [
    `  ${f.file} ${f.fn}() with ${f.drivers.length > 3 ? plural(f.drivers.length, 'driver') : f.drivers.join(', ')}`,
    ...f.stuck.map(
      (s) => `    the model has "${s.text}" (${s.event}), the text ${s.instead.join('; ') || 'nothing more'}`,
    ),
    ...f.missing.map(
      (m) => `    the text has ${m.event} on line ${m.line}${m.in === '' ? '' : ` (${m.in})`}, the model has not`,
    ),
  ];
}

/** Every exception that was needed, and those that none of the trees needed. */
function exceptions(all: readonly Audited[]): string[] {
  const needed = new Set(all.flatMap((a) => [...a.needed]));
  const notHeld = new Map(
    all.flatMap((a) => a.findings.flatMap((f) => (f.notHeld === null ? [] : [[f.fn, f.notHeld]]))),
  );
  const name = (fn: RegExp) => fn.source.replace(/[\^$\\]|\?:/g, '');
  return [
    'Excepted:',
    ...[...notHeld].map(([fn, why]) => `  ${fn}() is not held: ${why}`),
    ...LEFT_OUT.filter((l) => needed.has(l)).map(
      (l) => `  ${name(l.fn)}(): ${name(l.event)}${l.in === null ? '' : ` in ${l.in}()`} is left out: ${l.why}`,
    ),
    ...STANDS_FOR.filter((s) => needed.has(s)).map((s) => `  ${name(s.fn)}(): "${s.text}" has no text: ${s.why}`),
    ...[...NOT_FOLLOWED].map(([fn, why]) => `  ${fn}() is not followed: ${why}`),
    ...[...NEVER].map(([condition, why]) => `  ${condition} is taken to be false: ${why}`),
    ...[...LEFT_OUT, ...STANDS_FOR]
      .filter((e) => !needed.has(e))
      .map((e) => `  not needed by these trees: ${name(e.fn)}(), ${e.why}`),
  ];
}
