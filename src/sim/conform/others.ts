/**
 * What the same functions do for other devices, as a tree of calls: devices without "iommus", and further clients that meet no race. Both come from
 * the model's own code: the first from a probe_device() that turns the device down, the second from a client that runs undisturbed at each point of
 * a registration.
 */

import type { Machine, State } from '../machine/machine.ts';
import { back, ERR, type Procedure, procedure, set } from '../machine/program.ts';
import type { Driver } from '../procedures/code.ts';
import { type Attempt, type Entry, PROBE_CALLERS, type Traced, type TracedOptions, traced } from './traced.ts';

export interface Node {
  /** Names the node in the keys of the search. */
  readonly id: number;
  readonly next: Map<string, Edge>;
  /** The device's probe, or its visit, may be over here as far as these functions go; its driver then may bind. */
  final: 'no' | 'late' | 'any';
  binds: boolean;
}

export interface Edge {
  readonly fn: string;
  readonly to: Node;
  readonly parents: Set<string>;
  /** Only a client of an IOMMU does this. */
  client: boolean;
  /** And only when some IOMMU is registered (probes), or after it was translated (visits). */
  late: boolean;
}

export interface Others {
  /** Probes of other devices. */
  readonly probe: Node;
  /** Visits of other devices by a walk. */
  readonly visit: Node;
  /** From a registration to the visits of another bus. */
  readonly bus: Node;
}

type Step = Pick<Entry, 'fn' | 'parents'>;

let ids = 0;

function node(): Node {
  return { id: ++ids, next: new Map(), final: 'no', binds: false };
}

type Who = { readonly client: boolean; readonly late: boolean; readonly binds: boolean };
const DEVICE: Who = { client: false, late: false, binds: false };

function add(root: Node, steps: readonly Step[], { client, late, binds }: Who): void {
  let at = root;
  for (const { fn, parents } of steps) {
    const edge = at.next.get(fn) ?? { fn, to: node(), parents: new Set<string>(), client: true, late: true };
    at.next.set(fn, edge);
    for (const p of parents) edge.parents.add(p);
    if (!client) edge.client = false;
    if (!late) edge.late = false;
    at = edge.to;
  }
  if (at.final !== 'any') at.final = late ? 'late' : 'any';
  if (binds) at.binds = true;
}

/** All of them for one era, driver and set of recorded functions. */
export function othersOf(options: Omit<TracedOptions, 'lanes' | 'leftByDeferral'>): Others {
  const others: Others = { probe: node(), visit: node(), bus: node() };
  const has = (fn: string, ...parents: string[]): readonly Step[] =>
    options.alphabet.has(fn) ? [{ fn, parents: new Set(parents) }] : [];
  // A bus without dma_configure(), a device without a node; and one with a node and no "iommus".
  const probed = has('really_probe', ...PROBE_CALLERS);
  add(others.probe, probed, { ...DEVICE, binds: true });
  add(others.probe, [...probed, ...has('of_iommu_configure', 'of_dma_configure_id')], { ...DEVICE, binds: true });
  strangers(options, others);
  for (const leftByDeferral of [false, true]) undisturbed({ ...options, leftByDeferral }, others);
  // What every visit or probe begins with may be all that is recorded of it.
  others.probe.final = 'no';
  others.probe.binds = false;
  return others;
}

/** A device that is not this driver's: every probe_device() then says -ENODEV. */
function strangers(options: Omit<TracedOptions, 'lanes' | 'leftByDeferral'>, others: Others): void {
  const { code } = options;
  const own = code.driver.probe_device(code);
  const refuses: Procedure = procedure(own.fn, own.file, own.inline, [set('err', ERR.ENODEV), back]);
  const driver: Driver = { ...code.driver, probe_device: () => refuses };
  const lanes: Attempt[][] = [[{ role: 'walk', instance: 1 }]];
  const model = traced({ ...options, code: { ...code, driver }, lanes, leftByDeferral: false });
  const run = new Run(model);
  run.finish(0);
  const steps = run.steps[0]!;
  const inVisit = steps.filter((s) => s.visit);
  add(others.visit, inVisit, DEVICE);
  const first = steps.findIndex((s) => s.fn === 'iommu_device_register');
  const buses = steps.slice(first + 1).filter((s) => s.fn === 'bus_set_iommu' || s.fn === 'bus_iommu_probe');
  add(others.bus, buses, DEVICE);
}

/** A client that runs from its start to its end in one go, at each point of a registration. */
function undisturbed(options: Omit<TracedOptions, 'lanes'>, others: Others): void {
  const lanes: Attempt[][] = [[{ role: 'client' }], [{ role: 'walk', instance: 1 }]];
  const model = traced({ ...options, lanes });
  for (let n = 0; ; n++) {
    const run = new Run(model);
    let at = 0;
    while (at < n && run.step(1)) at++;
    if (at < n) return;
    const listed = model.machine.read(run.state, 'listed1') === 1;
    if (!run.finish(0)) continue;
    const steps = run.steps[0]!.filter((s) => !s.binds);
    const binds = model.machine.result(run.state, 0)?.startsWith('bound-') ?? false;
    add(others.probe, steps, { client: true, late: listed, binds });
    const before = run.steps[1]!.length;
    if (!run.finish(1)) continue;
    // The visit counts where the client came before all of it.
    if (!run.steps[1]!.slice(0, before).some((s) => s.visit))
      add(
        others.visit,
        run.steps[1]!.filter((s) => s.visit),
        { client: true, late: true, binds: false },
      );
  }
}

/** One run of a machine, thread by thread, with the entries that each thread made. */
class Run {
  readonly steps: Entry[][];
  readonly state: State;
  private readonly machine: Machine;

  constructor(private readonly model: Traced) {
    this.machine = model.machine;
    this.state = this.machine.initial();
    this.steps = this.machine.threads.map(() => []);
  }

  /** False where the thread is over, waits, or faults. */
  step(thread: number): boolean {
    if (!this.machine.enabled(this.state, thread)) return false;
    const entry = this.model.entries[thread]![this.machine.stopIndex(this.state, thread)]!;
    const result = this.machine.step(this.state, thread);
    if (result.is !== 'moved') return false;
    if (entry) this.steps[thread]!.push(entry);
    return true;
  }

  /** Runs the thread to its end; false where it does not get there. */
  finish(thread: number): boolean {
    while (this.step(thread));
    return this.machine.result(this.state, thread) !== null;
  }
}
