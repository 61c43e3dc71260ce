/** Which calls an attempt of the model's may begin with: known before the search, from what the same task calls later. */
import type { Call, Trace } from './types.ts';

export type Beginnings = Readonly<Record<'client' | 'walk', ReadonlySet<Call>>>;

/**
 * Calls that an attempt of the model's may begin with. An attempt that goes no further than any device's does changes nothing that another thread
 * can see, so that it is explained as another device's; else every failed probe of a long trace would be a client in waiting.
 * `bindings`: from v6.15 other threads see dev->driver, so that an attempt without a translation does change something.
 */
export function beginnings(trace: Trace, alphabet: ReadonlySet<string>, bindings: boolean): Beginnings {
  const client = new Set<Call>();
  const walk = new Set<Call>();
  const registers = new Set<string>();
  /** Going back: what this task does later before it calls the function again that an attempt may begin with. */
  const translates = new Map<string, boolean>();
  const last = new Set<string>();
  for (const call of [...trace.calls].reverse()) {
    const { task, fn } = call;
    const inCrash = trace.crash !== null && (trace.crash.task ?? task) === task && !last.has(task);
    if (translates.get(task) || inCrash || bindings || !alphabet.has('of_iommu_xlate')) client.add(call);
    if (fn === 'iommu_device_register') registers.add(task);
    if (registers.has(task) || !alphabet.has('iommu_device_register')) walk.add(call);
    if (fn === 'of_iommu_xlate' || fn === 'iommu_fwspec_free') {
      translates.set(task, true);
      client.add(call);
    }
    if (fn === 'really_probe' || (fn === 'of_iommu_configure' && !alphabet.has('really_probe'))) {
      translates.set(task, false);
      last.add(task);
    }
  }
  return { client, walk };
}
