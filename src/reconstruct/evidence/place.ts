/**
 * Where in the model a crashing thread was: which thread it is (the client's translation or the registering IOMMU's walk), and whether a step of
 * the model stands at the place that the trace shows. Traces leave out functions that the compiler inlined and leaves that keep no frame;
 * the model knows which functions can be missing.
 */
import type { Incident } from '../../parser/types.ts';
import type { Fault as ModelFault } from '../../sim/explore/graph.ts';
import type { Node, Procedure } from '../../sim/machine/program.ts';
import type { Silhouette } from '../../sim/scenarios.ts';
import { callerByLr } from '../fault/fault.ts';
import { sourceName } from '../fault/symbol.ts';

export type Role = 'client' | 'walk' | 'nested' | 'elsewhere' | 'unknown';

/** What started the crashing thread's probe. */
export type Context = 'deferred-worker' | 'async-worker' | 'module-load' | 'sysfs-bind' | 'initcall' | null;

export interface TracePlace {
  readonly role: Role;
  readonly context: Context;
  /** Function names, innermost first; the caller that only lr shows is put in its place, reporting functions are left out. */
  readonly functions: readonly string[];
  /** Line of each of them. */
  readonly lines: readonly number[];
  /** The trace ends at a thread's entry, so nothing is missing at its outer end. */
  readonly complete: boolean;
}

/** Functions that print a report about the access, above the access itself. */
const REPORTING =
  /^(?:dump_backtrace|show_stack|dump_stack(?:_lvl)?|print_(?:report|address_description)|__asan_\w+|_*kasan_\w+|check_region_inline|__hwasan_\w+)$/;

/** What prints a stack, and what found the reason to: the crashing thread is in whoever stands below. */
const DUMPING =
  /^(?:_*dump_(?:stack|backtrace)\w*|show_stack\w*|unwind_backtrace|walk_stackframe|_*warn(?:_slowpath\w*)?|report_bug|panic|check_preemption_disabled|_*this_cpu_preempt_check|debug_smp_processor_id|_*might_(?:sleep|resched|fault)\w*|__schedule_bug|spin_(?:dump|bug)|rwlock_bug|lockdep_\w+|print_\w*bug|_*ubsan_\w+|slab_err|object_err|print_trailer)$/;

/** Names that changed, to the one that the model uses. */
const RENAMED: ReadonlyMap<string, string> = new Map([['platform_drv_probe', 'platform_probe']]);

/** A thread's entry: below it nothing can be missing. */
const ENTRIES = new Set([
  'ret_from_fork',
  'ret_from_fork_asm',
  'el0t_64_sync',
  'el0_sync',
  'entry_SYSCALL_64_after_hwframe',
  'ret_fast_syscall',
  'ret_from_exception',
]);

/** A function as the model calls it: its source name, and where that changed the one that the model uses. */
export function baseName(symbol: string): string {
  const name = sourceName(symbol);
  return RENAMED.get(name) ?? name;
}

/** Exception entries of arm64 and arm: what stands above one in a trace handles the fault, what stands below made it. */
const FAULT_ENTRY = /^(?:el1h_64_sync|el1_sync|el1_da|el1_abort|__dabt_svc)$/;

/** Vendors' die notifiers dump the stack that they run on: drops what handles the fault from such a trace, down to the function that faulted. */
function aboveFault(found: { fn: string; line: number }[], pc: string): void {
  const entry = found.findIndex((f, i) => FAULT_ENTRY.test(f.fn) && found[i + 1]?.fn === pc);
  if (entry >= 0) found.splice(0, entry + 1);
}

export function placeOf(incident: Incident): TracePlace {
  const found: { fn: string; line: number }[] = [];
  for (const frame of incident.frames) if (frame.reliable) found.push({ fn: baseName(frame.symbol), line: frame.line });
  if (incident.pc !== null) aboveFault(found, baseName(incident.pc.symbol));
  // A trace without its headline may be of such a report.
  if (incident.kind === 'kasan' || incident.kind === 'kfence' || incident.kind === 'other')
    while (found.length > 0 && REPORTING.test(found[0]!.fn)) found.shift();
  else if (incident.pc && found[0]?.fn !== baseName(incident.pc.symbol)) {
    found.unshift({ fn: baseName(incident.pc.symbol), line: incident.pc.line });
  }
  if (incident.pc === null) while (found.length > 1 && DUMPING.test(found[0]!.fn)) found.shift();
  // A leaf without a frame of its own: its caller stands in lr only.
  const caller = callerByLr(incident);
  const hasOwnStack = incident.kind === 'kasan' || incident.kind === 'kfence';
  const lr = caller && !hasOwnStack ? { fn: baseName(caller.symbol), line: caller.line } : null;
  // A trace of arm64 begins with the pc's own place: that line lost, the one below is still its caller.
  const inner = incident.pc !== null || incident.arch === 'arm64';
  if (lr && inner && found.length > 0 && lr.fn !== found[0]!.fn && found[1]?.fn !== lr.fn) found.splice(1, 0, lr);
  const functions = found.map((f) => f.fn);
  return {
    role: roleOf(functions),
    context: contextOf(functions, incident.workqueue),
    functions,
    lines: found.map((f) => f.line),
    complete: functions.some((f) => ENTRIES.has(f)),
  };
}

