/**
 * drivers/iommu/iommu.c: __iommu_probe_device() in its three shapes (init.ts has what v6.6 took out of it), the mutex around it, and the client's replay
 * (iommu_probe_device). The walk is in walk.ts, the error exit in free.ts.
 */

import {
  back,
  call,
  claim,
  ERR,
  equals,
  failed,
  get,
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
  succeeded,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get, dev_iommu_ops } from './accessors.ts';
import { type Code, type Nested, since } from './code.ts';
import {
  attach,
  group_of_driver,
  iommu_get_def_domain_type,
  iommu_get_resv_regions,
  iommu_setup_default_domain,
  release_device,
} from './domain.ts';
import { dev_iommu_free } from './free.ts';
import { dev_iommu_get, iommu_fwspec_ops } from './fwspec.ts';
import { iommu_device_link, iommu_init_device } from './init.ts';
import { globalLock, insideProbe } from './lock.ts';
import { iommu_deinit_device, iommu_release_device } from './release.ts';

const FILE = 'drivers/iommu/iommu.c';

/** Who calls __iommu_probe_device(): the walk collects groups in a list and sets up their domains afterwards, the replay does it at once. */
export type Prober = 'walk' | 'replay';

/** To 6.5. A group that is there is taken as it is; else device_group(), then the sysfs link, which exists only once, then dev->iommu_group. */
function iommu_group_get_for_dev(code: Code): Procedure {
  return procedure('iommu_group_get_for_dev', FILE, 'usually', [
    set('err', ERR.OK),
    ...(since(code, '6.1') ? dev_iommu_ops() : []),
    load('tmp', 'dev->iommu_group', 'group = iommu_group_get(dev)'),
    when(nonNull('tmp'), [back]),
    ...group_of_driver(code),
    // v5.7 sets the group's default domain up here.
    ...(since(code, '5.10')
      ? []
      : [
          load('tmp', 'group->default_domain', 'group->default_domain?'),
          when(isNull('tmp'), [store('group->default_domain', 1, 'group->default_domain = dom')]),
        ]),
    claim('tmp', 'iommu_group_link', 'sysfs_create_link(&dev->kobj, &group->kobj, "iommu_group")'),
    when(nonNull('tmp'), [set('err', ERR.EEXIST), back]),
    store('dev->iommu_group', 1, 'dev->iommu_group = group'),
    ...(since(code, '5.10') ? [] : attach(code)),
    set('err', ERR.OK),
  ]);
}

/** The ops that __iommu_probe_device() works with: the bus's, or from v6.8 the fwspec's, or from v6.11 those of the IOMMU that the fwspec names. */
function opsOfDevice(code: Code): readonly Node[] {
  if (since(code, '6.15')) return [];
  const none = when(isNull('ops'), [set('err', ERR.ENODEV), back]);
  if (since(code, '6.11')) return [...dev_iommu_fwspec_get(code, 'fs'), ...iommu_fwspec_ops(code, 'ops'), none];
  if (since(code, '6.8')) {
    const own = get('ops', 'fs', 'fwspec.ops', 'fwspec->ops?');
    return [...dev_iommu_fwspec_get(code, 'fs'), when(isNull('fs'), [set('ops', 0)], [own]), none];
  }
  return [load('ops', 'bus->iommu_ops', 'ops = dev->bus->iommu_ops'), none];
}

/** The walk remembers a group without a default domain; of two devices the first one's is kept as 2 by the time that the second is probed. */
function newGroup(code: Code): readonly Node[] {
  return code.devices === 1 ? [set('grp', 1)] : [when(equals('grp', 2), [set('grp', 3)], [set('grp', 1)])];
}

/** "Device is probed already if in a group": v6.6, and where it was taken into older code. */
function groupedAlready(code: Code, drop: readonly Node[]): readonly Node[] {
  if (code.groupTest !== 'probe' && code.groupTest !== 'both') return [];
  return [
    load('tmp', 'dev->iommu_group', 'dev->iommu_group?'),
    when(nonNull('tmp'), [set('err', ERR.OK), ...drop, back]),
  ];
}

