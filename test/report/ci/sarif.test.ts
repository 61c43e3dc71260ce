/** --format sarif against the schema of SARIF 2.1.0, and against what the specification asks beyond it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
import { size } from '../../size.ts';
import { ATTACKS, activeIn, hostile, SEED } from '../attacks.ts';
import * as fixtures from '../fixture.ts';
import { rendered, SAMPLES, sample } from '../samples.ts';
import { wrongSarif } from './readers.ts';

interface Message {
  readonly text: string;
}
interface Location {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region?: { readonly startLine: number; readonly endLine: number };
  };
  readonly message?: Message;
}
interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly kind: string;
  readonly level: string;
  readonly message: Message;
  readonly locations: readonly Location[];
  readonly relatedLocations?: readonly Location[];
  readonly codeFlows?: readonly {
    readonly threadFlows: readonly { readonly locations: readonly { executionOrder: number }[] }[];
  }[];
}

async function sarif(...triages: readonly (typeof fixtures.confirmedTriage)[]) {
  const text = await rendered('sarif', triages);
  const log = JSON.parse(text);
  expect(wrongSarif(text)).toBe(null);
  const [run] = log.runs;
  const results: readonly Result[] = run.results;
  for (const { ruleId, ruleIndex, kind, level } of results) {
    expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
    // 3.27.10: what did not fail has no level.
    expect([kind, level === 'none']).toEqual([kind, kind !== 'fail']);
  }
  return { text, results, rules: run.tool.driver.rules };
}

describe('--format sarif', () => {
  it('has a level by class, and a kind for what did not fail', async () => {
    const of = async (triage: typeof fixtures.confirmedTriage) => {
      const [{ ruleId, kind, level }] = (await sarif(triage)).results as [Result];
      return [ruleId, kind, level];
    };
    expect(await of(fixtures.confirmedTriage)).toEqual(['xlate-vs-probe-free', 'fail', 'error']);
    expect(await of(fixtures.possibleTriage)).toEqual(['xlate-vs-probe-free', 'fail', 'warning']);
    expect(await of(fixtures.insufficientTriage)).toEqual(['xlate-vs-probe-free', 'open', 'none']);
    expect(await of(fixtures.excludedTriage)).toEqual(['priv-without-fwspec', 'fail', 'note']);
    expect(await of(fixtures.noCrashTriage)).toEqual(['xlate-vs-probe-free', 'pass', 'none']);
    expect(await of(sample('dart-release-says-fixed-6.6')[0]!)).toEqual(['xlate-vs-probe-free', 'review', 'none']);
    expect(await of(sample('priv-without-fwspec-6.1')[0]!)).toEqual(['xlate-vs-probe-free', 'pass', 'none']);
  });

  it('meets the schema for every sample, and for all of them in one', async () => {
    const all = SAMPLES.flatMap((s) => sample(s.file.replace(/\.log$/, '')));
    const { results, rules } = await sarif(...all);
    expect(results).toHaveLength(all.reduce((n, t) => n + Math.max(1, t.crashes.length), 0));
    expect(rules).toHaveLength(HYPOTHESES.size);
    for (const one of all) await sarif(one);
    expect((await rendered('sarif', [], true)).length).toBeGreaterThan(100);
  });

  it('points at the lines of the log, with their text', async () => {
    const [one] = sample('qcom-null-priv-5.10');
    const [result] = (await sarif(one!)).results;
    expect(result!.locations[0]!.physicalLocation).toEqual({
      artifactLocation: { uri: 'samples/dmesg/qcom-null-priv-5.10.log' },
      region: { startLine: 91, endLine: 151 },
    });
    const places = result!.relatedLocations!.map((l) => l.physicalLocation.region!.startLine);
    expect(places).toEqual(one!.verdict.because.flatMap((claim) => claim.lines));
    result!.relatedLocations!.forEach(({ message }, i) => {
      expect(message!.text).toContain(one!.log.lineText(places[i]!)!.trim());
    });
  });

  it('has the witness as a flow for each thread, every step once and in its order', async () => {
    const [one] = sample('qcom-null-priv-5.10');
    const flows = (await sarif(one!)).results[0]!.codeFlows![0]!.threadFlows;
    expect(flows).toHaveLength(2);
    const orders = flows.flatMap((flow) => flow.locations.map((l) => l.executionOrder)).sort((a, b) => a - b);
    expect(orders).toEqual(one!.verdict.story!.steps.map((_, i) => i + 1));
  });

  it.each([
    ['-', 'stdin'],
    ['a b/#1?.log', 'a%20b/%231%3F.log'],
    ['/var/log/x.log', 'file:///var/log/x.log'],
    ['a\ud800.log', 'a%EF%BF%BD.log'],
  ])('writes the path %j as the reference %s', async (name, uri) => {
    const { log } = fixtures.confirmedTriage;
    const triage = { ...fixtures.confirmedTriage, log: { ...log, source: { ...log.source, name } } };
    expect((await sarif(triage)).results[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toBe(uri);
  });

  it('the schema tells a wrong file from a right one', async () => {
    const { text } = await sarif(fixtures.confirmedTriage);
    for (const [right, wrong] of [
      ['"level": "error"', '"level": "fatal"'],
      ['"startLine": 7', '"startLine": 0'],
      ['"kind": "fail"', '"kinds": "fail"'],
    ] as const) {
      expect(text).toContain(right);
      expect([wrong, wrongSarif(text.replace(right, wrong)) !== null]).toEqual([wrong, true]);
    }
  });

  it(`is valid and quiet whatever a log says (seed ${SEED})`, async () => {
    const texts = [...Object.values(ATTACKS), ...fc.sample(hostile, { seed: SEED, numRuns: size(100, 1000) })];
    const { text } = await sarif(...texts.map(fixtures.hostileTriage));
    expect(activeIn(text)).toBeNull();
    expect(activeIn(JSON.stringify(JSON.parse(text)).replaceAll(/\\u/g, ''))).toBeNull();
  });
});
