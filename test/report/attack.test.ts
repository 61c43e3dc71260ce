/**
 * Hostile logs against every format. By name, one test an attack and a format; and by chance: ATTACK_RUNS=20000 (npm run attack) sends as many.
 * What comes from the log must never become a control character, a link, an element, a heading or a header: the structure of each output is that
 * of a harmless log's.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { sanitize } from '../../src/report/safe/sanitize.ts';
import { size } from '../size.ts';
import { ATTACKS, activeIn, hostile, SEED } from './attacks.ts';
import * as fixtures from './fixture.ts';
import { TARGETS, type Target, written } from './targets.ts';

/** Logs in all, shared by the formats. */
const RUNS = Math.ceil(Number(process.env.ATTACK_RUNS ?? size(200, 4000)) / TARGETS.length);

async function attacked(target: Target, text: string): Promise<void> {
  const output = await written(fixtures.hostileTriage(text), target.format);
  expect(activeIn(output)).toBeNull();
  expect(target.structure(output)).toEqual(harmless.get(target));
  expect(target.powers(output)).toEqual([]);
}

const harmless = new Map<Target, unknown>();
beforeAll(async () => {
  for (const target of TARGETS)
    harmless.set(target, target.structure(await written(fixtures.hostileTriage('device'), target.format)));
});

describe.each(TARGETS)('$format', (target) => {
  it.each(Object.keys(ATTACKS))('gives no power to: %s', (name) => attacked(target, ATTACKS[name]!));

  it(`gives no power to any log (seed ${SEED}, ${RUNS} runs)`, () => {
    // What is blank is left out, and with it the item that it would stand in.
    const shown = hostile.filter((text) => text.trim() !== '' && sanitize(text).trim() !== '');
    return fc.assert(
      fc.asyncProperty(shown, (text) => attacked(target, text)),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