/** 6.6: under the lock to its end, default domain included. */
function probe_6_6(code: Code, by: Prober, nested: Nested): readonly Node[] {
  const [take, drop] = insideProbe(code);
  const late: readonly Node[] = [
    load('tmp', 'dev->driver', 'dev->driver?'),
    when(nonNull('tmp'), [
      store(
        by === 'walk' ? 'late_probe_warned' : 'late_replay_warned',
        1,
        'dev_WARN(dev, "late IOMMU probe at driver bind, something fishy here!")',
      ),
    ]),
  ];
  return [
    ...opsOfDevice(code),
    ...take,
    ...groupedAlready(code, drop),
    call(iommu_init_device(code, nested)),
    when(failed, [...drop, back]),
    ...(since(code, '6.15') ? late : []),
    load('tmp', 'group->default_domain', 'group->default_domain?'),
    when(
      nonNull('tmp'),
      [call(iommu_get_resv_regions(code)), ...attach(code)],
      by === 'replay' ? [call(iommu_setup_default_domain(code))] : newGroup(code),
    ),
    // err_remove_gdev: a device that cannot be attached is let go of again.
    ...(code.driver.attach_dev ? [when(failed, [call(iommu_deinit_device(code))])] : []),
    ...drop,
  ];
}

/** 5.10 and 6.1: iommu_dev first, then the group; the link is made after the lock was dropped. */
function probe_6_1(code: Code, by: Prober): readonly Node[] {
  const [take, drop] = insideProbe(code);
  const undo = [call(dev_iommu_free(code)), ...drop, back];
  return [
    ...opsOfDevice(code),
    ...take,
    ...groupedAlready(code, drop),
    ...dev_iommu_get.body,
    call(code.driver.probe_device(code)),
    when(failed, undo),
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    put('p', 'dev_iommu.iommu_dev', reg('own'), 'iommu->iommu_dev = iommu_dev'),
    call(iommu_group_get_for_dev(code)),
    when(failed, [...release_device(code), ...undo]),
    ...(by === 'walk'
      ? [load('tmp', 'group->default_domain', 'group->default_domain?'), when(isNull('tmp'), newGroup(code))]
      : []),
    ...drop,
    call(iommu_device_link),
  ];
}

export function __iommu_probe_device(code: Code, by: Prober, nested: Nested): Procedure {
  return procedure(
    '__iommu_probe_device',
    FILE,
    'never',
    since(code, '6.6') ? probe_6_6(code, by, nested) : probe_6_1(code, by),
  );
}

/**
 * v5.7: the driver's add_device() does it all itself: group and default domain (iommu_group_get_for_dev), then the link. No walk looks for a group first.
 */
function iommu_probe_device_5_7(code: Code): Procedure {
  const [take, drop] = insideProbe(code);
  const probe: readonly Node[] = [
    ...opsOfDevice(code),
    ...take,
    ...dev_iommu_get.body,
    call(code.driver.probe_device(code)),
    when(succeeded, [call(iommu_group_get_for_dev(code))]),
    when(succeeded, [call(iommu_device_link)]),
    when(failed, [call(dev_iommu_free(code))]),
    ...drop,
  ];
  // No v5.7 has either lock; what they would close is asked all the same.
  return procedure(
    'iommu_probe_device',
    FILE,
    'never',
    globalLock(code, [call(procedure('iommu_probe_device', FILE, 'accessor', probe))]),
  );
}

/** The client's replay at the end of of_iommu_configure(). */
export function iommu_probe_device(code: Code, nested: Nested = 0): Procedure {
  if (!since(code, '5.10')) return iommu_probe_device_5_7(code);
  const probe = globalLock(code, [call(__iommu_probe_device(code, 'replay', nested))]);
  if (since(code, '6.6')) {
    return procedure('iommu_probe_device', FILE, 'never', [...probe, when(succeeded, dev_iommu_ops())]);
  }
  return procedure('iommu_probe_device', FILE, 'never', [
    ...probe,
    when(failed, [back]),
    load('tmp', 'dev->iommu_group', 'group = iommu_group_get(dev)'),
    // 5.10 returns the 0 that it has.
    when(isNull('tmp'), [call(iommu_release_device(code)), set('err', since(code, '6.1') ? ERR.ENODEV : ERR.OK), back]),
    load('tmp', 'group->default_domain', 'group->default_domain?'),
    when(isNull('tmp'), [
      call(iommu_get_def_domain_type(code)),
      store('group->default_domain', 1, 'group->default_domain = dom'),
    ]),
    ...attach(code),
    ...(code.driver.attach_dev ? [when(failed, [call(iommu_release_device(code)), set('err', ERR.ENODEV), back])] : []),
    call(iommu_get_resv_regions(code)),
    ...(since(code, '6.1') ? dev_iommu_ops() : []),
    set('err', ERR.OK),
  ]);
}
