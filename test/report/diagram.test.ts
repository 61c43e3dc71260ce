import { describe, expect, it } from 'vitest';
import { diagram, stepsThatMatter } from '../../src/report/diagram.ts';
import { widthOf } from '../../src/report/layout.ts';
import { witness } from './fixture.ts';

describe('diagram', () => {
  it('draws a column for each CPU, in the form of lockdep', () => {
    expect(
      diagram(witness, { width: 78 })
        .map((line) => `${line}\n`)
        .join(''),
    ).toMatchInlineSnapshot(`
      "CPU0                                    CPU1
      client probe (deferred worker)          IOMMU registration
      ------------------------------          ------------------
                                              __iommu_probe_device()
                                                lock(iommu_probe_device_lock)
                                              dev_iommu_get()
                                                param = dev->iommu
                                                dev->iommu = param
                                                ...
                                              apple_dart_probe_device()
                                                return -ENODEV
                                                <preempted>
      of_iommu_configure()
        fwspec = dev_iommu_fwspec_get(dev)
      of_iommu_xlate()
        ops = iommu_ops_from_fwnode(fwnode)
      iommu_fwspec_init()
        param = dev->iommu
        dev->iommu->fwspec = fwspec
        <preempted>
                                              __iommu_probe_device()
                                                module_put(ops->owner)
                                              dev_iommu_free()
                                                param = dev->iommu
                                                dev->iommu = NULL
                                                kfree(param->fwspec)
                                              __iommu_probe_device()
                                                unlock(iommu_probe_device_lock)
      apple_dart_of_xlate()
        dev->iommu->priv = cfg
        *** null-write dev_iommu.priv
      "
    `);
  });

  it('keeps preemptions, locks of the race, every access to dev->iommu and the fault', () => {
    const drawn = diagram(witness, { width: 120 }).join('\n');
    expect(drawn.match(/<preempted>/g)).toHaveLength(witness.steps.filter((step) => step.preempts).length);
    expect(drawn).toContain('unlock(iommu_probe_device_lock)');
    for (const step of witness.steps.filter(({ text }) => text.includes('dev->iommu')))
      expect(drawn).toContain(step.text);
    expect(drawn).toContain('*** null-write dev_iommu.priv');
  });

  it('collapses a run of steps that do not matter, and shows a single one', () => {
    const shown = stepsThatMatter(witness);
    expect(shown.filter(({ elided }) => elided > 0).map(({ elided }) => elided)).toEqual([2]);
    expect(shown.some(({ step }) => step.text.startsWith('try_module_get'))).toBe(true);
  });

  it('shows what dev->iommu holds where there is room', () => {
    const lines = diagram(witness, { width: 110 });
    expect(lines[0]).toMatch(/dev->iommu$/);
    expect(lines.find((line) => line.includes('dev->iommu = NULL'))).toMatch(/NULL {2,}NULL$/);
    expect(diagram(witness, { width: 78 })[0]).not.toContain('dev->iommu');
  });

  it('fits its width with three threads too, and at the narrowest', () => {
    const three = { ...witness, threads: [...witness.threads, 'second IOMMU registration'] };
    for (const width of [60, 78, 96, 120])
      for (const line of diagram(three, { width })) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });
});
