import { describe, expect, it } from 'vitest';
import { diffText } from '../../src/report/text/diff.ts';
import { endWords, replayJson, replayText } from '../../src/report/text/replay.ts';
import { explain } from '../../src/sim/explain/explain.ts';
import { decodeReplay } from '../../src/sim/explain/replay.ts';
import { rerun } from '../../src/sim/explain/witness.ts';
import { simulate } from '../../src/sim/simulate.ts';
import { setUp } from '../sim/set-up.ts';

const SET_UPS = [
  setUp('E', 'apple-dart', 'deferred-retry'),
  setUp('C', 'rockchip', 'first-probe', { memory: 'plain' }),
  setUp('D', 'arm-smmu-v3', 'walks-only', { granularity: 'source' }),
  setUp('G', 'apple-dart', 'two-walks'),
];

const crashes = SET_UPS.flatMap((of) =>
  simulate(of)
    .outcomes.filter((o) => o.crash)
    .map((o) => ({ of, ...o, name: `${of.era.id} ${of.driver.name} ${of.scenario.id} ${o.outcome}` })),
);

function runOf(witness: string) {
  const decoded = decodeReplay(witness);
  if (!decoded.ok) throw new Error(decoded.why);
  return { of: decoded.setUp, run: rerun(decoded.setUp, decoded.threads) };
}

describe('replay --diff', () => {
  it.each(crashes)(
    '$name: one first difference, in 80 columns, with the passing run to replay',
    ({ outcome, witness }) => {
      const { of, run } = runOf(witness);
      const text = diffText(of, run, explain(of, run, { nearest: true }));
      const lines = text.split('\n');
      expect(lines.filter((line) => line.length > 80 && !line.includes('oopsreplay replay '))).toEqual([]);
      expect(lines.filter((line) => /^.{38} !(?: |$)/.test(line))).toHaveLength(1);
      expect(text.replace(/\s*\|.*\n\s*/g, ' ')).toContain(`*** ${outcome.split(' ')[0]}`);
      const passing = runOf(/^the passing run: oopsreplay replay (\S+)$/m.exec(text)![1]!);
      expect(passing.run.witness.steps.some((s) => s.outcome !== null || s.unnoticed !== undefined)).toBe(false);
      expect(text).toMatch(/^cause: /m);
      expect(diffText(of, run, explain(of, run, { nearest: true }))).toBe(text);
    },
  );

  it('says so where no run passes', () => {
    const [row] = simulate(setUp('E', 'sprd', 'priv-without-fwspec')).outcomes;
    const { of, run } = runOf(row!.witness);
    expect(diffText(of, run, explain(of, run, { nearest: true }))).toContain('nearest passing run: none was found');
  });
});

describe('replay', () => {
  it.each(crashes)(
    '$name: every step has the shared state after it, and the end is the outcome',
    ({ outcome, witness }) => {
      const { of, run } = runOf(witness);
      const text = replayText(of, run, explain(of, run, { nearest: false }));
      expect(text.match(/^ {9}dev->iommu=/gm)).toHaveLength(run.witness.steps.length);
      expect(text).toMatch(/^ends in: /m);
      expect(endWords({ is: 'crash', outcome })).toBe(outcome);
      expect(replayJson(of, run, null)).toMatchObject({
        crash: true,
        ends: [outcome],
        witness,
        cause: null,
        nearest: null,
      });
    },
  );

  it('marks memory errors that go on silently without KASAN', () => {
    const silent = crashes
      .map(({ witness }) => runOf(witness))
      .filter(({ run }) => run.witness.steps.some((s) => s.unnoticed));
    for (const { of, run } of silent)
      expect(replayText(of, run, null)).toMatch(/^ {7}\(goes unnoticed without KASAN: (?:uaf|double-free)/m);
    const of = SET_UPS[1]!;
    const graphs = simulate({ ...of, memory: 'kasan' }).outcomes.filter((o) => o.outcome.startsWith('uaf'));
    const { run } = runOf(graphs[0]!.witness);
    const plain = rerun(of, [...run.witness.steps.map((s) => s.thread), run.witness.steps.at(-1)!.thread]);
    expect(plain.witness.steps[run.witness.steps.length - 1]!.unnoticed).toBe(graphs[0]!.outcome);
  });

  it('shows both devices where there are two', () => {
    const { of, run } = runOf(simulate(setUp('F', 'apple-dart', 'two-clients')).outcomes[0]!.witness);
    expect(replayText(of, run, null)).toMatch(/dev->iommu=.*dev2->iommu=/);
  });
});
