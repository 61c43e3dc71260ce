/** KCSAN reports: of the race's own two threads they are evidence for it, of any other two they are not. */
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';
import type { TriageOptions, Verdict } from '../../../src/reconstruct/types.ts';

const CLIENT = [
  'of_dma_configure_id',
  'platform_dma_configure',
  'really_probe',
  'driver_probe_device',
  'process_one_work',
];
const WALK = [
  'probe_iommu_group',
  'bus_for_each_dev',
  'bus_iommu_probe',
  'iommu_device_register',
  'arm_smmu_device_probe',
  'platform_probe',
];
const WALK_510 = WALK.map((f) => (f === 'iommu_device_register' ? 'bus_set_iommu' : f));
const ADDS = [
  'iommu_probe_device',
  'iommu_bus_notifier',
  'blocking_notifier_call_chain',
  'device_add',
  'of_platform_device_create_pdata',
];

interface Side {
  readonly does: string;
  readonly by?: string;
  readonly size?: number;
  readonly frames: readonly string[];
}

const write = (...frames: readonly string[]): Side => ({ does: 'write', frames });
const reads = (...frames: readonly string[]): Side => ({ does: 'read', frames });

function report(sides: readonly Side[], release = '6.1.50'): string {
  const said = sides.flatMap(({ does, by = 'task 61', size = 8, frames }, i) => [
    `${does} to 0xffff000004d1a2e0 of ${size} bytes by ${by} on cpu ${i + 1}:`,
    ...frames.map((f) => ` ${f}+0x68/0x380`),
    '',
  ]);
  const names = sides.map((s) => s.frames[0]).join(' / ');
  return [
    '==================================================================',
    `BUG: KCSAN: data-race in ${names}`,
    '',
    ...said,
    'Reported by Kernel Concurrency Sanitizer on:',
    `CPU: 2 PID: 61 Comm: kworker/u8:2 Not tainted ${release} #1`,
    'Hardware name: Example board (DT)',
    '==================================================================',
  ]
    .map((line, i) => `[    4.2${String(i).padStart(5, '0')}] ${line}\n`)
    .join('');
}

function judge(text: string, options: TriageOptions = {}): Verdict {
  return triage(Buffer.from(text, 'latin1'), { name: 'test' }, options)[0]!.verdict;
}

const PROBE = write('__iommu_probe_device', ...WALK);
const CONFIGURE = reads('of_iommu_configure', ...CLIENT);

describe("a data race of the race's own two threads", () => {
  it.each([
    ['the pointer taken away and read', [PROBE, CONFIGURE]],
    ['the same, the read first', [CONFIGURE, PROBE]],
    [
      'the pointer taken away in dev_iommu_free()',
      [write('dev_iommu_free', '__iommu_probe_device', ...WALK), CONFIGURE],
    ],
    [
      'read in iommu_fwspec_init()',
      [PROBE, reads('iommu_fwspec_init', 'of_iommu_xlate', 'of_iommu_configure', ...CLIENT)],
    ],
    ['read in iommu_fwspec_free()', [PROBE, reads('iommu_fwspec_free', 'of_iommu_configure', ...CLIENT)]],
    [
      'read by the of_xlate that stores priv',
      [PROBE, reads('qcom_iommu_of_xlate', 'of_iommu_xlate', 'of_iommu_configure', ...CLIENT)],
    ],
    [
      'allocated by the client and read by the walk',
      [
        write('iommu_fwspec_init', 'of_iommu_xlate', 'of_iommu_configure', ...CLIENT),
        reads('__iommu_probe_device', ...WALK),
      ],
    ],
    ['stored by both', [PROBE, write('iommu_fwspec_init', 'of_iommu_xlate', 'of_iommu_configure', ...CLIENT)]],
    ['marked on one side', [{ ...PROBE, does: 'write (marked)' }, CONFIGURE]],
    [
      'in an asynchronous probe',
      [
        PROBE,
        reads(
          'of_iommu_configure',
          'of_dma_configure_id',
          'platform_dma_configure',
          'really_probe',
          '__driver_attach_async_helper',
          'async_run_entry_fn',
        ),
      ],
    ],
  ] as const)('is possible, and says on which word (%s)', (_, sides) => {
    const verdict = judge(report(sides));
    expect(verdict).toMatchObject({
      class: 'possible',
      hypothesis: 'xlate-vs-probe-free',
      outcomes: [],
      contradiction: false,
    });
    expect(verdict.because.map((b) => b.text).join('\n')).toMatch(
      /no lock that orders them: on .*dev(?:->iommu|_iommu\.)/,
    );
    expect(verdict.because.flatMap((b) => b.lines)).toEqual(expect.arrayContaining([4]));
  });

  it.each(['6.1.80', '6.6.20', '6.12.30'])('contradicts a release that carries the fix (%s)', (release) => {
    expect(judge(report([PROBE, CONFIGURE], release))).toMatchObject({ class: 'possible', contradiction: true });
  });

  it('is never more than possible, and is not of v5.6 and older', () => {
    // A release alone that is older than what the stacks show is not taken for it.
    expect(judge(report([PROBE, CONFIGURE]), { kernel: '5.4.30' }).class).toBe('excluded');
    expect(judge(report([write('__iommu_probe_device', ...WALK_510), CONFIGURE], '5.10.150')).class).toBe('possible');
  });
});

describe('a data race of two others', () => {
  it.each([
    ['two translations', [write('iommu_fwspec_init', 'of_iommu_xlate', 'of_iommu_configure', ...CLIENT), CONFIGURE]],
    [
      'a driver and the scheduler',
      [write('foo_start', 'foo_probe', 'really_probe'), reads('__schedule', 'schedule', 'worker_thread')],
    ],
    ['one thread of the race and a stranger', [PROBE, reads('foo_show', 'dev_attr_show', 'sysfs_kf_seq_show')]],
    [
      'a timer in an interrupt',
      [{ ...write('foo_timer', 'call_timer_fn'), by: 'interrupt' }, reads('foo_poll', 'napi_poll')],
    ],
    [
      'a device that is added and its client',
      [write('kobject_add', 'device_add'), reads('of_iommu_configure', ...CLIENT)],
    ],
  ] as const)('is not the race (%s)', (_, sides) => {
    expect(judge(report(sides))).toMatchObject({ class: 'excluded', outcomes: [], contradiction: false });
  });

  it('is another hypothesis where the lock of that orders it', () => {
    const sides = [
      write('dev_iommu_free', '__iommu_probe_device', ...WALK_510),
      reads('__iommu_probe_device', ...WALK_510),
    ];
    expect(judge(report(sides, '5.10.150'))).toMatchObject({ class: 'excluded', hypothesis: 'probe-vs-probe' });
    const added = [
      write('dev_iommu_free', '__iommu_probe_device', ...WALK_510),
      reads('__iommu_probe_device', ...ADDS),
    ];
    expect(judge(report(added, '5.10.150'))).toMatchObject({ class: 'excluded', hypothesis: 'probe-vs-probe' });
  });

  it('is not known where KCSAN knows one access alone', () => {
    const one = report([{ ...CONFIGURE, does: 'race at unknown origin, with read' }]);
    const verdict = judge(one);
    expect(verdict.class).toBe('excluded');
    expect(verdict.sentence).toMatch(/one access alone/);
    expect(verdict.sentence).not.toMatch(/not about an access/);
  });
});