/** device_add() of the client notifies the IOMMU core, which probes it as a walk does. */
export const NOTIFIER = 'iommu_bus_notifier';

const WALK = ['probe_iommu_group', 'bus_iommu_probe', 'iommu_device_register', 'bus_set_iommu', NOTIFIER];

/** The client's translation: by device tree, or by ACPI (5.10 has it in IORT's own function; later compilers merge it into acpi_dma_configure_id()). */
const CONFIGURE: ReadonlySet<string> = new Set([
  ...['of_iommu_configure', 'acpi_iommu_configure_id', 'iort_iommu_configure_id', 'viot_iommu_configure'],
  'acpi_dma_configure_id',
]);

/** What the two threads are told apart by. */
export const PLACING: readonly string[] = [
  ...WALK,
  ...CONFIGURE,
  ...['of_iommu_xlate', 'of_dma_configure_id', '__iommu_probe_device', 'iommu_probe_device'],
];

/** Is it one of the core's functions that say which of the two threads it is? None of them is ever in a module. */
export function isPlacing(fn: string): boolean {
  return CONFIGURE.has(fn) || WALK.includes(fn);
}

function roleOf(functions: readonly string[]): Role {
  if (functions.length === 0) return 'unknown';
  const configure = functions.findIndex((f) => CONFIGURE.has(f));
  const walk = functions.findIndex((f) => WALK.includes(f));
  // From v6.15 the walk itself configures DMA: the translation then runs inside the registration, in one thread.
  if (configure >= 0 && walk > configure) return 'nested';
  if (configure >= 0) return 'client';
  if (walk >= 0) return 'walk';
  return 'elsewhere';
}

function contextOf(functions: readonly string[], workqueue: string | null): Context {
  const has = (...names: readonly string[]) =>
    names.some((n) => functions.includes(n) || (workqueue?.includes(n) ?? false));
  if (has('deferred_probe_work_func')) return 'deferred-worker';
  if (has('async_run_entry_fn')) return 'async-worker';
  if (has('bind_store')) return 'sysfs-bind';
  if (has('do_init_module', 'load_module', '__do_sys_init_module', '__do_sys_finit_module', 'init_module_from_file'))
    return 'module-load';
  if (has('do_initcalls', 'kernel_init_freeable', 'do_initcall_level')) return 'initcall';
  return null;
}

/** Functions into which a step hands a pointer that it loaded: a garbage pointer faults there, one or more frames deeper. */
function calleesOf(node: Node): RegExp | null {
  if (node.op === 'free')
    return /^(?:k?free|kfree_\w+|__k\w*free\w*|slab_free\w*|__slab_free|do_slab_free|free_to_partial_list|object_err|kasan_\w+|___?cache_free|free_debug_processing|slab_fix)$/;
  if (node.op !== 'get') return null;
  switch (node.field) {
    case 'fwspec.iommu_fwnode':
      return /^(?:fwnode_handle_put|of_fwnode_put|of_node_put|software_node_put|kobject_put|is_software_node|refcount_\w+)$/;
    case 'iommu_device.dev':
      return /^(?:sysfs_\w+|kernfs_\w+|_?raw_spin_lock\w*|down_read|kobject_\w+)$/;
    case 'fwspec.num_ids':
      // A garbage count makes krealloc() ask for an absurd size, and the page allocator warns.
      return /^(?:krealloc\w*|__do_krealloc|__?kmalloc\w*|kmalloc_\w+|__?alloc_(?:pages|frozen_pages)\w*)$/;
    case 'late:device.devres_lock':
      return /^(?:devm_k\w+|devres_\w+|add_dr|_?raw_spin_lock\w*|queued_spin_lock_slowpath|do_raw_spin_lock|__lock_acquire|lock_acquire)$/;
    case 'late:arm_smmu_device.dev':
      return /^(?:__pm_runtime_\w+|pm_runtime_\w+|rpm_\w+|arm_smmu_rpm_get)$/;
    default:
      return null;
  }
}

