/**
 * drivers/iommu/iommu.c: iommu_release_device() and who calls it for a device that another thread may be translating: iommu_device_unregister(),
 * when a registration's walk failed or an IOMMU driver is unbound. None of it takes iommu_probe_device_lock, in any version read (5.10.262 to 7.3.4).
 */

import {
  back,
  call,
  end,
  equals,
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
import { dev_iommu_ops } from './accessors.ts';
import { type Code, since } from './code.ts';
import { onSecondDevice } from './devices.ts';
import { release_device } from './domain.ts';
import { dev_iommu_free } from './free.ts';

const FILE = 'drivers/iommu/iommu.c';

/** Does nothing with the NULL of a device that was translated and never probed; else it follows the iommu_device that it is given. */
const iommu_device_unlink: Procedure = procedure('iommu_device_unlink', 'drivers/iommu/iommu-sysfs.c', 'never', [
  when(isNull('idev'), [back]),
  get(null, 'idev', 'iommu_device.dev', 'sysfs_remove_link_from_group(&iommu->dev->kobj, ...)'),
]);

/** dst = dev->iommu and, where that is there, its iommu_dev: the test and what follows it, which load dev->iommu once but at source granularity. */
function testedIommuDev(code: Code, absent: readonly Node[]): readonly Node[] {
  return [
    load('p', 'dev->iommu', 'dev->iommu?'),
    when(isNull('p'), absent),
    ...(code.granularity === 'source' ? [load('p', 'dev->iommu', 'iommu = dev->iommu (loaded again)')] : []),
    get('idev', 'p', 'dev_iommu.iommu_dev', 'iommu_dev = dev->iommu->iommu_dev'),
  ];
}

/** Nothing without a group. */
const iommu_group_remove_device: Procedure = procedure('iommu_group_remove_device', FILE, 'never', [
  load('tmp', 'dev->iommu_group', 'group = dev->iommu_group'),
  when(isNull('tmp'), [back]),
  store('iommu_group_link', 0, 'sysfs_remove_link(&dev->kobj, "iommu_group")'),
  store('dev->iommu_group', 0, 'dev->iommu_group = NULL'),
]);

/** v5.7: the driver's remove_device() for a device with a group, which leaves the group; then whatever dev->iommu there is. */
function release_5_7(code: Code): readonly Node[] {
  return [
    load('tmp', 'dev->iommu_group', 'dev->iommu_group?'),
    when(nonNull('tmp'), [call(iommu_group_remove_device)]),
    load('p', 'dev->iommu', 'dev->iommu?'),
    when(nonNull('p'), [call(dev_iommu_free(code))]),
  ];
}

/** To v6.5: everything that a probe made, in one function, with nothing locked. */
function release_6_1(code: Code): readonly Node[] {
  return [
    ...testedIommuDev(code, [back]),
    call(iommu_device_unlink),
    ...(since(code, '6.1') ? dev_iommu_ops() : []),
    ...release_device(code),
    call(iommu_group_remove_device),
    call(dev_iommu_free(code)),
  ];
}

/** v6.6: the counterpart of iommu_init_device() (aa0958570f24); it leaves `err` as it was. */
export function iommu_deinit_device(code: Code): Procedure {
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

/** v6.6: through the group, whose device may never have been probed; and after it whatever fwspec was not. */
function release_6_6(code: Code): readonly Node[] {
  const without = [store('dev->iommu_group', 0, 'dev->iommu_group = NULL'), back];
  return [
    load('tmp', 'dev->iommu_group', 'group = dev->iommu_group'),
    when(nonNull('tmp'), [
      call(
        procedure('__iommu_group_remove_device', FILE, 'never', [
          ...testedIommuDev(code, without),
          when(isNull('idev'), without),
          call(iommu_deinit_device(code)),
        ]),
      ),
    ]),
    load('p', 'dev->iommu', 'dev->iommu?'),
    when(nonNull('p'), [call(dev_iommu_free(code))]),
  ];
}

export function iommu_release_device(code: Code): Procedure {
  if (code.release === 'never') return procedure('iommu_release_device', FILE, 'never', []);
  const body = since(code, '6.6') ? release_6_6 : since(code, '5.10') ? release_6_1 : release_5_7;
  return procedure('iommu_release_device', FILE, 'never', body(code));
}

/** To v6.0 every device on the bus; from v6.1 those that this very instance probed: dev->iommu and what it points to are read without a lock. */
function remove_iommu_group(code: Code, instance: 1 | 2): Procedure {
  // Without any release nobody looks for what to release either.
  if (code.release === 'never') return procedure('remove_iommu_group', FILE, 'never', []);
  if (code.walk === 'bus_set_iommu')
    return procedure('remove_iommu_group', FILE, 'never', [call(iommu_release_device(code))]);
  return procedure('remove_iommu_group', FILE, 'never', [
    ...testedIommuDev(code, [back]),
    // The devices are instance 1's: of another they are only looked at.
    ...(instance === 1 ? [when(equals('idev', IOMMU_DEV.VALID), [call(iommu_release_device(code))])] : []),
  ]);
}

/** Over all devices: from an unregistration of any instance, and to v6.0 from a failed walk of bus_set_iommu(). */
export function removeEveryGroup(code: Code, instance: 1 | 2): Node {
  const one = remove_iommu_group(code, instance);
  const each = code.devices === 1 ? [call(one)] : [call(one), call(onSecondDevice(one))];
  return call(procedure('bus_for_each_dev', 'drivers/base/bus.c', 'never', each));
}

/** v6.1 walks the buses first; before that it only took the instance off the list. */
export function iommu_device_unregister(code: Code, instance: 1 | 2): Procedure {
  const off = store(`listed${instance}`, 0, 'list_del(&iommu->list)');
  const walks = code.walk === 'register' ? [removeEveryGroup(code, instance)] : [];
  return procedure('iommu_device_unregister', FILE, 'never', [...walks, off]);
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
