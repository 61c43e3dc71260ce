/**
 * A report of which the capture lost the part that says what crashed: nothing can be told of it, where what is left could still be the race's. What is left of
 * something else is still something else.
 */

import type { Incident } from '../../parser/types.ts';
import { LEAVES } from '../../sim/layouts/accesses.ts';
import { plural } from '../../words.ts';
import type { Claim } from '../types.ts';
import type { Case } from './case.ts';
import { some, stack } from './phrases.ts';

/** What is lost, or null where the report says enough to be held against the model. */
export function lostOf(crash: Case): Claim | null {
  const { incident, place } = crash;
  if (place.role === 'nested') return null;
  if (incident.kind === 'panic') return panicAlone(crash);
  if (incident.kind === 'other') return traceAlone(crash);
  if (incident.kind === 'oops' || incident.kind === 'kasan' || incident.kind === 'kfence' || incident.kind === 'bug') {
    if (place.functions.length === 0)
      return { text: 'the report ends before it says which function faulted', lines: some([incident.lastLine]) };
    return headLost(crash) ?? callerLost(crash) ?? endLost(crash);
  }
  return null;
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

/** The report begins inside its trace: the rest shows what had called the functions that are lost. */
function headLost({ incident, place }: Case): Claim | null {
  if (incident.kind !== 'oops' || incident.kasan !== null || incident.pc !== null) return null;
  if (incident.at.trace !== undefined && TRACE_HOLDS_PC.has(incident.arch)) return null;
  if (!BELOW.test(place.functions[0]!)) return null;
  return {
    text: `the report begins inside its call trace, at ${stack(place, 1)}: what that had called, and which function faulted, is not known`,
    lines: some([place.lines[0]]),
  };
}

/** A leaf keeps no frame: its caller stood in lr, and that line is lost. */
function callerLost({ incident, place, fault }: Case): Claim | null {
  if (incident.kind !== 'oops' || incident.lr !== null) return null;
  // Where there is no link register, the trace has the caller.
  if (incident.pc !== null && incident.arch !== 'arm64') return null;
  // A member of a NULL struct device: further out in the trace stands who handed that down.
  if (fault.fields.some((f) => f.startsWith('device.'))) return null;
  if (place.role !== 'client' && place.role !== 'walk') return null;
  if (!LEAVES.some((l) => l.leaf.test(place.functions[0]!))) return null;
  return {
    text: `the lr line of the report is lost: what called ${place.functions[0]}(), which keeps no frame, is not known`,
    lines: some([place.lines[0]]),
  };
}

const NEAR =
  /_of_xlate$|^(?:iommu_fwspec_|dev_iommu_|of_iommu_|__iommu_probe_device|iommu_device_link|fwnode_handle_put|kfree|devm_kmalloc|_raw_spin_lock)/;

/** A trace that ends before it says which thread it was, at a function that the model has. */
function endLost({ incident, place, fault }: Case): Claim | null {
  const { functions } = place;
  if (place.role !== 'elsewhere' || place.complete) return null;
  const named = functions.length > 2 ? NEAR.test(functions.at(-1)!) : functions.some((f) => NEAR.test(f));
  // An address that is cut may have been any, in anything that the threads of the race call.
  const anything = fault.fields.length > 0 || incident.cuts.some((c) => c.what === 'address');
  if (!named && (functions.length > 1 || !anything)) return null;
  return {
    text: `the report ends at ${stack(place, functions.length)}, before it says which thread this was`,
    lines: some([place.lines.at(-1)]),
  };
}

/** What panic() says when a report before it is what happened (die(), make_task_dead() of init, kasan's and warn's end_report()). */
const ENDS_A_REPORT = [
  'Oops',
  'Fatal exception',
  'KASAN',
  'kasan.fault=panic set',
  'panic_on_warn set',
  'Attempted to kill init!',
];
/** Of init: died of SIGSEGV, as after an oops. */
const OTHER_EXIT = /exitcode=0x(?!0000000b)[0-9a-f]{8}/;

/** A panic that only ends a report: the capture lost the report. */
function panicAlone({ log, incident, place }: Case): Claim | null {
  const why = /^kernel panic:? ?(.*)$/.exec(incident.title)?.[1] ?? null;
  // The line itself may be cut.
  if (why === null || !ENDS_A_REPORT.some((end) => why.startsWith(end) || end.startsWith(why))) return null;
  if (OTHER_EXIT.test(log.lineText(incident.span.line) ?? '')) return null;
  if (place.functions.length > 0 && place.role !== 'client' && place.role !== 'walk') return null;
  return { text: 'the panic ends a report that is not in the log', lines: [incident.span.line] };
}

/** A trace with neither headline nor registers: an oops, a warning or a dump_stack(). */
function traceAlone({ incident, place }: Case): Claim | null {
  if (!isBareTrace(incident)) return null;
  const [first] = place.functions;
  if (first === undefined) return { text: 'what is left of the report names no function', lines: [incident.span.line] };
  const within = place.role === 'client' || place.role === 'walk';
  if (!NEAR.test(first) && !(within && BELOW.test(first))) return null;
  if (!within && place.complete) return null;
  const n = place.functions.length;
  return {
    text: `of the report only ${plural(n, 'function')} of its trace ${n === 1 ? 'is' : 'are'} left: what it reported is not known`,
    lines: some([place.lines[0]]),
  };
}

export function isBareTrace(incident: Incident): boolean {
  return incident.kind === 'other' && incident.title.startsWith('Internal error in ');
}

/**
 * printk dropped lines inside the report: functions of its trace may be missing, so that what is left looks like another caller's. Null where nothing was lost,
 * or where what is left is no part of either thread's stacks.
 */
export function lossInside({ log, incident, place }: Case): Claim | null {
  const loss = log.losses.find((l) => l.line > incident.span.line && l.line < incident.lastLine);
  if (loss === undefined) return null;
  const first = place.functions[0];
  const inOurs = place.role !== 'elsewhere' && place.role !== 'unknown';
  if (!inOurs && !place.functions.some((f) => NEAR.test(f)) && !(first !== undefined && BELOW.test(first))) return null;
  return {
    text: `lines of the report were lost (line ${loss.line}): functions of its call trace may be missing`,
    lines: [loss.line],
  };
}
