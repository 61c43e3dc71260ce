import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../../src/reconstruct/fault/address.ts';
import { decodeFault, faultingFunction } from '../../../src/reconstruct/fault/fault.ts';
import { fieldsAt } from '../../../src/reconstruct/fault/fields.ts';
import type { EraId } from '../../../src/sim/types.ts';
import { type CrashText, crash, stack } from '../crash.ts';

const kernel = (release: string | null, era: EraId | null, eras: readonly EraId[] = era === null ? [] : [era]) => ({
  release,
  era,
  eras,
});
const E61 = kernel('6.1.192', 'E');
const E2 = kernel('6.6.17', 'E2');
const C510 = kernel('5.10.262', 'C');
const E65 = kernel('6.5.6-403.asahi.fc39.aarch64+16k', 'E');
const D61 = kernel('6.1.0-rc1', 'D');
const H73 = kernel('7.3.4', 'H');

type Case = readonly [
  what: string,
  at: ReturnType<typeof kernel>,
  text: CrashText,
  fields: readonly string[],
  decoded: boolean,
];

/** Addresses, registers and Code: lines as real kernels printed them. */
const REAL: readonly Case[] = [
  [
    'apple-dart on an M1: 540003a1 b9400e94 b40007b3 f94172c0 (f9002013)',
    E65,
    {
      address: 0x40n,
      access: 'write',
      pc: 'apple_dart_of_xlate+0x54/0x1f8 [apple_dart]',
      lr: 'apple_dart_of_xlate+0x154/0x1f8 [apple_dart]',
      code: '540003a1 b9400e94 b40007b3 f94172c0 (f9002013)',
      registers: { x0: 0n, x19: 0xffff000012345600n },
    },
    ['dev_iommu.priv'],
    true,
  ],
  [
    'two walks on 6.1-rc1: a parameter that is NULL',
    D61,
    {
      address: 0x30n,
      access: 'read',
      pc: 'dev_iommu_free+0x24/0x54',
      code: 'f9000bf3 910003fd f9416c13 f9016c1f (f9401a68)',
      registers: { x19: 0n },
    },
    ['dev_iommu.fwspec'],
    true,
  ],
  [
    'the double error exit of 5.10',
    C510,
    {
      address: 0x28n,
      access: 'read',
      pc: 'dev_iommu_free+0x28/0x60',
      code: 'f9000bf3 f9415013 f901501f 35000182 (f9401660)',
      registers: { x19: 0n },
    },
    ['dev_iommu.fwspec'],
    true,
  ],
  [
    'iommu_fwspec_init on 6.1',
    E61,
    {
      address: 0x30n,
      access: 'write',
      pc: 'iommu_fwspec_init+0x88/0xbc',
      code: '97fbdff5 b40001a0 f9414a61 a9005414 (f9001820)',
      registers: { x1: 0n },
    },
    ['dev_iommu.fwspec'],
    true,
  ],
  [
    'iommu_fwspec_init on 5.10',
    C510,
    {
      address: 0x28n,
      access: 'write',
      pc: 'iommu_fwspec_init+0x88/0xc0',
      code: '97fc6d1a b40001a0 f9415261 a9005414 (f9001420)',
      registers: { x1: 0n },
    },
    ['dev_iommu.fwspec'],
    true,
  ],
  [
    'iommu_fwspec_free clears what is gone',
    E61,
    {
      address: 0x30n,
      access: 'write',
      pc: 'iommu_fwspec_free+0x54/0x90',
      code: '97fbe4c3 396862a0 35000160 f9414a60 (f900181f)',
      registers: { x0: 0n },
    },
    ['dev_iommu.fwspec'],
    true,
  ],
  [
    'the re-read of fwspec->ops, the accessor inlined',
    E61,
    {
      address: 0n,
      access: 'read',
      pc: 'of_iommu_configure+0x250/0x2a0',
      code: 'f9414a80 b4000040 f9401800 396862e1 (f9400016)',
      registers: { x0: 0n },
    },
    ['fwspec.ops'],
    true,
  ],
  [
    'the same under KASAN, where calls hide the first load',
    E2,
    {
      address: 0n,
      access: 'read',
      pc: 'of_iommu_configure+0x370/0x3d0',
      code: '97fb2c03 f9401a94 aa1403e0 97fb2c00 (f9400295)',
      registers: { x20: 0n },
    },
    ['fwspec.ops'],
    false,
  ],
  [
    'qcom_iommu, whose store stands behind a return',
    C510,
    {
      address: 0x38n,
      access: 'write',
      pc: 'qcom_iommu_of_xlate+0xb4/0x110',
      code: '54000241 a94153f3 a8c37bfd d65f03c0 (f9001c14)',
      registers: { x0: 0n },
    },
    ['dev_iommu.priv'],
    false,
  ],
  [
    'sprd under KASAN: the address is checked by a call first',
    E2,
    {
      address: 0x40n,
      access: 'write',
      pc: 'sprd_iommu_of_xlate+0x84/0xa4 [sprd_iommu]',
      code: '940001dd f9414a73 91010260 94000204 (f9002275)',
      registers: { x19: 0n },
    },
    ['dev_iommu.priv'],
    true,
  ],
  [
    'sprd on 6.1: the walk follows &NULL->iommu',
    E61,
    {
      address: 0x38n,
      access: 'read',
      pc: '__iommu_probe_device+0xa8/0x240',
      code: 'f9001c18 f9414a60 f9414674 f9401c00 (f9400800)',
      registers: { x0: 0x28n },
    },
    ['iommu_device.ops'],
    true,
  ],
  [
    'sprd on 6.6: in iommu_device_link',
    E2,
    {
      address: 0x50n,
      access: 'read',
      pc: 'iommu_device_link+0x24/0xc0',
      code: 'aa0103f4 a9025bf5 aa0003f5 f9402823 (f9401000)',
      registers: { x0: 0x30n },
    },
    ['iommu_device.dev'],
    false,
  ],
  [
    'apple-dart on 6.6: an iommu_device far inside of NULL',
    E2,
    {
      address: 0x868n,
      access: 'read',
      pc: 'iommu_device_link+0x24/0xc0',
      code: 'aa0103f4 a9025bf5 aa0003f5 f9402823 (f9401000)',
      registers: { x0: 0x848n },
    },
    ['iommu_device.dev'],
    false,
  ],
  [
    'the fwspec was poisoned: only lr names dev_iommu_free',
    E61,
    {
      address: 0x006b6b6b6b6b6b73n,
      wording: 'paging request',
      access: 'read',
      pc: 'fwnode_handle_put+0x14/0x40',
      lr: 'dev_iommu_free+0x38/0x60',
      frames: ['fwnode_handle_put+0x14/0x40', '__iommu_probe_device+0x21c/0x240'],
      code: 'd503201f b4000180 b140041f 54000148 (f9400401)',
      registers: { x0: 0x6b6b6b6b6b6b6b6bn },
    },
    ['fwspec.iommu_fwnode'],
    false,
  ],
  [
    'rockchip: a NULL struct device, not dev->iommu',
    E61,
    {
      address: 0x258n,
      access: 'read',
      pc: '_raw_spin_lock_irqsave+0x3c/0xa0',
      lr: 'devm_kmalloc+0x88/0x110',
      frames: [
        '_raw_spin_lock_irqsave+0x3c/0xa0',
        'devm_kmalloc+0x88/0x110',
        'rk_iommu_of_xlate+0x30/0x90',
        'of_iommu_xlate+0x80/0xd0',
      ],
      code: 'b9000841 d2800002 52800023 f9800011 (885ffc01)',
      registers: { x0: 0x258n },
    },
    ['device.devres_lock'],
    false,
  ],
  [
    'rockchip on 6.14: numa_node of the same NULL device',
    kernel('6.14.0', 'F3'),
    {
      address: 0x3e8n,
      access: 'read',
      pc: 'devm_kmalloc+0x2c/0x114',
      lr: 'rk_iommu_of_xlate+0x30/0x90',
      frames: ['devm_kmalloc+0x2c/0x114', 'rk_iommu_of_xlate+0x30/0x90'],
      code: 'd2801017 a90153f3 ab0102e0 aa0103f4 (b943eab8)',
      registers: { x21: 0n },
    },
    ['device.numa_node'],
    false,
  ],
  [
    '7.3 with a mutex of 24 bytes: the accessor is a function',
    H73,
    {
      address: 0x30n,
      access: 'write',
      pc: 'dev_iommu_priv_set+0xc/0x20',
      code: 'ffffddfa aa1e03e9 d503201f f9415400 (f9001801)',
      registers: { x0: 0n },
    },
    ['dev_iommu.priv'],
    true,
  ],
  [
    'lockdep: priv far out, no less decoded',
    E61,
    // ldr x0,[x21,#0x468]; str x19,[x0,#0xb0]
    {
      address: 0xb0n,
      access: 'write',
      pc: 'apple_dart_of_xlate+0x58/0x194',
      code: 'b9400e94 f94236a0 (f9005813)',
      registers: { x0: 0n },
    },
    ['dev_iommu.priv'],
    true,
  ],
  [
    'a driver that is none of the IOMMU code: only a resemblance',
    E61,
    {
      address: 0x14n,
      access: 'read',
      pc: 'labmisc_probe+0x66c/0x694',
      code: '94000059 f9414ae0 b4000040 f9401800 (b9401402)',
      registers: { x0: 0n },
    },
    ['fwspec.num_ids'],
    false,
  ],
  [
    'another driver, another chain',
    E61,
    {
      address: 0n,
      access: 'read',
      pc: 'labmisc_hw_init+0x14/0x24',
      code: 'd503201f a9bf7bfd 910003fd f9400401 (f9400021)',
      registers: { x1: 0n },
    },
    [],
    false,
  ],
  [
    'a group, not dev->iommu: ldr x21,[x20,#0x2e0]; ldr w2,[x21,#0xc0]',
    C510,
    {
      address: 0xc0n,
      access: 'read',
      pc: 'iommu_group_remove_device+0x30/0x1b0',
      code: 'd0006a21 f9417295 91130021 910162b6 (b940c2a2)',
      registers: { x21: 0n },
    },
    [],
    false,
  ],
];

