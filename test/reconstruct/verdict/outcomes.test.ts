/** Each outcome that fits a crash is attributed apart; who cannot crash so is no rival; what the release denies and the crash shows is a contradiction. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';
import type { Triage, TriageOptions } from '../../../src/reconstruct/types.ts';

const read = (file: string) => readFileSync(file, 'latin1');
const DART = read('samples/dmesg/dart-null-priv-6.1.log');
const KASAN = read('samples/dmesg/smmuv3-kasan-uaf-6.6.log');
const REVERTED: TriageOptions = { notFixed: ['a2e7e59a9426'] };

function judge(text: string, options: TriageOptions = {}): Triage {
  const boots = triage(Buffer.from(text, 'latin1'), { name: 'test' }, options);
  return boots.find((b) => b.verdict.class === 'confirmed') ?? boots.find((b) => b.crashes.length > 0) ?? boots[0]!;
}

/** The same crash on a machine with rockchip's IOMMU, whose of_xlate may fail on a NULL struct device of its own as well. */
const onRockchip = (text: string) =>
  text
    .replaceAll(/(?:apple_dart|qcom_iommu|arm_smmu)_of_xlate/g, 'rk_iommu_of_xlate')
    .replaceAll(/apple_dart|qcom_iommu|arm_smmu_v3|arm_smmu/g, 'rk_iommu')
    .replaceAll(/apple-dart|qcom-iommu|arm-smmu-v3|arm-smmu/g, 'rk_iommu');

/** An instance that had registered before, and probed another client. */
const afterAnother = (text: string) =>
  text.replace(/^(.*?\]) (.*Unable to handle)/m, '$1 platform ff460000.vop: Adding to iommu group 0\n$1 $2');

const PRIV = 'null-write dev_iommu.priv in rk_iommu_of_xlate';
const SET = 'null-write dev_iommu.fwspec in iommu_fwspec_init';
const OPS = 'null-read fwspec.ops in of_iommu_configure';

describe.each([
  ['5.10, priv', 'samples/dmesg/qcom-null-priv-5.10.log', PRIV, {}],
  ['5.10, fwspec set', 'samples/dmesg/smmuv3-fwspec-init-5.10.log', SET, {}],
  ['5.10, ops', 'test/fixtures/logs/5.10-qcomiommu-race-fwspec-null-ops-01.log', OPS, {}],
  ['6.1, priv', 'samples/dmesg/dart-null-priv-6.1.log', PRIV, REVERTED],
  ['6.1, fwspec set', 'test/fixtures/logs/6.1-appledart-race-fwspec-set-null-01.log', SET, REVERTED],
  ['6.1, ops', 'test/fixtures/logs/6.1-appledart-race-fwspec-null-ops-02.log', OPS, REVERTED],
  ['6.6, priv', 'test/fixtures/logs/6.6-appledart-race-null-priv-01.log', PRIV, REVERTED],
  ['6.6, fwspec set', 'test/fixtures/logs/6.6-appledart-race-fwspec-set-null-01.log', SET, REVERTED],
  ['6.6, ops', 'test/fixtures/logs/6.6-smmuv3-race-fwspec-null-ops-01.log', OPS, REVERTED],
] as const)('the race on rockchip, %s', (_, file, outcome, options) => {
  const text = onRockchip(read(file));

  it.each([
    ['one instance', text],
    ['a second instance', afterAnother(text)],
  ])(
    'is confirmed with the driver named, which stays registered; not named it is, unless another driver ends so by other means (%s)',
    (_, log) => {
      expect(judge(log, { ...options, driver: 'rockchip' }).verdict).toMatchObject({ class: 'confirmed', outcome });
      const { verdict, kernel } = judge(log, options);
      const open = verdict.rivals.filter((r) => r.status !== 'refuted');
      expect(verdict).toMatchObject({
        class: open.length === 0 ? 'confirmed' : 'possible',
        hypothesis: 'xlate-vs-probe-free',
        outcome,
      });
      if (kernel.driver !== null) expect(open).toEqual([]);
      for (const { hypothesis } of open) expect(hypothesis).toBe('release-vs-xlate');
    },
  );
});

