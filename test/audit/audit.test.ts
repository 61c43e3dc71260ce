/**
 * The audit on text of our own: what it reads of C, and that a step out of its place, a lock that reaches less far, an access that the model has not are found. On whole
 * kernel trees where some are at hand: AUDIT="TREE TREE" npx vitest run test/audit.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agrees, audit } from '../../src/audit/audit.ts';
import { LEFT_OUT, NOT_HELD, STANDS_FOR } from '../../src/audit/exceptions.ts';
import { type Graph, graphOf } from '../../src/audit/flow.ts';
import { hold } from '../../src/audit/hold.ts';
import { passingFor } from '../../src/audit/passing.ts';
import { partOf, planted } from '../../src/audit/plant.ts';
import { Sources } from '../../src/audit/sources.ts';
import { proceduresOf, wordsFor } from '../../src/audit/words.ts';
import { SOURCE_CODES, SOURCE_LINES } from '../../src/report/model/source-lines.ts';
import { exists } from '../../src/sim/drivers/exists.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';

const HEADER = `
struct dev_iommu { struct iommu_fwspec *fwspec; struct iommu_device *iommu_dev; void *priv; };
struct iommu_fwspec { const struct iommu_ops *ops; struct fwnode_handle *iommu_fwnode; unsigned int num_ids; u32 ids[]; };
`;
const DEVICE = 'struct device { struct dev_iommu *iommu; struct iommu_group *iommu_group; };';

const driver = DRIVERS.get('mtk_iommu')!;
const F61 = ERAS.get('F61')!;
const PROCEDURES = proceduresOf(F61, driver, 'source', false);
const WORDS = wordsFor(F61, driver, PROCEDURES);
const named = (fn: string) => [...PROCEDURES].find((p) => p.fn === fn)!;

function sourcesOf(core: string): Sources {
  const files: Record<string, string> = {
    'drivers/iommu/iommu.c': core,
    'include/linux/iommu.h': HEADER,
    'include/linux/device.h': DEVICE,
  };
  return new Sources((path) =>
    files[path] === undefined ? { is: 'not seen', why: 'is not there' } : { is: 'text', text: files[path] },
  );
}

function graphIn(core: string, name: string): Graph {
  const sources = sourcesOf(core);
  const procedures = new Set(WORDS.procedures);
  procedures.delete(name);
  return graphOf(sources.own(name, 'drivers/iommu/iommu.c')[0]!, sources, { ...WORDS, procedures })!;
}

/** Every order of events that the graph allows, each loop gone through once at most. */
function orders({ edges, entry, exit }: Graph): string[] {
  const all = new Set<string>();
  const go = (state: number, events: readonly string[], seen: ReadonlySet<number>): void => {
    if (state === exit) all.add(events.join(', '));
    for (const e of edges[state]!)
      if (!seen.has(e.to)) go(e.to, e.event === null ? events : [...events, e.event], new Set([...seen, e.to]));
  };
  go(entry, [], new Set([entry]));
  return [...all].sort();
}

const held = (core: string, name: string) => {
  const p = named(name);
  return hold(p, graphIn(core, name), passingFor(p, WORDS, new Set()));
};

