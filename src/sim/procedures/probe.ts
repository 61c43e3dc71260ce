/**
 * drivers/iommu/iommu.c: __iommu_probe_device() in its three shapes, its error exit dev_iommu_free(), and its two callers: the bus walk
 * (probe_iommu_group) and the client's replay (iommu_probe_device).
 */
import { type Code, since } from '../code.ts';
import {
  back,
  call,
  claim,
  closeSection,
  ERR,
  failed,
  free,
  get,
  isNull,
  load,
  lock,
  type Node,
  nonNull,
  openSection,
  type Procedure,
  procedure,
  put,
  reg,
  set,
  store,
  succeeded,
  unlock,
  when,
} from '../program.ts';
import { dev_iommu_ops } from './accessors.ts';
import { dev_iommu_get, iommu_fwspec_free } from './fwspec.ts';

const FILE = 'drivers/iommu/iommu.c';
const MUTEX = 'iommu_probe_device_lock';

/** Who calls __iommu_probe_device(): the walk collects groups in a list and sets up their domains afterwards, the replay does it at once. */
export type Prober = 'walk' | 'replay';

/** Before b54240ad4943: the fwspec through its own function, which loads dev->iommu anew each time, then the object, then the NULL. */
function free_then_null(code: Code): Procedure {
  return procedure('dev_iommu_free', FILE, 'usually', [
    call(iommu_fwspec_free(code)),
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    free('p', 'dev_iommu', 'kfree(dev->iommu)'),
    store('dev->iommu', 0, 'dev->iommu = NULL'),
  ]);
}

/**
 * NULL first, then the frees (b54240ad4943); param itself is not tested. The fwspec pointer is loaded again after fwnode_handle_put(), a call
 * that no compiler can look through.
 */
export function dev_iommu_free(code: Code): Procedure {
  if (code.free === 'free-then-null') return free_then_null(code);
  return procedure('dev_iommu_free', FILE, 'usually', [
    load('p', 'dev->iommu', 'param = dev->iommu'),
    store('dev->iommu', 0, 'dev->iommu = NULL'),
    get('fs', 'p', 'dev_iommu.fwspec', 'fwspec = param->fwspec'),
    when(nonNull('fs'), [
      ...(code.granularity === 'source'
        ? [get('fs', 'p', 'dev_iommu.fwspec', 'fwspec = param->fwspec (loaded again)')]
        : []),
      get(null, 'fs', 'fwspec.iommu_fwnode', 'fwnode_handle_put(param->fwspec->iommu_fwnode)'),
      get('fs', 'p', 'dev_iommu.fwspec', 'fwspec = param->fwspec (after the call)'),
      when(nonNull('fs'), [free('fs', 'fwspec', 'kfree(param->fwspec)')]),
    ]),
    free('p', 'dev_iommu', 'kfree(param)'),
  ]);
}

/** iommu_device_link(): follows the iommu_device that probe_device returned ("own"), which a driver may have computed from NULL. */
const iommu_device_link: Procedure = procedure('iommu_device_link', 'drivers/iommu/iommu-sysfs.c', 'never', [
  get(null, 'own', 'iommu_device.dev', 'sysfs_add_link_to_group(&iommu->dev->kobj, ...)'),
]);

function group_of_driver(code: Code): readonly Node[] {
  const group = code.driver.device_group?.(code) ?? null;
  return group ? [call(group)] : [];
}

function attach(code: Code): readonly Node[] {
  return code.driver.attach_dev ? [call(code.driver.attach_dev(code))] : [];
}

/** To 6.5. A group that is there is taken as it is; else device_group(), then the sysfs link, which exists only once, then dev->iommu_group. */
function iommu_group_get_for_dev(code: Code): Procedure {
  return procedure('iommu_group_get_for_dev', FILE, 'usually', [
    set('err', ERR.OK),
    ...(since(code, '6.1') ? dev_iommu_ops() : []),
    load('tmp', 'dev->iommu_group', 'group = iommu_group_get(dev)'),
    when(nonNull('tmp'), [back]),
    ...group_of_driver(code),
    claim('tmp', 'iommu_group_link', 'sysfs_create_link(&dev->kobj, &group->kobj, "iommu_group")'),
    when(nonNull('tmp'), [set('err', ERR.EEXIST), back]),
    store('dev->iommu_group', 1, 'dev->iommu_group = group'),
  ]);
}