describe('what a walk that failed frees behind the race', () => {
  // tegra-smmu's probe_device makes the fwspec itself, fails with -EINVAL for a client whose fwspec has no ops, and bus_set_iommu() then releases every device.
  const text = read('samples/dmesg/smmuv3-fwspec-init-5.10.log');

  it('is both of theirs: no lock closes the one, and the other needs no release', () => {
    const { verdict } = judge(text, { driver: 'tegra-smmu' });
    expect(verdict).toMatchObject({ class: 'possible', hypothesis: 'xlate-vs-probe-free', outcome: SET });
    expect(verdict.outcomes.map((o) => o.hypothesis)).toEqual(['xlate-vs-probe-free', 'release-vs-xlate']);
    const release = verdict.rivals.find((r) => r.hypothesis === 'release-vs-xlate');
    expect(release).toMatchObject({ status: 'open' });
    expect(release?.because).toContain('what separates them is who freed dev->iommu');
  });

  it('keeps a crash whose driver is not named from being proved: it may be that one', () => {
    const unnamed = onRockchip(text);
    const { verdict, kernel } = judge(unnamed);
    expect(kernel.driver).toBeNull();
    expect(verdict.class).toBe('possible');
    expect(verdict.rivals.find((r) => r.status === 'open')?.because).toContain('with tegra-smmu');
    expect(judge(unnamed, { driver: 'arm-smmu-v3' }).verdict.class).toBe('confirmed');
  });
});

describe("the rockchip driver's own NULL device", () => {
  const LATE = 'null-read device.devres_lock in rk_iommu_of_xlate';

  it('is what a lock below devm_kmalloc() shows, and a store of priv is not', () => {
    const sample = judge(read('samples/dmesg/rockchip-dma-dev-6.1.log'), REVERTED).verdict;
    expect(sample).toMatchObject({ class: 'excluded', hypothesis: 'driver-data-after-registration', outcome: LATE });
    expect(sample.outcomes.map((o) => o.hypothesis)).toEqual(['driver-data-after-registration']);
    const real = judge(read('test/fixtures/logs/6.1.0-56-arm64-rockchip-race-null-priv-01.log'), REVERTED).verdict;
    expect(real).toMatchObject({ class: 'confirmed', outcome: PRIV });
  });

  it('is none where the access stands in the function itself: a read of another field there is nobody', () => {
    const read8 = onRockchip(DART)
      .replace('WnR = 1', 'WnR = 0')
      .replaceAll('96000044', '96000004')
      .replace('(f9002013)', '(f9402013)');
    const { verdict } = judge(read8, REVERTED);
    expect(verdict.class).not.toBe('confirmed');
    expect(verdict.outcomes.map((o) => o.outcome)).not.toContain(LATE);
  });
});

describe('where outcomes of several hypotheses fit', () => {
  // arm-smmu below a registration, no Code: line: fwspec->iommu_fwnode of a NULL fwspec, or the driver's own data that is not there yet.
  const text = `[    4.248101] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008
[    4.248559]   ESR = 0x0000000096000004
[    4.249213]   CM = 0, WnR = 0
[    4.249901] Internal error: Oops: 0000000096000004 [#1] SMP
[    4.250192] Modules linked in: arm_smmu(+)
[    4.254383] CPU: 0 PID: 36 Comm: insmod Not tainted 6.1.1 #1
[    4.257488] pc : arm_smmu_probe_device+0x58/0x194 [arm_smmu]
[    4.258143] lr : arm_smmu_probe_device+0x3c/0x194 [arm_smmu]
[    4.260087] Call trace:
[    4.260319]  arm_smmu_probe_device+0x58/0x194 [arm_smmu]
[    4.260607]  __iommu_probe_device+0xb0/0x100
[    4.260910]  probe_iommu_group+0x1b8/0x2a0
[    4.261025]  bus_for_each_dev+0x128/0x320
[    4.261131]  bus_iommu_probe+0x34/0x80
[    4.261232]  iommu_device_register+0x78/0x3f4
[    4.261321]  arm_smmu_device_probe+0x94/0x190 [arm_smmu]
[    4.261420]  platform_probe+0x44/0xdc
[    4.262247]  kthread+0xf8/0x100
[    4.270445]  ret_from_fork+0x10/0x20
[    4.271248] ---[ end trace 0000000000000000 ]---
`;

  it('the class is possible, or the race has none of them; each is named with its count and what separates it', () => {
    const { verdict } = judge(text);
    const owners = new Set(verdict.outcomes.map((o) => o.hypothesis));
    expect(owners.size).toBeGreaterThan(1);
    expect(verdict.outcome).toBeNull();
    for (const { crashing } of verdict.outcomes) expect(BigInt(crashing)).toBeGreaterThan(0n);
    expect(verdict.class).toBe(owners.has('xlate-vs-probe-free') ? 'possible' : 'excluded');
    const open = verdict.rivals.filter((r) => r.status === 'open' && owners.has(r.hypothesis));
    expect(open.length).toBeGreaterThan(0);
    for (const { because } of open) expect(because).toMatch(/in [\d,]+ interleavings.*what separates them is /);
  });
});

