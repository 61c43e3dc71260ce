/**
 * Crash logs of kinds that were not at hand from a real kernel: made from a real log's form by putting the model's own place into it (each is marked as made).
 * They are judged from the bytes on.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import type { TriageOptions } from '../../src/reconstruct/types.ts';

const MADE = '[    0.000000] made for a test: no kernel printed the crash in this log\n';

function judged(sample: string, edit: (text: string) => string, options: TriageOptions = {}) {
  const text = edit(readFileSync(`samples/dmesg/${sample}.log`, 'utf8'));
  return triage(new TextEncoder().encode(MADE + text), { name: 'made' }, options)[0]!.verdict;
}

/** `fn` of the crash's registers and trace becomes another function, called by `callers`. */
function placed(text: string, fn: string, as: string, callers: readonly string[]): string {
  const traced = text.replaceAll(
    new RegExp(`^(\\[.*\\]  )${fn}\\+0x[0-9a-f]+/0x[0-9a-f]+$`, 'gm'),
    (line, head: string) => [line, ...callers.map((c) => `${head}${c}+0x20/0x30`)].join('\n'),
  );
  return traced.replaceAll(new RegExp(`\\b${fn}\\+`, 'g'), `${as}+`);
}

describe('made logs', () => {
  it('the second of two entries stores the fwspec through NULL: the race, in a client of two entries', () => {
    const verdict = judged('smmuv3-fwspec-init-5.10', (text) =>
      placed(text, 'iommu_fwspec_init', 'iommu_fwspec_add_ids', ['arm_smmu_of_xlate']),
    );
    expect(verdict).toMatchObject({
      hypothesis: 'xlate-vs-probe-free',
      outcome: 'null-write dev_iommu.fwspec in iommu_fwspec_add_ids',
    });
    expect(['confirmed', 'possible']).toContain(verdict.class);
    expect(verdict.witness).toContain('~iommus=2.');
  });

  it('the same store in a client that ACPI describes, below acpi_dma_configure_id(): the race, by its own procedures', () => {
    const acpi = (text: string) =>
      text
        .replaceAll('of_iommu_xlate+', 'arm_smmu_iort_xlate+')
        .replaceAll('of_iommu_configure+', 'iort_iommu_configure_id+')
        .replaceAll('of_dma_configure_id+', 'acpi_dma_configure_id+');
    const verdict = judged('smmuv3-fwspec-init-5.10', acpi);
    expect(verdict).toMatchObject({
      hypothesis: 'xlate-vs-probe-free',
      outcome: 'null-write dev_iommu.fwspec in iommu_fwspec_init',
    });
    expect(['confirmed', 'possible']).toContain(verdict.class);
    expect(verdict.witness).toContain('.acpi.');
  });

  it('KASAN in krealloc() of a freed fwspec: the second of two entries', () => {
    const verdict = judged(
      'smmuv3-kasan-uaf-6.6',
      // Allocated by the same attempt, and freed by the walk.
      (text) =>
        placed(text, 'iommu_fwspec_free', 'krealloc', [
          'iommu_fwspec_add_ids',
          'arm_smmu_of_xlate',
          'of_iommu_xlate',
        ]).replace('Allocated by task 52', 'Allocated by task 31'),
      { notFixed: ['a2e7e59a9426'] },
    );
    expect(verdict).toMatchObject({ hypothesis: 'xlate-vs-probe-free', outcome: 'uaf-read fwspec in krealloc' });
    expect(verdict.witness).toContain('~iommus=2.');
  });

  it("rockchip's NULL dma_dev is no race, with and without an earlier instance in the model", () => {
    const verdict = judged('rockchip-dma-dev-6.1', (text) => text);
    expect(verdict).toMatchObject({ class: 'excluded', hypothesis: 'driver-data-after-registration' });
  });
});