describe('faults of real kernels', () => {
  it.each(REAL)('%s', (_what, at, text, fields, decoded) => {
    const fault = decodeFault(crash(text), at);
    expect({ fields: fault.fields, decoded: fault.decoded }).toEqual({ fields, decoded });
    expect(fault.address).toBe(text.address);
    expect(fault.access).toBe(text.access);
  });

  it('quotes the instructions, with the lines that they stand on', () => {
    const fault = decodeFault(crash(REAL[0]![2]), E65);
    const said = fault.because.find((c) => c.text.includes('ldr x0,[x22,#0x2e0]; str x19,[x0,#0x40]'));
    expect(said?.lines).toContain(90);
    expect(said?.text).toContain('dev->iommu');
    expect(fault.because[0]).toMatchObject({ text: 'write at 0x40: a small offset from NULL', lines: [10, 14] });
    expect(fault.shape).toBe('null');
  });

  it('names the path that it took through fwspec or iommu_dev', () => {
    const text = (i: number): string =>
      decodeFault(crash(REAL[i]![2]), REAL[i]![1])
        .because.map((c) => c.text)
        .join('\n');
    expect(text(6)).toContain('dev->iommu->fwspec');
    expect(text(10)).toContain('dev->iommu->iommu_dev');
    expect(text(10)).not.toContain('->fwspec');
    expect(text(13)).toContain('by lr, from dev_iommu_free');
  });
});

