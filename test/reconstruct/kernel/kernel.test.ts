import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../src/parser/types.ts';
import { codeOf } from '../../../src/reconstruct/kernel/code.ts';
import { identifyKernel, namesCommit } from '../../../src/reconstruct/kernel/kernel.ts';
import { unameOf } from '../../../src/reconstruct/kernel/named.ts';
import type { TriageOptions } from '../../../src/reconstruct/types.ts';
import { FIX, LOCK } from '../../../src/sim/eras/releases.ts';
import { boot, crash, stack } from '../crash.ts';

const of = (release: string | undefined, options: TriageOptions = {}, more: Parameters<typeof crash>[0] = {}) => {
  const incident = crash({ ...more, release });
  return identifyKernel(boot([incident]), incident, options);
};

describe('where the release comes from', () => {
  const banner = {
    kind: 'banner',
    release: '6.1.0-18-arm64',
    build: '#1 SMP Debian 6.1.76-1 (2024-02-01)',
    compiler: null,
  } as const;

  it('takes --kernel before the crash and the crash before the banner', () => {
    const incident = crash({ release: '6.1.55' });
    const log = boot([incident], [banner]);
    expect(identifyKernel(log, incident, { kernel: '6.6.3' })).toMatchObject({ release: '6.6.3', era: 'E2' });
    expect(identifyKernel(log, incident, {})).toMatchObject({ release: '6.1.55' });
    const bare = crash({});
    expect(identifyKernel(boot([bare], [banner]), bare, {})).toMatchObject({ release: '6.1.0-18-arm64', era: 'F61' });
    expect(identifyKernel(boot([], [banner]), null, {})).toMatchObject({
      release: '6.1.0-18-arm64',
      era: 'F61',
      driver: null,
    });
  });

  it('is any of those that are named where the lines of one boot name several', () => {
    const incident = crash({ release: '6.1.55' });
    const kernel = identifyKernel(boot([incident], [banner]), incident, {});
    expect(kernel).toMatchObject({ era: null, eras: ['E', 'F61'], disputed: ['6.1.0-18-arm64'] });
    expect(kernel.fix.status).toBe('unknown');
    expect(kernel.fix.because).toContain('the log names its kernel as 6.1.55 and as 6.1.0-18-arm64');
    const other = crash({ release: '6.1.5' });
    expect(identifyKernel(boot([incident, other], []), incident, {}).fix.status).toBe('unknown');
    expect(identifyKernel(boot([incident, incident], []), incident, {}).fix.status).toBe('absent');
  });

  it("lends the banner's build string to a CPU line of the same release", () => {
    const incident = crash({ release: '6.1.0-18-arm64' });
    expect(identifyKernel(boot([incident], [banner]), incident, {}).era).toBe('F61');
    expect(identifyKernel(boot([incident]), incident, {})).toMatchObject({
      era: null,
      eras: ['D', 'E', 'F61'],
      fix: { status: 'unknown' },
    });
  });

  it('lends it to one whose own build string has no version, and takes what uname prints for --kernel', () => {
    const incident = { ...crash({ release: '6.1.0-18-arm64' }), build: '#1' };
    expect(identifyKernel(boot([incident], [banner]), incident, {}).era).toBe('F61');
    const uname = '6.1.0-13-arm64 #1 SMP Debian 6.1.55-1 (2023-09-29)';
    for (const said of [
      uname,
      `Linux host ${uname} aarch64 GNU/Linux`,
      `Linux version 6.1.0-13-arm64 (debian-kernel@lists.debian.org) (gcc-12) ${uname.slice(15)}`,
    ])
      expect(of(undefined, { kernel: said })).toMatchObject({ release: '6.1.0-13-arm64', era: 'E' });
    expect(unameOf('6.1.55')).toEqual({ release: '6.1.55', build: null });
    expect(unameOf('v6.7-rc3')).toEqual({ release: 'v6.7-rc3', build: null });
  });

  it('quotes the line, and the caveat of a vendor kernel', () => {
    const said = of('6.1.25-android14-11-gabcdef012345');
    expect(said).toMatchObject({ era: 'E', fix: { commit: 'a2e7e59a9426', status: 'unknown' } });
    expect(said.because[0]).toEqual({
      text: "the crash's CPU line names 6.1.25-android14-11-gabcdef012345",
      lines: [22],
    });
    expect(said.because.some((c) => c.text.includes('picked'))).toBe(true);
  });

  it('passes on arch and driver', () => {
    expect(of('6.1.55', {}, { pc: 'apple_dart_of_xlate+0x1/0x2' })).toMatchObject({
      arch: 'arm64',
      driver: 'apple-dart',
    });
    expect(of('6.1.55', { arch: 'riscv', driver: 'riscv' })).toMatchObject({ arch: 'riscv', driver: 'riscv' });
  });
});

