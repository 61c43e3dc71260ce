import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Triage } from '../../src/reconstruct/types.ts';
import { rendererFor } from '../../src/report/render.ts';
import { widthOf } from '../../src/report/text/layout.ts';
import type { TerminalOptions } from '../../src/report/text/page.ts';
import { renderTerminal } from '../../src/report/text/terminal.ts';
import { size } from '../size.ts';
import { activeIn, hostile, SEED } from './attacks.ts';
import * as fixtures from './fixture.ts';
import { SAMPLES, sample } from './samples.ts';

const PLAIN: TerminalOptions = { columns: 80, colour: false, ascii: false };
const text = (triage: Triage, over: Partial<TerminalOptions> = {}) => renderTerminal(triage, { ...PLAIN, ...over });
/** A command is never wrapped: it stands alone on a line eight columns in. */
const widest = (output: string) =>
  Math.max(
    ...output
      .split('\n')
      .filter((line) => !/^ {8}\S/.test(line))
      .map(widthOf),
  );

/** Columns by a library that knows Unicode's widths in its own way. */
const columnsOf = (line: string): number => stringWidth(line);

const ALL = [
  fixtures.confirmedTriage,
  fixtures.excludedTriage,
  fixtures.possibleTriage,
  fixtures.insufficientTriage,
  fixtures.noCrashTriage,
  fixtures.twoCrashesTriage,
];

