/**
 * The delays as a patch against a user's own tree: what the module does by probes, put between the statements. A unified diff with the tree's own lines around
 * each addition, as `git apply` wants it.
 */
import type { DelayPoint, Delays } from '../../sim/explain/delays.ts';

/** A unit of delay: what the threads do without sleeping takes a thousandth of it. */
const MS = 1000;
const AROUND = 3;

export interface Patch {
  readonly text: string;
  /** Sleeps whose statement the tree does not have, or not so that it could be told. */
  readonly missing: readonly DelayPoint[];
}

interface Addition {
  /** The addition comes before this line of the file, counted from 0. */
  readonly before: number;
  readonly lines: readonly string[];
}

/** Lines from the function's brace to its end, the first statement's and the end's numbers; null where the file does not define it. */
function bodyOf(lines: readonly string[], fn: string): readonly [from: number, to: number] | null {
  const named = new RegExp(`^(?:[a-z][\\w *]*[ *])?${fn}\\(`);
  for (let i = 0; i < lines.length; i++) {
    if (!named.test(lines[i]!)) continue;
    let open = i;
    while (open < lines.length && !/[{;]\s*$/.test(lines[open]!)) open++;
    // A declaration ends with a semicolon.
    if (lines[open]?.trimEnd() !== '{') continue;
    const end = lines.findIndex((line, at) => at > open && /^}/.test(line));
    return end < 0 ? null : [open + 1, end];
  }
  return null;
}

/** What stands in the source for a step of the model. */
function statementOf({ before, accessor }: DelayPoint): readonly RegExp[] {
  const literal = (text: string) => new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (accessor !== null) return [literal(accessor.slice(0, -1))];
  const out: RegExp[] = [];
  if (/^list_add_tail\(&iommu->list/.test(before)) out.push(/spin_lock\(&iommu_device_lock\)/);
  if (before.startsWith('param = dev->iommu')) out.push(/dev_iommu_get\(dev\)/, /param = dev->iommu/);
  if (/^iommu = dev->iommu/.test(before)) out.push(/dev_iommu_\w+\(dev/, /dev->iommu\b/);
  const bare = before.replace(/ \([a-z ]+\)$/, '').replace(/\?$/, '');
  out.push(literal(bare));
  const call = /(\w+)\(/.exec(bare)?.[1];
  if (call !== undefined) out.push(new RegExp(`\\b${call}\\(`));
  return out;
}

/** Where the function's declarations end: at its first empty line, if what stands before it declares. */
function declarationsEnd(lines: readonly string[], from: number, to: number): number {
  const empty = lines.findIndex((line, i) => i >= from && i < to && line.trim() === '');
  if (empty < 0) return from;
  const declares = lines
    .slice(from, empty)
    .every((line) => /^\t(?:const |struct |int |bool |void |u\d+ |unsigned |static |\t)/.test(line));
  return declares ? empty : from;
}

function additionFor(lines: readonly string[], point: DelayPoint, n: number): Addition | null {
  const body = bodyOf(lines, point.fn);
  if (body === null) return null;
  const [from, to] = body;
  for (const pattern of statementOf(point)) {
    let at = lines.findIndex((line, i) => i >= from && i < to && pattern.test(line));
    if (at < 0) continue;
    const device = point.ofClient ? 'dev' : 'NULL';
    const sleep = `oopsreplay_sleep(${device}, ${point.units * MS})`;
    // Among declarations another declaration may stand.
    if (at < declarationsEnd(lines, from, to))
      return { before: at, lines: [`\tint oopsreplay_${n} __maybe_unused = ${sleep};\t/* sleep ${n} */`] };
    // The only statement of an if, or the rest of a statement that began above: before that.
    while (
      at > from &&
      !/[;{}:]\s*(?:\/\*.*\*\/\s*)?$/.test(lines[at - 1]!) &&
      lines[at - 1]!.trim() !== '' &&
      !/\*\/\s*$/.test(lines[at - 1]!)
    )
      at--;
    const indent = /^\s*/.exec(lines[at]!)![0];
    return { before: at, lines: [`${indent}${sleep};\t/* sleep ${n} */`] };
  }
  return null;
}

/** The file's own copy of what sleeps, behind its last #include. */
function helperFor(lines: readonly string[], device: string | null): Addition {
  const last = lines.findLastIndex((line) => /^#include /.test(line));
  const name = (device ?? '<client device>').replaceAll(/["\\]/g, '');
  return {
    before: last + 1,
    lines: [
      '#include <linux/delay.h>',
      '',
      'static int __maybe_unused oopsreplay_sleep(struct device *dev, unsigned int ms)',
      '{',
      `\tif (!dev || !strcmp(dev_name(dev), "${name}"))`,
      '\t\tmsleep(ms);',
      '\treturn 0;',
      '}',
    ],
  };
}

/** Hunks of a file that only gains lines; additions in the order of the file. */
function hunks(lines: readonly string[], additions: readonly Addition[]): readonly string[] {
  const out: string[] = [];
  let added = 0;
  for (let i = 0; i < additions.length; ) {
    let j = i + 1;
    while (j < additions.length && additions[j]!.before - additions[j - 1]!.before <= 2 * AROUND) j++;
    const here = additions.slice(i, j);
    const from = Math.max(0, here[0]!.before - AROUND);
    const to = Math.min(lines.length, here.at(-1)!.before + AROUND);
    const gained = here.reduce((sum, a) => sum + a.lines.length, 0);
    out.push(`@@ -${from + 1},${to - from} +${from + 1 + added},${to - from + gained} @@`);
    let at = from;
    for (const { before, lines: more } of here) {
      for (; at < before; at++) out.push(` ${lines[at]}`);
      out.push(...more.map((line) => `+${line}`));
    }
    for (; at < to; at++) out.push(` ${lines[at]}`);
    added += gained;
    i = j;
  }
  return out;
}

/** `read`: a file of the tree by its path, null where it is not there. `device`: the client's name. */
export function patchOf(delays: Delays, read: (path: string) => string | null, device: string | null): Patch {
  const files = [...new Set(delays.points.map((p) => p.file))];
  const missing: DelayPoint[] = [];
  const parts = files.flatMap((file) => {
    const text = read(file);
    const lines = text?.replace(/\n$/, '').split('\n') ?? [];
    const additions: Addition[] = [];
    for (const [i, point] of delays.points.entries()) {
      if (point.file !== file) continue;
      const addition = additionFor(lines, point, i + 1);
      if (addition === null) missing.push(point);
      else additions.push(addition);
    }
    if (additions.length === 0) return [];
    const all = [helperFor(lines, device), ...additions].toSorted((a, b) => a.before - b.before);
    return [`diff --git a/${file} b/${file}`, `--- a/${file}`, `+++ b/${file}`, ...hunks(lines, all)];
  });
  return { text: parts.length === 0 ? '' : `${parts.join('\n')}\n`, missing };
}