describe('--fixed and --not-fixed', () => {
  it.each([
    // release, fixed, not fixed, era, fix status
    ['6.1.192', [], ['a2e7e59a9426'], 'E', 'absent'],
    ['6.6.17', [], ['a2e7e59'], 'E2', 'absent'],
    ['6.7.2', [], ['a2e7e59a94269484a83386972ca07c22fd188854'], 'E2', 'absent'],
    ['6.1.55', ['a2e7e59a9426'], [], 'F61', 'present'],
    ['6.5.6', ['a2e7e59a9426'], [], 'F61', 'present'],
    ['6.6.2', ['A2E7E59A9426'], [], 'F', 'present'],
    ['6.1.0', ['a2e7e59a9426'], [], 'F61', 'present'],
    ['6.1.55', [], ['a2e7e59a9426'], 'E', 'absent'],
    ['6.6.17', ['a2e7e59a9426'], [], 'F', 'present'],
    ['6.1.55', [], ['01657bc14a39'], 'D', 'absent'],
    ['6.1.0', ['01657bc14a39'], [], 'E', 'absent'],
    ['6.1.192', [], ['a2e7e59a9426', '01657bc14a39'], null, 'absent'],
  ] as const)('%s, fixed %j, not fixed %j: era %s, fix %s', (release, fixed, notFixed, era, status) => {
    const said = of(release, { fixed, notFixed });
    expect({ era: said.era, status: said.fix.status }).toEqual({ era, status });
  });

  it('has no era for later code without the commit that it was built on, and says so', () => {
    for (const release of ['6.8.1', '6.12.95', '6.15.0', '7.3.4']) {
      const said = of(release, { notFixed: ['a2e7e59a9426'] });
      expect(said.era).toBeNull();
      expect(said.eras).toHaveLength(1);
      expect(said.fix.status).toBe('absent');
      expect(said.because.some((c) => c.text.includes('no era of the model'))).toBe(true);
    }
  });

  it('puts both locks into code as old as 5.15, which stays what it is otherwise', () => {
    const said = of('5.15.120', { fixed: ['a2e7e59a9426'] });
    expect(said).toMatchObject({ era: 'C', features: { lock: 'global' }, fix: { status: 'present' } });
    expect(codeOf(said, 'C')).toMatchObject({ lock: 'global', walk: 'bus_set_iommu', shape: '5.11' });
    expect(codeOf(of('5.15.120', { fixed: ['01657bc14a39'] }), 'C')).toMatchObject({ lock: 'static' });
    const android = of('5.15.167-android13-8', { notFixed: ['a2e7e59a9426'] });
    expect(android).toMatchObject({ era: 'C', fix: { status: 'absent' } });
    expect(codeOf(android, 'C')).toMatchObject({ lock: 'static', replay: 'always' });
  });

  it('picks among candidates', () => {
    expect(of('6.5.0-14-generic')).toMatchObject({ era: null, eras: ['E', 'F61'], fix: { status: 'unknown' } });
    expect(of('6.5.0-14-generic', { notFixed: ['a2e7e59a9426'] })).toMatchObject({
      era: 'E',
      fix: { status: 'absent' },
    });
    expect(of('6.5.0-14-generic', { fixed: ['a2e7e59a9426'] })).toMatchObject({
      era: 'F61',
      fix: { status: 'present' },
    });
  });

  it('ignores contradictions and hashes that it does not know, and says so', () => {
    const both = of('6.1.55', { fixed: ['a2e7e59a9426'], notFixed: ['a2e7e59a9426'] });
    expect(both).toMatchObject({ era: 'E', fix: { status: 'absent' } });
    expect(both.because.some((c) => c.text.includes('contradict'))).toBe(true);
    const unknown = of('6.1.55', { fixed: ['deadbeef'] });
    expect(unknown.because.some((c) => c.text.includes('deadbeef: not a commit'))).toBe(true);
  });

  it('knows a commit by 7 digits at least, and by none that differ', () => {
    expect(namesCommit('a2e7e59', FIX)).toBe(true);
    expect(namesCommit('a2e7e5', FIX)).toBe(false);
    expect(namesCommit('a2e7e59b', FIX)).toBe(false);
    expect(namesCommit('a2e7e59a94269484a83386972ca07c22fd188855', FIX)).toBe(false);
    expect(namesCommit('01657bc14a39', LOCK)).toBe(true);
    expect(namesCommit('01657bc14a39aabbccdd', LOCK)).toBe(true);
    expect(namesCommit('01657bc14a38aabbccdd', LOCK)).toBe(false);
    expect(namesCommit('a2e7e59a9426', LOCK)).toBe(false);
  });
});

