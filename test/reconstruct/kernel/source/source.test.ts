/** What a tree's text shows of its code: each row of the table of signs, hybrids as what they are, and nothing that was not seen. */
import { describe, expect, it } from 'vitest';
import { definitionsOf, lineAt, stripped } from '../../../../src/reconstruct/kernel/source/c-text.ts';
import { codesOf } from '../../../../src/reconstruct/kernel/source/codes.ts';
import { readSource } from '../../../../src/reconstruct/kernel/source/reading.ts';
import type { SourceReading } from '../../../../src/reconstruct/kernel/source/types.ts';
import { processorTime } from '../../../processor-time.ts';
import { BETWEEN, type Files, filesOf, HYBRIDS, type Made, PLAIN, readerOf } from './make-tree.ts';

const CORE = 'drivers/iommu/iommu.c';
const OF = 'drivers/iommu/of_iommu.c';
const HEADER = 'include/linux/iommu.h';

const read = (files: Files) => readSource('tree', readerOf(files));
const record = (reading: SourceReading) =>
  Object.fromEntries(reading.features.map((f) => [f.feature, f.values.length === 1 ? f.values[0] : f.values]));
const feature = (files: Files, name: string) => read(files).features.find((f) => f.feature === name)!;
const without = (files: Files, ...names: readonly string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));
const edited = (files: Files, name: string, from: string | RegExp, to: string): Files => {
  const text = files[name]!.replace(from, to);
  expect(text).not.toBe(files[name]);
  return { ...files, [name]: text };
};

describe('a tree of one era', () => {
  it.each(Object.entries(PLAIN))('%s: every feature is read', (_, made) => {
    expect(record(read(filesOf(made)))).toEqual(made);
  });

  it.each(Object.entries(PLAIN))('%s: is the code of that era and no other', (id, made) => {
    const { codes } = codesOf(read(filesOf(made)));
    expect(codes.map((code) => code.id)).toEqual([id]);
  });
});

describe('a release between two eras', () => {
  it.each(Object.entries(BETWEEN))('%s: every feature is read', (_, made) => {
    expect(record(read(filesOf(made)))).toEqual(made);
  });
});

describe('each row of the table splits two codes', () => {
  const rows: readonly (readonly [string, Made, Partial<Made>])[] = [
    ['B / B1+', PLAIN.B!, { shape: '5.10', groupTest: 'walk' }],
    ['B1 / C', PLAIN.B1!, { free: 'null-then-free' }],
    ['C / D', PLAIN.C!, { walk: 'register', shape: '6.1' }],
    ['D / E', PLAIN.D!, { lock: 'static' }],
    ['E / F61: the fix', PLAIN.E!, { lock: 'global' }],
    ['E2 / F: the fix', PLAIN.E2!, { lock: 'global' }],
    ['E / E2', PLAIN.E!, { shape: '6.6' }],
    ['replay', PLAIN.F!, { replay: 'if-ungrouped' }],
    ['F / F2', PLAIN.F!, { shape: '6.8' }],
    ['F2 / F3', PLAIN.F2!, { shape: '6.11' }],
    ['undo the fwspec', PLAIN.F3!, { undo: 'nothing' }],
    ['undo all', PLAIN.F3!, { undo: 'all-it-made' }],
    ['b46064a18810', PLAIN.F3!, { defaultDomain: 'checked' }],
    ['F3 / G', PLAIN.F3!, { shape: '6.15', replay: 'if-absent' }],
    ['G / H: recheck', PLAIN.G!, { recheck: true }],
    ['G / H: ready', PLAIN.G!, { ready: true }],
    ['amba', PLAIN.H!, { amba: 'reads dev->driver once' }],
    ['arm-smmu defers', PLAIN.B1!, { smmuBound: 'defer' }],
    ['arm-smmu finds', PLAIN.F3!, { smmuBound: 'found' }],
  ];
  it.each(rows)('%s', (_, made, change) => {
    expect(record(read(filesOf({ ...made, ...change })))).toEqual({ ...made, ...change });
  });

  it('v5.6 has no struct dev_iommu, and that alone says so', () => {
    const reading = read(edited(filesOf(PLAIN.B!), HEADER, 'struct dev_iommu {', 'struct iommu_param {'));
    expect(reading.devIommu).toMatchObject({ values: [false], why: null });
    expect(codesOf(reading).codes).toEqual([]);
  });
});

describe('a hybrid', () => {
  it.each(Object.entries(HYBRIDS))('%s: is read as what it is', (_, made) => {
    const reading = read(filesOf(made));
    expect(record(reading)).toEqual(made);
    const { codes, why } = codesOf(reading);
    expect(why).toBeNull();
    expect(codes).toHaveLength(1);
    expect(codes[0]).toMatchObject(made);
  });
});

