/** docs/ says what the model's data says: the pages are written from it, and are up to date. UPDATE_GOLDEN=1 (or npm run docs) writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyLines, coreBodies, driverBodies, variantLines } from '../../src/report/model/code.ts';
import { modelDocs } from '../../src/report/model/doc.ts';
import { cell } from '../../src/report/safe/escape.ts';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { ABSTRACTIONS, ERA_NOTES } from '../../src/sim/eras/notes.ts';
import { ERA_ORDER } from '../../src/sim/eras/releases.ts';
import { HYPOTHESES } from '../../src/sim/hypotheses/hypotheses.ts';
import { isVisible } from '../../src/sim/machine/flatten.ts';
import { get, isNull, load, nonNull, put, reg, set, when } from '../../src/sim/machine/program.ts';
import type { EraCode } from '../../src/sim/procedures/code.ts';
import { build, SCENARIOS } from '../../src/sim/scenarios.ts';
import { setUp } from '../sim/set-up.ts';

const pages = modelDocs();
if (process.env.UPDATE_GOLDEN === '1') for (const [file, text] of Object.entries(pages)) writeFileSync(file, text);

describe("the model's pages", () => {
  it.each(Object.keys(pages))('%s is up to date (npm run docs), and can be read at one sitting', (file) => {
    const there = readFileSync(file, 'utf8');
    expect(there).toBe(pages[file]);
    // The drivers are a reference: nobody reads more than one or two of them.
    const parts = file === 'docs/DRIVERS.md' ? there.split(/^## /m) : [there];
    for (const part of parts) expect(part.split('\n').length).toBeLessThan(parts.length > 1 ? 260 : 1900);
  });

  it.each(Object.keys(pages))('%s is sound markdown: fences closed, tables even', (file) => {
    const lines = pages[file]!.split('\n');
    let open = false;
    let columns = 0;
    for (const line of lines) {
      if (/^```/.test(line)) open = !open;
      else if (!open) {
        const bars = line.startsWith('|') ? line.replace(/\\\||`[^`]*`/g, '').split('|').length : 0;
        if (columns > 0 && bars > 0) expect([line, bars]).toEqual([line, columns]);
        columns = bars;
      }
    }
    expect(open).toBe(false);
  });

  it('have every era, scenario, hypothesis, driver and abstraction', () => {
    const text = Object.values(pages).join('\n');
    for (const era of ERA_ORDER) expect(text).toContain(`### Era ${era}\n`);
    for (const id of [...SCENARIOS.keys(), ...HYPOTHESES.keys()]) expect(text).toContain(`\n| ${id} | `);
    for (const name of DRIVERS.keys()) expect(text).toContain(`\n## ${name}\n`);
    for (const { what } of ABSTRACTIONS) expect(text).toContain(`\n| ${cell(what)} | `);
    for (const [era, { after }] of Object.entries(ERA_NOTES))
      if (after !== null)
        expect([era, ERA_ORDER.indexOf(after) < ERA_ORDER.indexOf(era as never)]).toEqual([era, true]);
  });

  it('have a body for every function of every thread, with as many steps as it has', () => {
    const core = coreBodies(ERAS.values(), DRIVERS.values().next().value!);
    for (const era of ERAS.keys())
      for (const scenario of ['deferred-retry', 'device-add', 'release-vs-xlate', 'dma-configure-toctou']) {
        const of = setUp(era, 'apple-dart', scenario);
        const bodies = [...core, ...driverBodies([of.era], of.driver)].filter((b) => b.eras.includes(of.era.id));
        for (const stops of build(of).stops)
          for (const { place } of stops) {
            const [own] = place.stack;
            if (own!.file === of.driver.file) continue;
            const steps = bodies.filter((b) => b.fn === own!.fn).map((b) => b.steps);
            expect([own!.fn, steps.includes(bodyLines(own!.body).steps)]).toEqual([own!.fn, true]);
          }
      }
  });

  it('would show another feature or step', () => {
    const of = (era: Partial<EraCode>) =>
      coreBodies([{ ...ERAS.get('E')!, ...era }], DRIVERS.get('apple-dart')!).map((b) => [b.fn, ...b.lines].join('\n'));
    for (const other of [{ lock: 'global' }, { free: 'free-then-null' }, { replay: 'always' }] as const)
      expect(of(other)).not.toEqual(of({}));
  });
});

describe('bodyLines', () => {
  const getPriv = [
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    when(nonNull('p'), [get('cfg', 'p', 'dev_iommu.priv', 'priv = iommu->priv')], [set('cfg', 0)]),
  ];

  it('numbers the steps, indents branches and writes accessors as calls', () => {
    const body = [
      ...getPriv,
      when(isNull('cfg'), [load('p', 'dev->iommu', 'iommu = dev->iommu'), put('p', 'dev_iommu.priv', reg('cfg'), 'x')]),
      load('tmp', 'bound1', 'bound?'),
    ];
    expect(bodyLines(body)).toEqual({
      lines: [
        '  1-2  cfg = dev_iommu_priv_get(dev)',
        '       if (!cfg)',
        '  3-4      dev_iommu_priv_set(dev, cfg)',
        '    5  bound?   [tmp]',
      ],
      steps: 5,
      texts: ['iommu = dev->iommu', 'priv = iommu->priv', 'iommu = dev->iommu', 'x', 'bound?'],
    });
    expect(bodyLines(getPriv, true).lines).toHaveLength(5);
  });

  it('takes nothing for an accessor that is none', () => {
    const other = [getPriv[0]!, when(nonNull('p'), [get('cfg', 'p', 'dev_iommu.priv', 'x')], [set('cfg', 1)])];
    expect(bodyLines(other).lines[0]).toBe('    1  iommu = dev->iommu   [p]');
    expect(other.filter(isVisible)).toHaveLength(1);
  });
});

describe('variantLines', () => {
  it('says what is gone and what is new, and leaves out what is far from both', () => {
    const body = (lines: readonly string[]) => ({
      ...{ fn: 'f', file: 'f.c', steps: 0, texts: [], eras: [], threads: [] },
      lines: lines.map((line) => `       ${line}`),
    });
    const { lines, changed } = variantLines(body(['a', 'b', 'c', 'd', 'e']), body(['a', 'b', 'c', 'x', 'e']));
    expect([lines, changed]).toEqual([['  ...', '  c', '- d', '+ x', '  e'], 2]);
  });
});
