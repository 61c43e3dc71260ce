/** One log has one budget of exploring: beyond it a crash is insufficient, said as such, and the same on every machine and in any order. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../../../src/parser/stream.ts';
import { judgeLog } from '../../../src/reconstruct/triage.ts';
import type { Triage, TriageOptions } from '../../../src/reconstruct/types.ts';

const BARE = `Unable to handle kernel NULL pointer dereference at virtual address 0000000000000028
Mem abort info:
  ESR = 0x0000000096000044
pc : iommu_fwspec_init+0x88/0xc0
lr : iommu_fwspec_init+0x7c/0xc0
Call trace:
 iommu_fwspec_init+0x88/0xc0
 of_iommu_xlate+0x78/0x100
 of_iommu_configure+0x1f4/0x2e0
 of_dma_configure_id+0x124/0x310
 platform_dma_configure+0x24/0x34
 really_probe+0xa8/0x4f0
---[ end trace 0000000000000000 ]---
`;

function judged(text: string | Buffer, most?: number, options: TriageOptions = {}): Triage {
  return judgeLog(parseBytes(Buffer.from(text), { name: 'log' })[0]!, options, most);
}

describe('a log with neither release nor driver', () => {
  it('ends in insufficient beyond its budget, with a code and what would narrow it', () => {
    const { verdict, diagnostics } = judged(BARE, 100_000);
    expect(verdict.class).toBe('insufficient');
    expect(verdict.sentence).toMatch(
      /^Whether this is the race .*it is open which kernel it is and which IOMMU driver/,
    );
    expect(verdict.settle.map((s) => s.command)).toEqual([
      expect.stringContaining('--kernel'),
      expect.stringContaining('--driver'),
    ]);
    expect(diagnostics.filter((d) => d.code === 'OR303')).toMatchObject([{ line: 1 }]);
  });

  it('is named what is still open, and no more', () => {
    const { verdict } = judged(BARE, 100, { driver: 'arm-smmu-v3' });
    expect(verdict.class).toBe('insufficient');
    expect(verdict.sentence).toMatch(/it is open which kernel it is:/);
    expect(verdict.settle.map((s) => s.command)).toEqual([expect.stringContaining('--kernel')]);
  });

  it('is judged the same whether its answers were asked for before or not', () => {
    const driver = { driver: 'apple-dart' };
    const first = judged(BARE, 20_000, driver);
    const whole = judged(BARE, undefined, driver);
    const again = judged(BARE, 20_000, driver);
    expect([first, whole].map((t) => t.verdict.class)).toEqual(['insufficient', 'possible']);
    expect(again.verdict).toEqual(first.verdict);
  });
});

describe('a budget', () => {
  it('is of all crashes of a log together, each question counted once', () => {
    const sample = readFileSync('samples/dmesg/qcom-null-priv-5.10.log');
    const { crashes } = judged(Buffer.concat([sample, sample, Buffer.from(BARE)]), 100_000);
    const classes = crashes.map((c) => c.verdict.class);
    expect(classes.filter((c) => c === 'confirmed').length).toBeGreaterThanOrEqual(1);
    expect(judged(sample, 100_000).verdict).toEqual(judged(sample).verdict);
  });
});
