/** drivers/iommu/of_iommu.c and the driver core above it: the client's side. */

import {
  back,
  call,
  ERR,
  end,
  equals,
  failed,
  get,
  isNull,
  load,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  set,
  store,
  succeeded,
  type Test,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get } from './accessors.ts';
import { acpi_dma_configure_id } from './acpi.ts';
import { type Bus, type Code, type Entry, type Nested, since } from './code.ts';
import { dev_iommu_free } from './free.ts';
import { instanceState, iommu_fwspec_free, iommu_fwspec_init } from './fwspec.ts';
import { aroundXlate } from './lock.ts';
import { iommu_probe_device } from './probe.ts';

const FILE = 'drivers/iommu/of_iommu.c';

const BUSES: Readonly<Record<Bus, { readonly fn: string; readonly file: string }>> = {
  platform: { fn: 'platform_dma_configure', file: 'drivers/base/platform.c' },
  acpi: { fn: 'platform_dma_configure', file: 'drivers/base/platform.c' },
  amba: { fn: 'amba_dma_configure', file: 'drivers/amba/bus.c' },
};

/** of_xlate() for an entry: another instance than the registering one has all its data. */
function of_xlate_of(code: Code, entry: Entry): Procedure | null {
  const of_xlate = code.driver.of_xlate(code);
  return of_xlate && entry === 2 ? withItsData(of_xlate) : of_xlate;
}

function withItsData(of: Procedure): Procedure {
  const there = (node: Node): readonly Node[] => {
    if (node.op === 'load' && node.from === 'late_data') return [set(node.dst, 1)];
    if (node.op === 'store' && node.to === 'late_data') return [];
    if (node.op === 'if') return [when(node.test, node.then.flatMap(there), node.else.flatMap(there))];
    return [node.op === 'call' ? call(withItsData(node.procedure)) : node];
  };
  return procedure(of.fn, of.file, of.inline, of.body.flatMap(there));
}

/** To v6.10, one "iommus" phandle. Without ops the fwspec is made all the same and stays behind when the probe is deferred. */
function xlateWithOps(code: Code, entry: Entry): readonly Node[] {
  const of_xlate = of_xlate_of(code, entry);
  return [
    instanceState(entry, 'listed', 'ops', 'ops = iommu_ops_from_fwnode(fwnode)'),
    // ops without of_xlate: NO_IOMMU, which is no error to the caller but ends without ops like one.
    ...(of_xlate ? [] : [when(nonNull('ops'), [set('err', ERR.ENODEV), back])]),
    call(iommu_fwspec_init(code, entry)),
    when(failed, [back]),
    when(isNull('ops'), [set('err', ERR.EPROBE_DEFER), back]),
    ...(of_xlate ? [call(of_xlate)] : []),
  ];
}

/** From v6.11: iommu_fwspec_init() finds the IOMMU; its ops are looked up once more for of_xlate, and taken to be still there. */
function xlateByNode(code: Code, entry: Entry): readonly Node[] {
  const of_xlate = of_xlate_of(code, entry);
  return [
    call(iommu_fwspec_init(code, entry)),
    when(failed, [back]),
    instanceState(entry, 'listed', 'ops', 'ops = iommu_ops_from_fwnode(fwnode)'),
    when(isNull('ops'), [get(null, 'ops', 'late:iommu_ops.of_xlate', 'ops->of_xlate')]),
    ...(of_xlate ? [call(of_xlate)] : [set('err', ERR.ENODEV)]),
  ];
}

function of_iommu_xlate(code: Code, entry: Entry): Procedure {
  const body = since(code, '6.11') ? xlateByNode(code, entry) : xlateWithOps(code, entry);
  return procedure('of_iommu_xlate', FILE, 'never', body);
}

/** of_iommu_configure_dev(): once for each entry of "iommus", up to the first error. */
function eachEntry(code: Code): readonly Node[] {
  const [first, ...rest] = code.entries.map((entry) => call(of_iommu_xlate(code, entry)));
  return [first!, ...rest.map((next) => when(succeeded, [next]))];
}

