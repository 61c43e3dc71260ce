/** drivers/iommu/iommu.c: iommu_init_device() of v6.6 (aa0958570f24) and of v6.15 (bcb81ac6ae3c), and the link that every probe makes. */

import {
  back,
  call,
  ERR,
  end,
  failed,
  get,
  IOMMU_DEV,
  isNull,
  load,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  put,
  reg,
  set,
  store,
  when,
} from '../machine/program.ts';
import { type Code, type Nested, since } from './code.ts';
import { group_of_driver } from './domain.ts';
import { dev_iommu_free } from './free.ts';
import { dev_iommu_get, iommu_fwspec_ops } from './fwspec.ts';
import { whoeverTook } from './lock.ts';

const FILE = 'drivers/iommu/iommu.c';

/** iommu_device_link(): follows the iommu_device that probe_device returned ("own"), which a driver may have computed from NULL. */
export const iommu_device_link: Procedure = procedure('iommu_device_link', 'drivers/iommu/iommu-sysfs.c', 'never', [
  get(null, 'own', 'iommu_device.dev', 'sysfs_add_link_to_group(&iommu->dev->kobj, ...)'),
]);

/**
 * What iommu_init_device() makes of a device whose driver has claimed it. iommu_dev comes first where device_group() may need it, as
 * generic_single_device_group() of v6.7 does (e8f52d84cf0b in v6.7-rc1; read in 6.8.0 and 6.12.117).
 */
function initialise(code: Code): readonly Node[] {
  const own: readonly Node[] = [
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    put('p', 'dev_iommu.iommu_dev', reg('own'), 'iommu->iommu_dev = iommu_dev'),
  ];
  const group: readonly Node[] = [
    call(iommu_device_link),
    ...group_of_driver(code),
    store('dev->iommu_group', 1, 'dev->iommu_group = group'),
  ];
  return since(code, '6.7') ? [...own, ...group] : [...group, ...own];
}

/** Every error label of iommu_init_device() ends here. */
function undo_init(code: Code): readonly Node[] {
  const clear: readonly Node[] = [
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    put('p', 'dev_iommu.iommu_dev', IOMMU_DEV.NULL, 'iommu->iommu_dev = NULL'),
  ];
  // Came with the earlier store of iommu_dev.
  return [...(since(code, '6.7') ? clear : []), call(dev_iommu_free(code)), back];
}

/** 6.6: probe, link, group, and only then iommu_dev. */
function init_6_6(code: Code): readonly Node[] {
  return [
    ...dev_iommu_get.body,
    call(code.driver.probe_device(code)),
    when(failed, undo_init(code)),
    ...initialise(code),
  ];
}

/** 6.15: the device may not be translated yet, so the bus's dma_configure() is called first, and not under the lock. */
function init_6_15(code: Code, nested: Nested): readonly Node[] {
  const [retake, drop] = whoeverTook(code);
  const configure: readonly Node[] =
    nested === 'never' || nested === 2
      ? [...drop, end('nested-beyond-bound')]
      : [...drop, call(code.dma_configure(code, nested === 0 ? 1 : 2)), ...retake];
  const recheck: readonly Node[] = [
    load('p', 'dev->iommu', '!dev->iommu?'),
    when(isNull('p'), [set('err', ERR.ENODEV), back]),
    load('tmp', 'dev->iommu_group', 'dev->iommu_group?'),
    when(nonNull('tmp'), [set('err', ERR.ENODEV), back]),
  ];
  const ifUnbound: readonly Node[] = [
    load('tmp', 'dev->driver', 'dev->driver?'),
    when(isNull('tmp'), [...configure, ...(code.recheck ? recheck : [])]),
  ];
  return [
    ...dev_iommu_get.body,
    // 0c8e9c148e29 also leaves a device alone that has been translated already.
    ...(code.recheck
      ? [
          load('p', 'dev->iommu', 'iommu = dev->iommu'),
          get('fs', 'p', 'dev_iommu.fwspec', 'dev->iommu->fwspec?'),
          when(isNull('fs'), ifUnbound),
        ]
      : ifUnbound),
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    get('fs', 'p', 'dev_iommu.fwspec', 'fwspec = dev->iommu->fwspec'),
    ...iommu_fwspec_ops(code, 'ops'),
    when(isNull('ops'), [set('err', ERR.ENODEV), ...undo_init(code)]),
    call(code.driver.probe_device(code)),
    when(failed, undo_init(code)),
    ...initialise(code),
  ];
}

export function iommu_init_device(code: Code, nested: Nested): Procedure {
  return procedure(
    'iommu_init_device',
    FILE,
    'usually',
    since(code, '6.15') ? init_6_15(code, nested) : init_6_6(code),
  );
}
