/** A record of code that is handed in (TriageOptions.code) is judged as what it is, whatever the release says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import { toTriageJson } from '../../src/report/json.ts';
import { kernelWords } from '../../src/report/story/wording.ts';
import { hybrid } from '../sim/set-up.ts';

const judged = (sample: string, era: string, set: string) => {
  const code = { code: hybrid(era, set), because: [{ text: 'drivers/iommu/iommu.c:123', lines: [] }] };
  return triage(readFileSync(`samples/dmesg/${sample}.log`), { name: sample }, { code })[0]!;
};

describe('code that was handed in', () => {
  it("5.10's code with the lock alone: the race is confirmed, and the tree is called what it is", () => {
    const { kernel, verdict } = judged('qcom-null-priv-5.10', 'C', 'lock=static');
    expect(verdict).toMatchObject({ class: 'confirmed', outcome: 'null-write dev_iommu.priv in qcom_iommu_of_xlate' });
    expect(verdict.witness).toMatch(/^1\.C\.qcom_iommu\.[^.]+\.[^.]+\.compiled\.static\./);
    expect(kernel.fix.status).toBe('absent');
    expect(kernelWords(kernel)).toContain("5.10's code plus the lock of 01657bc14a39");
    expect(kernel.because.map((c) => c.text)).toContain('drivers/iommu/iommu.c:123');
  });

  it('a double error exit is none of the race, and cannot be where the lock is', () => {
    expect(judged('double-error-exit-5.10', 'C', 'lock=none').verdict.hypothesis).toBe('probe-vs-probe');
    const locked = judged('double-error-exit-5.10', 'C', 'lock=static').verdict;
    expect(locked.class).toBe('excluded');
    expect(locked.hypothesis).not.toBe('probe-vs-probe');
  });

  it('with the fix the crash is a contradiction, whatever the release says', () => {
    const { kernel, verdict } = judged('qcom-null-priv-5.10', 'C', 'lock=global,replay=always,groupTest=both');
    expect(kernel.fix.status).toBe('present');
    expect(kernel.fix.because).toContain('of_iommu_configure() takes iommu_probe_device_lock');
    expect(verdict.class).not.toBe('confirmed');
    expect(verdict.contradiction).toBe(true);
  });

  it('stands in the JSON with its name and features', () => {
    const { kernel } = toTriageJson(judged('qcom-null-priv-5.10', 'C', 'lock=static'));
    expect(kernel).toMatchObject({
      era: 'C',
      code: { name: "5.10's code plus the lock of 01657bc14a39", features: { lock: 'static', shape: '5.10' } },
    });
  });
});