/** To v6.7 it returns ops, which are read from the fwspec; v6.8 returns an error number only, and reads no fwspec afterwards. */
function configureWithOps(code: Code): readonly Node[] {
  const returnsOps = !since(code, '6.8');
  const [enter, leave] = aroundXlate(code);
  const reread = get('ops', 'fs', 'fwspec.ops', 'ops = fwspec->ops');
  const replay = [call(iommu_probe_device(code))];
  // The locked versions read fwspec->ops once more for the return value, after the unlock; of the others' two reads compilers make one.
  const again = returnsOps && (code.lock === 'global' || code.granularity === 'source') ? [reread] : [];
  return [
    ...enter,
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(nonNull('fs'), [
      get('ops', 'fs', 'fwspec.ops', 'fwspec->ops?'),
      when(nonNull('ops'), [...leave, ...again, set('err', ERR.OK), back]),
      call(iommu_fwspec_free(code)),
    ]),
    ...eachEntry(code),
    // "pasid-num-bits", which only a PASID-capable client has: asked for whatever the translation came to, and stored where it went well.
    ...(since(code, '5.10') && !since(code, '6.1') ? dev_iommu_fwspec_get(code, 'fs') : []),
    // "The fwspec pointer changed, read it again", and its ops without a test.
    ...(returnsOps ? [when(succeeded, [...dev_iommu_fwspec_get(code, 'fs'), reread])] : []),
    ...leave,
    when(
      succeeded,
      code.replay === 'always'
        ? replay
        : [load('tmp', 'dev->iommu_group', 'device_iommu_mapped(dev)?'), when(isNull('tmp'), replay)],
    ),
  ];
}

/** From v6.11: an fwspec that is there ends it, for none is half made any more; on error it takes back what it made, under the lock. */
function configureByNode(code: Code, nested: Nested): readonly Node[] {
  const [enter, leave] = aroundXlate(code);
  const replay = nested === 2 ? end('nested-beyond-bound') : call(iommu_probe_device(code, nested));
  const free = [call(iommu_fwspec_free(code))];
  return [
    ...enter,
    ...dev_iommu_fwspec_get(code, 'fs'),
    when(nonNull('fs'), [...leave, set('err', ERR.OK), back]),
    ...(code.undo === 'all-it-made' || code.replay === 'if-absent'
      ? [load('had', 'dev->iommu', 'dev_iommu_present = dev->iommu')]
      : []),
    ...eachEntry(code),
    ...(code.undo === 'all-it-made'
      ? [
          when(failed, [
            when(nonNull('had'), free, [
              load('p', 'dev->iommu', 'dev->iommu?'),
              when(nonNull('p'), [call(dev_iommu_free(code))]),
            ]),
          ]),
        ]
      : [when(failed, free)]),
    ...leave,
    when(succeeded, code.replay === 'if-absent' ? [when(isNull('had'), [replay])] : [replay]),
  ];
}

/**
 * The translation of one client device, and the replay of a probe that the walk may have missed. `nested`: how often a probe of this thread already
 * called it (v6.15).
 */
export function of_iommu_configure(code: Code, nested: Nested): Procedure {
  return procedure(
    'of_iommu_configure',
    FILE,
    'never',
    since(code, '6.11') ? configureByNode(code, nested) : configureWithOps(code),
  );
}

/** of_dma_configure_id() passes -EPROBE_DEFER on and takes every other error of the translation for "no IOMMU". */
const NOT_DEFERRED: Test = { reg: 'err', is: '!=', value: ERR.EPROBE_DEFER };

/**
 * From v6.15 dma_configure() is also called for a device without a driver, by a walk. platform.c reads dev->driver once (95deee37a123, in 6.15.0),
 * amba/bus.c (as cdx/cdx.c) again after the translation.
 *
 * The bus's dma_configure(): of_dma_configure_id() of a device with a device tree node, and from v6.0 the claim on the group's default domain. */
