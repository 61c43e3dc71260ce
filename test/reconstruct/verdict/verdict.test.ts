import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';
import type { TriageOptions, Verdict, VerdictClass } from '../../../src/reconstruct/types.ts';

const QCOM = readFileSync('samples/dmesg/qcom-null-priv-5.10.log', 'latin1');
const DART = readFileSync('samples/dmesg/dart-null-priv-6.1.log', 'latin1');
const NATURAL = readFileSync('samples/dmesg/smmuv3-null-ops-5.10-natural.log', 'latin1');
const KASAN = readFileSync('samples/dmesg/smmuv3-kasan-uaf-6.6.log', 'latin1');
const REVERTED: TriageOptions = { notFixed: ['a2e7e59a9426'] };

/** The strongest verdict over all boots of a text. */
function judge(text: string, options: TriageOptions = {}): Verdict {
  const order: readonly VerdictClass[] = ['confirmed', 'possible', 'insufficient', 'excluded', 'no-crash'];
  const verdicts = triage(Buffer.from(text, 'latin1'), { name: 'test' }, options).map((t) => t.verdict);
  return [...verdicts].sort((a, b) => order.indexOf(a.class) - order.indexOf(b.class))[0]!;
}

describe('a confirmed verdict', () => {
  it('names outcome, witness, counts and bounds, and all crashing interleavings pass the race window', () => {
    for (const [text, options] of [
      [QCOM, {}],
      [DART, REVERTED],
      [NATURAL, {}],
      [KASAN, REVERTED],
    ] as const) {
      const verdict = judge(text, options);
      expect(verdict).toMatchObject({
        class: 'confirmed',
        hypothesis: 'xlate-vs-probe-free',
        search: { exhaustive: true },
      });
      expect(verdict.outcome).toMatch(/^(?:null|uaf)-(?:read|write) \S+ in \w+$/);
      expect(verdict.explained).toMatchObject({ firstUnexplained: null });
      expect(verdict.explained.k).toBe(verdict.explained.n);
      expect(verdict.explained.n).toBeGreaterThanOrEqual(2);
      expect(BigInt(verdict.interleavings!.crashing)).toBeGreaterThan(0n);
      expect(verdict.interleavings!.throughRace).toBe(verdict.interleavings!.crashing);
      expect(BigInt(verdict.interleavings!.all)).toBeGreaterThan(BigInt(verdict.interleavings!.crashing));
      expect(verdict.story!.steps.at(-1)!.outcome).toBe(verdict.outcome);
      expect(verdict.rivals.filter((r) => r.status !== 'refuted')).toEqual([]);
      expect(verdict.cause).not.toBeNull();
    }
  });

  it('falls when the release is one that carries the fix, and the contradiction is named', () => {
    const fixed = DART.replaceAll('6.1.192', '6.6.9');
    const [result] = triage(Buffer.from(fixed, 'latin1'), { name: 'test' });
    expect(result!.verdict).toMatchObject({ class: 'possible', contradiction: true, witness: null });
    expect(result!.verdict.settle[0]!.command).toContain('--not-fixed a2e7e59a9426');
    expect(result!.diagnostics.map((d) => d.code)).toContain('OR401');
    expect(result!.verdict.because.map((b) => b.text).join()).toMatch(/contradiction/);
  });

  it('says what it takes for granted of a tree with patches of its own, unless it is told', () => {
    const asahi = DART.replaceAll('6.1.192', '6.1.50-asahi-1');
    const taken = /Taken for granted: 6\.1\.50-asahi-1 has not picked a2e7e59a9426 on top of 6\.1\.50/;
    expect(judge(asahi)).toMatchObject({ class: 'confirmed', sentence: expect.stringMatching(taken) });
    for (const [text, options] of [
      [asahi, REVERTED],
      [DART.replaceAll('6.1.192', '6.1.50'), {}],
    ] as const) {
      const verdict = judge(text, options);
      expect(verdict.class).toBe('confirmed');
      expect(verdict.sentence).not.toContain('Taken for granted');
    }
  });

  it('says that another crash came before it, by the taint where its report is not in the log', () => {
    const again = DART.replace(/(Comm: \S+ )(?:Not tainted|Tainted: \S+ +)/, '$1Tainted: G      D           ');
    expect(again).not.toBe(DART);
    expect(judge(again, REVERTED)).toMatchObject({
      class: 'confirmed',
      sentence: expect.stringMatching(/taint flag D/),
    });
    expect(judge(DART, REVERTED).sentence).not.toMatch(/taint flag D/);
    const other = readFileSync('samples/dmesg/priv-without-fwspec-6.1.log', 'latin1');
    const oops = other.slice(other.search(/^.*Unable to handle/m));
    const before = DART.replace(/^.*Unable to handle/m, (line) => `${oops}\n${line}`);
    const [boot] = triage(Buffer.from(before, 'latin1'), { name: 'test' }, REVERTED);
    expect(boot!.crashes).toHaveLength(2);
    expect(boot!.verdict.sentence).toMatch(/This is crash 2 of 2 .* What an earlier one left behind/);
  });

  it('falls where the release names no era', () => {
    const unknown = DART.replaceAll(/6\.1\.192/g, 'vendor-tree');
    expect(judge(unknown, {}).class).toBe('possible');
  });

  it.each([
    [
      'the field',
      (t: string) => t.replaceAll('0000000000000040', '0000000000000018').replace('(f9002013)', '(f9000c13)'),
    ],
    [
      'the access',
      (t: string) =>
        t.replace('WnR = 1', 'WnR = 0').replaceAll('96000044', '96000004').replace('(f9002013)', '(f9402013)'),
    ],
    ['the function', (t: string) => t.replaceAll('apple_dart_of_xlate', 'apple_dart_irq')],
    [
      'the caller',
      (t: string) => t.replaceAll('of_iommu_xlate', 'lab_probe').replaceAll('of_iommu_configure', 'lab_init'),
    ],
    [
      'the translation for one inside the walk',
      (t: string) => t.replace('really_probe+0x78/0x3f4', 'probe_iommu_group+0x40/0x54'),
    ],
  ])('does not outlive a change of %s', (_, change) => {
    const changed = change(DART);
    expect(changed).not.toBe(DART);
    expect(judge(changed, REVERTED).class).not.toBe('confirmed');
  });

  it('does not rest on names of tasks, addresses, CPUs or the client', () => {
    const other = DART.replaceAll('labdma', 'adpdrm')
      .replaceAll('5f000000.iommu', '22c0e8000.iommu')
      .replaceAll('kworker/u8:1', 'kworker/u16:7')
      .replaceAll('ffff2de1', 'ffff80aa')
      .replaceAll('CPU: 0 PID: 36', 'CPU: 5 PID: 612');
    expect(other).not.toBe(DART);
    expect(judge(other, REVERTED)).toMatchObject({
      class: 'confirmed',
      outcome: 'null-write dev_iommu.priv in apple_dart_of_xlate',
    });
  });
});