describe('renderTerminal', () => {
  it('puts the verdict first, then the kernel and where the fix is', async () => {
    const lines = (await text(fixtures.confirmedTriage)).split('\n');
    expect(lines[0]).toMatch(/^CONFIRMED {2}BUG: unable to handle kernel NULL pointer dereference in/);
    const kernel = lines.find((line) => line.startsWith('  kernel'))!;
    expect(kernel).toContain('6.5.6-403.asahi.fc39.aarch64+16k (arm64), era E, driver apple-dart');
    expect(lines.find((line) => line.startsWith('  fix'))).toContain('a2e7e59a9426 absent');
  });

  it('fits 80 columns, uses more where there is more, and never more than 120', async () => {
    for (const triage of ALL) expect(widest(await text(triage))).toBeLessThanOrEqual(80);
    const wide = widest(await text(fixtures.confirmedTriage, { columns: 300 }));
    expect(wide).toBeGreaterThan(80);
    expect(wide).toBeLessThanOrEqual(120);
  });

  it.each([60, 80, 120, 200])('keeps every sample within %i columns, in ASCII as well', async (columns) => {
    for (const { file } of SAMPLES)
      for (const triage of sample(file.replace(/\.log$/, '')))
        for (const ascii of [false, true]) {
          const out = await text(triage, { columns, ascii });
          // A command is never wrapped: it stands alone on a line eight columns in.
          const wide = out
            .split('\n')
            .filter((line) => widthOf(line) > Math.min(columns, 120) && !/^ {8}\S/.test(line));
          expect([file, wide]).toEqual([file, []]);
          if (ascii) expect(out).toMatch(/^[\n\x20-\x7e]*$/);
        }
  });

  it.each([
    ['CJK', '\u6f22\u5b57\u30ab\u30ca \u30c7\u30d0\u30a4\u30b9'],
    ['Hangul', '\ud55c\uad6d\uc5b4 \uc7a5\uce58'],
    ['full width', '\uff24\uff21\uff32\uff34 \uff11'],
    ['emoji', '\u{1f4a5}\u{1f525} \u231a'],
    ['Hebrew, right to left', '\u05e9\u05dc\u05d5\u05dd'],
    ['combining marks', 'e\u0301a\u0308 o\u0323'],
  ])('is aligned where a log has %s', async (_, words) => {
    const out = await text(fixtures.hostileTriage(words));
    const lines = out.split('\n').filter((line) => !/^ {8}\S/.test(line));
    expect(Math.max(...lines.map((line) => columnsOf(line)))).toBeLessThanOrEqual(80);
    // What stands in the right lane begins in one column, whatever the left one is called.
    const right = lines.filter((line) => /CPU1$|IOMMU registration$|^ *dev_iommu_free\(\)$/.test(line));
    expect(right.length).toBeGreaterThan(2);
    const starts = right.map((line) => columnsOf(/^.*? (?=\S+(?: registration)?$)/u.exec(line)![0]));
    expect(new Set(starts).size).toBe(1);
  });

  it('quotes three pieces of evidence with their line numbers, and says where the others are', async () => {
    const out = await text(fixtures.confirmedTriage);
    expect(out).toContain('20| CM = 0, WnR = 1, TnD = 0, TagAccess = 0');
    expect(out).toContain('67| Code: 540003a1 b9400e94 b40007b3 f94172c0 (f9002013)');
    expect(out).toContain('evidence (3 of 5; all: oopsreplay report)');
  });

  it('names each rival, what refutes it, and what the replay explained', async () => {
    const out = await text(fixtures.confirmedTriage, { columns: 120 });
    expect(out).toMatch(
      /probe-vs-probe +│ refuted +│ iommu_probe_device_lock is held over both probes in era E \(line 28\)/,
    );
    expect(out).toContain('explained 5 of 5 observations');
    expect(out).toContain('45 of 1.8e19 interleavings fit the log and end in this crash; in all of them');
  });

  it('says for an open verdict what would settle it, the command on a line of its own', async () => {
    const out = await text(fixtures.possibleTriage);
    expect(out.split('\n')).toContain("        git log --oneline --grep 'Avoid more races around'");
  });

  it('quotes the first line that is not explained', async () => {
    const { search } = fixtures.confirmedTriage.verdict;
    const asked = { ...fixtures.excludedTriage, verdict: { ...fixtures.excludedTriage.verdict, search } };
    expect(await text(asked)).toContain('    51| of_iommu_configure+0x190/0x1f8');
  });

  it('is short where nothing crashed', async () => {
    expect((await text(fixtures.noCrashTriage)).split('\n').length).toBeLessThanOrEqual(10);
    expect(await text(fixtures.noCrashTriage)).toMatch(/^NO CRASH {2}nothing in this log is a crash\n/);
  });

  it('shows a fragment with what it could have become', async () => {
    const out = await text(fixtures.insufficientTriage);
    expect(out).toContain('412| 15000000.iommu');
    expect(out).toContain('could be  %s: deferred probe pending');
  });

  it('lists every crash of a log that has several', async () => {
    const out = await text(fixtures.twoCrashesTriage);
    expect(out).toContain('2 crashes');
    expect(out).toMatch(/1 {2}line 3 +not this race .*priv-without-fwspec\)/);
  });

  it('heads each of several results with its name', async () => {
    const renderer = await rendererFor('text', { ...PLAIN, several: true });
    expect(await renderer.add(fixtures.noCrashTriage)).toMatch(/^== m1\.log ==\n/);
    expect(await renderer.add(fixtures.noCrashTriage)).toMatch(/^\n== m1\.log ==\n/);
  });

  it('uses no character outside ASCII with --ascii', async () => {
    for (const triage of ALL) expect(await text(triage, { ascii: true })).toMatch(/^[\n\x20-\x7e]*$/);
  });

  it('colours only when told so, and the words are the same', async () => {
    const plain = await text(fixtures.confirmedTriage);
    const coloured = await text(fixtures.confirmedTriage, { colour: true });
    expect(activeIn(plain)).toBeNull();
    expect(coloured).toContain('\x1b[31m');
    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(plain);
  });

  it(`obeys nothing that a log says, and keeps its width (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(hostile, fc.boolean(), async (evil, ascii) => {
        const out = await text(fixtures.hostileTriage(evil.slice(0, 40)), { ascii });
        expect(activeIn(out)).toBeNull();
        // A command is never wrapped: it stands alone on a line eight columns in.
        const lines = out.split('\n').filter((line) => !/^ {8}\S/.test(line));
        expect(widest(lines.join('\n'))).toBeLessThanOrEqual(80);
      }),
      { seed: SEED, numRuns: size(100, 1000) },
    );
  });
});
