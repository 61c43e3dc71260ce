import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';
import type { Verdict } from '../../../src/reconstruct/types.ts';

const REVERTED = { notFixed: ['a2e7e59a9426'] };

function judge(path: string, change: (text: string) => string = (t) => t): Verdict {
  const text = change(readFileSync(path, 'latin1'));
  return triage(Buffer.from(text, 'latin1'), { name: path }, REVERTED)[0]!.verdict;
}

const texts = (verdict: Verdict) => verdict.because.map((b) => b.text);
const observed = (verdict: Verdict) => [verdict.explained.k, verdict.explained.n];

describe('what the log shows of the other thread', () => {
  // A console log of a real kernel (6.1.192, the fix reverted, delays compiled in): sysrq-w was pressed while the walk slept in the window.
  const SYSRQ = 'test/fixtures/sysrq-w-during-window-6.1.log';

  it('a stack dumped before the crash puts the registering walk inside __iommu_probe_device()', () => {
    const verdict = judge(SYSRQ);
    expect(observed(verdict)).toEqual([5, 5]);
    expect(texts(verdict).join('\n')).toMatch(
      /insmod was the registering IOMMU's walk, inside __iommu_probe_device\(\)/,
    );
    // Without that stack there is one observation less, and the rest stands.
    const without = judge(SYSRQ, (t) =>
      t.replaceAll(/^.*(?:probe_iommu_group|bus_iommu_probe|iommu_device_register).*\n/gm, ''),
    );
    expect(observed(without)).toEqual([4, 4]);
    expect(without.class).toBe('confirmed');
  });

  it('KASAN names who freed the object, and an earlier attempt that allocated it', () => {
    const path = 'samples/dmesg/smmuv3-kasan-uaf-6.6.log';
    const verdict = judge(path);
    expect(texts(verdict).join('\n')).toMatch(/freed by the registering IOMMU's walk \(task 54\)/);
    expect(texts(verdict).join('\n')).toMatch(/allocated by an earlier attempt of the client's probe \(task 52\)/);
    // Freed by the client itself: no interleaving ends in this fault that way.
    const own = judge(path, (t) =>
      t.replaceAll(
        /dev_iommu_free\+0x6c.*|__iommu_probe_device\+0x4ac.*|probe_iommu_group\+0xc.*|bus_iommu_probe\+0x80.*|iommu_device_register\+0x130.*/g,
        'of_iommu_configure+0x130/0x3d0',
      ),
    );
    expect(own.class).toBe('excluded');
    expect(own.explained.k).toBeLessThan(own.explained.n);
    expect(own.explained.firstUnexplained).not.toBeNull();
  });

  it('a registration line after the crash means that the walk was under way, one before it that it was over', () => {
    const path = 'samples/dmesg/dart-null-priv-6.1.log';
    const line = /^.*DART \[pagesize.*\n/m;
    const before = judge(path);
    expect(texts(before).join('\n')).toMatch(/5f000000\.iommu had finished registering when the crash came/);
    const after = judge(path, (t) => {
      const [dart] = line.exec(t)!;
      return t.replace(line, '').replace(/^(.*Call trace:)/m, `${dart}$1`);
    });
    expect(texts(after).join('\n')).toMatch(/5f000000\.iommu finished registering after the crash began/);
    // With the walk still under way one more switch is needed.
    expect(after.preemptions).toBe(before.preemptions! + 1);
    expect(after.class).toBe('confirmed');
  });
});