export function dma_configure(code: Code, nested: Nested): Procedure {
  const configured =
    code.bus === 'acpi'
      ? acpi_dma_configure_id(code)
      : procedure('of_dma_configure_id', 'drivers/of/device.c', 'never', [call(of_iommu_configure(code, nested))]);
  // The amba bus has one of its own from v5.19 on (512881eacfa7).
  const { fn, file } = BUSES[code.bus === 'amba' && !since(code, '6.1') ? 'platform' : code.bus];
  const once = code.bus !== 'amba' || code.amba === 'reads dev->driver once';
  if (!since(code, '6.15')) return procedure(fn, file, 'never', [call(configured), ...claim_domain(code)]);
  if (once) {
    return procedure(fn, file, 'never', [
      load('tmp', 'dev->driver', 'drv = READ_ONCE(dev->driver)'),
      // A walk of a device without a driver claims nothing.
      when(isNull('tmp'), [call(configured), back]),
      call(configured),
      ...claim_domain(code),
    ]);
  }
  return procedure(fn, file, 'never', [
    load('tmp', 'dev->driver', 'drv = to_amba_driver(dev->driver)'),
    when(
      isNull('tmp'),
      [
        call(configured),
        when(equals('err', ERR.EPROBE_DEFER), [back]),
        load('tmp', 'dev->driver', 'dev->driver? (read again)'),
        // drv is container_of(NULL): its member lies at a small negative address.
        when(nonNull('tmp'), [
          set('tmp', 0),
          get(null, 'tmp', 'late:amba_driver.driver_managed_dma', 'drv->driver_managed_dma'),
        ]),
        back,
      ],
      [call(configured)],
    ),
    when(equals('err', ERR.EPROBE_DEFER), [back]),
    load('tmp', 'dev->driver', 'dev->driver? (read again)'),
    when(isNull('tmp'), [back]),
    ...claim_domain(code),
  ]);
}

/** iommu_device_use_default_domain(), which leaves the group that it saw in `had`: since b46064a18810 a group without its default domain means that the IOMMU is not done yet. */
function claim_domain(code: Code): readonly Node[] {
  if (code.defaultDomain === 'unchecked') return [];
  return [
    when(NOT_DEFERRED, [
      call(
        procedure('iommu_device_use_default_domain', 'drivers/iommu/iommu.c', 'never', [
          load('had', 'dev->iommu_group', 'group = dev->iommu_group'),
          when(isNull('had'), [back]),
          load('tmp', 'group->default_domain', 'group->default_domain?'),
          when(isNull('tmp'), [set('err', ERR.EPROBE_DEFER)]),
        ]),
      ),
    ]),
  ];
}

/** The client's probe up to its DMA set-up: what binds, and with which DMA operations. */
export function really_probe(code: Code): Procedure {
  // Before v6.15 nothing of the model looks at dev->driver.
  const seen = since(code, '6.15');
  const bind: readonly Node[] = seen ? [store('dev->driver', 1, 'dev->driver = drv')] : [];
  const unbind: readonly Node[] = seen ? [store('dev->driver', 0, 'dev->driver = NULL')] : [];
  return procedure('really_probe', 'drivers/base/dd.c', 'never', [
    ...bind,
    call(dma_configure(code, 'never')),
    when(equals('err', ERR.EPROBE_DEFER), [...unbind, end('deferred')]),
    when(failed, [end('bound-without-iommu')]),
    // Translated but not yet in a group (v6.15): nobody claimed a domain, and nothing says so.
    ...(seen ? [when(isNull('had'), [end('bound-without-iommu')])] : []),
    load('tmp', 'group->default_domain', 'iommu_get_domain_for_dev(dev)'),
    when(nonNull('tmp'), [end('bound-with-iommu')]),
    end('bound-default-domain-missing'),
  ]);
}

/** An era's code with a driver and a client, of one entry unless it is said, whose buses configure DMA by what this file has. */
export function withBuses(code: Omit<Code, 'dma_configure' | 'entries'> & Partial<Pick<Code, 'entries'>>): Code {
  return { entries: [1], ...code, dma_configure };
}
