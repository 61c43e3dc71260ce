import { describe, expect, it } from 'vitest';
import { diagram, stepsThatMatter } from '../../src/report/text/diagram.ts';
import { widthOf } from '../../src/report/text/layout.ts';
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
                                              apple_dart_probe_device()
                                                return -ENODEV
                                                <preempted>
      of_iommu_configure()
        fwspec = dev_iommu_fwspec_get(dev)
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

  it('keeps preemptions, locks of the race, every store to dev->iommu, what the flip test names, and the fault', () => {
    const keep = ['`try_module_get(ops->owner)` in __iommu_probe_device (IOMMU registration)'];
    const drawn = diagram(witness, { width: 120, keep }).join('\n');
    expect(drawn.match(/<preempted>/g)).toHaveLength(witness.steps.filter((step) => step.preempts).length);
    expect(drawn).toContain('unlock(iommu_probe_device_lock)');
    for (const step of witness.steps.filter(({ text }) => /^dev->iommu =|^try_module_get/.test(text)))
      expect(drawn).toContain(step.text);
    expect(drawn).toContain('*** null-write dev_iommu.priv');
  });

  it('leaves out what does not matter, and says how much right before what does', () => {
    const shown = stepsThatMatter(witness);
    expect(shown.reduce((sum, { leftOut }) => sum + leftOut, shown.length)).toBeLessThanOrEqual(witness.steps.length);
    expect(shown.some(({ step }) => step.text.startsWith('try_module_get'))).toBe(false);
    expect(shown.at(-1)!.step.outcome).not.toBeNull();
  });

  it('opens a function once for all that a thread does in it at a stretch', () => {
    const lines = diagram(witness, { width: 78 }).map((line) => line.trim());
    const headers = lines.filter((line) => /^\w+\(\)$/.test(line));
    headers.forEach((header, i) => {
      const between = lines.slice(lines.indexOf(header) + 1, lines.lastIndexOf(header));
      if (headers[i - 1] === header) expect(between).toContain('<preempted>');
    });
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
