/**
 * What holds of every verdict, on every sample, fixture and case, whole and mutated; with INVARIANTS=FOLDER on all logs below that folder, too. Seeds are fixed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optionsOf } from '../../../src/eval/logs.ts';
import { triage } from '../../../src/reconstruct/triage.ts';
import type { TriageOptions } from '../../../src/reconstruct/types.ts';
import { size, thinned } from '../../size.ts';
import { violations } from './invariants.ts';

interface Input {
  readonly file: string;
  readonly text: string;
  readonly options: TriageOptions;
}

const REVERTED: TriageOptions = { notFixed: ['a2e7e59a9426'] };

/** Judged as they are, and as of a tree without the fix. */
function logsOf(folder: string): readonly Input[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.log'))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(`${folder}/${file}`, 'latin1');
      const side = `${folder}/${file.replace(/log$/, 'json')}`;
      const flags = existsSync(side)
        ? ((JSON.parse(readFileSync(side, 'utf8')) as { expect?: { flags?: string[] } }).expect?.flags ?? [])
        : [];
      return [
        { file, text, options: optionsOf(flags) },
        { file: `${file} without the fix`, text, options: REVERTED },
      ];
    });
}

const judge = ({ text, options }: Input) => triage(Buffer.from(text, 'latin1'), { name: 'log' }, options);

/** What a class and an outcome are, boot by boot. */
const gist = (input: Input) =>
  judge(input).map(({ verdict }) => [
    verdict.class,
    verdict.hypothesis,
    verdict.outcome,
    verdict.sentence,
    verdict.witness,
  ]);

const OURS = ['samples/dmesg', 'test/fixtures/logs', 'test/fixtures/cases'].flatMap(logsOf);

describe('of every verdict', () => {
  for (const input of thinned(OURS, 3))
    it(`outcome and fault agree, and each class is what it says (${input.file})`, () => {
      for (const boot of judge(input)) expect(violations(boot)).toEqual([]);
    });

  const more = process.env.INVARIANTS;
  for (const input of more === undefined ? [] : logsOf(more))
    it(`the same of a log beside the checkout (${input.file})`, () => {
      for (const boot of judge(input)) expect(violations(boot)).toEqual([]);
    });
});

const NAMES = ['apple_dart', 'qcom_iommu', 'arm_smmu', 'rk_iommu', 'sprd_iommu', 'mtk_iommu', 'acme_iommu'];
const RELEASES = [
  '5.7.9',
  '5.10.80',
  '5.10.150',
  '6.0.12',
  '6.1.1',
  '6.1.50',
  '6.1.80',
  '6.6.3',
  '6.6.20',
  '6.12.30',
  '6.15.0',
  '7.1.2',
  '6.1.',
  'vendor',
];

/** One small thing made different, as a paste, a console or another kernel would. */
const MUTATIONS: readonly ((text: string, n: number, m: number) => string)[] = [
  (text, n) =>
    text
      .split('\n')
      .filter((_, i, all) => i !== n % all.length)
      .join('\n'),
  (text, n, m) => {
    const lines = text.split('\n');
    const from = Math.min(n, m) % lines.length;
    return [...lines.slice(0, from), ...lines.slice(from + (m % 12))].join('\n');
  },
  (text, n) =>
    text.replace(
      /\b(?:apple_dart|qcom_iommu|arm_smmu|rk_iommu|sprd_iommu)(?=_of_xlate|_probe)/g,
      NAMES[n % NAMES.length]!,
    ),
  (text, n) => text.replace(/\b\d+\.\d+\.\d+(?=[^ ]* #\d)/g, RELEASES[n % RELEASES.length]!),
  (text, n) =>
    text.replace(
      /(virtual address )[0-9a-f]+/,
      (_, head) => `${head}${[0, 8, 0x28, 0x30, 0x38, 0x40, 0x2a0, 0x868][n % 8]!.toString(16).padStart(16, '0')}`,
    ),
  (text) => text.replace(/WnR = [01]/g, (w) => (w.endsWith('1') ? 'WnR = 0' : 'WnR = 1')),
  (text) => text.replace(/^.*Code: .*$/gm, ''),
  (text) => text.replace(/^.*Unable to handle.*$/gm, ''),
  (text, n) => {
    const frames = [...text.matchAll(/^.*\] {2}\w+\+0x.*$/gm)];
    const frame = frames[n % Math.max(frames.length, 1)];
    return frame ? text.replace(frame[0], '') : text;
  },
  (text, n) => {
    const digits = [...text.matchAll(/[0-9a-f]/g)];
    const at = digits[n % Math.max(digits.length, 1)]?.index ?? 0;
    return `${text.slice(0, at)}${(n * 7) % 10}${text.slice(at + 1)}`;
  },
];

describe('of a log that was changed', () => {
  it('the same holds, whatever was changed in it', () => {
    const seed = 20261126;
    const short = OURS.filter((o) => o.text.length < 60_000);
    fc.assert(
      fc.property(
        fc.constantFrom(...short),
        fc.array(fc.tuple(fc.constantFrom(...MUTATIONS), fc.nat(100_000), fc.nat(100_000)), {
          minLength: 1,
          maxLength: 3,
        }),
        (input, mutations) => {
          const text = mutations.reduce((t, [mutate, n, m]) => mutate(t, n, m), input.text);
          for (const boot of judge({ ...input, text })) expect(violations(boot)).toEqual([]);
        },
      ),
      { numRuns: Number(process.env.INVARIANT_RUNS ?? size(16, 400)), seed },
    );
  }, 600_000);
});

describe('a class does not depend on what was judged before', () => {
  it('the same log has the same verdict first, again, and among all others in another order', () => {
    const others = thinned(
      OURS.filter((o) => o.text.length < 60_000),
      4,
      1,
    );
    const first = new Map(others.map((input) => [input.file, gist(input)]));
    const order = [...others.toReversed(), ...others, ...others.filter((_, i) => i % 3 === 1), ...others.toReversed()];
    expect(order.length).toBeGreaterThan(size(60, 300));
    for (const input of order) expect([input.file, gist(input)]).toEqual([input.file, first.get(input.file)]);
  }, 300_000);
});