describe('evidence', () => {
  it('has the file and the line on which the sign stands', () => {
    const files = filesOf(PLAIN.F61!);
    const { evidence } = feature(files, 'lock');
    const [outer, inner] = evidence;
    expect(outer!.file).toBe(OF);
    expect(files[OF]!.split('\n')[outer!.line! - 1]).toContain('mutex_lock(&iommu_probe_device_lock)');
    expect(files[CORE]!.split('\n')[inner!.line! - 1]).toContain('mutex_lock(&iommu_probe_device_lock)');
  });
});

describe('what is not seen', () => {
  const files = filesOf(PLAIN.E!);

  it('a missing file leaves its features open, never absent', () => {
    const reading = read(without(files, OF));
    const at = (name: string) => reading.features.find((f) => f.feature === name)!;
    // A mutex that is static to iommu.c is out of the translation's reach.
    expect(at('lock')).toMatchObject({ values: ['static'], why: null });
    expect(at('replay')).toMatchObject({
      values: ['if-ungrouped', 'always', 'if-absent'],
      why: 'drivers/iommu/of_iommu.c is missing',
    });
    expect(at('undo').values).toHaveLength(3);
    expect(at('walk')).toMatchObject({ values: ['register'], why: null });
    expect(codesOf(reading).codes.map((c) => c.id)).toContain('E');
  });

  it('the fix is open without of_iommu.c, where iommu.c has a lock that it could take', () => {
    expect(feature(without(filesOf(PLAIN.F61!), OF), 'lock')).toMatchObject({ values: ['static', 'global'] });
    expect(feature(without(filesOf(PLAIN.E!), CORE), 'lock')).toMatchObject({ values: ['none', 'static'] });
    expect(feature(without(filesOf(PLAIN.F61!), CORE), 'lock')).toMatchObject({ values: ['global'] });
    expect(feature(without(filesOf(PLAIN.D!), OF), 'lock')).toMatchObject({ values: ['none'] });
  });

  it('a Git LFS pointer is one that is not seen, whatever the file', () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 91234\n';
    const all = Object.fromEntries(Object.keys(files).map((name) => [name, pointer]));
    const reading = read(all);
    expect(reading.devIommu.values).toEqual([false, true]);
    for (const f of reading.features) {
      expect(f.values.length, f.feature).toBeGreaterThan(1);
      expect(f.why, f.feature).toMatch(/Git LFS pointer/);
    }
    expect(codesOf(reading).codes).toEqual([]);
  });

  it('a function of another name is not seen either', () => {
    const renamed = edited(files, OF, 'of_iommu_configure(struct', 'vendor_iommu_configure(struct');
    expect(feature(renamed, 'replay')).toMatchObject({ why: 'no of_iommu_configure() in drivers/iommu/of_iommu.c' });
  });
});

