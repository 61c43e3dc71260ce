/**
 * drivers/iommu/iommu.c: iommu_release_device() and who calls it for a device that another thread may be translating: iommu_device_unregister(),
 * when a registration's walk failed or an IOMMU driver is unbound. None of it takes iommu_probe_device_lock, in any version read (5.10.262 to 7.3.4).
 */

import {
  back,
  call,
  end,
  equals,
  free,
  get,
  IOMMU_DEV,
  isNull,
  load,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  store,
  when,
} from '../machine/program.ts';
import { dev_iommu_ops, dev_iommu_priv_get } from './accessors.ts';
import { type Code, since } from './code.ts';
import { onSecondDevice } from './devices.ts';
import { dev_iommu_free } from './free.ts';

const FILE = 'drivers/iommu/iommu.c';

/** Follows the iommu_device that it is given, which is NULL for a device that was translated and never probed. */
const iommu_device_unlink: Procedure = procedure('iommu_device_unlink', 'drivers/iommu/iommu-sysfs.c', 'never', [
  get(null, 'idev', 'iommu_device.dev', 'sysfs_remove_link_from_group(&iommu->dev->kobj, ...)'),
]);

/** ops->release_device(), as far as it frees what priv points to. */
function release_device(code: Code): readonly Node[] {
  if (!code.driver.releasesPriv) return [];
  return [
    ...dev_iommu_priv_get(code, 'cfg'),
    when(nonNull('cfg'), [free('cfg', 'cfg', 'ops->release_device(dev): kfree(priv)')]),
  ];
}

/** To v6.5: everything that a probe made, in one function, with nothing locked. */
function release_6_1(code: Code): readonly Node[] {
  return [
    load('p', 'dev->iommu', 'dev->iommu?'),
    when(isNull('p'), [back]),
    // v5.7 has no iommu_dev (read: 5.7.14).
    ...(since(code, '5.10')
      ? [
          load('p', 'dev->iommu', 'iommu = dev->iommu (again)'),
          get('idev', 'p', 'dev_iommu.iommu_dev', 'iommu_dev = dev->iommu->iommu_dev'),
          call(iommu_device_unlink),
        ]
      : []),
    ...(since(code, '6.1') ? dev_iommu_ops() : []),
    ...release_device(code),
    store('dev->iommu_group', 0, 'dev->iommu_group = NULL'),
    store('iommu_group_link', 0, 'sysfs_remove_link(&dev->kobj, "iommu_group")'),
    call(dev_iommu_free(code)),
  ];
}

/** v6.6: iommu_deinit_device(), the counterpart of iommu_init_device() (aa0958570f24). */
function iommu_deinit_device(code: Code): Procedure {
  return procedure('iommu_deinit_device', FILE, 'usually', [
    ...dev_iommu_ops(),
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    get('idev', 'p', 'dev_iommu.iommu_dev', 'iommu_dev = dev->iommu->iommu_dev'),
    call(iommu_device_unlink),
    ...release_device(code),
    store('dev->iommu_group', 0, 'dev->iommu_group = NULL'),
    call(dev_iommu_free(code)),
  ]);
}

/** v6.6: through the group, and after it whatever fwspec was never probed. */
function release_6_6(code: Code): readonly Node[] {
  return [
    load('tmp', 'dev->iommu_group', 'group = dev->iommu_group'),
    when(nonNull('tmp'), [
      call(procedure('__iommu_group_remove_device', FILE, 'never', [call(iommu_deinit_device(code))])),
    ]),
    load('p', 'dev->iommu', 'dev->iommu?'),
    when(nonNull('p'), [call(dev_iommu_free(code))]),
  ];
}

export function iommu_release_device(code: Code): Procedure {
  if (code.release === 'never') return procedure('iommu_release_device', FILE, 'never', []);
  return procedure('iommu_release_device', FILE, 'never', since(code, '6.6') ? release_6_6(code) : release_6_1(code));
}

/** To v6.0 every device on the bus; from v6.1 those that this very instance probed: dev->iommu and what it points to are read without a lock. */
function remove_iommu_group(code: Code): Procedure {
  if (!since(code, '6.1')) return procedure('remove_iommu_group', FILE, 'never', [call(iommu_release_device(code))]);
  return procedure('remove_iommu_group', FILE, 'never', [
    load('p', 'dev->iommu', 'dev->iommu?'),
    when(isNull('p'), [back]),
    get('tmp', 'p', 'dev_iommu.iommu_dev', 'dev->iommu->iommu_dev == iommu?'),
    when(equals('tmp', IOMMU_DEV.VALID), [call(iommu_release_device(code))]),
  ]);
}

/** Over all devices: from an unregistration, and to v6.0 from a failed walk of bus_set_iommu(). */
export function removeEveryGroup(code: Code): Node {
  const one = remove_iommu_group(code);
  const each = code.devices === 1 ? [call(one)] : [call(one), call(onSecondDevice(one))];
  return call(procedure('bus_for_each_dev', 'drivers/base/bus.c', 'never', each));
}

/** v6.1 walks the buses first; before that it only took the instance off the list. The devices are instance 1's: another's are not touched. */
export function iommu_device_unregister(code: Code, instance: 1 | 2): Procedure {
  const off = store(`listed${instance}`, 0, 'list_del(&iommu->list)');
  const walks = code.walk === 'register' && instance === 1;
  return procedure('iommu_device_unregister', FILE, 'never', walks ? [removeEveryGroup(code), off] : [off]);
}

/** An IOMMU driver's unbind, down to the end of its registration. */
export function iommu_driver_remove(code: Code): Procedure {
  const remove = procedure(`${code.driver.name} remove`, code.driver.file, 'never', [
    call(iommu_device_unregister(code, 1)),
  ]);
  return procedure('device_release_driver_internal', 'drivers/base/dd.c', 'never', [
    call(procedure('platform_remove', 'drivers/base/platform.c', 'never', [call(remove)])),
    end('unregistered'),
  ]);
}