/** 6.6: probe, link, group, and only then iommu_dev; every error label ends in dev_iommu_free(). */
function iommu_init_device(code: Code): Procedure {
  return procedure('iommu_init_device', FILE, 'usually', [
    ...dev_iommu_get.body,
    call(code.driver.probe_device(code)),
    when(failed, [call(dev_iommu_free(code)), back]),
    call(iommu_device_link),
    ...group_of_driver(code),
    store('dev->iommu_group', 1, 'dev->iommu_group = group'),
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    put('p', 'dev_iommu.iommu_dev', reg('own'), 'iommu->iommu_dev = iommu_dev'),
  ]);
}

/** 6.6: under the lock to its end, default domain included. */
function probe_6_6(code: Code, by: Prober): readonly Node[] {
  const [take, drop] = staticLock(code);
  return [
    load('ops', 'bus->iommu_ops', 'ops = dev->bus->iommu_ops'),
    when(isNull('ops'), [set('err', ERR.ENODEV), back]),
    ...take,
    load('tmp', 'dev->iommu_group', 'dev->iommu_group?'),
    when(nonNull('tmp'), [set('err', ERR.OK), ...drop, back]),
    call(iommu_init_device(code)),
    when(failed, [...drop, back]),
    load('tmp', 'group->default_domain', 'group->default_domain?'),
    when(
      nonNull('tmp'),
      [call(iommu_get_resv_regions(code)), ...attach(code)],
      by === 'replay'
        ? [
            call(iommu_setup_default_domain(code)),
            ...attach(code),
            store('group->default_domain', 1, 'group->default_domain = dom'),
          ]
        : [set('grp', 1)],
    ),
    ...drop,
  ];
}

/** 5.10 and 6.1: iommu_dev first, then the group; the link is made after the lock was dropped. */
function probe_6_1(code: Code, by: Prober): readonly Node[] {
  const [take, drop] = staticLock(code);
  const undo = [call(dev_iommu_free(code)), ...drop, back];
  return [
    load('ops', 'bus->iommu_ops', 'ops = dev->bus->iommu_ops'),
    when(isNull('ops'), [set('err', ERR.ENODEV), back]),
    ...take,
    ...dev_iommu_get.body,
    call(code.driver.probe_device(code)),
    when(failed, undo),
    load('p', 'dev->iommu', 'iommu = dev->iommu'),
    put('p', 'dev_iommu.iommu_dev', reg('own'), 'iommu->iommu_dev = iommu_dev'),
    call(iommu_group_get_for_dev(code)),
    when(failed, undo),
    ...(by === 'walk'
      ? [load('tmp', 'group->default_domain', 'group->default_domain?'), when(isNull('tmp'), [set('grp', 1)])]
      : []),
    ...drop,
    call(iommu_device_link),
  ];
}

export function __iommu_probe_device(code: Code, by: Prober): Procedure {
  return procedure(
    '__iommu_probe_device',
    FILE,
    'never',
    since(code, '6.6') ? probe_6_6(code, by) : probe_6_1(code, by),
  );
}

/** The function-static mutex of 01657bc14a39, and the bounds of what a2e7e59a9426 serialises where the caller takes it instead. */
function staticLock(code: Code): readonly [readonly Node[], readonly Node[]] {
  return code.lock === 'static'
    ? [
        [lock(MUTEX), openSection],
        [closeSection, unlock(MUTEX)],
      ]
    : [[openSection], [closeSection]];
}

/** The caller's lock of a2e7e59a9426 around `body`. */
function globalLock(code: Code, body: readonly Node[]): readonly Node[] {
  return code.lock === 'global' ? [lock(MUTEX), ...body, unlock(MUTEX)] : body;
}

