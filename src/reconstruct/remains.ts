/** What kind of report a crash left, and how much of it: whether there is enough to compare with the model, and with which memory. */
import type { Incident } from '../parser/types.ts';
import type { Case } from './case.ts';
import type { TracePlace } from './place.ts';

/** Reports whose subject is an access to memory, or a free that SLUB refused. */
export function isMemoryFault(incident: Incident): boolean {
  return incident.kind === 'oops' || incident.kind === 'kasan' || incident.kind === 'kfence' || incident.kind === 'bug';
}

/** A warning that a stale object can cause: krealloc() of a freed fwspec with whatever its count is by now. */
export function isAftermath(incident: Incident, place: TracePlace): boolean {
  const at = place.functions.indexOf('iommu_fwspec_add_ids');
  return incident.kind === 'warning' && at > 0 && place.functions.slice(0, at).some((f) => f.startsWith('krealloc'));
}

/** Neither the address nor the Code: line is left: the place fits, and what was accessed there cannot be compared. */
export function accessLost({ incident, fault }: Case): boolean {
  return incident.kind === 'oops' && incident.kasan === null && fault.address === null && fault.fields.length === 0;
}

/** Architectures whose trace begins with the function that faulted; on others that stands in the pc's line alone. */
const TRACE_HOLDS_PC: ReadonlySet<string | null> = new Set(['arm64', 'arm', 'riscv', null]);

/**
 * Functions that the translation and a registration's walk run in, or below: what the lost inner end of their trace called can have been either. Of anything
 * else the model knows no callee.
 */
const BELOW = new RegExp(
  `^(?:${[
    '\\w+_of_xlate|\\w+_probe_device|of_iommu_\\w+|iommu_fwspec_\\w+|dev_iommu_\\w+|iommu_(?:device_register|device_link|init_device|probe_device)',
    'probe_iommu_group|bus_iommu_probe|bus_set_iommu|(?:of|platform|pci|amba|host1x|fsl_mc)_dma_configure\\w*',
    '\\w+_probe|\\w+_init|really_probe|__?driver_\\w+|driver_\\w+|\\w*device_attach\\w*|device_\\w+|bus_\\w+|__?platform_\\w+|platform_\\w+',
    'deferred_probe_\\w+|async_\\w+|process_\\w+|worker_thread|kthread|ret_from_\\w+|kernel_init\\w*|do_one_initcall|do_initcall\\w*|do_init_module|load_module',
    '(?:un)?bind_store|drv_attr_store|sysfs_\\w+|kernfs_\\w+|vfs_\\w+|new_sync_write|ksys_\\w+|__(?:arm64|do|se)_sys_\\w+|invoke_syscall|el0\\w+|do_el0_svc',
  ].join('|')})$`,
);

/** The report begins inside its trace, so that the functions of its inner end are not known: the rest shows what had called them. */
export function headLost({ incident, place }: Case): boolean {
  if (incident.kind !== 'oops' || incident.kasan !== null || incident.pc !== null) return false;
  if (incident.at.trace !== undefined && TRACE_HOLDS_PC.has(incident.arch)) return false;
  return BELOW.test(place.functions[0] ?? '');
}

/** A trace that ends before it says which thread it was, at a function that the model has: it could still be the race. */
export function mayBeCut({ place, fault, incident }: Case): boolean {
  if (incident.frames.length > 2) return false;
  const near =
    /_of_xlate$|^(?:iommu_fwspec_|dev_iommu_|of_iommu_|__iommu_probe_device|iommu_device_link|fwnode_handle_put|kfree|devm_kmalloc|_raw_spin_lock)/;
  return (
    place.functions.slice(0, 2).some((f) => near.test(f)) || (place.functions.length < 2 && fault.fields.length > 0)
  );
}

/** A kernel with KASAN stops at its first bad access; without, and after a first report, use-after-free goes on silently. */
export function memoryOf({ log, incident }: Case): 'kasan' | 'plain' {
  if (incident.kasan) return 'kasan';
  const reports = log.incidents.filter((i) => i.kasan);
  const before = reports.some((i) => i.span.line < incident.span.line && !/null-ptr-deref/.test(i.kasan!.bug));
  return reports.length > 0 && !before ? 'kasan' : 'plain';
}