describe('what a body does, and in which order', () => {
  const body = (text: string) => orders(graphIn(`static int f(struct device *dev)\n{\n${text}\n}\n`, 'f'));

  test('a value is read before it is stored, an address is not read', () => {
    expect(body('dev->iommu->fwspec = dev->iommu->fwspec;')).toEqual([
      'r device.iommu, r dev_iommu.fwspec, r device.iommu, w dev_iommu.fwspec',
    ]);
    expect(body('mutex_init(&dev->iommu->lock);')).toEqual(['r device.iommu']);
  });

  test('a right side comes only sometimes, a condition leads two ways', () => {
    expect(body('return dev->iommu && dev->iommu->fwspec;')).toEqual([
      'r device.iommu',
      'r device.iommu, r device.iommu, r dev_iommu.fwspec',
    ]);
    expect(body('if (dev->iommu) dev->iommu = NULL; else kfree(dev->iommu);')).toEqual([
      'r device.iommu, r device.iommu, free dev_iommu',
      'r device.iommu, w device.iommu',
    ]);
    expect(body('x = dev->iommu ? dev->iommu->priv : NULL;')).toEqual([
      'r device.iommu',
      'r device.iommu, r device.iommu, r dev_iommu.priv',
    ]);
  });

  test('jumps, loops and switches lead where they say', () => {
    expect(body('if (a) goto out; dev->iommu = NULL; out: kfree(dev->iommu); return 0;')).toEqual([
      'r device.iommu, free dev_iommu',
      'w device.iommu, r device.iommu, free dev_iommu',
    ]);
    expect(body('while (a) { if (b) break; dev->iommu = NULL; }')).toEqual(['', 'w device.iommu']);
    expect(body('do { dev->iommu = NULL; } while (a);')).toEqual(['w device.iommu']);
    expect(
      body('switch (a) { case 1: dev->iommu = NULL; break; case 2: return 1; default: kfree(dev->iommu); }'),
    ).toEqual(['', 'r device.iommu, free dev_iommu', 'w device.iommu']);
    expect(body('list_for_each_entry(a, b, c) dev->iommu = NULL;')).toEqual(['', 'w device.iommu']);
  });

  test('the lock, however it is taken', () => {
    expect(
      body('mutex_lock(&iommu_probe_device_lock); dev->iommu = NULL; mutex_unlock(&iommu_probe_device_lock);'),
    ).toEqual(['lock, w device.iommu, unlock']);
    expect(body('scoped_guard(mutex, &iommu_probe_device_lock) { dev->iommu = NULL; } kfree(dev->iommu);')).toEqual([
      'lock, w device.iommu, unlock, r device.iommu, free dev_iommu',
    ]);
    expect(body('guard(mutex)(&iommu_probe_device_lock); if (a) return 1; dev->iommu = NULL; return 0;')).toEqual([
      'lock, unlock',
      'lock, w device.iommu, unlock',
    ]);
    expect(body('mutex_lock(&dev->mutex); dev->iommu = NULL;')).toEqual(['w device.iommu']);
  });

  test('what the model has not as a function is written in, macros too', () => {
    const text = `#define asked(d) ((d)->iommu != NULL)
static void clear(struct device *d)
{
	d->iommu = NULL;
}
static int f(struct device *dev)
{
	if (asked(dev))
		clear(dev);
	return 0;
}
`;
    expect(orders(graphIn(text, 'f'))).toEqual(['r device.iommu', 'r device.iommu, w device.iommu']);
  });

  test('a condition of the preprocessor leads two ways', () => {
    expect(body('#ifdef CONFIG_A\ndev->iommu = NULL;\n#endif\n')).toEqual(['', 'w device.iommu']);
  });
});

/** Written for this test, from what the model says that the function does. */
const FREE = `static void dev_iommu_free(struct device *dev)
{
	struct dev_iommu *gone = dev->iommu;

	dev->iommu = NULL;
	if (gone->fwspec) {
		let_go(gone->fwspec->iommu_fwnode);
		kfree(gone->fwspec);
	}
	kfree(gone);
}
`;

const WALKED = `static int probe_iommu_group(struct device *dev, void *list)
{
	struct iommu_group *known = iommu_group_get(dev);
	int result;

	if (known)
		return 0;
	mutex_lock(&iommu_probe_device_lock);
	result = __iommu_probe_device(dev, list);
	mutex_unlock(&iommu_probe_device_lock);
	return result == -ENODEV ? 0 : result;
}
`;

