/**
 * The model as a tracer sees it: the same procedures, with a step of its own at the entry of each traced function, so that everything that other
 * threads can do between an entry and the first access behind it stays possible. Marks are steps too: places where the kernel does for other
 * devices what the model does for its one client.
 */

import { Machine, type Memory, type ThreadProgram } from '../machine/machine.ts';
import {
  back,
  call,
  ERR,
  end,
  type Node,
  type Procedure,
  print,
  procedure,
  succeeded,
  when,
} from '../machine/program.ts';
import { type Code, since } from '../procedures/code.ts';
import { really_probe } from '../procedures/of_iommu.ts';
import { iommu_driver_probe } from '../procedures/register.ts';
import { leftByDeferral } from '../scenarios.ts';

/** One registration, of the client's own IOMMU (1) or of another instance (2), or one probe of the client. */
export type Attempt = { readonly role: 'client' } | { readonly role: 'walk'; readonly instance: 1 | 2 };

/** What the driver core's probe is called by (drivers/base/dd.c; __driver_probe_device since v5.14). */
export const PROBE_CALLERS: readonly string[] = ['__driver_probe_device', 'driver_probe_device'];

/** The entry of a traced function at a stop. */
export interface Entry {
  readonly fn: string;
  readonly parents: ReadonlySet<string>;
  /** Inside the visit of the client by the bus walk. */
  readonly visit: boolean;
  readonly binds: boolean;
}

/**
 * 'devices': the walk goes over other devices of the bus before and after the client. 'buses': and over other buses before and after the client's.
 * 'probe': a driver's probe function runs, which may add devices that are probed at once.
 */
export type Mark = 'devices' | 'buses' | 'probe';

export interface Traced {
  readonly machine: Machine;
  /** By thread and stop: the entry that the step is, the mark, and the attempt (index in its lane). */
  readonly entries: readonly (readonly (Entry | null)[])[];
  readonly marks: readonly (readonly (Mark | null)[])[];
  readonly attempts: readonly (readonly number[])[];
  readonly lanes: readonly (readonly Attempt[])[];
  readonly leftByDeferral: boolean;
}

export interface TracedOptions {
  readonly code: Code;
  /** Functions that are recorded when they are entered. */
  readonly alphabet: ReadonlySet<string>;
  /** What each thread of the model does, one after the other. */
  readonly lanes: readonly (readonly Attempt[])[];
  /** "iommus" entries of the client, each translated by a call of of_iommu_xlate(). */
  readonly phandles: number;
  readonly memory: Memory;
  readonly leftByDeferral: boolean;
}

const ENTRY = 'entry ';
const MARK = 'mark ';
/** Ids of objects have three bits. */
const MOST_OBJECTS = 7;

export function traced(options: TracedOptions): Traced {
  const { code, lanes } = options;
  const tops: Procedure[][] = [];
  const threads = lanes.map((lane): ThreadProgram => {
    const parts = lane.map((attempt, i) => {
      const own = attempt.role === 'client' ? really_probe(code) : iommu_driver_probe(code, attempt.instance);
      return new Rewriting(options, attempt.role, i === lane.length - 1).procedure(own);
    });
    tops.push(parts);
    const { role } = lane[0]!;
    // Every attempt but the last comes back here; the last one ends the thread.
    const top = procedure(`(${role})`, '', 'never', [...parts.map(call), end('deferred')]);
    return { name: role === 'client' ? 'client probe' : 'IOMMU registration', role, top };
  });
  const machine = new Machine({
    threads,
    heap: { dev_iommu: MOST_OBJECTS, fwspec: MOST_OBJECTS, cfg: MOST_OBJECTS },
    memory: options.memory,
    initially: {
      because: null,
      values: options.leftByDeferral && !since(code, '6.11') ? leftByDeferral(1) : [],
    },
    privIsAllocated: code.driver.privIsAllocated,
    watchOverlap: false,
  });
  const message = (node: Node) => (node.op === 'print' ? node.message : '');
  return {
    machine,
    lanes,
    leftByDeferral: options.leftByDeferral,
    entries: machine.stops.map((stops) => stops.map(({ place }) => entryOf(message(place.node), place.stack))),
    marks: machine.stops.map((stops) => stops.map(({ place }) => markOf(message(place.node)))),
    attempts: machine.stops.map((stops, t) =>
      stops.map(({ place }) => {
        const at = tops[t]!.findIndex((top) => place.stack.includes(top));
        return at < 0 ? tops[t]!.length : at;
      }),
    ),
  };
}