describe('what is missing from a log', () => {
  const dart = REAL[0]![2];

  it('computes an address that the console level cut off', () => {
    const fault = decodeFault(crash({ ...dart, address: null, wording: null, access: null, esr: 0x96000044n }), E65);
    expect(fault).toMatchObject({
      address: 0x40n,
      access: 'write',
      fields: ['dev_iommu.priv'],
      decoded: true,
      shape: 'null',
    });
    expect(fault.because[0]?.text).toContain('not in the log');
  });

  it('reads WnR from ESR, and only for data aborts', () => {
    expect(decodeFault(crash({ address: 0x40n, esr: 0x96000046n }), E61).access).toBe('write');
    expect(decodeFault(crash({ address: 0x40n, esr: 0x96000006n }), E61).access).toBe('read');
    expect(decodeFault(crash({ address: 0x40n, esr: 0x86000004n }), E61).access).toBeNull();
  });

  it('without Code: goes by address and function, over every configuration', () => {
    const bare = { address: 0x40n, access: 'write', pc: 'apple_dart_of_xlate+0x58/0x194' } as const;
    expect(decodeFault(crash(bare), E61)).toMatchObject({ fields: ['dev_iommu.priv'], decoded: false });
    expect(decodeFault(crash({ ...bare, address: 0xb0n }), E61).fields).toEqual(['dev_iommu.priv']);
    expect(decodeFault(crash({ ...bare, address: 0x48n }), E61).fields).toEqual(['dev_iommu.priv']);
    expect(decodeFault(crash({ ...bare, address: 0x99n }), E61).fields).toEqual([]);
  });

  it('without a function: every field that lies there, the plain configuration first', () => {
    const fields = decodeFault(crash({ address: 0x40n, access: 'write' }), E61).fields;
    expect(fields[0]).toBe('dev_iommu.priv');
    expect(fields).toContain('dev_iommu.iommu_dev');
    expect(decodeFault(crash({ address: 0x30n, access: 'write' }), E61).fields[0]).toBe('dev_iommu.fwspec');
    expect(decodeFault(crash({ address: 0x28n, access: 'read' }), C510).fields[0]).toBe('dev_iommu.fwspec');
  });

  it('with neither address nor registers has the words alone', () => {
    const fault = decodeFault(crash({ ...dart, address: null, access: null, registers: {} }), E65);
    expect(fault).toMatchObject({
      address: null,
      access: 'write',
      fields: ['dev_iommu.priv'],
      decoded: true,
      shape: 'unknown',
    });
  });

  it('has nothing to say of a crash that is no memory fault', () => {
    const bug = crash({
      kind: 'bug',
      pc: 'labmisc_probe+0x618/0x648',
      code: '52800021 9400005e f9406ab4 17ffff10 (d4210000)',
    });
    expect(decodeFault(bug, E61)).toMatchObject({
      address: null,
      access: null,
      fields: [],
      decoded: false,
      shape: 'unknown',
      because: [],
    });
    const warning = crash({ kind: 'warning', pc: '__iommu_probe_device+0x1e4/0x530', code: 'f94172c0 (f9002013)' });
    expect(decodeFault(warning, H73).fields).toEqual([]);
  });
});

