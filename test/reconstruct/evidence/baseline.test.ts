import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLog } from '../../../src/parser/parse.ts';
import { align, baselineOf } from '../../../src/reconstruct/evidence/baseline.ts';
import { triage } from '../../../src/reconstruct/triage.ts';
import type { Baseline } from '../../../src/reconstruct/types.ts';

const GOOD = readFileSync('samples/dmesg/no-crash-6.1.log', 'latin1');
const LINES = GOOD.split('\n');
const UP = LINES.findIndex((l) => /DART .* initialized/.test(l));
const DEVICE = '5f000000.iommu';

const parsed = (text: string) => parseLog(Buffer.from(text, 'latin1'), { name: 'x.log' });
const baseline = (text: string): Baseline =>
  baselineOf(parsed(text).map((b) => ({ ...b, source: { ...b.source, name: 'good.log' } })))!;
const good = baseline(GOOD);
const aligned = (text: string, beside = good) => align(parsed(text)[0]!, beside);
const said = (text: string, beside = good) =>
  aligned(text, beside)
    .claims.map((c) => c.text)
    .join('\n');
/** Another boot of the same machine: other times, sizes and numbers. */
const another = (text: string) =>
  text
    .replace(/\[ +(\d+)\.(\d{6})\]/g, (_, s, us) => `[    ${s}.${String((Number(us) * 7) % 1e6).padStart(6, '0')}]`)
    .replace(/\b\d+K\b/g, '999K');

/** The first `whole` lines, and `part` of the next. */
const cut = (whole: number, part = '') => another([...LINES.slice(0, whole), part].join('\n'));

describe('a boot that was cut, beside a good one', () => {
  it('is told which line it was about to print, and which instance was registering', () => {
    const at = aligned(cut(UP, LINES[UP]!.slice(0, 60)));
    expect(at.registering).toBe(DEVICE);
    const text = at.claims.map((c) => c.text).join('\n');
    expect(text).toContain(`the one line still to come that begins so is ${UP + 1}: "apple-dart ${DEVICE}: DART`);
    expect(text).toContain(`${DEVICE} (apple-dart) was registering there`);
  });

  it('is told what came next where it ends with a whole line', () => {
    const text = said(cut(UP));
    expect(text).toMatch(new RegExp(`the furthest as its line ${UP}$`, 'm'));
    expect(text).toContain(`(lines ${UP + 1}, ${UP + 2}, ${UP + 3})`);
    expect(text).toContain(`${DEVICE} (apple-dart) was about to be registered there`);
  });

  it('is told that nothing registered, far from any instance', () => {
    const at = aligned(cut(40, LINES[40]!.slice(0, 40)));
    expect(at.registering).toBeNull();
    expect(at.claims.at(-1)!.text).toMatch(/^no IOMMU instance was registering/);
  });

  it('finds its place whatever order its neighbours were printed in', () => {
    const swapped = [...LINES.slice(0, UP - 4), LINES[UP - 2]!, LINES[UP - 1]!, LINES[UP - 4]!];
    const text = said(another([...swapped, LINES[UP]!.slice(0, 60)].join('\n')));
    expect(text).toContain(`begins so is ${UP + 1}`);
    // The line that has not come yet is not taken for printed.
    expect(said(another(`${swapped.join('\n')}\n`))).toContain(LINES[UP - 3]!.replace(/^\[.*?\] /, '').trim());
  });

  it('says that a cut line is none of the good boot, and that another machine or kernel is not this one', () => {
    expect(said(cut(UP, '[    1.500000] apple-dart 6f000000.iommu'))).toContain(
      'no line of good.log begins like the cut one',
    );
    const other = baseline(
      GOOD.replace('linux,dummy-virt', 'Acme Board').replace(/Linux version \S+/, 'Linux version 6.1.999'),
    );
    expect(said(cut(UP), other)).toMatch(/another machine: Acme Board, not linux,dummy-virt/);
    expect(said(cut(UP), other)).toMatch(/another kernel: 6\.1\.999, not 6\.1\./);
  });

  it('claims nothing of two logs that have nothing in common', () => {
    const at = aligned('[    1.000000] something else\n[    1.100000] 15000000.iommu');
    expect(at.registering).toBeNull();
    expect(at.claims.at(-1)!.text).toBe('nothing at the end of this log stands in good.log');
  });

  it('takes the first boot without a crash, and none where each has one', () => {
    const crash = readFileSync('samples/dmesg/dart-null-priv-6.1.log', 'latin1');
    expect(baselineOf(parsed(crash))).toBeNull();
    const both = baselineOf(parsed(`${crash}\n${GOOD}`))!;
    expect(both.lines[0]!.text).toMatch(/Linux version|Booting Linux/);
    expect(both.lines.length).toBeGreaterThan(60);
    expect(both.lines[0]!.line).toBeGreaterThan(crash.split('\n').length - 2);
  });

  it('stands in the sentence of a fragment, and beside no crash report', () => {
    const bytes = (text: string) => Buffer.from(text, 'latin1');
    const [one] = triage(bytes(cut(UP, LINES[UP]!.slice(0, 60))), { name: 'x' }, { baseline: good });
    expect(one!.verdict).toMatchObject({
      class: 'insufficient',
      sentence: expect.stringContaining(`In good.log ${DEVICE} was registering`),
    });
    const [crash] = triage(readFileSync('samples/dmesg/dart-null-priv-6.1.log'), { name: 'x' }, { baseline: good });
    expect(crash!.alignment).toBeNull();
  });
});
