import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../src/parser/types.ts';
import { agreement, type Shown, shownOf } from '../../../src/reconstruct/evidence/access.ts';
import type { Fault } from '../../../src/reconstruct/types.ts';
import type { FaultKind } from '../../../src/sim/types.ts';

const KINDS: readonly FaultKind[] = ['null-read', 'null-write', 'uaf-read', 'uaf-write', 'double-free'];

const FAULT: Fault = {
  address: null,
  access: null,
  fields: [],
  decoded: false,
  located: false,
  objects: null,
  shape: 'unknown',
  because: [],
};

function shown(fault: Partial<Fault>, incident: Partial<Incident> & { bug?: string } = {}): Shown {
  const { bug, ...rest } = incident;
  const kasan = bug === undefined ? null : { bug };
  return shownOf({ kind: 'oops', kasan, ...rest } as unknown as Incident, { ...FAULT, ...fault });
}

const nullAt = (access: Fault['access'], fields: readonly string[], decoded = false) =>
  shown({ address: 0x40n, access, fields, decoded, located: true, shape: 'null' });
const poison = (fields: readonly string[]) =>
  shown({ address: 0x6b6b6b6b6b6b6b73n, access: 'read', fields, located: true, shape: 'poison' });

/** What a report can show. */
const SHAPES: Readonly<Record<string, Shown>> = {
  'a write through NULL, Code: to priv': nullAt('write', ['dev_iommu.priv'], true),
  'a write through NULL, by its offset priv': nullAt('write', ['dev_iommu.priv']),
  'a write through NULL at no known offset': nullAt('write', []),
  'a read through NULL, by its offset fwspec->ops': nullAt('read', ['fwspec.ops']),
  'a read through NULL at no known offset': nullAt('read', []),
  'a lock of a NULL device': nullAt('read', ['device.devres_lock']),
  'an access through NULL, read or write not told': nullAt(null, ['dev_iommu.priv']),
  'poison in fwnode_handle_put()': poison(['fwspec.iommu_fwnode']),
  'poison plus the offset of fwspec->ops': poison(['fwspec.ops']),
  'an oops without address and Code:': shown({}),
  'an oops without address, Code: to priv': shown({
    access: 'write',
    fields: ['dev_iommu.priv'],
    decoded: true,
    located: true,
  }),
  'a bare trace': shown({}, { kind: 'other' }),
  'KASAN, use after free of a fwspec': shown(
    { access: 'read', fields: ['fwspec.ops'], objects: ['fwspec'] },
    { kind: 'kasan', bug: 'slab-use-after-free' },
  ),
  'KASAN, use after free of a dev_iommu': shown(
    { access: 'read', fields: ['dev_iommu.fwspec'], objects: ['dev_iommu'] },
    { kind: 'kasan', bug: 'use-after-free' },
  ),
  'KASAN, use after free, object not told': shown({ access: 'read' }, { kind: 'kasan', bug: 'use-after-free' }),
  "KASAN, use after free of another's object": shown(
    { access: 'read', objects: [] },
    { kind: 'kasan', bug: 'use-after-free' },
  ),
  'KASAN, double free of a fwspec': shown(
    { fields: ['fwspec'], objects: ['fwspec'] },
    { kind: 'kasan', bug: 'double-free' },
  ),
  'KASAN, out of bounds': shown(
    { access: 'read', fields: ['fwspec.ops'] },
    { kind: 'kasan', bug: 'slab-out-of-bounds' },
  ),
  'KFENCE, use after free': shown(
    { access: 'write', objects: ['fwspec', 'dev_iommu'] },
    { kind: 'kfence', bug: 'use-after-free' },
  ),
  "SLUB's BUG()": shown({}, { kind: 'bug' }),
  'krealloc() of an absurd size': shown({}, { kind: 'warning' }),
};

const OUTCOMES = [
  'null-write dev_iommu.priv',
  'null-read dev_iommu.priv',
  'null-read fwspec.ops',
  'null-read device.devres_lock',
  'null-read sprd_iommu_device.dev',
  'uaf-read fwspec.ops',
  'uaf-read dev_iommu.fwspec',
  'uaf-read fwspec.iommu_fwnode',
  'uaf-read fwspec.num_ids',
  'uaf-write dev_iommu.fwspec',
  'uaf-read omap_iommu_arch_data.iommu_dev',
  'double-free fwspec',
  'double-free dev_iommu',
] as const;