describe('without a release the stack bounds the era', () => {
  const eras = (
    more: Parameters<typeof crash>[0],
    log?: (i: Incident) => ReturnType<typeof boot>,
  ): readonly string[] => {
    const incident = crash(more);
    return identifyKernel(log === undefined ? boot([incident]) : log(incident), incident, {}).eras;
  };

  it('everything is possible of a crash that names nothing', () => {
    expect(eras({ frames: ['schedule+0x1/0x2'] })).toHaveLength(13);
  });

  it.each([
    [
      ['probe_iommu_group+0x1/0x2', 'bus_for_each_dev+0x1/0x2', 'bus_iommu_probe+0x1/0x2', 'bus_set_iommu+0x1/0x2'],
      ['B1', 'C'],
    ],
    [
      ['really_probe+0x1/0x2', 'platform_drv_probe+0x1/0x2'],
      ['A', 'B', 'B1', 'C'],
    ],
    [
      ['bus_for_each_dev+0x1/0x2', 'bus_iommu_probe+0x1/0x2', 'iommu_device_register+0x1/0x2'],
      ['D', 'E', 'E2', 'F61', 'F', 'F2', 'F3', 'G', 'H'],
    ],
    [
      ['iommu_init_device+0x1/0x2', '__iommu_probe_device+0x1/0x2'],
      ['E2', 'F', 'F2', 'F3', 'G', 'H'],
    ],
    [
      ['dev_iommu_priv_set+0x1/0x2', 'apple_dart_of_xlate+0x1/0x2'],
      ['F2', 'F3', 'G', 'H'],
    ],
    [
      ['of_iommu_configure+0x1/0x2', '__iommu_probe_device+0x1/0x2', 'probe_iommu_group+0x1/0x2'],
      ['G', 'H'],
    ],
    // A frame that only calls it (a client's replay) is no walk.
    [
      ['__iommu_probe_device+0x1/0x2', 'iommu_probe_device+0x1/0x2', 'of_iommu_configure+0x1/0x2'],
      ['B1', 'C', 'D', 'E', 'E2', 'F61', 'F', 'F2', 'F3', 'G', 'H'],
    ],
  ])('%j leaves %j', (frames, left) => {
    expect(eras({ frames })).toEqual(left);
  });

  it('takes the names of KASAN and the (P) of the first frame', () => {
    const uaf = (bug: string) =>
      eras({ frames: ['of_iommu_configure+0x1/0x2'], kasan: { bug, allocated: stack(['x']) } });
    expect(uaf('slab-use-after-free')).toEqual(['E', 'E2', 'F', 'F2', 'F3', 'G', 'H']);
    expect(uaf('use-after-free')).toEqual(['A', 'B', 'B1', 'C', 'D', 'E', 'F61']);
    expect(eras({ frames: ['schedule+0x1/0x2'] }, (i) => boot([i], [], () => ' schedule+0x1/0x2 (P)'))).toEqual([
      'F3',
      'G',
      'H',
    ]);
  });

  it('takes the late-probe warning', () => {
    const late = { kind: 'late-probe', by: 'arm-smmu', device: 'x' } as const;
    expect(eras({}, (i) => boot([i], [late]))).toEqual(['G', 'H']);
  });

  it('says which sign it was, and what that leaves of the fix', () => {
    const incident = crash({ frames: ['bus_iommu_probe+0x1/0x2', 'bus_set_iommu+0x1/0x2'] });
    const said = identifyKernel(boot([incident]), incident, {});
    expect(said.fix.status).toBe('absent');
    expect(said.because).toContainEqual({ text: 'bus_set_iommu() was there up to v6.0', lines: [51] });
  });

  it('narrows what a vendor string leaves open, and only that', () => {
    const rhel = (frames: readonly string[]) => of('5.14.0-362.8.1.el9_3.aarch64', {}, { frames });
    expect(rhel(['of_iommu_configure+0x1/0x2'])).toMatchObject({ era: null, fix: { status: 'unknown' } });
    expect(rhel(['iommu_init_device+0x1/0x2']).eras).toEqual(['E2', 'F', 'F2', 'F3', 'G', 'H']);
    expect(rhel(['dev_iommu_priv_set+0x1/0x2'])).toMatchObject({
      eras: ['F2', 'F3', 'G', 'H'],
      fix: { status: 'present' },
    });
    expect(of('6.1.55', {}, { frames: ['dev_iommu_priv_set+0x1/0x2'] }).era).toBe('E');
    expect(of('6.14.0-rc3+', {}, { frames: ['of_iommu_configure+0x1/0x2', 'probe_iommu_group+0x1/0x2'] }).era).toBe(
      'G',
    );
  });
});
