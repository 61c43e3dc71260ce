/**
 * One crash, its kernel compiled otherwise: names with what compilers and link-time optimisation append, other page sizes, PREEMPT_RT's headline, KASLR's last
 * lines, landing pads and signed return addresses in front of the function's code. None of it is about the race, so that no verdict may change.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourceName } from '../../src/reconstruct/fault/symbol.ts';
import { triage } from '../../src/reconstruct/triage.ts';

const judged = (text: string) => {
  const boots = triage(Buffer.from(text, 'latin1'), { name: 'x.log' }, {});
  const { class: is, hypothesis, outcomes } = (boots.find((b) => b.crashes.length > 0) ?? boots[0]!).verdict;
  return { is, hypothesis, outcomes: outcomes.map((o) => o.outcome) };
};

const read = (file: string): string => readFileSync(file, 'latin1');

/** Appends `suffix` to every symbol of registers, call traces and KASAN's stacks. */
const renamed = (text: string, suffix: string): string =>
  text.replace(/\b([a-z_]\w*)(\+0x[0-9a-f]+\/0x[0-9a-f]+)/g, (_, fn: string, at: string) => `${fn}${suffix}${at}`);

const SUFFIXES = [
  ...['.isra.0', '.constprop.0', '.part.0', '.cold', '.constprop.0.isra.0', '.isra.0.cold'],
  ...[
    '.llvm.9183457162839450123',
    '.__uniq.123456789012345678901234567890',
    '.__uniq.4711.llvm.5678',
    '.cfi',
    '.cfi_jt',
  ],
  ...['$5c7bd80e1234567890abcdef12345678', '$5c7bd80e1234567890abcdef12345678.cfi'],
];

const LOGS = [
  'samples/dmesg/qcom-null-priv-5.10.log',
  'samples/dmesg/smmuv3-null-ops-5.10-natural.log',
  'samples/dmesg/smmuv3-kasan-uaf-6.6.log',
  'samples/dmesg/dart-null-priv-6.1.log',
];

describe.each(LOGS)('%s', (file) => {
  const text = read(file);
  const whole = judged(text);

  it('is of the race', () => expect(whole.hypothesis).toBe('xlate-vs-probe-free'));

  it.each(SUFFIXES)('with functions named f%s', (suffix) => {
    const other = renamed(text, suffix);
    expect(other.split(suffix).length).toBeGreaterThan(8);
    expect(judged(other)).toEqual(whole);
  });

  const PAGES = [
    ['16k pages, 47-bit VAs', '16k'],
    ['64k pages, 52-bit VAs', '64k'],
  ] as const;
  if (text.includes('4k pages, 48-bit VAs'))
    it.each(PAGES)('with %s', (pages) => expect(judged(text.replaceAll('4k pages, 48-bit VAs', pages))).toEqual(whole));

  if (text.includes('Internal error: Oops'))
    it("with PREEMPT_RT's headline", () => {
      const other = text.replace(/(\[#1\]) (?:PREEMPT )?SMP/, '$1 PREEMPT_RT SMP');
      expect(other).not.toBe(text);
      expect(judged(other)).toEqual(whole);
    });

  if (text.includes('---[ end trace'))
    it("with KASLR's offsets behind it", () => {
      const other = text.replace(
        /^(.*)---\[ end trace.*$/m,
        '$1SMP: stopping secondary CPUs\n$1Kernel Offset: 0x2a2d22000000 from 0xffff800010000000\n$1PHYS_OFFSET: 0xfffff61200000000\n$&',
      );
      expect(judged(other)).toEqual(whole);
    });
});

describe('Code: with BTI and PAC before the access', () => {
  const text = read(LOGS[0]!);
  it.each(['d503245f d503233f', 'd503233f d503201f', 'd50324df d503237f'])('%s', (words) => {
    const other = text.replace(/Code: \S+ \S+/, `Code: ${words}`);
    expect(other).not.toBe(text);
    expect(judged(other)).toEqual(judged(text));
  });
});

describe('a caller that jumps to what it calls last leaves no frame', () => {
  const text = read('test/fixtures/logs/6.1.0-50-armmp-rockchip-race-null-priv-01.log');
  /** arm32 prints "callee from caller+offset/size": without `fn`, its callee is called from its caller. */
  const without = (fn: string): string =>
    text.replace(new RegExp(`^(.*\\S) from ${fn}\\+\\S+\\n.* ${fn} (from .*)$`, 'm'), '$1 $2');

  it.each(['of_iommu_xlate', 'platform_dma_configure'])('%s', (fn) => {
    const other = without(fn);
    expect(other.match(new RegExp(fn, 'g')) ?? []).toHaveLength(text.split(fn).length - 3);
    expect(judged(other)).toEqual(judged(text));
  });

  it('but one that does more behind its call has to stand there', () => {
    expect(judged(text).hypothesis).toBe('xlate-vs-probe-free');
    expect(judged(without('of_iommu_configure')).is).not.toBe('confirmed');
  });
});

describe("a symbol's source name", () => {
  it.each(SUFFIXES)('f%s is f', (suffix) => expect(sourceName(`f_2${suffix}`)).toBe('f_2'));
  it("keeps what begins with a dollar: arm's mapping symbols", () => expect(sourceName('$x')).toBe('$x'));
});