/* Domain set-up after a successful probe: only as far as it follows dev->iommu. */

const iommu_get_def_domain_type = (code: Code): Procedure =>
  procedure(
    since(code, '6.6') ? 'iommu_get_default_domain_type' : 'iommu_get_def_domain_type',
    FILE,
    'usually',
    since(code, '6.1') ? dev_iommu_ops() : [],
  );

const iommu_setup_default_domain = (code: Code): Procedure =>
  procedure('iommu_setup_default_domain', FILE, 'never', [
    call(iommu_get_def_domain_type(code)),
    call(iommu_get_resv_regions(code)),
  ]);

const iommu_get_resv_regions = (code: Code): Procedure =>
  procedure('iommu_get_resv_regions', FILE, 'never', since(code, '6.1') ? dev_iommu_ops() : []);

/** The client's replay at the end of of_iommu_configure(). */
export function iommu_probe_device(code: Code): Procedure {
  const probe = globalLock(code, [call(__iommu_probe_device(code, 'replay'))]);
  if (since(code, '6.6')) {
    return procedure('iommu_probe_device', FILE, 'never', [...probe, when(succeeded, dev_iommu_ops())]);
  }
  return procedure('iommu_probe_device', FILE, 'never', [
    ...probe,
    when(failed, [back]),
    load('tmp', 'group->default_domain', 'group->default_domain?'),
    when(isNull('tmp'), [
      call(iommu_get_def_domain_type(code)),
      store('group->default_domain', 1, 'group->default_domain = dom'),
    ]),
    ...attach(code),
    call(iommu_get_resv_regions(code)),
    ...(since(code, '6.1') ? dev_iommu_ops() : []),
    set('err', ERR.OK),
  ]);
}

/** One client of the bus walk. -ENODEV is not an error here: the walk goes on, and says nothing. */
export function probe_iommu_group(code: Code): Procedure {
  const probe = globalLock(code, [call(__iommu_probe_device(code, 'walk'))]);
  return procedure('probe_iommu_group', FILE, 'never', [
    ...(since(code, '6.6')
      ? []
      : [
          load('tmp', 'dev->iommu_group', 'group = iommu_group_get(dev)') as Node,
          when(nonNull('tmp'), [set('err', ERR.OK), back]),
        ]),
    ...probe,
    when({ reg: 'err', is: '==', value: ERR.ENODEV }, [set('err', ERR.OK)]),
  ]);
}

/** The groups that this walk found new get their default domain after all devices were probed, outside iommu_probe_device_lock. */
export function bus_iommu_probe(code: Code): Procedure {
  const frame = (fn: string, body: readonly Node[]) => call(procedure(fn, FILE, 'usually', body));
  const setup: readonly Node[] = since(code, '6.6')
    ? [
        call(iommu_setup_default_domain(code)),
        ...attach(code),
        store('group->default_domain', 1, 'group->default_domain = dom'),
        frame('iommu_group_do_probe_finalize', dev_iommu_ops()),
      ]
    : [
        load('tmp', 'group->default_domain', 'group->default_domain?'),
        when(isNull('tmp'), [
          call(iommu_get_def_domain_type(code)),
          store('group->default_domain', 1, 'group->default_domain = dom'),
        ]),
        call(iommu_get_resv_regions(code)),
        frame('iommu_group_do_dma_attach', since(code, '6.1') ? dev_iommu_ops() : []),
        ...attach(code),
        frame('iommu_group_do_probe_finalize', since(code, '6.1') ? dev_iommu_ops() : []),
      ];
  return procedure('bus_iommu_probe', FILE, 'usually', [
    set('grp', 0),
    call(procedure('bus_for_each_dev', 'drivers/base/bus.c', 'never', [call(probe_iommu_group(code))])),
    when(failed, [back]),
    when(nonNull('grp'), setup),
    set('err', ERR.OK),
  ]);
}
