/** Reports that stand where the race's would and are of something else: each is said for what it is. */
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';

const OUTER = [
  'of_iommu_configure',
  'of_dma_configure_id',
  'platform_dma_configure',
  'really_probe',
  'driver_probe_device',
  'process_one_work',
  'worker_thread',
  'kthread',
  'ret_from_fork',
];

function report(head: readonly string[], frames: readonly string[], tail: readonly string[] = []): string {
  return [
    ...head,
    'CPU: 0 PID: 36 Comm: kworker/u8:1 Not tainted 6.1.50 #1',
    'Hardware name: Example board (DT)',
    'Workqueue: events_unbound deferred_probe_work_func',
    'pstate: 60000005 (nZCv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)',
    `pc : ${frames[0]}+0x58/0x194`,
    `lr : ${frames[1]}+0x3c/0x194`,
    'sp : ffff80000818ba20',
    'Call trace:',
    ...frames.map((f) => ` ${f}+0x58/0x194`),
    ...tail,
    '---[ end trace 0000000000000000 ]---',
  ]
    .map((line, i) => `[    4.2${String(i).padStart(5, '0')}] ${line}\n`)
    .join('');
}

const judge = (text: string) => triage(Buffer.from(text, 'latin1'), { name: 'test' })[0]!.verdict;

const XLATE = ['qcom_iommu_of_xlate', 'of_iommu_xlate', ...OUTER];
const CALL = ['of_iommu_xlate', ...OUTER];

describe('a CFI failure', () => {
  it.each([
    [
      'in the call of of_xlate',
      report(
        [
          'CFI failure at of_iommu_xlate+0xb0/0x100 (target: qcom_iommu_of_xlate+0x0/0x194; expected type: 0x6d3fc9a1)',
          'Internal error: Oops - CFI: 00000000f2008233 [#1] PREEMPT SMP',
        ],
        CALL,
      ),
    ],
    [
      'of which the first line is lost',
      report(['Internal error: Oops - CFI: 00000000f2008233 [#1] PREEMPT SMP'], CALL),
    ],
    [
      'of an older clang',
      report(
        ['Kernel panic - not syncing: CFI failure (target: qcom_iommu_of_xlate+0x0/0x4)'],
        ['dump_backtrace', 'show_stack', 'panic', '__cfi_check_fail', ...CALL],
      ),
    ],
  ])('%s has no address, and that is said', (_, text) => {
    const verdict = judge(text);
    expect(verdict).toMatchObject({ class: 'excluded', outcomes: [], hypothesis: null });
    expect(verdict.sentence).toMatch(/CFI.*of_xlate: the report has no address/);
    expect(verdict.sentence).not.toMatch(/interleaving|address that the log does not show/);
  });

  it('elsewhere has none either', () => {
    const text = report(
      [
        'CFI failure at foo_call+0xb0/0x100 (target: bar+0x0/0x194; expected type: 0x6d3fc9a1)',
        'Internal error: Oops - CFI: 00000000f2008233 [#1] SMP',
      ],
      ['foo_call', 'really_probe'],
    );
    expect(judge(text).sentence).toMatch(/no memory was accessed/);
  });
});

describe('an access that the bus answered with an error', () => {
  it.each([
    [
      'an SError',
      report(['SError Interrupt on CPU0, code 0x00000000bf000002 -- SError'], XLATE, [
        'Kernel panic - not syncing: Asynchronous SError Interrupt',
      ]),
      /SError is a failed access/,
    ],
    [
      'an SError of which the panic is left',
      report(
        ['Kernel panic - not syncing: Asynchronous SError Interrupt'],
        ['dump_backtrace', 'panic', 'nmi_panic', 'arm64_serror_panic', 'do_serror', 'el1h_64_error', ...XLATE],
      ),
      /SError is a failed access/,
    ],
    [
      'a synchronous external abort',
      report(['Internal error: synchronous external abort: 0000000096000210 [#1] PREEMPT SMP'], XLATE),
      /external abort is a failed access/,
    ],
  ])('is called that, and not "no access to memory" (%s)', (_, text, says) => {
    const verdict = judge(text);
    expect(verdict).toMatchObject({ class: 'excluded', outcomes: [] });
    expect(verdict.sentence).toMatch(says);
    expect(verdict.rivals.filter((r) => r.status === 'open')).toEqual([]);
  });
});

describe('an instruction that could not be executed', () => {
  it.each(['BTI', 'FPAC', 'Undefined instruction'])('is not an access (%s)', (what) => {
    const verdict = judge(report([`Internal error: Oops - ${what}: 0000000002000000 [#1] SMP`], CALL));
    expect(verdict.class).toBe('excluded');
    expect(verdict.sentence).toMatch(/instruction that could not be executed/);
  });
});
