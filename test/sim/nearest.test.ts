import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../src/sim/explain/compare.ts';
import { causeOfRun, endOf, explain } from '../../src/sim/explain/explain.ts';
import { nearestPassing } from '../../src/sim/explain/nearest.ts';
import { decodeReplay } from '../../src/sim/explain/replay.ts';
import { rerun } from '../../src/sim/explain/witness.ts';
import { explore, type Graph } from '../../src/sim/explore/graph.ts';
import { quietEnds } from '../../src/sim/machine/quiet.ts';
import { build } from '../../src/sim/scenarios.ts';
import { simulateGraph } from '../../src/sim/simulate.ts';
import { size } from '../size.ts';
import { setUp } from './set-up.ts';

const SEED = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);

const SET_UPS = [
  setUp('E', 'apple-dart', 'deferred-retry'),
  setUp('C', 'rockchip', 'first-probe', { memory: 'plain' }),
  setUp('D', 'arm-smmu-v3', 'walks-only', { granularity: 'source' }),
];

function crashesIn(of: (typeof SET_UPS)[number]) {
  const graph = explore(build(of));
  const crashes = simulateGraph(graph, of).outcomes.filter((o) => o.crash);
  return crashes.map((o) => {
    const decoded = decodeReplay(o.witness);
    if (!decoded.ok) throw new Error(decoded.why);
    return { graph, outcome: o.outcome, schedule: decoded.threads };
  });
}

const cases = SET_UPS.flatMap((of) =>
  crashesIn(of).map((c) => ({ ...c, of, name: `${of.era.id} ${of.driver.name} ${c.outcome}` })),
);