/** Accesses that are a callee's own, and that is never inlined (devm_kmalloc() of the rockchip driver's NULL dma_dev): the caller's own code does not fault there. */
const IN_CALLEE: ReadonlySet<string> = new Set(['late:device.devres_lock']);

type Stops = Silhouette['stops'][number];

/** Functions of a thread's procedures; a thread is in many scenarios. */
const universes = new WeakMap<Stops, ReadonlySet<string>>();

function universeOf(stops: Stops): ReadonlySet<string> {
  let names = universes.get(stops);
  if (!names) {
    const found = new Set<string>();
    let last: readonly Procedure[] | null = null;
    for (const { place } of stops) {
      if (place.stack === last) continue;
      last = place.stack;
      for (const { inline, fn } of last) if (inline !== 'accessor') found.add(fn);
    }
    names = found;
    universes.set(stops, names);
  }
  return names;
}

/** A header's static inlines, and dev_iommu_get(): built for size (-Os) they can stand on their own, and are their caller's step all the same. */
const ACCESSORS: ReadonlySet<string> = new Set([
  ...['dev_iommu_priv_get', 'dev_iommu_priv_set', 'dev_iommu_fwspec_get', 'dev_iommu_fwspec_set'],
  ...['dev_iommu_get', 'dev_iommu_ops'],
]);

/** Outer frames differ with bus and starter; the alignment ends with the function that both threads are told apart by. */
const ANCHORS = new Set([
  'of_iommu_configure',
  'acpi_dma_configure_id',
  'iommu_device_register',
  'bus_set_iommu',
  NOTIFIER,
]);

/** Does the trace stand at this faulting step of the model? */
export function standsAt(
  place: TracePlace,
  { threads, stops }: Silhouette,
  fault: Pick<ModelFault, 'thread' | 'stop'>,
): boolean {
  if (threads[fault.thread]!.role !== place.role) return false;
  const { node, stack } = stops[fault.thread]![fault.stop]!.place;
  const trace = traceIn(place, stops);
  if (trace === null) return false;
  const { deeper, functions } = trace;
  if (deeper.length > 0) {
    const callees = calleesOf(node);
    if (!(callees && deeper.every((f) => callees.test(f)))) return false;
  } else if (node.op === 'get' && IN_CALLEE.has(node.field)) return false;
  return aligned(
    stack.filter((p) => p.inline !== 'accessor'),
    functions,
  );
}

/** What of a trace can be held against a scenario: its functions, and those that its innermost one of them calls. */
interface Trace {
  readonly deeper: readonly string[];
  readonly functions: readonly string[];
}

/** The one that was asked for last: all stops of a scenario are asked about in a row. */
let latest: { readonly place: TracePlace; readonly stops: Silhouette['stops']; readonly trace: Trace | null } | null =
  null;

/** Null where no function of the trace is the scenario's. */
function traceIn(place: TracePlace, stops: Silhouette['stops']): Trace | null {
  if (latest?.place !== place || latest.stops !== stops) {
    // All that can align a trace with it: functions of all threads.
    const universes = stops.map(universeOf);
    const inModel = (fn: string) => universes.some((names) => names.has(fn));
    const seen = place.functions.filter((f) => inModel(f) || !ACCESSORS.has(f));
    const first = seen.findIndex(inModel);
    const trace = first < 0 ? null : { deeper: seen.slice(0, first), functions: seen.filter(inModel) };
    latest = { place, stops, trace };
  }
  return latest.trace;
}

/** The model's stack against the trace's, innermost first: only functions that compilers inline, or that jump to what they call last, may be missing. */
function aligned(stack: readonly Procedure[], trace: readonly string[]): boolean {
  let at = 0;
  for (const [i, procedure] of stack.entries()) {
    // The trace was cut at its outer end: what is left of it agrees.
    if (at === trace.length) return at > 0;
    if (procedure.fn === trace[at]) at++;
    else if (procedure.inline !== 'usually' && !(i > 0 && endsIn(procedure, stack[i - 1]!))) return false;
    if (ANCHORS.has(procedure.fn)) return true;
  }
  return true;
}

/** Is the call of `inner` the last thing that a function does ("return iommu_fwspec_add_ids(...)")? It is then a jump, and leaves no frame of the caller. */
function endsIn(procedure: Procedure, inner: Procedure): boolean {
  const last = procedure.body.at(-1);
  return last?.op === 'call' && last.procedure.fn === inner.fn;
}