describe('cutting a log', () => {
  const STRENGTH: Readonly<Record<VerdictClass, number>> = {
    confirmed: 2,
    possible: 1,
    insufficient: 0,
    excluded: 0,
    'no-crash': 0,
  };

  it.each([
    ['qcom-null-priv-5.10', QCOM, {}],
    ['dart-null-priv-6.1', DART, REVERTED],
    ['smmuv3-kasan-uaf-6.6', KASAN, REVERTED],
  ])('never strengthens its verdict, and a piece of the crash is never called another bug (%s)', (_, text, options) => {
    const lines = text.split('\n');
    const from = lines.findIndex((l) => /Unable to handle|BUG: KASAN/.test(l));
    let last = Number.POSITIVE_INFINITY;
    for (let end = lines.length; end > from; end -= 3) {
      const verdict = judge(lines.slice(0, end).join('\n'), options);
      expect(STRENGTH[verdict.class], `cut at line ${end}: ${verdict.class}`).toBeLessThanOrEqual(last);
      last = STRENGTH[verdict.class];
    }
  });

  it('at random bytes never strengthens it', () => {
    fc.assert(
      fc.property(fc.nat(DART.length), fc.boolean(), (at, head) => {
        const piece = head ? DART.slice(at) : DART.slice(0, at);
        expect(STRENGTH[judge(piece, {}).class]).toBeLessThanOrEqual(1);
        expect(STRENGTH[judge(piece, REVERTED).class]).toBeLessThanOrEqual(2);
      }),
      { numRuns: 40, seed: 20261122 },
    );
  });
});

