import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { activeIn, hostile, SEED } from './attacks.ts';
import * as fixtures from './fixture.ts';

const headings = (markdown: string) => markdown.split('\n').filter((line) => line.startsWith('#'));

/** Fenced blocks taken out; fails where one is left open. */
function outsideFences(markdown: string): string[] {
  const out: string[] = [];
  let bar: string | null = null;
  for (const line of markdown.split('\n')) {
    const fence = /^`{3,}/.exec(line)?.[0] ?? null;
    if (bar === null && fence !== null) bar = fence;
    else if (bar !== null && line === bar) bar = null;
    else if (bar === null) out.push(line);
  }
  expect(bar).toBeNull();
  return out;
}

describe('renderMarkdown', () => {
  it('tells the whole story of a confirmed race, in order', () => {
    expect(headings(renderMarkdown(fixtures.confirmedTriage))).toEqual([
      '# CONFIRMED: the race xlate-vs-probe-free: null-write `dev_iommu.priv` in `apple_dart_of_xlate`',
      '## What happened',
      '## Evidence',
      '## Rival explanations',
      '## What the replay showed',
      '## Root cause',
      '## Is this kernel affected?',
      '## What to do',
      '## Appendix: the crash as it was read',
    ]);
  });

  it('leaves out sections with nothing to say', () => {
    expect(headings(renderMarkdown(fixtures.noCrashTriage))).toEqual([
      '# NO CRASH: nothing in this log is a crash',
      '## Is this kernel affected?',
    ]);
  });

  it('quotes the line of each piece of evidence with its number', () => {
    const out = renderMarkdown(fixtures.confirmedTriage);
    expect(out).toContain('| 67 | `Code: 540003a1 b9400e94 b40007b3 f94172c0 (f9002013)` |');
    expect(out).toContain('|  | 20 | `CM = 0, WnR = 1, TnD = 0, TagAccess = 0` |');
  });

  it('gives exact counts, the bounds of the search and the flip test', () => {
    const out = renderMarkdown(fixtures.confirmedTriage);
    expect(out).toContain('of 18446744073709551616 interleavings fit the log');
    expect(out).toContain('2 threads, 1 device, 1 IOMMU instance; 1234 states, exhaustive');
    expect(out).toContain('2. `dev->iommu = NULL` in `dev_iommu_free` (IOMMU registration)');
  });

  it('shows the registers that the trapping instruction names', () => {
    const out = renderMarkdown(fixtures.confirmedTriage);
    expect(out).toContain('- register: `x0 = 0x0000000000000000` (line 47)');
    expect(out).toContain('- register: `x19 = 0xffff1aea0af34000` (line 41)');
    expect(out).not.toContain('x22 =');
  });

  it('puts a command that settles the question into a block to copy', () => {
    expect(renderMarkdown(fixtures.possibleTriage)).toContain(
      "```\ngit log --oneline --grep 'Avoid more races around'\n```",
    );
  });

  it(`has the same sections whatever the log says (seed ${SEED})`, () => {
    const expected = headings(outsideFences(renderMarkdown(fixtures.hostileTriage('device'))).join('\n'));
    fc.assert(
      fc.property(hostile, (text) => {
        const out = renderMarkdown(fixtures.hostileTriage(text));
        expect(activeIn(out)).toBeNull();
        const outside = outsideFences(out);
        expect(headings(outside.join('\n')).slice(1)).toEqual(expected.slice(1));
        const rows = outside.filter((line) => line.startsWith('|'));
        for (const row of rows) expect([4, 5]).toContain(row.split('|').length - 1);
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });
});
