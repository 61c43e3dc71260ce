/**
 * drivers/iommu/virtio-iommu.c. Read: 5.10.223, 6.1.176, 6.12.107, 7.2.13; v5.7 from the patch that replaced add_device(). priv is an endpoint struct of
 * each client, allocated by probe_device.
 */

import { call, free, get, type Node, type Procedure, procedure } from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_priv_get } from '../procedures/accessors.ts';
import { type Code, type Driver, since } from '../procedures/code.ts';
import { iommu_fwspec_add_ids } from '../procedures/fwspec.ts';
import {
  found,
  fwspecOf,
  instanceByFwnode,
  nothing,
  ok,
  ownedFwspec,
  ownMaster,
  probeName,
  resvRegions,
} from './shared.ts';

const FILE = 'drivers/iommu/virtio-iommu.c';

/** driver_find_device() finds bound instances only (and priv of the virtio device is set after the registration); 72b6f7cd89ce (read in 6.17.0) cured both. */
const viommu_get_by_fwnode = (code: Code): readonly Node[] =>
  instanceByFwnode(code, !since(code, '6.17'), 'viommu = viommu_get_by_fwnode(fwnode)');

const probe_device = (code: Code): Procedure =>
  procedure(probeName(code, 'viommu'), FILE, 'never', [
    ...fwspecOf(code),
    ...viommu_get_by_fwnode(code),
    ...ownMaster(code),
    found,
    ok,
  ]);

/** Follows vdev without a test, for a new domain in viommu_domain_finalise(); then the ids. */
const attach_dev = (code: Code): Procedure =>
  procedure('viommu_attach_dev', FILE, 'never', [
    ...dev_iommu_fwspec_get(code, 'fs'),
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', 'cfg:viommu_endpoint.viommu', 'vdev->viommu'),
    get(null, 'fs', 'fwspec.num_ids', 'i < fwspec->num_ids'),
    ok,
  ]);

/** From v6.2 on (and in 6.1.y) it detaches first; that a domain is attached is not followed. */
const viommu_detach_dev = (code: Code): Procedure =>
  procedure('viommu_detach_dev', FILE, 'usually', [
    get(null, 'cfg', 'cfg:viommu_endpoint.vdomain', 'vdomain = vdev->vdomain'),
    ...dev_iommu_fwspec_get(code, 'fs'),
  ]);

/** From v6.0 on without any test. */
const release_device = (code: Code): Procedure =>
  procedure('viommu_release_device', FILE, 'never', [
    ...ownedFwspec(code),
    ...dev_iommu_priv_get(code, 'cfg'),
    ...(since(code, '6.1') ? [call(viommu_detach_dev(code))] : []),
    get(null, 'cfg', 'cfg:viommu_endpoint.resv_regions', 'iommu_put_resv_regions(dev, &vdev->resv_regions)'),
    free('cfg', 'cfg', 'kfree(vdev)'),
  ]);

export const virtio: Driver = {
  name: 'virtio-iommu',
  file: FILE,
  since: null,
  until: null,
  notes: ['without the feature VIRTIO_IOMMU_F_PROBE: what viommu_probe_endpoint() asks of the fwspec is left out'],
  probe: 'viommu_probe',
  class: 'add_ids',
  privIsAllocated: true,
  of_xlate: (code) => procedure('viommu_of_xlate', FILE, 'never', [call(iommu_fwspec_add_ids(code))]),
  probe_device,
  device_group: null,
  attach_dev,
  release_device,
  get_resv_regions: resvRegions('viommu_get_resv_regions', FILE, (code) => [
    ...dev_iommu_priv_get(code, 'cfg'),
    get(null, 'cfg', 'cfg:viommu_endpoint.resv_regions', 'list_for_each_entry(entry, &vdev->resv_regions, list)'),
  ]),
  bus_ops: 'probe',
  before_walk: [],
  after_register: nothing,
};
