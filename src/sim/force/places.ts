/**
 * Where in a running kernel a thread of the model can be stopped: what a step of the model is in the kernel's machine code. Nothing of a patch is needed
 * for it: dev->iommu is accessed by its offset in struct device, calls go to functions that have a symbol, and functions begin somewhere.
 */
import type { Machine, Stop } from '../machine/machine.ts';
import type { Node, Procedure } from '../machine/program.ts';
import { withBuses } from '../procedures/of_iommu.ts';
import type { SetUp } from '../scenarios.ts';

export type Member = 'iommu' | 'iommu_group';

/** One way to find the place: an instruction of a function, the `nth` that the thread comes to since it entered the function. */
export type Place =
  | { readonly event: 'entry'; readonly fn: string; readonly nth: number }
  | { readonly event: 'load' | 'store'; readonly fn: string; readonly member: Member; readonly nth: number }
  | { readonly event: 'call'; readonly fn: string; readonly callee: string; readonly nth: number }
  /** The thread is through: behind the return of what it entered first. */
  | { readonly event: 'return'; readonly fn: string; readonly nth: number };

type Event = Pick<Place, 'event'> & { readonly member?: Member; readonly callee?: string };

/** What a thread enters first of what can be told apart: the translation of a client, the registration of an IOMMU. */
export const TOP = { client: 'of_iommu_configure', walk: 'iommu_device_register' } as const;

/** Functions that are called for each device of the walk, with the device as their first argument. */
const PER_DEVICE: ReadonlySet<string> = new Set(['probe_iommu_group', 'add_iommu_group']);

/** The machine's own view of a step, in words of instructions; null: it is none that could be told from others. */
function eventOf(node: Node): Event | null {
  switch (node.op) {
    case 'load':
      if (node.from === 'dev->iommu') return { event: 'load', member: 'iommu' };
      if (node.from === 'dev->iommu_group')
        return node.text.includes('iommu_group_get(')
          ? { event: 'call', callee: 'iommu_group_get' }
          : { event: 'load', member: 'iommu_group' };
      // driver_find_device_by_fwnode() is a header's inline.
      if (/^bound\d/.test(node.from) && node.text.includes('_get_by_fwnode('))
        return { event: 'call', callee: 'driver_find_device' };
      return node.text.includes('iommu_ops_from_fwnode(') ? { event: 'call', callee: 'iommu_ops_from_fwnode' } : null;
    case 'store':
      return node.to === 'dev->iommu' ? { event: 'store', member: 'iommu' } : null;
    case 'free':
      return { event: 'call', callee: 'kfree' };
    case 'get':
      return node.text.startsWith('fwnode_handle_put(') ? { event: 'call', callee: 'fwnode_handle_put' } : null;
    case 'claim':
      return { event: 'call', callee: 'sysfs_create_link' };
    default:
      return null;
  }
}

const same = (a: Event | null, b: Event): boolean =>
  a !== null && a.event === b.event && a.member === b.member && a.callee === b.callee;

/** A driver's functions by their members of iommu_ops, "@of_xlate": their names may be another driver's too. */
export type DriverNames = ReadonlyMap<string, string>;

export function namesOf({ driver, era, lock, granularity, scenario, iommus }: SetUp): DriverNames {
  const code = withBuses({
    ...{ ...era, lock: lock ?? era.lock, granularity, driver, bus: scenario.bus ?? 'platform', devices: 1 },
    entries: scenario.entries ?? (iommus === 2 ? [1, 1] : [1]),
  });
  const members = {
    '@of_xlate': driver.of_xlate(code),
    '@probe_device': driver.probe_device(code),
    '@device_group': driver.device_group?.(code) ?? null,
    '@release_device': driver.release_device?.(code) ?? null,
  };
  // device_group() may be one of the core's, which has a name of its own.
  return new Map(
    Object.entries(members).flatMap(([member, of]) => (of?.file === driver.file ? [[of.fn, member] as const] : [])),
  );
}

