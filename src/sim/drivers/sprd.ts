/**
 * drivers/iommu/sprd-iommu.c (v5.12). Read: 6.1.176, 6.12.107, 7.2.13. The instance is priv, and probe_device does not test it: &sdev->iommu of a NULL
 * sdev, up to v6.7 only behind an fwspec of its own. No ids.
 */

import { call, get, IOMMU_DEV, nonNull, type Procedure, procedure, set, when } from '../machine/program.ts';
import { dev_iommu_priv_get } from '../procedures/accessors.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { iommu_fwspec_free } from '../procedures/fwspec.ts';
import { found, groupOfInstance, nothing, ok, ownedFwspec, ownFwspec, privOnce, probeName } from './shared.ts';

const FILE = 'drivers/iommu/sprd-iommu.c';

const probe_device = (code: Code): Procedure =>
  procedure(probeName(code, 'sprd_iommu'), FILE, 'never', [
    ...ownFwspec(code),
    ...dev_iommu_priv_get(code, 'cfg'),
    when(nonNull('cfg'), [found], [set('own', IOMMU_DEV.BOGUS)]),
    ok,
  ]);

/** Follows priv without a test: sdev->dev for the page table, from v6.4 sdev->dom before it. */
const attach_dev = (code: Code): Procedure =>
  procedure('sprd_iommu_attach_device', FILE, 'never', [
    ...dev_iommu_priv_get(code, 'cfg'),
    since(code, '6.6')
      ? get(null, 'cfg', 'cfg:sprd_iommu_device.dom', 'sdev->dom == dom?')
      : get(null, 'cfg', 'cfg:sprd_iommu_device.dev', 'dma_alloc_coherent(sdev->dev, ...)'),
    ok,
  ]);

export const sprd: Driver = {
  name: 'sprd',
  file: FILE,
  since: '5.12',
  until: null,
  notes: ['attach_dev as in 6.1 stands for all releases up to v6.5, of which v6.4 and v6.5 read sdev->dom first'],
  probe: 'sprd_iommu_probe',
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate: (code) => procedure('sprd_iommu_of_xlate', FILE, 'never', [...privOnce(code), ok]),
  probe_device,
  device_group: groupOfInstance('sprd_iommu_device_group', FILE, 'cfg:sprd_iommu_device.group'),
  attach_dev,
  release_device: (code) =>
    since(code, '6.1')
      ? null
      : procedure('sprd_iommu_release_device', FILE, 'never', [...ownedFwspec(code), call(iommu_fwspec_free(code))]),
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
