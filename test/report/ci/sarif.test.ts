/** --format sarif against the schema of SARIF 2.1.0, and against what the specification asks beyond it. */

import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HYPOTHESES, HYPOTHESES, HYPOTHESES, HYPOTHESES, HYPOTHESES, HYPOTHESES, HYPOTHESES, HYPOTHESES, HYPOTHESES, HYPOTHESES, HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
import { size } from '../../size.ts';
import { ATTACKS, activeIn, hostile, SEED } from '../attacks.ts';
import * as fixtures from '../fixture.ts';
import { rendered, SAMPLES, sample } from '../samples.ts';

const {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  id: _id,

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  $schema: _schema,

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  ...schema

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

} = createRequire(import.meta.url)('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

const ajv = new Ajv({
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  strict: false,

// One of its patterns is none with the flag "u".
import { HYPOTHESES, HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  unicodeRegExp: false,

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  allErrors: true,

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    uri: (text: string) => URL.canParse(text),
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    'uri-reference': (text: string) => URL.canParse(text, 'http://x/') && /^[\w.~:/?#[\]@!$&'()*+,;=%-]*$/.test(text),
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    'date-time': true,
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  },

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

});

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

const validate = ajv.compile(schema);

import { HYPOTHESES, HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

interface Message {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  readonly text: string;

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

}

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

interface Location {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  readonly {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    readonly readonly uri: string ;
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    readonly region?: { readonly startLine: number; readonly endLine: number };

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  };

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  readonly message?: Message;

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

}

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

interface Result {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  readonly ruleId: string;

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  readonly ruleIndex: number;

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  readonly kind: string;

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  readonly level: string;

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  readonly message: Message;

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  readonly locations: readonly Location[];

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  readonly relatedLocations?: readonly Location[];

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  readonly codeFlows?: readonly {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    readonly threadFlows: readonly readonly locations: readonly executionOrder: number [] [];
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  }[];

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

}

import { HYPOTHESES, HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

async function sarif(...triages: readonly (typeof fixtures.confirmedTriage)[]) {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  const text = await rendered('sarif', triages);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  const log = JSON.parse(text);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  validate(log);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  expect(validate.errors ?? []).toEqual([]);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  const [run] = log.runs;
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  const results: readonly Result[] = run.results;
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  for (const { ruleId, ruleIndex, kind, level } of results) {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    // 3.27.10: what did not fail has no level.
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect([kind, level === 'none']).toEqual([kind, kind !== 'fail']);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  }
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  return { text, results, rules: run.tool.driver.rules };
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
}

import { HYPOTHESES, HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

describe('--format sarif', () => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  it('has a level by class, and a kind for what did not fail', async () => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const of = async (triage: typeof fixtures.confirmedTriage) => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
      const [{ ruleId, kind, level }] = (await sarif(triage)).results as [Result];
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
      return [ruleId, kind, level];
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    };
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(await of(fixtures.confirmedTriage)).toEqual(['xlate-vs-probe-free', 'fail', 'error']);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(await of(fixtures.possibleTriage)).toEqual(['xlate-vs-probe-free', 'fail', 'warning']);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(await of(fixtures.insufficientTriage)).toEqual(['xlate-vs-probe-free', 'open', 'none']);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(await of(fixtures.excludedTriage)).toEqual(['priv-without-fwspec', 'fail', 'note']);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(await of(fixtures.noCrashTriage)).toEqual(['xlate-vs-probe-free', 'pass', 'none']);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(await of(sample('dart-release-says-fixed-6.6')[0]!)).toEqual(['xlate-vs-probe-free', 'review', 'none']);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(await of(sample('priv-without-fwspec-6.1')[0]!)).toEqual(['xlate-vs-probe-free', 'pass', 'none']);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  });
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  it('meets the schema for every sample, and for all of them in one', async () => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const all = SAMPLES.flatMap((s) => sample(s.file.replace(/\.log$/, '')));
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const { results, rules } = await sarif(...all);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(results).toHaveLength(all.reduce((n, t) => n + Math.max(1, t.crashes.length), 0));
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(rules).toHaveLength(HYPOTHESES.size);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    for (const one of all) await sarif(one);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect((await rendered('sarif', [], true)).length).toBeGreaterThan(100);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  });
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  it('points at the lines of the log, with their text', async () => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const [one] = sample('qcom-null-priv-5.10');
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const [result] = (await sarif(one!)).results;
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(result!.locations[0]!.physicalLocation).toEqual({
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';uri: 'samples/dmesg/qcom-null-priv-5.10.log' ,
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';startLine: 91, endLine: 151 ,
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    });
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const places = result!.relatedLocations!.map((l) => l.physicalLocation.region!.startLine);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(places).toEqual(one!.verdict.because.flatMap((claim) => claim.lines));
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    result!.relatedLocations!.forEach(({ message }, i) => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
      expect(message!.text).toContain(one!.log.lineText(places[i]!)!.trim());
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    });
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  });

import { HYPOTHESES, HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  it('has the witness as a flow for each thread, every step once and in its order', async () => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const [one] = sample('qcom-null-priv-5.10');
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const flows = (await sarif(one!)).results[0]!.codeFlows![0]!.threadFlows;
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(flows).toHaveLength(2);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const orders = flows.flatMap((flow) => flow.locations.map((l) => l.executionOrder)).sort((a, b) => a - b);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(orders).toEqual(one!.verdict.story!.steps.map((_, i) => i + 1));
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  });

import { HYPOTHESES, HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  it.each([
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    ['-', 'stdin'],
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    ['a b/#1?.log', 'a%20b/%231%3F.log'],
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    ['/var/log/x.log', 'file:///var/log/x.log'],
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    ['a\ud800.log', 'a%EF%BF%BD.log'],
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  ])('writes the path %j as the reference %s', async (name, uri) => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const { log } = fixtures.confirmedTriage;
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const triage = { ...fixtures.confirmedTriage, log: { ...log, source: { ...log.source, name } } };
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect((await sarif(triage)).results[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toBe(uri);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  });

import { HYPOTHESES, HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  it('the schema tells a wrong file from a right one', async () => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const { text } = await sarif(fixtures.confirmedTriage);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    for (const [right, wrong] of [
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
      ['"level": "error"', '"level": "fatal"'],
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
      ['"startLine": 7', '"startLine": 0'],
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
      ['"kind": "fail"', '"kinds": "fail"'],
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    ] as const) {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
      expect(text).toContain(right);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
      expect([wrong, validate(JSON.parse(text.replace(right, wrong)))]).toEqual([wrong, false]);
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    }
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  });

import { HYPOTHESES, HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

  it(`is valid and quiet whatever a log says (seed ${SEED})`, async () => {
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const texts = [...Object.values(ATTACKS), ...fc.sample(hostile, { seed: SEED, numRuns: size(100, 1000) })];
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    const { text } = await sarif(...texts.map(fixtures.hostileTriage));
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(activeIn(text)).toBeNull();
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
    expect(activeIn(JSON.stringify(JSON.parse(text)).replaceAll(/\\u/g, ''))).toBeNull();
import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
  });

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';

});

import { HYPOTHESES } from '../../../src/sim/hypotheses/hypotheses.ts';