/** Frames between a step and the innermost function that surely has a symbol, itself included; header inlines have none. */
function symbols(stack: readonly Procedure[]): readonly Procedure[] {
  const last = stack.findIndex((p) => p.inline === 'never');
  return stack.slice(0, last + 1).filter((p) => p.inline !== 'accessor');
}

/** Was the step's instruction in `fn` itself, with what compilers inline into it, rather than in a function that it called? */
function inItself({ place }: Stop, fn: Procedure): boolean {
  const at = place.stack.indexOf(fn);
  return at >= 0 && place.stack.slice(0, at).every((p) => p.inline !== 'never');
}

/**
 * The ways to stop `thread` right before its stop `at`, the surest first; empty: none. `before`: the stops that it took until there. `names`: the driver's
 * functions by their members of iommu_ops.
 */
export function placesOf(
  setUp: SetUp,
  machine: Machine,
  thread: number,
  at: number,
  before: readonly number[],
  names: DriverNames,
): readonly Place[] {
  const stops = machine.stops[thread]!;
  const stop = stops[at]!;
  const { role } = machine.threads[thread]!;
  const { stack, node } = stop.place;
  const top = stack.findIndex((p) => p.fn === TOP[role] || p.fn === 'bus_set_iommu');
  if (node.op === 'end')
    return [
      {
        event: 'return',
        fn: setUp.era.walk === 'bus_set_iommu' && role === 'walk' ? 'bus_set_iommu' : TOP[role],
        nth: 1,
      },
    ];
  if (top < 0) return [];
  const name = (p: Procedure) => names.get(p.fn) ?? p.fn;
  const within = (fn: Procedure) => {
    const since = before.findLastIndex((i) => !stops[i]!.place.stack.includes(fn));
    return before.slice(since + 1).map((i) => stops[i]!);
  };
  const places: Place[] = [];
  const allocation = allocationBefore(stops, at);
  if (allocation !== null) {
    // Compilers may merge the loads that come before it, as no call stands between those.
    const made = within(allocation).filter(
      (s) => s.place.node.op === 'store' && s.place.node.to === 'dev->iommu',
    ).length;
    places.push({ event: 'call', callee: 'kmalloc', fn: name(allocation), nth: 1 + made });
  }
  const event = eventOf(node);
  if (event !== null)
    for (const fn of symbols(stack)) {
      const nth = 1 + within(fn).filter((s) => inItself(s, fn) && same(eventOf(s.place.node), event)).length;
      places.push({ ...event, fn: name(fn), nth } as Place);
    }
  const entered = stack.slice(0, top + 1).find((p) => p.inline === 'never');
  if (entered !== undefined && within(entered).length === 0) places.push({ event: 'entry', fn: name(entered), nth: 1 });
  return places;
}

/**
 * The function that allocates an fwspec right before this step, where it does: iommu_fwspec_init() between dev_iommu_get() and dev_iommu_fwspec_set(). An
 * allocation is no step of the model, so that the call of it and the load behind it are one place.
 */
function allocationBefore(stops: readonly Stop[], at: number): Procedure | null {
  const [load, store] = [stops[at]!.place, stops[at + 1]?.place];
  if (load.node.op !== 'load' || load.node.from !== 'dev->iommu') return null;
  if (store?.node.op !== 'put' || store.node.field !== 'dev_iommu.fwspec' || store.node.value === 0) return null;
  const fn = load.stack.find((p) => p.fn === 'iommu_fwspec_init');
  return fn !== undefined && fn === store.stack.find((p) => p.fn === 'iommu_fwspec_init') ? fn : null;
}

/** Is the walk at the client there, and not at some other device of the bus? */
export function isAtClient(machine: Machine, thread: number, at: number): boolean {
  return machine.stops[thread]![at]!.place.stack.some((p) => PER_DEVICE.has(p.fn));
}
