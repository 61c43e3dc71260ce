import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { size } from '../../size.ts';
import { ATTACKS, activeIn, hostile, SEED } from '../attacks.ts';
import * as fixtures from '../fixture.ts';
import { rendered, SAMPLES, sample } from '../samples.ts';
import { wrongKcidb } from './readers.ts';

interface Incident {
  readonly id: string;
  readonly issue_id: string;
  readonly present?: boolean;
}

async function kcidb(...triages: readonly (typeof fixtures.confirmedTriage)[]) {
  const text = await rendered('kcidb', triages);
  const file = JSON.parse(text);
  expect(wrongKcidb(text)).toBe(null);
  const incidents: readonly Incident[] = file.incidents;
  const issues: readonly { readonly id: string }[] = file.issues;
  // An incident of an issue that nobody has heard of would never show.
  for (const { issue_id } of incidents) expect(issues.map((issue) => issue.id)).toContain(issue_id);
  return { text, incidents, issues };
}

const RACE = 'oopsreplay:xlate-vs-probe-free';

describe('--format kcidb', () => {
  it('says of the race that it is present, absent, or neither where that is not known', async () => {
    const present = async (triage: typeof fixtures.confirmedTriage) =>
      (await kcidb(triage)).incidents.filter((i) => i.issue_id === RACE).map((i) => i.present);
    expect(await present(fixtures.confirmedTriage)).toEqual([true]);
    expect(await present(fixtures.possibleTriage)).toEqual([undefined]);
    expect(await present(fixtures.insufficientTriage)).toEqual([undefined]);
    expect(await present(fixtures.excludedTriage)).toEqual([false]);
    expect(await present(fixtures.noCrashTriage)).toEqual([false]);
  });

  it('names the other bug where that explains the crash', async () => {
    const { incidents } = await kcidb(...sample('double-error-exit-5.10'));
    expect(incidents.map((i) => [i.issue_id, i.present])).toEqual([
      [RACE, false],
      ['oopsreplay:probe-vs-probe', true],
    ]);
  });

  it('meets the schema for every sample, each incident with an id of its own', async () => {
    const all = SAMPLES.flatMap((s) => sample(s.file.replace(/\.log$/, '')));
    const { incidents, issues } = await kcidb(...all);
    expect(new Set(incidents.map((i) => i.id)).size).toBe(incidents.length);
    expect(new Set(issues.map((i) => i.id)).size).toBe(issues.length);
    const again = await kcidb(all[0]!);
    expect(incidents[0]!.id).toBe(again.incidents[0]!.id);
  });

  it('the schema tells a wrong file from a right one', async () => {
    const { text } = await kcidb(fixtures.confirmedTriage);
    for (const [right, wrong] of [
      ['"issue_version": 1', '"issue_version": "1"'],
      ['"origin": "oopsreplay"', '"origin": "Oops Replay"'],
      ['"minor": 3', '"minor": 4'],
    ] as const)
      expect([wrong, wrongKcidb(text.replace(right, wrong)) !== null]).toEqual([wrong, true]);
  });

  it(`is valid and quiet whatever a log says (seed ${SEED})`, async () => {
    const texts = [...Object.values(ATTACKS), ...fc.sample(hostile, { seed: SEED, numRuns: size(200, 5000) })];
    const { text, incidents } = await kcidb(...texts.map(fixtures.hostileTriage));
    expect(incidents).toHaveLength(texts.length);
    expect(activeIn(text)).toBeNull();
  });
});
