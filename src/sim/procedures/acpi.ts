/**
 * drivers/acpi/scan.c and what it calls (arm64/iort.c for the SMMUs, viot.c for virtio-iommu): the client's translation where ACPI describes it. Read: 5.10.262,
 * 6.1.192, 6.12.117; from the patches of scan.c that v6.8 to v6.10 ask for the ops once more, and that v6.15 and later replay nothing. It had the race of
 * of_iommu_configure() and got the same lock; but an IOMMU that has not registered leaves no half-made fwspec, and no driver's of_xlate is asked.
 */
import {
  back,
  call,
  ERR,
  failed,
  get,
  isNull,
  load,
  type Node,
  nonNull,
  type Procedure,
  procedure,
  set,
  succeeded,
  when,
} from '../machine/program.ts';
import { dev_iommu_fwspec_get } from './accessors.ts';
import { type Code, type Entry, since } from './code.ts';
import { instanceState, iommu_fwspec_add_ids, iommu_fwspec_init } from './fwspec.ts';
import { aroundXlate } from './lock.ts';
import { iommu_probe_device } from './probe.ts';

const SCAN = 'drivers/acpi/scan.c';
const IORT = 'drivers/acpi/arm64/iort.c';
const VIOT = 'drivers/acpi/viot.c';

/** Drivers whose instances an ACPI table names: IORT the SMMUs, VIOT (from v5.14) virtio-iommu. */
export const IN_ACPI: ReadonlySet<string> = new Set(['arm-smmu', 'arm-smmu-v3', 'virtio-iommu']);

const byViot = (code: Code) => code.driver.name === 'virtio-iommu';
/** To v5.13 IORT did all of it by itself. */
const old = (code: Code) => !since(code, '6.1') && !byViot(code);

/** The fwspec and its id; in 5.10 under IORT's own name. */
function acpi_iommu_fwspec_init(code: Code, entry: Entry): Procedure {
  const [fn, file] = old(code) ? ['arm_smmu_iort_xlate', IORT] : ['acpi_iommu_fwspec_init', SCAN];
  return procedure(fn, file, 'never', [
    call(iommu_fwspec_init(code, entry)),
    when(failed, [back]),
    call(iommu_fwspec_add_ids(code)),
  ]);
}

/** One mapping. To v6.10 nothing is allocated before the IOMMU has registered; then iommu_fwspec_init() sees to that. */
function xlate(code: Code, entry: Entry): Procedure {
  const [fn, file] = byViot(code) ? ['viot_dev_iommu_init', VIOT] : ['iort_iommu_xlate', IORT];
  const lookup: readonly Node[] = since(code, '6.11')
    ? []
    : [
        instanceState(entry, 'listed', 'ops', 'ops = iommu_ops_from_fwnode(fwnode)'),
        when(isNull('ops'), [set('err', ERR.EPROBE_DEFER), back]),
      ];
  return procedure(fn, file, 'usually', [...lookup, call(acpi_iommu_fwspec_init(code, entry))]);
}

function eachMapping(code: Code): readonly Node[] {
  const [first, ...rest] = code.entries.map((entry) => call(xlate(code, entry)));
  return [first!, ...rest.map((next) => when(succeeded, [next]))];
}

/** fwspec ? fwspec->ops : NULL, in `ops` (acpi_iommu_fwspec_ops(), a static inline). */
const fwspecOps = (code: Code): readonly Node[] => [
  ...dev_iommu_fwspec_get(code, 'fs'),
  when(isNull('fs'), [set('ops', 0)], [get('ops', 'fs', 'fwspec.ops', 'ops = fwspec->ops')]),
];

/** The replay: gone with v6.15, whose walks translate themselves. */
function replay(code: Code): readonly Node[] {
  if (since(code, '6.15')) return [];
  const again = call(iommu_probe_device(code));
  if (code.replay === 'always') return [when(succeeded, [again])];
  return [
    when(succeeded, [load('tmp', 'dev->iommu_group', 'device_iommu_mapped(dev)?'), when(isNull('tmp'), [again])]),
  ];
}

/** 5.10 has it all in iort_iommu_configure_id(); then acpi_iommu_configure_id() asks the tables in turn. */
function configure(code: Code): Procedure {
  const [enter, leave] = aroundXlate(code);
  const done = [...leave, set('err', ERR.OK), back];
  const translated: readonly Node[] = since(code, '6.11')
    ? [...dev_iommu_fwspec_get(code, 'fs'), when(nonNull('fs'), done)]
    : [...fwspecOps(code), when(nonNull('ops'), done)];
  // Whether there are ops is asked anew in the end, without the lock: to v6.10, where they are returned and where v6.8 returns a number.
  const reread = since(code, '6.11') ? [] : [when(succeeded, fwspecOps(code))];
  if (old(code)) {
    return procedure('iort_iommu_configure_id', IORT, 'never', [
      ...enter,
      ...translated,
      ...eachMapping(code),
      // iort_named_component_init(): room for its PASIDs, where there is an fwspec.
      when(succeeded, dev_iommu_fwspec_get(code, 'fs')),
      ...reread,
      ...leave,
      ...replay(code),
    ]);
  }
  const [fn, file] = byViot(code) ? ['viot_iommu_configure', VIOT] : ['iort_iommu_configure_id', IORT];
  return procedure('acpi_iommu_configure_id', SCAN, 'usually', [
    ...enter,
    ...translated,
    call(procedure(fn, file, 'never', eachMapping(code))),
    ...leave,
    ...replay(code),
    ...reread,
  ]);
}

/** The counterpart of of_dma_configure_id(): like it, it passes -EPROBE_DEFER on and takes any other error for "no IOMMU". */
export function acpi_dma_configure_id(code: Code): Procedure {
  return procedure('acpi_dma_configure_id', SCAN, 'never', [call(configure(code))]);
}
