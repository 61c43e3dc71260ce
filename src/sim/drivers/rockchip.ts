/**
 * drivers/iommu/rockchip-iommu.c. Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13; v5.7 from the patch that replaced add_device(). priv is of the client's own,
 * but devm memory of an IOMMU device: it is not lost with dev_iommu.
 */

import { ERR, get, isNull, load, type Node, type Procedure, procedure, store, when } from '../machine/program.ts';
import type { Driver } from '../procedures/code.ts';
import { type Code, since } from '../procedures/code.ts';
import { archdataGet, archdataSet, fail, found, groupOfInstance, instance, ok, probeName } from './shared.ts';

const FILE = 'drivers/iommu/rockchip-iommu.c';

/** dma_dev, against which of_xlate allocates up to v6.14: set after iommu_device_register(), in 5.10 before bus_set_iommu(). */
const dmaDev = store('late_data', 1, 'dma_dev = &pdev->dev');

/** From v6.15 the IOMMU's own device takes its place, which is there. */
const devm_kzalloc = (code: Code): readonly Node[] =>
  since(code, '6.15')
    ? [instance]
    : [
        load('tmp', 'late_data', 'data = devm_kzalloc(dma_dev, ...)'),
        when(isNull('tmp'), [get(null, 'tmp', 'late:device.devres_lock', 'devres_add(dma_dev, ...)')]),
        instance,
      ];

const of_xlate = (code: Code): Procedure =>
  procedure('rk_iommu_of_xlate', FILE, 'never', [...devm_kzalloc(code), ...archdataSet(code), ok]);

const probe_device = (code: Code): Procedure =>
  procedure(probeName(code, 'rk_iommu'), FILE, 'never', [
    ...archdataGet(code),
    when(isNull('cfg'), fail(ERR.ENODEV)),
    // rk_iommu_from_dev() asks again, and answers NULL for NULL.
    ...archdataGet(code),
    get(null, 'cfg', 'cfg:rk_iommu.dev', 'device_link_add(dev, iommu->dev, ...)'),
    found,
    ok,
  ]);

export const rockchip: Driver = {
  name: 'rockchip',
  file: FILE,
  since: null,
  until: null,
  notes: [
    'v5.7 and v5.8 keep priv in dev->archdata.iommu; the shape 5.10 is that of v5.9 and later',
    'that v6.15 is the first release without dma_dev in of_xlate is inferred: 6.14 has it, 7.2 has not',
  ],
  probe: 'rk_iommu_probe',
  // Built in, and there is no remove(): a probe that fails over an interrupt behind the registration leaves it registered, too.
  staysRegistered: true,
  class: 'priv_set',
  privIsAllocated: false,
  of_xlate,
  probe_device,
  device_group: groupOfInstance('rk_iommu_device_group', FILE, 'cfg:rk_iommu.group', archdataGet),
  attach_dev: (code) => procedure('rk_iommu_attach_device', FILE, 'never', [...archdataGet(code), ok]),
  sharesData: (code) => !since(code, '6.15'),
  release_device: (code) =>
    procedure('rk_iommu_release_device', FILE, 'never', [
      ...archdataGet(code),
      get(null, 'cfg', 'cfg:rk_iommudata.link', 'device_link_del(data->link)'),
    ]),
  get_resv_regions: null,
  bus_ops: 'probe',
  before_walk: [dmaDev],
  after_register: (code) => (code.walk === 'register' && !since(code, '6.15') ? [dmaDev] : []),
};
