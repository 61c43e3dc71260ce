/**
 * Every piece of evidence bears something: with the lines that it quotes (and those that say the same) taken out of the log, the class falls, or what was
 * explained is less, or the item is gone. test/reconstruct/evidence/evidence.json lists them for the confirmed samples; EVIDENCE=FOLDER asks the same of labelled logs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Claim, Triage } from '../../../src/reconstruct/types.ts';
import { rememberReadings } from '../../parser/remembered.ts';
import { thinned } from '../../size.ts';
import { confirmedLogs, judge, type Known } from '../known-logs.ts';

const FOLDER = process.env.EVIDENCE ?? 'samples/dmesg';
const UPDATE = Boolean(process.env.UPDATE_GOLDEN);
const GOLDEN = 'test/reconstruct/evidence/evidence.json';

rememberReadings();

/** What the verdict says but for its words. */
function figures({ verdict }: Triage): string {
  const { outcome, explained, interleavings, search } = verdict;
  return JSON.stringify([
    outcome,
    explained.k,
    explained.n,
    interleavings,
    search?.era,
    search?.driver,
    search?.scenario,
  ]);
}

/** The line on which the crash begins that the verdict is about. */
function crashOf({ crashes, verdict }: Triage): string | null {
  const crash = crashes.find((c) => c.verdict.class === verdict.class);
  return crash ? (crash.incident.comm ?? '') + crash.incident.pid + crash.incident.cpu : null;
}

/** What becomes of the verdict without one item's lines, in a few words; null where nothing does. */
function without(log: Known, { text, lines, same }: Claim): string | null {
  const gone = new Set([...lines, ...(same ?? [])]);
  const left = log.text
    .split('\n')
    .filter((_, i) => !gone.has(i + 1))
    .join('\n');
  const now = judge(left, log.options);
  if (now.verdict.class !== 'confirmed') return now.verdict.class;
  if (crashOf(now) !== crashOf(log.whole)) return 'confirmed by another crash';
  if (figures(now) !== figures(log.whole)) return 'confirmed, less explained';
  return now.verdict.because.some((b) => b.text === text) ? null : 'confirmed without it';
}

describe('evidence', () => {
  const logs = confirmedLogs(FOLDER);
  const found: Record<string, Record<string, string | null>> = {};

  const few = UPDATE ? logs : thinned(logs, 3);

  it.each(few)('of $file bears the verdict, each item of it', (log) => {
    // What the model says has no line of the log behind it.
    const items = log.whole.verdict.because.filter((b) => b.lines.length > 0);
    expect(items.length).toBeGreaterThan(3);
    const effects = Object.fromEntries(items.map((item) => [item.text, without(log, item)]));
    found[log.file] = effects;
    expect(Object.entries(effects).filter(([, effect]) => effect === null)).toEqual([]);
  });

  it('is listed with what each item bears', () => {
    if (FOLDER !== 'samples/dmesg') return;
    if (UPDATE) writeFileSync(GOLDEN, `${JSON.stringify(found, null, 2)}\n`);
    const golden: typeof found = JSON.parse(readFileSync(GOLDEN, 'utf8'));
    expect(Object.keys(golden).sort()).toEqual(logs.map((log) => log.file).sort());
    for (const { file } of few) expect(found[file], file).toEqual(golden[file]);
  });
});