describe('signs count inside the right body alone', () => {
  it('not in comments, strings or #if 0', () => {
    const planted = `/* mutex_lock(&iommu_probe_device_lock); */
	pr_debug("mutex_lock(&iommu_probe_device_lock);");
#if 0
	mutex_lock(&iommu_probe_device_lock);
#endif
	err = of_iommu_configure_device`;
    expect(feature(edited(filesOf(PLAIN.D!), OF, 'err = of_iommu_configure_device', planted), 'lock').values).toEqual([
      'none',
    ]);
    expect(feature(edited(filesOf(PLAIN.E!), OF, 'err = of_iommu_configure_device', planted), 'lock').values).toEqual([
      'static',
    ]);
  });

  it('not in another function of the file', () => {
    const other = filesOf(PLAIN.E!);
    const planted = {
      ...other,
      [OF]: `static void of_iommu_other(void)\n{\n\tmutex_lock(&iommu_probe_device_lock);\n}\n${other[OF]}`,
    };
    expect(feature(planted, 'lock').values).toEqual(['static']);
  });

  it('a lock that is dropped before the translation is no fix', () => {
    const early = edited(
      filesOf(PLAIN.F61!),
      OF,
      '\terr = of_iommu_configure_device',
      '\tmutex_unlock(&iommu_probe_device_lock);\n\terr = of_iommu_configure_device',
    );
    const lock = feature(early, 'lock');
    expect(lock.values).toEqual(['static']);
    expect(lock.evidence.map((e) => e.text).join()).toContain('drops iommu_probe_device_lock before the translation');
  });

  it('half of the fix fits no code', () => {
    const files = filesOf(PLAIN.F61!);
    const half = { ...files, [CORE]: files[CORE]!.replaceAll('mutex_lock(&iommu_probe_device_lock);', '') };
    expect(feature(half, 'lock')).toMatchObject({ values: [], why: expect.stringMatching(/half of a2e7e59a9426/) });
    expect(codesOf(read(half)).codes).toEqual([]);
  });

  it('takes guard() for the lock that it is', () => {
    const files = edited(
      filesOf(PLAIN.F!),
      OF,
      'mutex_lock(&iommu_probe_device_lock);',
      'guard(mutex)(&iommu_probe_device_lock);',
    );
    expect(
      feature({ ...files, [OF]: files[OF]!.replaceAll('mutex_unlock(&iommu_probe_device_lock);', '') }, 'lock').values,
    ).toEqual(['global']);
  });

  it('a static bus_set_iommu() that iommu_device_register() calls walks as it does (android14-6.1)', () => {
    const files = edited(
      filesOf(PLAIN.E!),
      CORE,
      'int iommu_device_register(',
      'static int bus_set_iommu(struct bus_type *bus)\n{\n\treturn bus_iommu_probe(bus);\n}\n\nint iommu_device_register(',
    );
    const through = edited(
      files,
      CORE,
      'return bus_iommu_probe(iommu_buses[0]);',
      'return bus_set_iommu(iommu_buses[0]);',
    );
    expect(feature(through, 'walk').values).toEqual(['register']);
  });

  it('the free variant with WRITE_ONCE stores NULL first', () => {
    const files = edited(filesOf(PLAIN.C!), CORE, 'dev->iommu = NULL;', 'WRITE_ONCE(dev->iommu, NULL);');
    expect(feature(files, 'free').values).toEqual(['null-then-free']);
  });

  it('signs of later code without those that it builds on fit no shape', () => {
    const files = edited(filesOf(PLAIN.C!), CORE, ', const struct iommu_ops *ops)', ')');
    expect(feature(files, 'shape')).toMatchObject({ values: [], why: expect.stringMatching(/v6\.11/) });
  });

  it('definitions between which the configuration chooses, and that differ, are not seen', () => {
    const files = filesOf(PLAIN.C!);
    const two = {
      ...files,
      [CORE]: `${files[CORE]}\n#else\nstatic void dev_iommu_free(struct device *dev)\n{\n\tkfree(dev->iommu);\n\tdev->iommu = NULL;\n}\n#endif\n`,
    };
    expect(feature(two, 'free')).toMatchObject({ why: expect.stringMatching(/2 definitions/) });
  });
});

describe('the version', () => {
  const makefile = (text: string) => readSource('tree', readerOf({ Makefile: text })).version;
  it('is that of the Makefile', () => {
    expect(makefile('# SPDX\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\nEXTRAVERSION =\nNAME = x\n')).toBe('6.1.192');
    expect(makefile('VERSION = 6\nPATCHLEVEL = 7\nSUBLEVEL = 0\nEXTRAVERSION = -rc3\n')).toBe('6.7.0-rc3');
    expect(makefile('all:\n\techo $(VERSION)\n')).toBeNull();
  });
});

describe('C text', () => {
  it('keeps every position and line', () => {
    const text = 'int a; /* x\n"y" */ char *s = "/* \\" */"; // z\nchar c = \'"\'; int b;\n';
    const clean = stripped(text);
    expect(clean).toHaveLength(text.length);
    expect(clean.split('\n')).toHaveLength(4);
    expect(clean).not.toMatch(/["xyz]/);
    expect(clean.indexOf('int b')).toBe(text.indexOf('int b'));
  });

  it('finds definitions, not prototypes and calls', () => {
    const text =
      'static int f(int a);\nint g(void)\n{\n\treturn f(1);\n}\nstatic int\nf(int a) __must_hold(x)\n{\n\treturn 0;\n}\n';
    const found = definitionsOf(text, 'f');
    expect(found).toHaveLength(1);
    expect(lineAt(text, found[0]!.at)).toBe(7);
    expect(found[0]!.body).toBe('{\n\treturn 0;\n}');
  });

  it('ends a body in which the preprocessor opens two braces', () => {
    const text =
      'int f(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t\tx();\n\t}\n}\nint g(void)\n{\n\tmutex_lock(y);\n}\n';
    expect(definitionsOf(text, 'f')[0]!.body).not.toContain('mutex_lock');
  });

  it('takes time in proportion to a text that is made to be slow', () => {
    const attacks = [
      '/*'.repeat(500_000),
      '"\\'.repeat(300_000),
      `${'f('.repeat(200_000)}`,
      '#if 0\n'.repeat(100_000),
      `f() ${'__a '.repeat(100_000)}`,
    ];
    const took = processorTime(() => attacks.map((text) => definitionsOf(stripped(text), 'f')));
    expect(took).toBeLessThan(10_000);
  });
});
