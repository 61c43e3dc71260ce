import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';
import { toTriageJson } from '../../../src/report/json.ts';

/** An oops of an arm64 kernel with this trace, innermost first; the Code: line reads through NULL at `address`. */
function oops(release: string, address: string, ...trace: readonly string[]): string {
  const at = (fn: string) => ` ${fn}+0x34/0x128`;
  return `${[
    `Unable to handle kernel NULL pointer dereference at virtual address ${address.padStart(16, '0')}`,
    'Mem abort info:',
    '  ESR = 0x0000000096000004',
    'Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP',
    `CPU: 4 PID: 68 Comm: kworker/u34:1 Not tainted ${release} #1`,
    'pstate: 60400009 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)',
    `pc :${at(trace[0]!)}`,
    `lr :${at(trace[1]!)}`,
    'Call trace:',
    ...trace.map(at),
    ' ret_from_fork+0x10/0x20',
    '---[ end trace 0000000000000000 ]---',
  ].join('\n')}\n`;
}

const WALK = ['__iommu_probe_device', 'probe_iommu_group', 'bus_for_each_dev', 'iommu_device_register'];
const BINDING = ['mtk_iommu_probe', 'platform_probe', 'really_probe', 'deferred_probe_work_func', 'worker_thread'];

function rivalsOf(text: string) {
  const { verdict } = triage(Buffer.from(text), { name: 'x' }).find((b) => b.crashes.length > 0)!;
  return { verdict, of: (id: string) => verdict.rivals.find((r) => r.hypothesis === id)! };
}

describe("a driver's callback that follows NULL below its own registration", () => {
  const text = oops('6.12.9', '0', 'mtk_iommu_device_group', ...WALK, ...BINDING);

  it('may be data that the driver sets up too late, and the sentence says so', () => {
    const { verdict, of } = rivalsOf(text);
    expect(verdict).toMatchObject({ class: 'excluded', sentence: expect.stringContaining('driver-data-after') });
    expect(of('driver-data-after-registration')).toMatchObject({ status: 'open', lines: [10, 14] });
    expect(of('release-vs-xlate').status).toBe('refuted');
  });

  it('is not, in the core or without that registration in the trace', () => {
    const core = rivalsOf(oops('6.12.9', '1a0', ...WALK, ...BINDING));
    expect(core.of('driver-data-after-registration').status).toBe('refuted');
    const replay = ['mtk_iommu_device_group', '__iommu_probe_device', 'iommu_probe_device', 'of_iommu_configure'];
    const { of } = rivalsOf(oops('6.12.9', '1a0', ...replay, 'platform_dma_configure', 'really_probe'));
    expect(of('driver-data-after-registration').status).toBe('refuted');
  });
});

describe('a rival that explains the crash', () => {
  const sample = (file: string) => rivalsOf(readFileSync(`samples/dmesg/${file}`, 'latin1'));

  it('carries what its own search explains, and what that covered', () => {
    const { verdict, of } = sample('double-error-exit-5.10.log');
    expect(of('probe-vs-probe').own).toMatchObject({
      explained: { k: 3, n: 3 },
      crashing: verdict.interleavings?.crashing,
      search: { era: 'C', driver: 'arm-smmu-v3', scenario: 'deferred-retry', exhaustive: true },
    });
    expect(of('probe-vs-probe').because).toMatch(/\(explained 3 of 3: \d+ interleavings of deferred-retry in era C/);
    const [boot] = triage(readFileSync('samples/dmesg/double-error-exit-5.10.log'), { name: 'x' });
    const json = toTriageJson(boot!).verdict.rivals.find((r) => r.status === 'explains');
    expect(json).toMatchObject({ explained: { k: 3, n: 3 }, search: { scenario: 'deferred-retry' } });
  });

  it('of which the model has no run says so, and no figures of another search stand beside it', () => {
    const { verdict, of } = rivalsOf(readFileSync('test/fixtures/cases/msm-iommu-second-provider.log', 'latin1'));
    expect(of('second-provider')).toMatchObject({ status: 'explains', own: null });
    expect(of('second-provider').because).toContain('(not modelled here)');
    expect(verdict).toMatchObject({ explained: { k: 0, n: 0 }, search: null, interleavings: null });
  });

  it('that the freed stack names is held against its own scenario', () => {
    // KASAN's report of the race, its object freed by a release.
    const text = readFileSync('samples/dmesg/smmuv3-kasan-uaf-6.6.log', 'latin1').replaceAll(
      / __iommu_probe_device\+/g,
      ' iommu_release_device+',
    );
    const row = rivalsOf(text).of('release-vs-xlate');
    expect(row.status).toBe('explains');
    if (row.own === null) expect(row.because).toContain('(not modelled here)');
    else expect(row.own?.explained.k).toBeGreaterThan(0);
  });
});