describe('contradictions', () => {
  const dart = REAL[0]![2];

  it('says so when the address is not what the register and the offset give, and keeps no field that only one allows', () => {
    const fault = decodeFault(crash({ ...dart, address: 0x30n }), E61);
    expect(fault.fields).toEqual([]);
    expect(fault.decoded).toBe(false);
    expect(
      fault.because.some((c) => c.text.includes('not of one fault') && c.lines.includes(90) && c.lines.includes(10)),
    ).toBe(true);
  });

  it('says so when WnR and the instruction differ', () => {
    const fault = decodeFault(crash({ ...dart, access: 'read' }), E61);
    expect(fault.fields).toEqual([]);
    expect(fault.because.some((c) => c.text.includes('the abort lines say read'))).toBe(true);
  });

  it('does so for a leaf too', () => {
    const poisoned = REAL[13]![2];
    expect(decodeFault(crash({ ...poisoned, address: 0x30n }), E61).fields).toEqual([]);
  });

  it('compares without the top byte, which the kernel cuts off', () => {
    const tagged = { ...REAL[13]![2], registers: { x0: 0xff6b6b6b6b6b6b6bn } };
    expect(decodeFault(crash(tagged), E61).fields).toEqual(['fwspec.iommu_fwnode']);
  });
});

describe('KASAN', () => {
  it('tells the fwspec by its size, and the field by the offset inside', () => {
    const report = crash({
      frames: [
        'dump_backtrace+0x0/0x100',
        'kasan_report+0x80/0xd0',
        '__asan_load4+0x60/0x90',
        'iommu_fwspec_add_ids+0x68/0x154',
      ],
      kasan: {
        access: 'read',
        size: 4,
        address: 0xffff0e34c1522b94n,
        cache: 'kmalloc-32',
        objectSize: 32,
        objectOffset: 20,
        allocated: stack(['__kmalloc+0x50/0x80', 'iommu_fwspec_init+0x90/0x140']),
        freed: stack(['kfree+0x50/0x80', 'dev_iommu_free+0x90/0x140']),
      },
    });
    expect(faultingFunction(report)).toBe('iommu_fwspec_add_ids');
    expect(decodeFault(report, E2)).toMatchObject({
      fields: ['fwspec.num_ids'],
      access: 'read',
      shape: 'pointer',
      decoded: false,
    });
  });

  it('tells dev_iommu from an fwspec in one cache by what the function accesses', () => {
    const at = (fn: string, offset: number, access: 'read' | 'write') =>
      decodeFault(
        crash({
          frames: [fn],
          kasan: {
            bug: 'use-after-free',
            access,
            size: 8,
            address: 0xffff000012345680n,
            cache: 'kmalloc-128',
            objectSize: 128,
            objectOffset: offset,
          },
        }),
        E61,
      ).fields;
    expect(at('of_iommu_configure+0x10/0x20', 48, 'read')).toEqual(['dev_iommu.fwspec']);
    expect(at('of_iommu_configure+0x10/0x20', 0, 'read')).toEqual(['fwspec.ops']);
    expect(at('apple_dart_of_xlate+0x10/0x20', 64, 'write')).toEqual(['dev_iommu.priv']);
    expect(at('iommu_fwspec_free+0x10/0x20', 8, 'read')).toEqual(['fwspec.iommu_fwnode']);
    expect(at('ext4_fill_super+0x10/0x20', 48, 'read')).toEqual([]);
  });

  it('reads a null-ptr-deref as a NULL access', () => {
    const report = crash({ frames: ['of_iommu_configure+0x370/0x3d0'], kasan: { bug: 'null-ptr-deref', address: 0n } });
    expect(decodeFault(report, E2)).toMatchObject({ fields: ['fwspec.ops'], shape: 'null' });
  });

  it('names the object of a double free', () => {
    const report = crash({
      frames: ['kfree+0x10/0x20', 'iommu_fwspec_free+0x10/0x20'],
      kasan: {
        bug: 'double-free',
        access: null,
        size: null,
        cache: 'kmalloc-32',
        objectSize: 32,
        objectOffset: 0,
        allocated: stack(['iommu_fwspec_init+0x90/0x140']),
      },
    });
    expect(decodeFault(report, E2).fields).toEqual(['fwspec']);
  });
});