describe('the model against a text', () => {
  test('agrees with one that does the same, each step with its line', () => {
    for (const [text, fn] of [
      [FREE, 'dev_iommu_free'],
      [WALKED, 'probe_iommu_group'],
    ] as const)
      expect(held(text, fn)).toMatchObject({ stuck: [], missing: [] });
    expect(held(FREE, 'dev_iommu_free').steps.map((s) => s.lines)).toEqual([[3], [5], [6], [7], [7], [8], [8], [10]]);
  });

  test('two steps that change places are found, wherever', () => {
    const swapped = FREE.replace('\tdev->iommu = NULL;\n', '').replace(
      '\tkfree(gone);\n',
      '\tkfree(gone);\n\tdev->iommu = NULL;\n',
    );
    expect(held(swapped, 'dev_iommu_free').stuck.map((s) => s.event)).toContain('w device.iommu');
    for (const [text, fn] of [
      [FREE, 'dev_iommu_free'],
      [WALKED, 'probe_iommu_group'],
    ] as const) {
      const sources = sourcesOf(text);
      const p = named(fn);
      const lines = (body: Parameters<Parameters<typeof planted>[1]>[0], of: Parameters<typeof planted>[0]) =>
        graphOf(partOf(of, body), sources, WORDS)!.edges.flatMap((out) =>
          out.flatMap((e) => (e.event ? [e.line] : [])),
        );
      const own = sources.own(fn, 'drivers/iommu/iommu.c')[0]!;
      const changes = planted(own, (s) => lines(s, own));
      expect(changes.length).toBeGreaterThan(1);
      const procedures = new Set(WORDS.procedures);
      procedures.delete(fn);
      for (const { changed, what } of changes) {
        const graph = graphOf(changed, sources, { ...WORDS, procedures })!;
        expect([what, hold(p, graph, passingFor(p, WORDS, new Set())).stuck.length > 0]).toEqual([what, true]);
      }
    }
  });

  test('a lock that reaches less far is found, and one that is not there', () => {
    const early = WALKED.replace(/\tresult = (.*)\n(\tmutex_unlock.*\n)/, '$2\tresult = $1\n');
    expect(held(early, 'probe_iommu_group').stuck[0]).toMatchObject({ event: 'call __iommu_probe_device' });
    const none = WALKED.replace(/\tmutex_.*\n/g, '');
    expect(held(none, 'probe_iommu_group').stuck[0]).toMatchObject({ event: 'lock' });
  });

  test('an access that the model has not is listed, and one that the text has not', () => {
    const more = FREE.replace('\tkfree(gone);\n', '\tif (debug)\n\t\tlook(dev->iommu);\n\tkfree(gone);\n');
    expect(held(more, 'dev_iommu_free').missing).toEqual([{ event: 'r device.iommu', line: 11, in: '' }]);
    const less = FREE.replace('\t\tkfree(gone->fwspec);\n', '');
    expect(held(less, 'dev_iommu_free').stuck.map((s) => s.event)).toContain('r dev_iommu.fwspec');
  });
});

test('each exception has a reason', () => {
  for (const { why } of [...LEFT_OUT, ...STANDS_FOR]) expect(why).not.toBe('');
  for (const [, why] of NOT_HELD) expect(why).not.toBe('');
});

/** A change of the model must be held against the trees anew: npm run audit -- --write TREE... */
describe.each(Object.entries(SOURCE_CODES))('file and line of the steps in %s', (version, code) => {
  const functions = SOURCE_LINES[version]!;

  test('are there for every body of the model', () => {
    const unknown = new Set<string>();
    for (const d of DRIVERS.values()) {
      if (!exists(d, code.id) || functions[`${d.file} ${d.probe}`] === undefined) continue;
      const acpi = functions['drivers/acpi/viot.c viot_iommu_configure'] !== undefined;
      for (const p of proceduresOf(code, d, 'compiled', acpi)) {
        if (NOT_HELD.some(([name]) => name.test(p.fn))) continue;
        const texts = p.body.flatMap((n) => ('text' in n ? [n.text] : []));
        const all = functions[`${p.file} ${p.fn}`];
        // Frames that only call have no step of their own.
        if (texts.length > 0 && !all?.some((steps) => texts.every((t) => steps.some(([text]) => text === t))))
          unknown.add(`${p.file} ${p.fn}`);
      }
    }
    expect([...unknown]).toEqual([]);
  });

  test('are known but for steps that stand for what no text shows', () => {
    const without = Object.entries(functions).flatMap(([name, bodies]) =>
      bodies.flatMap((steps) =>
        steps.filter(([, lines]) => lines === '').map(([text]) => `${name.split(' ')[1]} ${text}`),
      ),
    );
    const excepted = (one: string) => {
      const [fn = '', ...text] = one.split(' ');
      return STANDS_FOR.some((s) => s.fn.test(fn) && s.text === text.join(' '));
    };
    expect(without.filter((one) => !excepted(one))).toEqual([]);
  });
});

const TREES = (process.env.AUDIT ?? '').split(/[\s:]+/).filter((tree) => tree !== '');

describe.skipIf(TREES.length === 0)('whole trees (AUDIT="TREE TREE")', () => {
  test.each(TREES)('%s: no difference, and most of what is planted is noticed', (tree) => {
    const done = audit(
      tree,
      (path) => {
        const file = join(tree, path);
        return existsSync(file)
          ? { is: 'text', text: readFileSync(file, 'utf8') }
          : { is: 'not seen', why: 'is not there' };
      },
      true,
    );
    expect(done.why).toBeNull();
    expect(done.findings.filter((f) => !agrees(f)).map((f) => [f.fn, f.stuck, f.missing])).toEqual([]);
    const tried = done.findings.reduce((n, f) => n + f.planted, 0);
    const unnoticed = done.findings.reduce((n, f) => n + f.unnoticed.length, 0);
    expect(tried).toBeGreaterThan(100);
    expect(unnoticed / tried).toBeLessThan(0.1);
  });
});