describe('a driver that is not named', () => {
  const text = read('test/fixtures/logs/6.1-appledart-race-fwspec-set-null-01.log').replaceAll(
    /apple[-_]dart/g,
    'labdart',
  );

  it('does not keep the race from being proved where some drivers cannot crash so: which ones can is said', () => {
    const { verdict, kernel } = judge(text, REVERTED);
    expect(kernel.driver).toBeNull();
    expect(verdict).toMatchObject({ class: 'confirmed', outcome: SET });
    const said = verdict.because.map((b) => b.text).find((t) => t.includes('the IOMMU driver is not named'));
    expect(said).toMatch(/reaches this crash with .*apple-dart.*arm-smmu/);
  });

  it('keeps it where it may be one that the model does not have', () => {
    const vendor = DART.replaceAll('apple_dart', 'acme_iommu').replaceAll('apple-dart', 'acme-iommu');
    expect(judge(vendor, REVERTED).verdict.class).toBe('possible');
  });
});

describe("KASAN's object", () => {
  const object = (made: string, freed: string) =>
    `BUG: KASAN: use-after-free in of_iommu_configure+0xc0/0x4b0
Read of size 8 at addr ffffff80a1b2c0b8 by task kworker/u8:3/140

CPU: 1 PID: 140 Comm: kworker/u8:3 Not tainted 6.1.50 #1
Workqueue: events_unbound deferred_probe_work_func
Call trace:
 dump_backtrace+0x0/0x330
 kasan_report+0x50/0x78
 of_iommu_configure+0xc0/0x4b0
 of_dma_configure_id+0x2f0/0x4d0
 platform_dma_configure+0x40/0x5c
 really_probe+0x1b0/0xb70

Allocated by task 1:
 kasan_save_stack+0x2c/0x58
 kmalloc_trace+0xe0/0x3d0
${made
  .split(' ')
  .map((f) => ` ${f}+0x98/0x3a0\n`)
  .join('')}
Freed by task 1:
 kasan_save_stack+0x2c/0x58
 __kmem_cache_free+0xf0/0x3a0
 kfree+0xf0/0x3a0
${freed
  .split(' ')
  .map((f) => ` ${f}+0x290/0x3a0\n`)
  .join('')}`;
  const WALK = 'probe_iommu_group bus_for_each_dev bus_iommu_probe iommu_device_register arm_smmu_device_probe';
  const CLIENT = 'of_iommu_xlate of_iommu_configure of_dma_configure_id platform_dma_configure';
  const IOMMU = 'uaf-read dev_iommu.fwspec in of_iommu_configure';
  const SPEC = 'uaf-read fwspec.ops in of_iommu_configure';

  it.each([
    ['made by the probe', `__iommu_probe_device ${WALK}`, `__iommu_probe_device ${WALK}`, [IOMMU]],
    [
      'made by dev_iommu_get()',
      `dev_iommu_get __iommu_probe_device ${WALK}`,
      `dev_iommu_free __iommu_probe_device ${WALK}`,
      [IOMMU],
    ],
    ['freed as an fwspec', `iommu_fwspec_init ${CLIENT}`, `iommu_fwspec_free __iommu_probe_device ${WALK}`, [SPEC]],
    [
      'grown by its ids',
      `iommu_fwspec_add_ids arm_smmu_of_xlate ${CLIENT}`,
      `dev_iommu_free __iommu_probe_device ${WALK}`,
      [SPEC],
    ],
    ['of either struct', `iommu_fwspec_init ${CLIENT}`, `dev_iommu_free __iommu_probe_device ${WALK}`, [IOMMU, SPEC]],
    [
      'of a driver',
      `arm_smmu_probe_device __iommu_probe_device ${WALK}`,
      `arm_smmu_release_device iommu_release_device ${WALK}`,
      [],
    ],
    ['of somebody else', `foo_alloc foo_probe really_probe`, `foo_free foo_remove`, []],
  ])('%s tells whose field it was', (_, made, freed, outcomes) => {
    const { verdict } = judge(object(made, freed), { driver: 'arm-smmu' });
    expect(verdict.outcomes.map((o) => o.outcome).sort()).toEqual(outcomes);
    expect(verdict.class).toBe(outcomes.length === 0 ? 'excluded' : 'confirmed');
    expect(verdict.outcome).toBe(outcomes.length === 1 ? outcomes[0] : null);
  });

  it('is read the same way of KFENCE', () => {
    const kfence = object(`iommu_fwspec_init ${CLIENT}`, `__iommu_probe_device ${WALK}`)
      .replace(
        /^BUG.*\n.*$/m,
        'BUG: KFENCE: use-after-free read in of_iommu_configure+0xc0/0x4b0\n\nUse-after-free read at 0x00000000b5e3b9a1 (in kfence-#121):',
      )
      .replace(/^CPU[\s\S]*kasan_report.*\n/m, '')
      .replace(
        'Allocated by task 1:',
        'kfence-#121: 0x00000000b5e3b9a1-0x00000000c5e3b9a1, size=32, cache=kmalloc-128\n\nallocated by task 1 on cpu 0 at 4.1s:',
      )
      .replace('Freed by task 1:', 'freed by task 1 on cpu 1 at 4.2s:');
    const { verdict, crashes } = judge(
      `${kfence}\nCPU: 1 PID: 140 Comm: kworker/u8:3 Not tainted 6.1.50 #1\n==================================================================\n`,
      { driver: 'arm-smmu' },
    );
    expect(crashes[0]!.incident.frames.map((f) => f.symbol)).toEqual([
      'of_iommu_configure',
      'of_dma_configure_id',
      'platform_dma_configure',
      'really_probe',
    ]);
    expect(verdict.outcomes.map((o) => o.outcome)).toEqual([SPEC]);
  });
});

