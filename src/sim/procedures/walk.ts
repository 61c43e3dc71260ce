/** drivers/iommu/iommu.c: the walk over a bus that a registration starts, and what it does for the groups that it found. */

import {
  back,
  call,
  ERR,
  equals,
  failed,
  isNull,
  load,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  set,
  store,
  when,
} from '../machine/program.ts';
import { dev_iommu_ops } from './accessors.ts';
import { type Code, since } from './code.ts';
import { onSecondDevice } from './devices.ts';
import { attach, iommu_get_def_domain_type, iommu_get_resv_regions, iommu_setup_default_domain } from './domain.ts';
import { globalLock } from './lock.ts';
import { __iommu_probe_device, iommu_probe_device } from './probe.ts';

const FILE = 'drivers/iommu/iommu.c';

/** One client of the bus walk. -ENODEV is not an error here: the walk goes on, and says nothing. */
export function probe_iommu_group(code: Code): Procedure {
  const ignore = when({ reg: 'err', is: '==', value: ERR.ENODEV }, [set('err', ERR.OK)]);
  if (!since(code, '5.10'))
    return procedure('add_iommu_group', FILE, 'never', [call(iommu_probe_device(code)), ignore]);
  const probe = globalLock(code, [call(__iommu_probe_device(code, 'walk', 0))]);
  return procedure('probe_iommu_group', FILE, 'never', [
    ...(code.groupTest === 'walk' || code.groupTest === 'both'
      ? [
          load('tmp', 'dev->iommu_group', 'group = iommu_group_get(dev)') as Node,
          when(nonNull('tmp'), [set('err', ERR.OK), back]),
        ]
      : []),
    ...probe,
    ignore,
  ]);
}

/** The groups that this walk found new get their default domain after all devices were probed, outside iommu_probe_device_lock. */
export function bus_iommu_probe(code: Code): Procedure {
  const frame = (fn: string, body: readonly Node[]) => call(procedure(fn, FILE, 'usually', body));
  // A device that cannot be attached ends the walk, and the registration with it.
  const ended: readonly Node[] = code.driver.attach_dev ? [when(failed, [back])] : [];
  const setup: readonly Node[] = since(code, '6.6')
    ? [call(iommu_setup_default_domain(code)), ...ended, frame('iommu_group_do_probe_finalize', dev_iommu_ops())]
    : [
        load('tmp', 'group->default_domain', 'group->default_domain?'),
        when(isNull('tmp'), [
          // 5.10 asks the driver itself.
          ...(since(code, '6.1') ? [call(iommu_get_def_domain_type(code))] : []),
          store('group->default_domain', 1, 'group->default_domain = dom'),
        ]),
        call(iommu_get_resv_regions(code)),
        frame('iommu_group_do_dma_attach', [...(since(code, '6.1') ? dev_iommu_ops() : []), ...attach(code)]),
        ...ended,
        frame('iommu_group_do_probe_finalize', since(code, '6.1') ? dev_iommu_ops() : []),
      ];
  const walk = call(procedure('bus_for_each_dev', 'drivers/base/bus.c', 'never', walkOver(code)));
  if (!since(code, '5.10')) return procedure('iommu_bus_init', FILE, 'usually', [walk]);
  return procedure('bus_iommu_probe', FILE, 'usually', [
    set('grp', 0),
    walk,
    when(failed, [back]),
    ...(code.devices === 1 ? [when(nonNull('grp'), setup)] : setUpBoth(setup)),
  ]);
}

/** In the order of the bus's list; the first error ends it. With two devices `grp` is 2 or 3 where the first one's group is new, 1 or 3 for the second's. */
function walkOver(code: Code): readonly Node[] {
  const first = call(probe_iommu_group(code));
  if (code.devices === 1) return [first];
  const walked = onSecondDevice(probe_iommu_group(code));
  return [first, when(failed, [back]), when(nonNull('grp'), [set('grp', 2)]), call(walked)];
}

function setUpBoth(setup: readonly Node[]): readonly Node[] {
  const group = (nodes: readonly Node[]) => procedure('bus_iommu_probe', FILE, 'accessor', nodes);
  const second = call(onSecondDevice(group(setup)));
  return [
    when(equals('grp', 3), [call(group(setup)), when(failed, [back]), second]),
    when(equals('grp', 2), [call(group(setup))]),
    when(equals('grp', 1), [second]),
  ];
}
