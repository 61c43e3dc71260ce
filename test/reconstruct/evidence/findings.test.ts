import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';

const GOOD = readFileSync('samples/dmesg/no-crash-6.1.log', 'latin1');
const REVERTED = { notFixed: ['a2e7e59a9426'] };
const CLIENT = '5f100000.dma-controller';
const ADDED = new RegExp(`^.*labdma ${CLIENT}: Adding to iommu group.*\n`, 'm');
const SPOKE = new RegExp(`^.*labdma ${CLIENT}: DMA engine registered.*\n`, 'm');

function said(text: string, options = REVERTED) {
  const { verdict } = triage(Buffer.from(text, 'latin1'), { name: 'x' }, options)[0]!;
  expect(verdict).toMatchObject({ class: 'no-crash', hypothesis: null });
  return verdict;
}
const lineOf = (text: string, part: RegExp) => text.slice(0, text.search(part)).split('\n').length;

describe('a boot without a crash', () => {
  it('is told of a device that was put into a group after its driver had spoken, and that only an overlap does so', () => {
    const added = ADDED.exec(GOOD)![0];
    const without = GOOD.replace(ADDED, '');
    const ring = `[    1.140000] labdma ${CLIENT}: descriptor ring at 0x0000000041116000\n`;
    const late = without.replace(SPOKE, (spoke) => `${spoke}${ring}${added}`);
    const { because, sentence } = said(late);
    expect(because[0]).toMatchObject({
      text: expect.stringMatching(new RegExp(`labdma ran ${CLIENT} before the device was put into an IOMMU group`)),
      lines: [lineOf(late, SPOKE), lineOf(late, SPOKE) + 1, lineOf(late, ADDED)],
    });
    expect(because[1]!.text).toMatch(/bound-without-iommu-then-grouped only where .* overlap: 1 preemption at least/);
    expect(sentence).toContain(because[0]!.text);
    // One line may be the IOMMU driver's, or the driver core's, under the device's name.
    for (const one of ['Reusing IPMMU context 2', 'DMA mask not set', 'DMA engine registered']) {
      const spoke = `[    1.130000] labdma ${CLIENT}: ${one}\n`;
      expect(said(without.replace(SPOKE, (line) => `${spoke}${added}${line}`)).because).toEqual([]);
    }
  });

  it('is told of an error that of_iommu_configure() swallowed', () => {
    const failed = GOOD.replace(ADDED, (line) => line.replace(/Adding to .*/, 'Adding to IOMMU failed: -22'));
    const { because } = said(failed);
    expect(because[0]).toMatchObject({
      text: expect.stringMatching(new RegExp(`failed for ${CLIENT} with -22`)),
      lines: [lineOf(failed, /Adding to IOMMU failed/)],
    });
    expect(because).toHaveLength(2);
  });

  it('is told that nobody is behind an instance that came up, where the log is whole', () => {
    const none = GOOD.replace(ADDED, '');
    expect(said(none).because[0]!.text).toMatch(/5f000000\.iommu \(apple-dart\) came up, and no device was put into/);
    const lossy = none.replace(SPOKE, (line) => `[    1.200000] ** 3 printk messages dropped **\n${line}`);
    expect(said(lossy).because).toEqual([]);
  });

  it('is told that a client was given up on, which is no race', () => {
    const gaveUp = GOOD.replace(ADDED, '').replace(
      SPOKE,
      (line) => `[    1.100000] labdma ${CLIENT}: deferred probe timeout, ignoring dependency\n${line}`,
    );
    const { because } = said(gaveUp);
    expect(because.map((c) => c.text)).toEqual([
      expect.stringMatching(/^waiting for what 5f100000\.dma-controller depends on was given up .* by no race$/),
    ]);
  });

  it('is told nothing of a client that was grouped first, nor of what the core and the IOMMU print under its name', () => {
    const lines = [
      '[    0.000000] Linux version 6.1.55 (b@h) (gcc 12) #1 SMP PREEMPT',
      '[    2.613644] apple-dart 5f000000.iommu: DART [pagesize 1000, 16 streams, bypass support: 1, bypass forced: 0] initialized',
      '[    2.700000] rcar-dmac e7310000.dma-controller: Reusing IPMMU context 2',
      '[    2.700000] rcar-dmac e7310000.dma-controller: DMA mask not set',
      '[    2.710000] rcar-dmac e7310000.dma-controller: Adding to iommu group 1',
      '[    2.720000] rcar-dmac e7310000.dma-controller: 16 channels',
      '[    2.720000] rcar-dmac e7310000.dma-controller: running',
      '[    2.730000] platform 5f100000.display: Adding to iommu group 0',
    ];
    expect(said(`${lines.join('\n')}\n`, { notFixed: [] }).because).toEqual([]);
  });

  it('is told nothing where all went well, or where the kernel has the fix', () => {
    expect(said(GOOD)).toMatchObject({ because: [], sentence: 'Nothing in this log is a crash.' });
    const failed = GOOD.replace(ADDED, (line) => line.replace(/Adding to .*/, 'Adding to IOMMU failed: -22'));
    expect(said(failed, { notFixed: [] }).because).toEqual([]);
  });
});