describe('a release that carries the fix, and the race all the same', () => {
  it.each([
    ['of 6.1', DART.replaceAll('6.1.192', '6.1.100')],
    ['of 6.6', KASAN],
    ['of 6.8', DART.replaceAll('6.1.192', '6.8.3')],
    ['of 7.1', read('test/fixtures/logs/6.6-appledart-race-null-priv-01.log').replaceAll('6.6.17', '7.1.2')],
  ])('is possible, a contradiction, with both ways that it can be (%s)', (_, text) => {
    const { verdict, diagnostics } = judge(text);
    expect(verdict).toMatchObject({
      class: 'possible',
      contradiction: true,
      hypothesis: 'xlate-vs-probe-free',
      witness: null,
    });
    expect(verdict.outcomes.length).toBeGreaterThan(0);
    expect(verdict.sentence).toMatch(/lost or reverted the fix.*something is at work that the model does not have/);
    expect(verdict.settle[0]).toMatchObject({ command: expect.stringContaining('--not-fixed a2e7e59a9426') });
    expect(diagnostics.map((d) => d.code)).toContain('OR401');
  });
});

describe('where nothing ends so', () => {
  it('the scenarios that were searched are named, those with more threads too', () => {
    const other = DART.replaceAll('0000000000000040', '0000000000000018').replace('(f9002013)', '(f9000c13)');
    const { verdict } = judge(other, REVERTED);
    expect(verdict).toMatchObject({ class: 'excluded', outcomes: [] });
    expect(verdict.sentence).toMatch(/[Nn]o interleaving of deferred-retry.*two-walks.* in era E ends in/);
  });
});
