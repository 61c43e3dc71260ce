/** A driver's function in a module of another name is another's code: what the release says of the driver is not known of it. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';

const QCOM = readFileSync('samples/dmesg/qcom-null-priv-5.10.log', 'latin1');

const judged = (text: string) => triage(Buffer.from(text, 'latin1'), { name: 'x.log' }, {})[0]!.verdict;
/** The functions of one name stand in a module. */
const inModule = (text: string, fn: string, module: string) =>
  text.replace(new RegExp(`(${fn}\\+0x[0-9a-f]+/0x[0-9a-f]+)`, 'g'), `$1 [${module}]`);

it.each([
  ['qcom_iommu_of_xlate', 'qcom_iommu_vendor'],
  ['qcom_iommu_of_xlate', 'msm_smmu_compat'],
  ['of_iommu_configure', 'backport_iommu'],
  ['of_iommu_xlate', 'qcom_iommu'],
])('%s in %s is possible, and says why', (fn, module) => {
  const verdict = judged(inModule(QCOM, fn, module));
  expect(verdict.class).toBe('possible');
  expect(verdict.because.map(({ text }) => text).join('\n')).toContain(`${fn}() stands in the module ${module}`);
  expect(verdict.settle.map(({ command }) => command)).toContain('oopsreplay --source DIR x.log');
});

it.each([
  ['qcom_iommu_of_xlate', 'qcom_iommu'],
  ['qcom_iommu_of_xlate', 'qcom-iommu'],
  ['of_dma_configure_id', 'anything'],
])('%s in %s stays as it was', (fn, module) => {
  expect(judged(inModule(QCOM, fn, module)).class).toBe('confirmed');
});

it('a driver that Kconfig only builds in may be a module of its file, as Debian users and vendors build it', () => {
  const rockchip = QCOM.replaceAll('qcom_iommu_of_xlate', 'rk_iommu_of_xlate');
  const because = (text: string) =>
    judged(text)
      .because.map((b) => b.text)
      .join('\n');
  for (const module of ['rockchip_iommu', 'rk_iommu'])
    expect(because(inModule(rockchip, 'rk_iommu_of_xlate', module))).not.toContain('stands in the module');
  expect(because(inModule(rockchip, 'rk_iommu_of_xlate', 'rk_iommu_4_19'))).toContain('stands in the module');
});
