/** Two runs of one set-up side by side: which steps they share, where they part, and which steps then read something else. */
import type { WitnessStep } from '../types.ts';

export interface Pair {
  /** Index into the steps of each run; null where the other run alone takes this step here. */
  readonly left: number | null;
  readonly right: number | null;
}

export interface SameStep {
  /** A step that both runs take, and what it reads in each. */
  readonly left: number;
  readonly right: number;
}

export interface Comparison {
  /** Every step of both runs, in an order that keeps both: the beginning that they share, then a longest common subsequence and the rest around it. */
  readonly pairs: readonly Pair[];
  /** Index into `pairs` of the first difference; -1: none. */
  readonly first: number;
  /** Steps behind the first difference that both runs take, at whatever time, and that come to something else, in the order of the left run. */
  readonly otherwise: readonly SameStep[];
}

/** Is it the same step of the same thread? A run takes each at most once. */
function same(a: WitnessStep, b: WitnessStep): boolean {
  return a.thread === b.thread && a.stop === b.stop;
}

export function compareRuns(left: readonly WitnessStep[], right: readonly WitnessStep[]): Comparison {
  let common = 0;
  while (common < left.length && common < right.length && same(left[common]!, right[common]!)) common++;
  const pairs: Pair[] = Array.from({ length: common }, (_, i) => ({ left: i, right: i }));
  pairs.push(...aligned(left, right, common));
  const otherwise = left.flatMap((step, i): SameStep[] => {
    const j = i < common ? -1 : right.findIndex((other) => same(step, other));
    const differs = j >= 0 && (step.reads !== right[j]!.reads || step.outcome !== right[j]!.outcome);
    return differs ? [{ left: i, right: j }] : [];
  });
  return { pairs, first: common < pairs.length ? common : -1, otherwise };
}

/** Behind the common beginning: a longest common subsequence; a step of the left run alone stands before one of the right run alone. */
function aligned(left: readonly WitnessStep[], right: readonly WitnessStep[], from: number): readonly Pair[] {
  const rows = left.length - from;
  const columns = right.length - from;
  const longest = Array.from({ length: rows + 1 }, () => new Uint16Array(columns + 1));
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      longest[i]![j] = same(left[from + i]!, right[from + j]!)
        ? longest[i + 1]![j + 1]! + 1
        : Math.max(longest[i + 1]![j]!, longest[i]![j + 1]!);
  const pairs: Pair[] = [];
  let i = 0;
  let j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && same(left[from + i]!, right[from + j]!))
      pairs.push({ left: from + i++, right: from + j++ });
    else if (j === columns || (i < rows && longest[i + 1]![j]! >= longest[i]![j + 1]!))
      pairs.push({ left: from + i++, right: null });
    else pairs.push({ left: null, right: from + j++ });
  }
  return pairs;
}
