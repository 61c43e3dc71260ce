/** A client that runs without its IOMMU leaves no crash, but a mark in the log where messages are on. */
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';

const BANNER = '[    0.000000] Linux version 6.1.55 (b@h) (gcc 12) #1 SMP PREEMPT';
const DART =
  '[    2.613644] apple-dart 5f000000.iommu: DART [pagesize 1000, 16 streams, bypass support: 1, bypass forced: 0] initialized';

function verdictOf(...lines: string[]) {
  return triage(Buffer.from(`${[BANNER, ...lines].join('\n')}\n`), { name: 'log' })[0]!.verdict;
}

describe('a log without a crash', () => {
  it('says which client was grouped after its driver had begun', () => {
    const {
      class: said,
      because,
      sentence,
    } = verdictOf(
      '[    1.518012] adpdrm 5f100000.display: descriptor ring at 0x0000000041116000',
      '[    2.611818] adpdrm 5f100000.display: Adding to iommu group 0',
      DART,
    );
    expect(said).toBe('no-crash');
    expect(because).toMatchObject([
      { lines: [2, 3], text: expect.stringContaining('5f100000.display was put into iommu group 0 after') },
    ]);
    expect(sentence).toContain('its probe ran without the IOMMU');
  });

  it('says whose translation failed, and that the race ends so where the kernel can have it', () => {
    const failed = '[    5.712598] adpdrm 5f100000.display: Adding to IOMMU failed: -22';
    expect(verdictOf(failed).because[0]!.text).toMatch(/goes on without its IOMMU.*the race ends/);
    const fixed = triage(Buffer.from(`${BANNER.replace('6.1.55', '6.12.9')}\n${failed}\n`), { name: 'log' })[0]!;
    expect(fixed.verdict.because[0]!.text).not.toContain('race');
  });

  it('finds nothing in a client that was grouped first, nor in what the core and the IOMMU print under its name', () => {
    expect(
      verdictOf(
        DART,
        '[    2.700000] rcar-dmac e7310000.dma-controller: Reusing IPMMU context 2',
        '[    2.710000] rcar-dmac e7310000.dma-controller: Adding to iommu group 1',
        '[    2.720000] rcar-dmac e7310000.dma-controller: 16 channels',
        '[    2.730000] platform 5f100000.display: Adding to iommu group 0',
      ),
    ).toMatchObject({ class: 'no-crash', because: [], sentence: 'Nothing in this log is a crash.' });
  });
});