describe('addresses', () => {
  it.each([
    [0x40n, 'arm64', 'null'],
    [0xfffn, 'arm64', 'null'],
    [0x2000n, 'arm64', 'unknown'],
    [0x006b6b6b6b6b6b73n, 'arm64', 'poison'],
    [0x6b6b6b6b6b6b6b73n, 'x86_64', 'poison'],
    [0x5a5a5a5a5a5a5a5an, 'arm64', 'poison'],
    [0xdead000000000108n, 'arm64', 'poison'],
    [0xffffffffffffffd8n, 'arm64', 'negative'],
    [0xffff000012345678n, 'arm64', 'pointer'],
    [0x0000aaaabbbbccccn, 'arm64', 'unknown'],
    [0x6b6b6b73n, 'arm', 'poison'],
    [0xc0123456n, 'arm', 'pointer'],
    [0x24n, 'arm', 'null'],
  ] as const)('0x%s on %s is %s', (address, arch, shape) => {
    expect(shapeOf(address, arch, false)).toBe(shape);
  });

  it('goes by the wording where pages are larger', () => {
    expect(shapeOf(0x2000n, 'arm64', true)).toBe('null');
  });
});

describe('layouts', () => {
  const at = (offset: number, eras: readonly EraId[], word: 4 | 8 = 8): string[] =>
    fieldsAt('dev_iommu', offset, word, { word, eras, version: null }).map((h) => h.field.slice(10));

  it('agree with what was measured', () => {
    // BTF and compiled headers: 5.10, 6.1 and 6.12, plain.
    expect(at(0x38, ['B1'])).toContain('priv');
    expect(at(0x40, ['E'])[0]).toBe('priv');
    expect(at(0x30, ['E'])[0]).toBe('fwspec');
    expect(at(0x38, ['F3'])[0]).toBe('priv');
    expect(at(0x30, ['H'])).toContain('priv');
    // DEBUG_MUTEXES, lockdep, lockdep with LOCK_STAT on 6.1.
    for (const [offset, field] of [
      [0x38, 'fwspec'],
      [0x48, 'priv'],
      [0xa0, 'fwspec'],
      [0xb0, 'priv'],
      [0xc0, 'priv'],
    ] as const) {
      expect(at(offset, ['E'])).toContain(field);
    }
    // arm32: SMP plain, DEBUG_MUTEXES, lockdep on 6.1.
    expect(at(0x24, ['E'], 4)).toContain('priv');
    expect(at(0x28, ['E'], 4)).toContain('priv');
    expect(at(0x5c, ['E'], 4)).toContain('priv');
    expect(at(0x40, ['A'])).toEqual([]);
  });

  it('place the fwspec by version', () => {
    const fw = (offset: number, size: number, eras: readonly EraId[]): string[] =>
      fieldsAt('fwspec', offset, size, { word: 8, eras, version: null }).map((h) => h.field.slice(7));
    expect(fw(0, 8, ['E'])).toEqual(['ops']);
    expect(fw(0, 8, ['F3'])).toEqual(['iommu_fwnode']);
    expect(fw(0x14, 4, ['E'])).toEqual(['num_ids']);
    expect(fw(0x18, 4, ['E'])).toEqual(['ids']);
    expect(fw(0xc, 4, ['F3'])).toEqual(['num_ids']);
    expect(fw(0x14, 8, ['E'])).toEqual([]);
  });
});

it('never throws, whatever a crash holds', () => {
  const symbol = fc.constantFrom(
    'of_iommu_configure',
    'dev_iommu_free',
    'fwnode_handle_put',
    'kfree',
    'apple_dart_of_xlate',
    '__proto__',
    'constructor',
    'x',
  );
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      symbol,
      symbol,
      fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 6 }),
      fc.constantFrom('arm64', 'arm', 'x86_64', null),
      (address, pc, lr, words, arch) => {
        const text = words.map((w, i) => (i === words.length - 1 ? `(${w.toString(16)})` : w.toString(16))).join(' ');
        const fault = decodeFault(
          crash({ address, pc, lr, frames: [pc, lr], code: text, arch, registers: { x0: address, x1: 0n } }),
          E61,
        );
        if (fault.decoded) expect(fault.fields).toHaveLength(1);
      },
    ),
    { numRuns: 1000 },
  );
});
