/** The registering thread: an IOMMU instance's driver probe, iommu_device_register(), and the walk over the bus. */

import {
  back,
  call,
  ERR,
  end,
  failed,
  load,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  set,
  store,
  when,
} from '../machine/program.ts';
import { type Code, since } from './code.ts';
import { iommu_device_unregister, removeEveryGroup } from './release.ts';
import { bus_iommu_probe } from './walk.ts';

const FILE = 'drivers/iommu/iommu.c';

/** On the list before the walk: this is why a client's translation finds ops while the walk still frees. */
function iommu_device_register(code: Code, instance: 1 | 2): Procedure {
  const list = store(`listed${instance}`, 1, 'list_add_tail(&iommu->list, &iommu_device_list)');
  if (code.walk === 'bus_set_iommu')
    return procedure('iommu_device_register', FILE, 'never', [list, set('err', ERR.OK)]);
  return procedure('iommu_device_register', FILE, 'never', [
    list,
    ...(since(code, '6.8') ? [] : [store('bus->iommu_ops', 1, 'bus->iommu_ops = ops')]),
    call(bus_iommu_probe(code)),
    when(
      failed,
      [call(iommu_device_unregister(code, instance)), set('err', ERR.EINVAL)],
      code.ready ? [store(`ready${instance}`, 1, 'WRITE_ONCE(iommu->ready, true)')] : [],
    ),
  ]);
}

/** To v6.0: once per driver and bus; a second instance gets -EBUSY, which its driver takes for success. */
function bus_set_iommu(code: Code, instance: 1 | 2): Procedure {
  return procedure('bus_set_iommu', FILE, 'never', [
    load('tmp', 'bus->iommu_ops', 'bus->iommu_ops?'),
    when(nonNull('tmp'), [set('err', ERR.OK), back]),
    store('bus->iommu_ops', 1, 'bus->iommu_ops = ops'),
    call(bus_iommu_probe(code)),
    when(failed, [
      removeEveryGroup(code, instance),
      store('bus->iommu_ops', 0, 'bus->iommu_ops = NULL'),
      set('err', ERR.EINVAL),
    ]),
  ]);
}

/** The IOMMU instance's probe from its registration on; `instance` 1 is the one that the client's "iommus" names. */
export function iommu_driver_probe(code: Code, instance: 1 | 2): Procedure {
  const { driver } = code;
  const early = code.walk === 'bus_set_iommu';
  const walk: readonly Node[] =
    early && driver.bus_ops === 'probe' ? [...driver.before_walk, call(bus_set_iommu(code, instance))] : [];
  // Set long before; nobody asks for them while no instance is listed.
  const initcall: readonly Node[] =
    early && driver.bus_ops === 'initcall' ? [store('bus->iommu_ops', 1, 'bus_set_iommu() at the initcall')] : [];
  const probe = procedure(driver.probe, driver.file, 'never', [
    ...initcall,
    call(iommu_device_register(code, instance)),
    ...walk,
    when(failed, [end('registration-failed')]),
    ...driver.after_register(code),
  ]);
  return procedure('really_probe', 'drivers/base/dd.c', 'never', [
    call(procedure('platform_probe', 'drivers/base/platform.c', 'never', [call(probe)])),
    store(`bound${instance}`, 1, 'driver_bound(dev)'),
    end('registered'),
  ]);
}