describe('a crash that is something else', () => {
  it('is told apart from the seed by who called the store, not by its address', () => {
    const verdict = judge(readFileSync('samples/dmesg/priv-without-fwspec-6.1.log', 'latin1'), REVERTED);
    expect(verdict.class).toBe('excluded');
    // Its Code: line shows a load and a store that would be dev->iommu and priv; nothing proves that they are, so the rival stays open.
    expect(verdict.rivals.filter((r) => r.status !== 'refuted').map((r) => r.hypothesis)).toEqual([
      'priv-without-fwspec',
    ]);
  });

  it('of two probes at once is attributed by the fix that ends it', () => {
    const verdict = judge(readFileSync('samples/dmesg/double-error-exit-5.10.log', 'latin1'));
    expect(verdict).toMatchObject({
      class: 'excluded',
      hypothesis: 'probe-vs-probe',
      outcome: 'null-read dev_iommu.fwspec in dev_iommu_free',
    });
  });

  it('of a driver that sets its data late is no race that a lock could end', () => {
    const text = readFileSync('samples/dmesg/rockchip-dma-dev-6.1.log', 'latin1');
    for (const options of [REVERTED, {}])
      expect(judge(text, options)).toMatchObject({ class: 'excluded', hypothesis: 'driver-data-after-registration' });
  });
});

describe('a driver outside the model', () => {
  const vendor = DART.replaceAll('apple_dart_of_xlate', 'acme_iommu_of_xlate')
    .replaceAll('apple_dart', 'acme_iommu')
    .replaceAll('apple-dart', 'acme-iommu');

  it('can be possible, never confirmed, and the assumption is named', () => {
    const verdict = judge(vendor, REVERTED);
    expect(verdict.class).toBe('possible');
    expect(verdict.because.map((b) => b.text).join()).toMatch(/not a driver of the model/);
  });
});

describe("the WARNING of v6.15's quiet hole", () => {
  const HOLE = readFileSync('test/fixtures/late-probe-7.3.log', 'latin1');

  it('is no race, and is named with the line that tells it', () => {
    const verdict = judge(HOLE);
    expect(verdict).toMatchObject({ class: 'excluded', hypothesis: 'replay-vs-registration' });
    const line = HOLE.split('\n').findIndex((l) => l.includes('late IOMMU probe')) + 1;
    expect(verdict.because[0]!.lines).toEqual([line]);
    expect(verdict.because[1]!.text).toContain('the walk of a registration');
  });

  it('is another where its words are missing', () => {
    const without = HOLE.replace(/^.*late IOMMU probe.*\n/m, '');
    expect(judge(without)).toMatchObject({ class: 'excluded', hypothesis: null });
  });
});

describe('a function trace in the log', () => {
  const TRACED = readFileSync('samples/dmesg/dart-ftrace-6.1.log', 'latin1');
  const fits = (v: Verdict) => v.because.filter((b) => b.text.includes('is a behaviour of the model'));

  it('that the model can make and end in the crash is evidence', () => {
    const verdict = judge(TRACED, REVERTED);
    expect(verdict.class).toBe('confirmed');
    expect(fits(verdict)).toMatchObject([{ text: expect.stringMatching(/: (\d+) of \1 calls explained$/) }]);
  });

  it('that no order of the model makes takes the proof back, and is quoted', () => {
    // The client's iommu_fwspec_init() before its of_iommu_xlate(): no kernel calls them so.
    const lines = TRACED.split('\n');
    const init = lines.findIndex((l) => /iommu_fwspec_init <-of_iommu_xlate/.test(l));
    const xlate = lines.findLastIndex((l, i) => i < init && /of_iommu_xlate <-of_iommu_configure/.test(l));
    [lines[init], lines[xlate]] = [lines[xlate]!, lines[init]!];
    const verdict = judge(lines.join('\n'), REVERTED);
    expect(verdict.class).toBe('possible');
    expect(verdict.because[0]!.text).toContain('is no behaviour of the model');
    expect(verdict.because[0]!.lines).toEqual([xlate + 1]);
  });
});
