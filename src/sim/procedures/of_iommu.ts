/** drivers/iommu/of_iommu.c and the driver core above it: the client's side. */
import type { Code } from '../code.ts';
import {
  back,
  call,
  closeSection,
  ERR,
  end,
  equals,
  failed,
  get,
  isNull,
  load,
  lock,
  type Node,
  nonNull,
  openSection,
  type Procedure,
  procedure,
  set,
  succeeded,
  unlock,
  when,
} from '../program.ts';
import { dev_iommu_fwspec_get } from './accessors.ts';
import { iommu_fwspec_free, iommu_fwspec_init } from './fwspec.ts';
import { iommu_probe_device } from './probe.ts';

const FILE = 'drivers/iommu/of_iommu.c';
const MUTEX = 'iommu_probe_device_lock';

/** One "iommus" phandle. Without ops the fwspec is made all the same and stays behind when the probe is deferred. */
function of_iommu_xlate(code: Code): Procedure {
  const of_xlate = code.driver.of_xlate(code);
  return procedure('of_iommu_xlate', FILE, 'never', [
    load('ops', 'listed1', 'ops = iommu_ops_from_fwnode(fwnode)'),
    // ops without of_xlate: NO_IOMMU, which is no error to the caller but ends without ops like one.
    ...(of_xlate ? [] : [when(nonNull('ops'), [set('err', ERR.ENODEV), back])]),
    call(iommu_fwspec_init(code)),
    when(failed, [back]),
    when(isNull('ops'), [set('err', ERR.EPROBE_DEFER), back]),
    ...(of_xlate ? [call(of_xlate)] : []),
  ]);
}

/**
 * The translation of one client device, and the replay of a probe that the walk may have missed. `ops` afterwards: whether the device
 * is to use its IOMMU.
 */
function of_iommu_configure(code: Code): Procedure {
  const global = code.lock === 'global';
  const enter: readonly Node[] = global ? [lock(MUTEX), openSection] : [openSection];
  const leave: readonly Node[] = global ? [closeSection, unlock(MUTEX)] : [closeSection];
  const reread = get('ops', 'fs', 'fwspec.ops', 'ops = fwspec->ops');
  const replay = [call(iommu_probe_device(code))];
  return procedure('of_iommu_configure', FILE, 'never', [
    ...enter,
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(nonNull('fs'), [
      get('ops', 'fs', 'fwspec.ops', 'fwspec->ops?'),
      // The locked versions read fwspec->ops once more for the return value, after the unlock.
      when(nonNull('ops'), [...leave, ...(global ? [reread] : []), set('err', ERR.OK), back]),
      call(iommu_fwspec_free(code)),
    ]),
    call(of_iommu_xlate(code)),
    // "The fwspec pointer changed, read it again", and its ops without a test.
    when(succeeded, [...dev_iommu_fwspec_get(code, 'fs'), reread]),
    ...leave,
    when(
      succeeded,
      code.replay === 'always'
        ? replay
        : [load('tmp', 'dev->iommu_group', 'device_iommu_mapped(dev)?'), when(isNull('tmp'), replay)],
    ),
  ]);
}

/** The client's probe up to its DMA set-up: what binds, and with which DMA operations. */
export function really_probe(code: Code): Procedure {
  const frame = (fn: string, file: string, inner: Procedure, after: readonly Node[] = []) =>
    procedure(fn, file, 'never', [call(inner), ...after]);
  const configured = frame('of_dma_configure_id', 'drivers/of/device.c', of_iommu_configure(code));
  const dma = frame('platform_dma_configure', 'drivers/base/platform.c', configured);
  return frame('really_probe', 'drivers/base/dd.c', dma, [
    when(equals('err', ERR.EPROBE_DEFER), [end('deferred')]),
    when(failed, [end('bound-without-iommu')]),
    load('tmp', 'group->default_domain', 'iommu_get_domain_for_dev(dev)'),
    when(nonNull('tmp'), [end('bound-with-iommu')]),
    end('bound-default-domain-missing'),
  ]);
}
