/** --format junit against its schema, by xmllint (Debian: libxml2-utils); without it these are skipped on a user's machine and fail in CI. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REQUIRED, size } from '../../size.ts';
import { ATTACKS, activeIn, hostile, SEED } from '../attacks.ts';
import * as fixtures from '../fixture.ts';
import { rendered, SAMPLES, sample } from '../samples.ts';
import { wrongJunit, XMLLINT } from './readers.ts';

const junit = (...triages: readonly (typeof fixtures.confirmedTriage)[]) => rendered('junit', triages);
const unescaped = (text: string) =>
  text.replace(
    /&(lt|gt|quot|amp|#39|#96);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'", '#96': '`' })[name]!,
  );
const suite = (xml: string) => /<testsuite ([^>]*)>/.exec(xml)![1]!;

describe('--format junit', () => {
  it('fails a case where the race is confirmed or possible, skips it where nobody can tell, and passes it otherwise', async () => {
    const ends: [typeof fixtures.confirmedTriage, RegExp][] = [
      [
        fixtures.confirmedTriage,
        /<failure type="confirmed" message="CONFIRMED: BUG: unable to handle kernel NULL pointer dereference/,
      ],
      [fixtures.possibleTriage, /<failure type="possible" message="POSSIBLE: BUG: /],
      [fixtures.insufficientTriage, /<skipped message="INSUFFICIENT: too little is left to judge: Too little/],
    ];
    for (const [triage, end] of ends) {
      const xml = await junit(triage);
      expect(xml).toMatch(end);
      expect(xml.match(/<(?:failure|skipped)\b/g)).toHaveLength(1);
    }
    for (const triage of [fixtures.excludedTriage, fixtures.noCrashTriage]) {
      const xml = await junit(triage);
      expect(xml).not.toMatch(/<(?:failure|skipped|error)\b/);
      expect(xml).toContain('<testcase classname="oopsreplay.xlate-vs-probe-free" name="m1.log" time="0">');
    }
  });

  it('counts what it holds', async () => {
    const { confirmedTriage, possibleTriage, insufficientTriage, excludedTriage, noCrashTriage } = fixtures;
    const xml = await junit(confirmedTriage, possibleTriage, insufficientTriage, excludedTriage, noCrashTriage);
    expect(suite(xml)).toBe('name="oopsreplay" tests="5" failures="2" errors="0" skipped="1" time="0"');
    expect(xml.match(/<testcase /g)).toHaveLength(5);
  });

  it('has the whole text report in the failure', async () => {
    const [one] = sample('qcom-null-priv-5.10');
    const xml = await junit(one!);
    const body = /<failure [^>]*>(.*)<\/failure>/s.exec(xml)![1]!;
    expect(unescaped(body)).toBe(await rendered('text', [one!]));
  });

  if (!XMLLINT && !REQUIRED) {
    describe.skip('its schema: skipped, as xmllint cannot be run here (apt-get install libxml2-utils)', () => {
      it('is met', () => {});
    });
    return;
  }

  it('xmllint is here, as CI requires (apt-get install libxml2-utils)', () => {
    expect(XMLLINT).toBe(true);
  });

  it('meets its schema for every sample, alone and all in one', async () => {
    const all = SAMPLES.map((s) => sample(s.file.replace(/\.log$/, '')));
    expect(wrongJunit(await rendered('junit', all.flat(), true))).toBe(null);
    for (const boots of all) expect(wrongJunit(await rendered('junit', boots))).toBe(null);
  });

  it('meets it where no log could be judged', async () => {
    expect(wrongJunit(await rendered('junit', [], true))).toBe(null);
  });

  it('the schema tells a wrong file from a right one', async () => {
    const xml = await junit(fixtures.confirmedTriage);
    expect(wrongJunit(xml.replace(' time="0"', ''))).toContain("attribute 'time' is required");
    expect(wrongJunit(xml.replace('</failure>', '</failure><skipped message="x"/>'))).toContain('not expected');
    expect(wrongJunit(xml.replace('tests="1"', 'tests="one"'))).toContain('not a valid value');
    expect(wrongJunit(xml.replace('CONFIRMED', '\u0001'))).toContain('invalid character');
  });

  it.each(Object.entries(ATTACKS))('is valid and quiet whatever a log says: %s', async (_, evil) => {
    const xml = await junit(fixtures.hostileTriage(evil));
    expect(wrongJunit(xml)).toBe(null);
    expect(activeIn(xml)).toBeNull();
  });

  it(`is valid whatever a log says (seed ${SEED})`, async () => {
    const texts = fc.sample(hostile, { seed: SEED, numRuns: size(300, 3000) });
    const xml = await junit(...[...texts, '\ufffe\uffff', ']]>'].map(fixtures.hostileTriage));
    expect(wrongJunit(xml)).toBe(null);
    expect(activeIn(xml)).toBeNull();
    expect(xml.match(/<testcase /g)).toHaveLength(texts.length + 2);
  });
});
