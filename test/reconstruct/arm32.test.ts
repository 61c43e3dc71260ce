/** Crashes of arm32, from the line that names the fault to the verdict: real logs, and the same with what else such kernels print. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import type { TriageOptions } from '../../src/reconstruct/types.ts';

const log = (name: string): string => readFileSync(`test/fixtures/logs/${name}.log`, 'latin1');
const WITHOUT_FIX: TriageOptions = { notFixed: ['a2e7e59a9426'] };
const judge = (text: string, options: TriageOptions = WITHOUT_FIX) =>
  triage(Buffer.from(text, 'latin1'), { name: 'log' }, options)[0]!;
const told = (text: string) => {
  const { verdict } = judge(text);
  return [verdict.class, verdict.outcome];
};

const ROCKCHIP = log('6.1.0-50-armmp-rockchip-race-null-priv-01');
const EXYNOS_RT = log('6.1.0-50-rt-armmp-exynos-race-null-priv-01');
const EXYNOS_LPAE = log('6.1.0-50-armmp-lpae-exynos-race-null-priv-01');
const FREED = log('5.10.0-32-armmp-rockchip-race-double-free-01');
const NULL_OPS = log('5.10.0-32-armmp-rockchip-race-fwspec-null-ops-01');
const PRIV = 'null-write dev_iommu.priv in rk_iommu_of_xlate';

/** One line of the log changed; the test is void where it is not there. */
const changed = (text: string, ...edits: readonly (readonly [RegExp | string, string])[]): string =>
  edits.reduce((so, [from, to]) => {
    const next = so.replace(from, to);
    expect(next, String(from)).not.toBe(so);
    return next;
  }, text);

describe('a fault of arm32', () => {
  it('is a status and an address, in this order', () => {
    const [crash] = judge(ROCKCHIP).crashes;
    expect(crash?.incident.fault).toMatchObject({ address: 0x24n, access: 'write', esr: null });
    expect(judge(NULL_OPS).crashes[0]?.incident.fault).toMatchObject({ address: 0n, access: 'read' });
    expect(judge(EXYNOS_LPAE).crashes[0]?.incident.fault).toMatchObject({ address: 0x24n, access: 'write' });
  });

  it('with FSR_LNX_PF is a fetch', () => {
    const fetched = changed(ROCKCHIP, [
      'Unhandled fault: page domain fault (0x81b)',
      'Unhandled prefetch abort: page domain fault (0x01b)',
    ]);
    expect(judge(fetched).crashes[0]?.incident.fault?.access).toBe('execute');
    const oops = changed(EXYNOS_LPAE, ['Oops: a07', 'Oops: 80000007']);
    expect(judge(oops).crashes[0]?.incident.fault?.access).toBe('execute');
    expect(judge(oops).verdict.class).toBe('excluded');
  });

  it('knows where in each function the frames stand, to where the thread came in', () => {
    const { frames } = judge(ROCKCHIP).crashes[0]!.incident;
    expect(frames[0]).toMatchObject({ symbol: 'rk_iommu_of_xlate', offset: 0x48, size: 0x60 });
    expect(frames[1]).toMatchObject({ symbol: 'of_iommu_xlate', offset: 0x94, size: 0xbc });
    expect(frames.at(-1)).toMatchObject({ symbol: 'ret_fast_syscall', offset: 0 });
    const [module] = judge(EXYNOS_RT).crashes[0]!.incident.frames;
    expect(module).toMatchObject({ symbol: 'exynos_iommu_of_xlate', module: 'exynos_iommu', offset: 0x120 });
  });
});

describe('the race on arm32', () => {
  it.each([
    ['rockchip', ROCKCHIP, PRIV],
    ['PREEMPT_RT', EXYNOS_RT, 'null-write dev_iommu.priv in exynos_iommu_of_xlate'],
    ['LPAE', EXYNOS_LPAE, 'null-write dev_iommu.priv in exynos_iommu_of_xlate'],
    ['a fwspec freed twice', FREED, 'null-write dev_iommu.fwspec in iommu_fwspec_free'],
    [
      'behind a warning',
      log('6.1.0-50-armmp-tegrasmmu124-race-null-priv-01'),
      'null-write dev_iommu.priv in tegra_smmu_of_xlate',
    ],
  ])('is confirmed: %s', (_what, text, outcome) => expect(told(text)).toEqual(['confirmed', outcome]));

  it('fits where nothing names the driver: fwspec->ops through NULL', () => {
    const { verdict } = judge(NULL_OPS);
    expect(['confirmed', 'possible']).toContain(verdict.class);
    expect([verdict.hypothesis, verdict.outcome]).toEqual([
      'xlate-vs-probe-free',
      'null-read fwspec.ops in of_iommu_configure',
    ]);
  });

  it('is named by the instructions: dev->iommu was followed to the field', () => {
    const [crash] = judge(ROCKCHIP).crashes;
    expect(crash?.fault).toMatchObject({ fields: ['dev_iommu.priv'], decoded: true });
    expect(crash?.fault?.because.map((b) => b.text).join()).toContain('`ldr r3,[r5,#0x1d8]; str r4,[r3,#0x24]`');
  });

  it.each([
    ['a driver that stores through its own NULL', '5.10.0-32-armmp-neg-priv-set-01'],
    ['another bug at the same address', '6.1.0-50-armmp-neg-null-write-01'],
  ])('is not %s', (_what, name) => expect(judge(log(name)).verdict.class).toBe('excluded'));

  it('is not there where the release has the fix, whatever the fault', () => {
    const plain = judge(ROCKCHIP, {});
    expect(plain.verdict.class).not.toBe('confirmed');
    expect(plain.diagnostics.map((d) => d.code)).toContain('OR401');
  });
});

