import { describe, expect, it } from 'vitest';
import { parseLog } from '../../src/parser/parse.ts';

const parse = (text: string) => parseLog(Buffer.from(text), { name: 'x' })[0]!;

describe("what an IOMMU says under its driver's name", () => {
  it.each([
    ['[    1.2] qcom-iommu 1f08000.iommu: failed to get iface clock\n', 'qcom_iommu', '1f08000.iommu'],
    ['[    1.2] arm-smmu-v3 9050000.iommu: EVTQ overflow detected -- events lost\n', 'arm-smmu-v3', '9050000.iommu'],
    ['arm-smmu 15000000.iommu: Unexpected global fault, this could be serious\n', 'arm-smmu', '15000000.iommu'],
    ['virtio_iommu virtio0: map failed\n', 'virtio-iommu', 'virtio0'],
  ])('%s', (text, driver, device) => {
    expect(parse(`${text}[    1.3] foo\n`).events).toMatchObject([{ kind: 'iommu-message', driver, device }]);
  });

  it('is no event where prose names the driver', () => {
    expect(parse('arm-smmu driver: fix the lock\nthe qcom-iommu patch: see below\n').events).toEqual([]);
  });

  it('is a fragment, and no event, where the log ends in the middle of it', () => {
    const log = parse('[    1.0] foo\n[    1.2] apple-dart 5f000000.iommu: DART');
    expect(log.events).toEqual([]);
    expect(log.fragments).toMatchObject([{ device: '5f000000.iommu' }]);
  });
});
