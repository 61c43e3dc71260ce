import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toTriageJson, triageNdjsonLine } from '../../src/report/json.ts';
import { rendererFor } from '../../src/report/render.ts';
import { size } from '../size.ts';
import { hostile, SEED } from './attacks.ts';
import * as fixtures from './fixture.ts';

const schema = JSON.parse(readFileSync('schema/triage.schema.json', 'utf8'));
const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(schema);

const ALL = {
  confirmed: fixtures.confirmedTriage,
  excluded: fixtures.excludedTriage,
  possible: fixtures.possibleTriage,
  insufficient: fixtures.insufficientTriage,
  'no-crash': fixtures.noCrashTriage,
  'two crashes': fixtures.twoCrashesTriage,
};

const options = { columns: 80, colour: false, ascii: false, several: false };

async function json(several: boolean, triages = [fixtures.confirmedTriage]): Promise<unknown> {
  const renderer = await rendererFor('json', { ...options, several });
  for (const triage of triages) await renderer.add(triage);
  return JSON.parse(renderer.end());
}

describe('toTriageJson', () => {
  for (const [name, triage] of Object.entries(ALL))
    it(`validates against the schema that ships: ${name}`, () => {
      const value = JSON.parse(triageNdjsonLine(triage));
      validate(value);
      expect(validate.errors ?? []).toEqual([]);
    });

  it('writes addresses as hexadecimal strings and counts as decimal ones', () => {
    const { crashes, verdict } = toTriageJson(fixtures.confirmedTriage);
    expect(crashes[0]!.fault!.address).toBe('0x40');
    expect(verdict.interleavings!.all).toBe('18446744073709551616');
    expect(crashes[0]!.bytes).toEqual([412, 3890]);
  });

  it('gives a negative address as the kernel prints it', () => {
    const crash = fixtures.confirmedTriage.crashes[0]!;
    const fault = { ...crash.fault!, address: -0x28n };
    const json = toTriageJson({ ...fixtures.confirmedTriage, crashes: [{ ...crash, fault }] });
    expect(json.crashes[0]!.fault!.address).toBe('0xffffffffffffffd8');
  });

  it('is an object for one log and an array for several, also when only one of several could be read', async () => {
    expect(await json(false)).toMatchObject({ schema: 'oopsreplay/triage/1' });
    expect(await json(true)).toHaveLength(1);
    expect(await json(false, [fixtures.confirmedTriage, fixtures.noCrashTriage])).toHaveLength(2);
  });

  it(`stays one valid line with any text in it (seed ${SEED})`, () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = triageNdjsonLine(fixtures.hostileTriage(text));
        expect(line.indexOf('\n')).toBe(line.length - 1);
        validate(JSON.parse(line));
        expect(validate.errors ?? []).toEqual([]);
      }),
      { seed: SEED, numRuns: size(100, 1500) },
    );
  });

  it('the schema refuses what the contract does not allow', () => {
    const good = JSON.parse(triageNdjsonLine(fixtures.confirmedTriage));
    const bad = [
      { ...good, schema: 'oopsreplay/triage/2' },
      { ...good, verdict: { ...good.verdict, class: 'likely' } },
      { ...good, verdict: { ...good.verdict, witness: null } },
      { ...good, verdict: { ...good.verdict, hypothesis: 'probe-vs-probe' } },
      { ...good, kernel: { ...good.kernel, era: 'Z' } },
      { ...good, source: { ...good.source, bytes: -1 } },
      (({ diagnostics, ...rest }) => rest)(good),
    ];
    for (const value of bad) expect(validate(value)).toBe(false);
    expect(validate({ ...good, later: 'a field of a later release' })).toBe(true);
  });
});