const CODE = 'Code: eb046120 e59531d8 e5902050 e5842004 (e5834024) ';

describe('the same crash of another build', () => {
  it.each([
    // ldr r6,[r9,#0x1d8]; str r7,[r6,#0x24]
    [
      'other registers',
      [
        [CODE, 'Code: eb046120 e59961d8 e5902050 e5842004 (e5867024) '],
        ['r6 : deb6dd14', 'r6 : 00000000'],
      ],
    ],
    // ldr.w r3,[r5,#0x1d8]; str r4,[r3,#0x24]
    [
      'Thumb-2',
      [
        [CODE, 'Code: 31ec 6023 f8d5 31d8 (625c) f7ff '],
        ['SMP ARM', 'SMP THUMB2'],
        ['ISA ARM', 'ISA Thumb'],
      ],
    ],
    // A 76-byte mutex: priv at 0x5c; device.iommu further out.
    [
      'lockdep',
      [
        [CODE, 'Code: eb046120 e5953278 e5902050 e5842004 (e583405c) '],
        ['at 0x00000024', 'at 0x0000005c'],
        ['[00000024]', '[0000005c]'],
      ],
    ],
    [
      'LPAE',
      [
        [
          'Unhandled fault: page domain fault (0x81b) at 0x00000024',
          'Unable to handle kernel NULL pointer dereference at virtual address 00000024',
        ],
        ['Internal error: : 81b', 'Internal error: Oops: a07'],
      ],
    ],
    [
      'v6.5 and later',
      [
        [
          'Unhandled fault: page domain fault (0x81b) at 0x00000024',
          'Unable to handle kernel NULL pointer dereference at virtual address 00000024 when write',
        ],
        ['Internal error: : 81b', 'Internal error: Oops: 817'],
      ],
    ],
  ] as const)('is confirmed: %s', (_what, edits) => {
    expect(told(changed(ROCKCHIP, ...(edits as readonly (readonly [string, string])[])))).toEqual(['confirmed', PRIV]);
  });

  // ldr r3,[r0,#0x1d8]; str r1,[r3,#0x24]
  it('is confirmed where the accessor stands on its own, as built for size', () => {
    const apart = changed(
      ROCKCHIP,
      ['PC is at rk_iommu_of_xlate+0x48/0x60', 'PC is at dev_iommu_priv_set+0x4/0xc'],
      [
        /^(.*) rk_iommu_of_xlate from/m,
        '$1 dev_iommu_priv_set from rk_iommu_of_xlate+0x48/0x60\n$1 rk_iommu_of_xlate from',
      ],
      [CODE, 'Code: eb046120 e5902050 e12fff1e e59031d8 (e5831024) '],
    );
    expect(told(apart)).toEqual(['confirmed', PRIV]);
  });

  it('is confirmed where a mailer wrapped its lines', () => {
    const wrapped = ROCKCHIP.split('\n').map((line) => {
      const at = line.length > 60 && !/Linux version|command line/.test(line) ? line.lastIndexOf(' ', 60) : -1;
      return at < 20 ? line : `${line.slice(0, at)}\n${line.slice(at + 1)}`;
    });
    expect(told(wrapped.join('\n'))).toEqual(['confirmed', PRIV]);
  });

  it.each([
    [
      'the status says read',
      [
        ['(0x81b)', '(0x01b)'],
        [': 81b [#1]', ': 1b [#1]'],
      ],
    ],
    ['the register that was followed holds a pointer', [['r3 : 00000000', 'r3 : c1a53010']]],
    ['the instruction stores elsewhere', [[CODE, 'Code: eb046120 e59531d8 e5902050 e5842004 (e5834010) ']]],
    [
      'the lines of the address tell of another fault',
      [
        ['at 0x00000024', 'at 0x0000002c'],
        ['[00000024]', '[0000002c]'],
      ],
    ],
    [
      'the pointer was no NULL but a small number',
      [
        ['at 0x00000024', 'at 0x0000002c'],
        ['[00000024]', '[0000002c]'],
        ['r3 : 00000000', 'r3 : 00000008'],
      ],
    ],
    ['the base comes from the stack', [[CODE, 'Code: eb046120 e59d31d8 e5902050 e5842004 (e58d4024) ']]],
  ] as const)('is not confirmed where %s', (_what, edits) => {
    expect(told(changed(ROCKCHIP, ...edits))[0]).not.toBe('confirmed');
  });

  it('is not confirmed of a driver that stores no priv in of_xlate', () => {
    expect(told(ROCKCHIP.replaceAll('rk_iommu_of_xlate', 'arm_smmu_of_xlate'))[0]).not.toBe('confirmed');
  });

  it('never claims more the earlier the log is cut', () => {
    const lines = ROCKCHIP.split('\n');
    const from = lines.findIndex((l) => l.includes('cut here'));
    const order = ['no-crash', 'excluded', 'insufficient', 'possible', 'confirmed'];
    for (let end = from; end < lines.length; end += 5) {
      const { verdict } = judge(`${lines.slice(0, end).join('\n')}\n`);
      if (verdict.class === 'confirmed') expect(verdict.outcome).toBe(PRIV);
      expect(order).toContain(verdict.class);
      // Without its trace nothing says who was there.
      if (!lines.slice(0, end).some((l) => l.includes('rk_iommu_of_xlate')))
        expect(verdict.class).not.toBe('confirmed');
    }
  });

  it('does not read the half of an address that a torn line leaves', () => {
    const torn = ROCKCHIP.slice(0, ROCKCHIP.indexOf('at 0x00000024') + 'at 0x0000'.length);
    expect(judge(torn).verdict.class).not.toBe('confirmed');
    expect(judge(torn).crashes[0]?.incident.fault?.address ?? null).toBe(null);
  });
});
