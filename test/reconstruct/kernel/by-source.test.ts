/** A log judged with the tree of its kernel: by what the tree has, whatever the release says; what was not seen, by the release. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSource } from '../../../src/reconstruct/kernel/source/reading.ts';
import type { SourceReading } from '../../../src/reconstruct/kernel/source/types.ts';
import { triage } from '../../../src/reconstruct/triage.ts';
import type { Triage, TriageOptions } from '../../../src/reconstruct/types.ts';
import { type Files, filesOf, HYBRIDS, PLAIN, readerOf } from './source/make-tree.ts';

const LOG = readFileSync('samples/dmesg/dart-null-priv-6.1.log', 'utf8');
const tree = (files: Files): SourceReading => readSource('--source tree', readerOf(files));
const makefile = (minor: number, patch: number) => ({
  Makefile: `VERSION = 6\nPATCHLEVEL = ${minor}\nSUBLEVEL = ${patch}\n`,
});

function judged(options: TriageOptions, release = '6.1.50'): Triage {
  const [first] = triage(Buffer.from(LOG.replaceAll('6.1.192', release)), { name: 'log' }, options);
  return first!;
}

describe('the code of the tree', () => {
  it('goes before the release: a vendor kernel whose release tells nothing is confirmed', () => {
    const release = '6.1.90-vendor-g0123456789ab';
    expect(judged({}, release).verdict.class).not.toBe('confirmed');
    const with_ = judged({ source: tree(filesOf(PLAIN.E!)) }, release);
    expect(with_.kernel).toMatchObject({ era: 'E', fix: { status: 'absent' } });
    expect(with_.kernel.fix.because).toContain('--source tree');
    expect(with_.verdict.class).toBe('confirmed');
  });

  it('a tree with the fix never makes a confirmed one', () => {
    for (const code of [
      PLAIN.F61!,
      PLAIN.F!,
      PLAIN.H!,
      HYBRIDS['android14-6.1: the fix with the group test under the lock']!,
    ]) {
      const { kernel, verdict } = judged({ source: tree(filesOf(code)) });
      expect(kernel.fix.status).toBe('present');
      expect(verdict.class).not.toBe('confirmed');
    }
  });

  it('a hybrid is judged as what it is', () => {
    const { kernel } = judged({ source: tree(filesOf(HYBRIDS['android12-5.10: C with the lock']!)) });
    expect(kernel.code).toMatchObject({ id: 'C', lock: 'static', walk: 'bus_set_iommu' });
  });

  it('without struct dev_iommu it cannot be the race', () => {
    const files = filesOf(PLAIN.B!);
    const old = {
      ...files,
      'include/linux/iommu.h': files['include/linux/iommu.h']!.replace('struct dev_iommu', 'struct iommu_param'),
    };
    expect(judged({ source: tree(old) })).toMatchObject({ kernel: { era: 'A' }, verdict: { class: 'excluded' } });
  });
});

describe('what was not seen', () => {
  const { 'drivers/iommu/of_iommu.c': _, ...partial } = filesOf(PLAIN.F61!);

  it('is what the release says, and the fix is not said to be absent', () => {
    const { kernel } = judged({ source: tree(partial) }, '6.1.50-vendor-g0123456789ab');
    expect(kernel.because.map((c) => c.text).join('\n')).toMatch(
      /lock is not seen: drivers\/iommu\/of_iommu\.c is missing/,
    );
    expect(judged({ source: tree({}) }).kernel).toMatchObject({ era: 'E', fix: { status: 'absent' } });
  });

  it('nothing seen at all changes nothing', () => {
    const [without, with_] = [judged({}), judged({ source: tree({}) })];
    expect(with_.verdict.class).toBe(without.verdict.class);
    expect(with_.kernel.eras).toEqual(without.kernel.eras);
  });
});

describe('OR404', () => {
  const codes = (t: Triage) => t.diagnostics.filter((d) => d.code === 'OR404').map((d) => d.text);

  it('names a tree of another version, and code that the release cannot have', () => {
    const other = judged({ source: tree({ ...filesOf(PLAIN.F61!), ...makefile(1, 192) }) });
    expect(codes(other)).toEqual([
      expect.stringMatching(/--source tree is of 6\.1\.192 by its Makefile, and the release is 6\.1\.50/),
      expect.stringMatching(
        /by its release 6\.1\.50 has lock static, and --source tree has global \(drivers\/iommu\/of_iommu\.c:\d+\)/,
      ),
    ]);
  });

  it('is silent where they agree', () => {
    expect(codes(judged({ source: tree({ ...filesOf(PLAIN.E!), ...makefile(1, 50) }) }))).toEqual([]);
    expect(codes(judged({ source: tree(filesOf(PLAIN.F61!)) }, '6.1.100'))).toEqual([]);
  });
});

describe('of a clone, at the commit of the release', () => {
  it('is asked with the release, and where it cannot be read the release says all', () => {
    const asked: (string | null)[] = [];
    const { kernel } = judged({
      sourceAt: (release) => {
        asked.push(release);
        return release === '6.1.50' ? tree(filesOf(PLAIN.D!)) : null;
      },
    });
    expect(new Set(asked)).toEqual(new Set(['6.1.50']));
    expect(kernel.era).toBe('D');
    expect(judged({ sourceAt: () => null }).kernel.era).toBe('E');
  });
});
