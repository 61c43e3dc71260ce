/**
 * What a verdict rests on: a confirmed log stays confirmed whatever else its lines say, and does not stay so once kernel, field or driver are others. On
 * the samples; `npm run perturb` does it many times on the labelled logs.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rememberReadings } from '../../parser/remembered.ts';
import { size, thinned } from '../../size.ts';
import { confirmedLogs, judge, type Known } from '../known-logs.ts';
import {
  dropped,
  FRAMINGS,
  fixedKernel,
  mixed,
  moved,
  otherAddress,
  otherDriver,
  otherField,
  otherPointer,
  reframed,
  renamed,
  retasked,
} from './perturbations.ts';

const FOLDER = process.env.PERTURB ?? 'samples/dmesg';
const RUNS = Number(process.env.PERTURB_RUNS ?? (process.env.PERTURB === undefined ? size(2, 12) : 60));
const seed = Number(process.env.PERTURB_SEED ?? 20231103);

rememberReadings();
const LOGS = thinned(confirmedLogs(FOLDER), process.env.PERTURB === undefined ? 2 : 1);
const number = fc.nat(0x7fffffff);
const change = fc.oneof(
  fc.record({ how: fc.constant('mixed' as const), n: number }),
  fc.record({ how: fc.constant('dropped' as const), n: number }),
  fc.record({ how: fc.constant('moved' as const), n: number }),
  fc.record({ how: fc.constant('retasked' as const), n: number }),
  fc.record({ how: fc.constant('renamed' as const), n: number }),
);

/** Lines of the crash reports; what is lost elsewhere is none of the verdict's. */
function reported({ whole }: Known): ReadonlySet<number> {
  return new Set([
    ...whole.crashes.flatMap(({ incident: { span, lastLine } }) =>
      Array.from({ length: lastLine - span.line + 1 }, (_, i) => span.line + i),
    ),
    ...whole.verdict.because.flatMap((b) => b.lines),
  ]);
}

function changed(log: Known, { how, n }: { how: string; n: number }, text: string, first: boolean): string {
  switch (how) {
    case 'mixed':
      return mixed(text, n);
    case 'dropped':
      // Numbers of lines hold as long as none was added.
      return first ? dropped(text, n, reported(log)) : text;
    case 'moved':
      return moved(text, n);
    case 'retasked':
      return retasked(text, n);
    default:
      return renamed(text, n);
  }
}

describe(`a confirmed log (seed ${seed}, ${LOGS.length} logs of ${FOLDER})`, () => {
  it.each(LOGS)('stays so whatever tasks, addresses, devices and other lines there are: $file', (log) => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const text = changes.reduce((t, c, i) => changed(log, c, t, i === 0), log.text);
        const { verdict } = judge(text, log.options);
        expect([verdict.class, verdict.outcome], verdict.sentence).toEqual(['confirmed', log.whole.verdict.outcome]);
      }),
      { numRuns: RUNS, seed },
    );
  });

  it.each(LOGS)('stays so in every framing: $file', (log) => {
    const wrong = FRAMINGS.flatMap((name, which) => {
      // Firmware prints before a boot, not before what is left of one.
      if (name === 'firmware first' && !log.text.includes('Linux version')) return [];
      const bytes = reframed(log.text, which);
      if (bytes === null) return [];
      const { verdict } = judge(bytes, log.options);
      return verdict.class === 'confirmed' && verdict.outcome === log.whole.verdict.outcome
        ? []
        : [`${name}: ${verdict.class}, ${verdict.sentence}`];
    });
    expect(wrong).toEqual([]);
  });

  it.each(LOGS)('is never called another bug where lines of its report are lost: $file', (log) => {
    fc.assert(
      fc.property(number, (n) => {
        const crash = log.whole.crashes.find((c) => c.verdict.class === 'confirmed')!;
        const outside = new Set(log.text.split('\n').map((_, i) => i + 1));
        for (const line of crash.incident.lines) outside.delete(line);
        // Many draws: few of them fall into the report.
        const text = dropped(log.text, n, outside, 40);
        const judged = judge(text, log.options).crashes.filter(
          (c) =>
            c.incident.kind !== 'warning' &&
            c.incident.span.line <= crash.incident.lastLine &&
            crash.incident.span.line <= c.incident.lastLine,
        );
        for (const c of judged) expect(c.verdict.class, c.verdict.sentence).not.toBe('excluded');
      }),
      { numRuns: RUNS, seed },
    );
  });

  it.each(LOGS)('does not stay so with another kernel, field, address or driver: $file', (log) => {
    const { outcome } = log.whole.verdict;
    for (let which = 0; which < 5; which++)
      expect(judge(fixedKernel(log.text, which), {}).verdict.class, 'fixed kernel').not.toBe('confirmed');
    const one = log.whole.crashes.filter((c) => c.verdict.class === 'confirmed').length === 1;
    for (const by of [0x40, 0x80, 0x101]) {
      const field = one ? otherField(log.text, by) : null;
      if (field !== null)
        expect(judge(field, log.options).verdict.class, `field ${8 * by} bytes on`).not.toBe('confirmed');
    }
    for (const by of [8, 16, 40]) {
      const address = one ? otherAddress(log.text, by) : null;
      if (address !== null)
        expect(judge(address, log.options).verdict.class, `address ${by} bytes on`).not.toBe('confirmed');
      const pointer = one ? otherPointer(log.text, by) : null;
      if (pointer !== null)
        expect(judge(pointer, log.options).verdict.class, `a pointer of ${by}`).not.toBe('confirmed');
    }
    if (one && /dev_iommu\.priv|iommu_device\.|fwspec\.(?:num_ids|ids)/.test(outcome ?? ''))
      expect(judge(otherDriver(log.text), log.options).verdict.class, 'other driver').not.toBe('confirmed');
  });
});
