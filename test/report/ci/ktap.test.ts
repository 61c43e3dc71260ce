import fc from 'fast-check';
import { type FinalResults, Parser } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import { size } from '../../size.ts';
import { ATTACKS, hostile, SEED } from '../attacks.ts';
import * as fixtures from '../fixture.ts';
import { rendered, SAMPLES, sample } from '../samples.ts';
import { readKtap } from './ktap.ts';

const ktap = (...triages: readonly (typeof fixtures.confirmedTriage)[]) => rendered('ktap', triages);

/** What node-tap's reader makes of it: of TAP, KTAP lacks nothing but the version line. */
function tap(text: string): FinalResults {
  let results: FinalResults | null = null;
  const parser = new Parser((r: FinalResults) => {
    results = r;
  });
  parser.end(text.replace('KTAP version 1', 'TAP version 13'));
  return results!;
}

describe('--format ktap', () => {
  it('is not ok where the race is confirmed or possible, skipped where nobody can tell, and ok otherwise', async () => {
    const all = [
      fixtures.confirmedTriage,
      fixtures.possibleTriage,
      fixtures.insufficientTriage,
      fixtures.excludedTriage,
      fixtures.noCrashTriage,
    ];
    const results = readKtap(await ktap(...all));
    expect(results.map(({ ok, directive, said }) => [ok, directive, said.split(':')[0]])).toEqual([
      [false, null, 'CONFIRMED'],
      [false, null, 'POSSIBLE'],
      [true, 'SKIP', 'SKIP INSUFFICIENT'],
      [true, null, 'NOT THIS RACE'],
      [true, null, 'NO CRASH'],
    ]);
    expect(tap(await ktap(...all))).toMatchObject({
      count: 5,
      pass: 3,
      fail: 2,
      skip: 1,
      bailout: false,
      plan: { end: 5 },
    });
  });

  it('is KTAP for every sample, alone and all in one, in ASCII', async () => {
    const all = SAMPLES.flatMap((s) => sample(s.file.replace(/\.log$/, '')));
    const text = await ktap(...all);
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    const results = readKtap(text);
    expect(results.map((r) => r.name)).toEqual(all.map((t) => t.log.source.name));
    for (const one of all) expect(readKtap(await ktap(one))).toHaveLength(1);
    expect(readKtap(await rendered('ktap', [], true))).toEqual([]);
  });

  it('says what was found above the result, with the witness and the commands whole', async () => {
    const [one] = sample('cut-in-trace-6.1');
    const [{ diagnostics }] = readKtap(await ktap(one!)) as [ReturnType<typeof readKtap>[number]];
    expect(diagnostics[0]).toMatch(/^This crash fits the race/);
    expect(diagnostics).toContain(
      '  98| Unable to handle kernel NULL pointer dereference at virtual address 0000000000000040',
    );
    expect(diagnostics).toContain(`witness: oopsreplay replay ${one!.verdict.witness}`);
    for (const { command } of one!.verdict.settle)
      if (command !== null) expect(diagnostics).toContain(`    ${command}`);
  });

  it(`is KTAP with as many tests, whatever a log says (seed ${SEED})`, async () => {
    const texts = [
      ...Object.values(ATTACKS),
      'x # SKIP',
      '# TODO x',
      'Bail out!',
      '1..0',
      ...fc.sample(hostile, { seed: SEED, numRuns: size(100, 2500) }),
    ];
    const text = await ktap(...texts.map(fixtures.hostileTriage));
    const results = readKtap(text);
    expect(results).toHaveLength(texts.length);
    expect(results.filter((r) => r.ok || r.directive !== null)).toEqual([]);
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(tap(text)).toMatchObject({ count: texts.length, fail: texts.length, skip: 0, todo: 0, bailout: false });
  });
});