/** S: shown, o: open, -: contradicted; in the order of OUTCOMES. That a lock is taken by a callee, not by the function itself, is the place's part of the rule. */
const TABLE: Readonly<Record<keyof typeof SHAPES, string>> = {
  'a write through NULL, Code: to priv': 'S------------',
  'a write through NULL, by its offset priv': 'S--o---------',
  'a write through NULL at no known offset': '---o---------',
  'a read through NULL, by its offset fwspec->ops': '--Soo--------',
  'a read through NULL at no known offset': '---oo--------',
  'a lock of a NULL device': '---S---------',
  'an access through NULL, read or write not told': 'SS-oo--------',
  // Which of the two pointers was stale is told by the place.
  'poison in fwnode_handle_put()': '------SS-----',
  'poison plus the offset of fwspec->ops': '------S------',
  'an oops without address and Code:': 'ooooooooooo--',
  'an oops without address, Code: to priv': 'S------------',
  'a bare trace': 'ooooooooooooo',
  'KASAN, use after free of a fwspec': '-----S-------',
  'KASAN, use after free of a dev_iommu': '------S------',
  'KASAN, use after free, object not told': '-----oooo-o--',
  "KASAN, use after free of another's object": '----------o--',
  'KASAN, double free of a fwspec': '-----------S-',
  'KASAN, out of bounds': '-------------',
  'KFENCE, use after free': '---------o---',
  "SLUB's BUG()": '-----------oo',
  'krealloc() of an absurd size': '--------S----',
};

const LETTER = { shown: 'S', open: 'o', contradicted: '-' } as const;

describe('an outcome against what a report shows', () => {
  it.each(Object.keys(SHAPES))('%s: each outcome is shown, open or contradicted', (name) => {
    const row = OUTCOMES.map((outcome) => {
      const [kind, field] = outcome.split(' ') as [FaultKind, string];
      return LETTER[agreement(SHAPES[name]!, { kind, field })];
    }).join('');
    expect(row).toBe(TABLE[name]);
  });

  const fields = [
    'dev_iommu.priv',
    'dev_iommu.fwspec',
    'fwspec.ops',
    'fwspec.iommu_fwnode',
    'iommu_device.dev',
    'device.devres_lock',
    'arm_smmu_device.dev',
    'fwspec',
    'dev_iommu',
  ];
  const anyShown: fc.Arbitrary<Shown> = fc.record({
    kinds: fc.option(fc.subarray([...KINDS])),
    fields: fc.subarray(fields, { maxLength: 2 }),
    surely: fc.boolean(),
    located: fc.boolean(),
    objects: fc.option(fc.subarray(['dev_iommu', 'fwspec'])),
    followed: fc.boolean(),
  });
  const anyOutcome = fc.record({ kind: fc.constantFrom(...KINDS), field: fc.constantFrom(...fields) });

  it('what is shown names the kind; what is not shown never excludes', () => {
    fc.assert(
      fc.property(anyShown, anyOutcome, (what, outcome) => {
        const how = agreement(what, outcome);
        if (how === 'shown') expect(what.fields.length).toBeGreaterThan(0);
        // With less of it shown an outcome that fitted still fits.
        const blank: Shown = { kinds: null, fields: [], surely: false, located: false, objects: null, followed: false };
        expect(agreement(blank, outcome)).toBe('open');
        if (how !== 'contradicted') {
          expect(agreement({ ...what, kinds: null }, outcome)).not.toBe('contradicted');
          expect(agreement({ ...what, objects: null }, outcome)).not.toBe('contradicted');
          if (!what.followed) {
            expect(agreement({ ...what, surely: false }, outcome)).not.toBe('contradicted');
            expect(agreement({ ...what, located: false, fields: [] }, outcome)).not.toBe('contradicted');
          }
        }
      }),
      { numRuns: 2000, seed: 20261126 },
    );
  });
});
