/** A schedule run again step by step, and written down for people: function, source file, effect, and the shared state after it. */

import type { Schedule } from '../explore/schedule.ts';
import { LIVE, type Machine, type State, type Stop } from '../machine/machine.ts';
import type { Node } from '../machine/program.ts';
import { STORED } from '../machine/slots.ts';
import { build, type SetUp } from '../scenarios.ts';
import type { Witness, WitnessStep } from '../types.ts';
import { encodeReplay } from './replay.ts';

/** By its schedule, which is that of one set-up. */
const written = new WeakMap<Schedule, Witness>();

/** Runs `schedule` and returns its steps; throws if a thread cannot take a step that the schedule gives it (use `rerun` for foreign schedules). */
export function witnessOf(setUp: SetUp, schedule: Schedule): Witness {
  const known = written.get(schedule);
  if (known) return known;
  const run = rerun(setUp, schedule.threads);
  if (run.stuckAt !== null) throw new Error(`the schedule stops being one at its step ${run.stuckAt}`);
  const witness = { ...run.witness, preemptions: schedule.preemptions };
  written.set(schedule, witness);
  return witness;
}

export interface Rerun {
  readonly witness: Witness;
  /** Step (from 0) at which the thread could not run, or null. */
  readonly stuckAt: number | null;
  readonly machine: Machine;
  readonly end: State;
}

/** Runs a schedule of any origin as far as it goes. */
export function rerun(setUp: SetUp, threads: readonly number[]): Rerun {
  const machine = build(setUp);
  const v = machine.initial();
  const steps: WitnessStep[] = [];
  let preemptions = 0;
  let stuckAt: number | null = null;
  for (let i = 0; i < threads.length; i++) {
    const t = threads[i]!;
    if (t >= machine.threads.length || !machine.enabled(v, t)) {
      stuckAt = i;
      break;
    }
    const last = i > 0 ? threads[i - 1]! : t;
    const preempted = last !== t && machine.enabled(v, last);
    if (preempted) preemptions++;
    const stop = machine.stopAt(v, t);
    const reads = valueRead(machine, v, t);
    const result = machine.step(v, t);
    // Without KASAN a use-after-free goes on silently; a schedule that ends with it is a witness of it.
    const crashes = result.is === 'fault' && (result.fatal || i === threads.length - 1);
    const fault = result.is === 'fault' ? `${result.kind} ${result.field} in ${result.fn}` : null;
    steps.push({
      thread: t,
      stop: stop.index,
      fn: stop.fn,
      file: stop.file,
      stack: stackOf(stop),
      text: textOf(stop.place.node),
      after: snapshot(machine, v),
      preempts: preempted,
      outcome: crashes ? fault : null,
      ...(reads === null || crashes ? {} : { reads }),
      ...(fault === null || crashes ? {} : { unnoticed: fault }),
    });
    if (result.is === 'fault' && result.fatal) {
      if (i + 1 < threads.length) stuckAt = i + 1;
      break;
    }
  }
  return {
    witness: { threads: machine.threads.map((t) => t.name), steps, preemptions, replay: encodeReplay(setUp, threads) },
    stuckAt,
    machine,
    end: v,
  };
}

/** Frames that an oops at this step would show, innermost first, if nothing were inlined. */
export function stackOf(stop: Stop): readonly string[] {
  return stop.place.stack.filter((p) => p.inline !== 'accessor').map((p) => p.fn);
}

/** What the next step of `thread` will read, in words; null where it reads nothing that the model keeps, or cannot get at it. */
export function valueRead(machine: Machine, v: State, thread: number): string | null {
  const { node } = machine.stopAt(v, thread).place;
  switch (node.op) {
    case 'load':
      return node.from === 'dev->iommu' || node.from === 'dev2->iommu'
        ? objectWords(machine, v, 'dev_iommu', machine.read(v, node.from))
        : String(machine.read(v, node.from));
    case 'claim':
      return String(machine.read(v, node.what));
    case 'get': {
      const object = machine.objectAt(v, thread);
      // With KASAN a freed object is not read; what follows no pointer of the model has no value.
      if (object === null || (object.freedBy !== null && machine.options.memory === 'kasan')) return null;
      if (!STORED[object.type].some(([field]) => field === node.field)) return null;
      const value = machine.read(v, `${object.type}${object.id}.${node.field}`);
      if (node.field === 'dev_iommu.fwspec') return objectWords(machine, v, 'fwspec', value);
      return value === 0 ? 'NULL' : 'set';
    }
    default:
      return null;
  }
}

function objectWords(machine: Machine, v: State, type: 'dev_iommu' | 'fwspec', id: number): string {
  if (id === 0) return 'NULL';
  return `${type} ${id}${machine.read(v, `${type}${id}`) === LIVE ? '' : ' (freed)'}`;
}

export function textOf(node: Node): string {
  switch (node.op) {
    case 'lock':
      return `mutex_lock(&${node.mutex})`;
    case 'unlock':
      return `mutex_unlock(&${node.mutex})`;
    case 'print':
      return `printk("${node.message}")`;
    case 'end':
      return node.result;
    case 'load':
    case 'store':
    case 'get':
    case 'put':
    case 'free':
    case 'claim':
      return node.text;
    default:
      return '';
  }
}

/** dev->iommu, its fwspec and priv, the same of a second device, and the lock's owner, in words. */
export function snapshot(machine: Machine, v: State): Readonly<Record<string, string>> {
  const owner = machine.read(v, 'iommu_probe_device_lock');
  return {
    ...ofDevice(machine, v, 'dev->iommu', ''),
    ...(machine.has('dev2->iommu') ? ofDevice(machine, v, 'dev2->iommu', 'dev2 ') : {}),
    iommu_probe_device_lock: owner === 0 ? 'free' : machine.threads[owner - 1]!.name,
  };
}

function ofDevice(
  machine: Machine,
  v: State,
  pointer: 'dev->iommu' | 'dev2->iommu',
  of: string,
): Record<string, string> {
  const at = (name: string) => machine.read(v, name);
  const iommu = at(pointer);
  const state: Record<string, string> = { [pointer]: objectWords(machine, v, 'dev_iommu', iommu) };
  if (iommu === 0) return state;
  const fwspec = at(`dev_iommu${iommu}.dev_iommu.fwspec`);
  state[`${of}fwspec`] = objectWords(machine, v, 'fwspec', fwspec);
  if (fwspec > 0) state[`${of}fwspec->ops`] = at(`fwspec${fwspec}.fwspec.ops`) ? 'set' : 'NULL';
  state[`${of}priv`] = at(`dev_iommu${iommu}.dev_iommu.priv`) ? 'set' : 'NULL';
  return state;
}