function entryOf(message: string, stack: readonly Procedure[]): Entry | null {
  if (!message.startsWith(ENTRY)) return null;
  const [fn = '', parent] = message.slice(ENTRY.length).split('<-');
  // Inlined callers have no frame, and a tail call leaves none: any function of the stack may be the return address's.
  const around = stack.map((p) => p.fn).slice(stack[0]!.fn === fn ? 1 : 0);
  const parents = parent === undefined ? (fn === 'really_probe' ? PROBE_CALLERS : around) : [parent];
  return {
    fn,
    parents: new Set(parents),
    visit: stack.some((p) => p.fn === 'probe_iommu_group'),
    binds: fn === 'driver_bound',
  };
}

function markOf(message: string): Mark | null {
  return message.startsWith(MARK) ? (message.slice(MARK.length) as Mark) : null;
}

/** Writes entries and marks into one attempt's procedures. */
class Rewriting {
  constructor(
    private readonly options: TracedOptions,
    private readonly role: 'client' | 'walk',
    private readonly last: boolean,
  ) {}

  procedure(own: Procedure): Procedure {
    const body = own.body.flatMap((node) => this.node(node, own));
    return procedure(own.fn, own.file, own.inline, [...this.entry(own.fn, own.inline !== 'accessor'), ...body]);
  }

  private entry(fn: string, has = true, parent?: string): readonly Node[] {
    if (!has || !this.options.alphabet.has(fn)) return [];
    return [print(ENTRY + fn + (parent === undefined ? '' : `<-${parent}`))];
  }

  private node(node: Node, within: Procedure): readonly Node[] {
    switch (node.op) {
      case 'call':
        return this.call(node.procedure);
      case 'if': {
        const branch = (nodes: readonly Node[]) => nodes.flatMap((n) => this.node(n, within));
        return [when(node.test, branch(node.then), branch(node.else))];
      }
      case 'set':
        // Without ops the translation asks the driver core whether to wait for them.
        if (node.dst === 'err' && node.value === ERR.EPROBE_DEFER && ASKS.has(within.fn))
          return [...this.entry('driver_deferred_probe_check_state'), node];
        return [node];
      case 'store':
        // driver_bound() is what the store stands for.
        if (node.to === 'bound1' || node.to === 'bound2') return [...this.bound(), node];
        return [node];
      case 'end':
        if (this.role === 'client' && node.result.startsWith('bound-')) return [...this.bound(), node];
        if (!this.last && (node.result === 'deferred' || node.result === 'registered')) return [back];
        return [node];
      default:
        return [node];
    }
  }

  private bound(): readonly Node[] {
    return [mark('probe'), ...this.entry('driver_bound', true, 'really_probe')];
  }

  private call(callee: Procedure): readonly Node[] {
    const { code, phandles } = this.options;
    const inner = call(this.procedure(callee));
    switch (callee.fn) {
      case 'of_iommu_xlate': {
        let nodes: readonly Node[] = [inner];
        for (let i = 1; i < phandles; i++) nodes = [inner, when(succeeded, nodes)];
        return nodes;
      }
      case 'probe_iommu_group':
        return [mark('devices'), inner, mark('devices')];
      case 'bus_iommu_probe':
        return code.walk === 'register' ? [mark('buses'), inner, mark('buses')] : [inner];
      case 'bus_set_iommu':
        return [mark('buses'), inner, mark('buses')];
      case 'iommu_device_register':
        return [mark('probe'), inner];
      case 'platform_probe':
        // The IOMMU is a device of its bus too, without an IOMMU; virtio's bus has no dma_configure().
        return code.driver.name === 'virtio-iommu'
          ? [inner]
          : [...this.entry('of_iommu_configure', true, 'of_dma_configure_id'), inner];
      default:
        return [inner];
    }
  }
}

/** Where driver_deferred_probe_check_state() is called: of_iommu_xlate(), since v6.15 also iommu_fwspec_init(). */
const ASKS: ReadonlySet<string> = new Set(['of_iommu_xlate', 'iommu_fwspec_init']);

const mark = (what: Mark): Node => print(MARK + what);