/** Fewest preemptions of a run from `at` to a quiet end that meets no error; null where there is none. By brute force over (state, last). */
function fewest({ next, fault, machine }: Graph, at: number, last: number, known = new Map<string, number>()): number {
  const key = `${at} ${last}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const threads = machine.threads.map((_, t) => t);
  const can = (t: number) => next[at * threads.length + t]! >= 0 || fault[at * threads.length + t] !== 0;
  let best = threads.some(can) ? Number.POSITIVE_INFINITY : 0;
  for (const t of threads) {
    const edge = at * threads.length + t;
    if (next[edge]! < 0 || fault[edge] !== 0) continue;
    const cost = last >= 0 && last !== t && can(last) ? 1 : 0;
    best = Math.min(best, cost + fewest(machine && ({ next, fault, machine } as Graph), next[edge]!, t, known));
  }
  known.set(key, best);
  return best;
}

describe('nearestPassing', () => {
  it('has crashes to look at', () => {
    expect(cases.length).toBeGreaterThan(20);
    expect(new Set(cases.map((c) => c.of)).size).toBe(3);
  });

  it.each(cases)('$name: passes, parts as late as any, with the fewest preemptions', ({ graph, schedule, of }) => {
    const nearest = nearestPassing(graph, schedule)!;
    const run = rerun(of, nearest.threads);
    expect(run.stuckAt).toBeNull();
    expect(run.witness.steps.filter((s) => s.outcome !== null || s.unnoticed !== undefined)).toEqual([]);
    expect(run.machine.threads.map((_, t) => run.machine.enabled(run.end, t))).not.toContain(true);
    expect(nearest.ends).toEqual(quietEnds(run.machine, run.end));
    expect(nearest.preemptions).toBe(run.witness.preemptions);
    expect(nearest.threads.slice(0, nearest.common)).toEqual(schedule.slice(0, nearest.common));
    expect(nearest.threads[nearest.common]).not.toBe(schedule[nearest.common]);

    const n = graph.machine.threads.length;
    const states = [0];
    for (const t of schedule.slice(0, -1)) states.push(graph.next[states.at(-1)! * n + t]!);
    const known = new Map<string, number>();
    for (const [i, state] of states.entries())
      if (i > nearest.common)
        expect([i, fewest(graph, state, schedule[i - 1]!, known)]).toEqual([i, Number.POSITIVE_INFINITY]);
    const shared = rerun(of, schedule.slice(0, nearest.common)).witness.preemptions;
    expect(nearest.preemptions - shared).toBe(
      fewest(graph, states[nearest.common]!, schedule[nearest.common - 1] ?? -1, known),
    );
  });

  it.each(cases)(
    '$name: without the whole graph a passing run all the same, and says so',
    ({ graph, schedule, of }) => {
      const nearest = nearestPassing({ ...graph, exhaustive: false }, schedule)!;
      expect(nearest.exhaustive).toBe(false);
      const run = rerun(of, nearest.threads);
      expect(run.stuckAt).toBeNull();
      expect(endOf(run)).toEqual({ is: 'quiet', ends: nearest.ends });
      expect(nearest.common).toBeLessThanOrEqual(nearestPassing(graph, schedule)!.common);
    },
  );

  it('is null where every run crashes', () => {
    const of = setUp('E', 'sprd', 'priv-without-fwspec');
    const graph = explore(build(of));
    const schedule = Array.from({ length: graph.depth + 1 }, () => 0);
    expect(endOf(rerun(of, schedule))).toMatchObject({ is: 'crash' });
    expect(nearestPassing(graph, schedule)).toBeNull();
    expect(nearestPassing({ ...graph, exhaustive: false }, schedule)).toBeNull();
  });
});

describe('compareRuns', () => {
  it('keeps both runs whole and in order, whatever the two schedules', () => {
    const [{ of }] = cases as [(typeof cases)[number]];
    const machine = build(of);
    const runOf = (choices: readonly number[]) => {
      const v = machine.initial();
      const threads: number[] = [];
      for (const c of choices) {
        const able = machine.threads.map((_, t) => t).filter((t) => machine.enabled(v, t));
        if (able.length === 0) break;
        const t = able[c % able.length]!;
        threads.push(t);
        if (machine.step(v, t).is === 'fault') break;
      }
      return rerun(of, threads).witness.steps;
    };
    const choices = fc.array(fc.nat(1), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(choices, choices, (a, b) => {
        const [left, right] = [runOf(a), runOf(b)];
        const { pairs, first, otherwise } = compareRuns(left, right);
        expect(pairs.flatMap((p) => p.left ?? [])).toEqual(left.map((_, i) => i));
        expect(pairs.flatMap((p) => p.right ?? [])).toEqual(right.map((_, i) => i));
        for (const [i, p] of pairs.entries()) {
          if (first === -1 || i < first) expect(p.left).toBe(p.right);
          if (p.left !== null && p.right !== null)
            expect([left[p.left]!.thread, left[p.left]!.stop]).toEqual([right[p.right]!.thread, right[p.right]!.stop]);
        }
        if (first >= 0) expect(pairs[first]!.left === null || pairs[first]!.right === null).toBe(true);
        for (const o of otherwise) expect(left[o.left]!.text).toBe(right[o.right]!.text);
      }),
      { seed: SEED, numRuns: size(100, 2000) },
    );
  });
});

describe('explain', () => {
  it("names the seed's order as the cause: dev->iommu = NULL before of_xlate loads it", () => {
    const seed = cases.find((c) => c.outcome === 'null-write dev_iommu.priv in apple_dart_of_xlate')!;
    const why = explain(seed.of, rerun(seed.of, seed.schedule), { nearest: true })!;
    expect(why.cause).toEqual({
      before: '`dev->iommu = NULL` in dev_iommu_free (IOMMU registration)',
      after: '`iommu = dev->iommu` in apple_dart_of_xlate (client probe (deferred retry))',
    });
    const { run } = why.nearest!;
    const load = run.witness.steps.filter((s) => s.fn === 'apple_dart_of_xlate' && s.text === 'iommu = dev->iommu');
    expect(load.map((s) => s.reads)).not.toContain('NULL');
  });

  it('tells no cause of a graph that was not explored to its end', () => {
    const { graph, schedule, outcome } = cases[0]!;
    expect(causeOfRun({ ...graph, exhaustive: false }, schedule, outcome)).toEqual({ cause: null, exhaustive: false });
  });

  it('says of a schedule that stops short which threads could go on', () => {
    const of = SET_UPS[0]!;
    expect(endOf(rerun(of, [0, 0, 1]))).toEqual({ is: 'unfinished', threads: [0, 1] });
    expect(explain(of, rerun(of, [0, 0, 1]), { nearest: true })).toBeNull();
  });
});
