/** Ends without a crash, named: what the client got, and what was lost on the way. */
import { LIVE, type Machine, type State } from './machine.ts';

const DEVICE = {
  1: { iommu: 'dev->iommu', group: 'dev->iommu_group' },
  2: { iommu: 'dev2->iommu', group: 'dev2->iommu_group' },
} as const;

/**
 * Names of a finished run: the client's own result first (bound-with-iommu, bound-without-iommu, deferred, ...), then what is wrong without being
 * noticed: "leak" (a live object that nothing points to), "registration-failed".
 */
export function quietEnds(machine: Machine, v: State): readonly string[] {
  const names: string[] = [];
  machine.threads.forEach((thread, t) => {
    const result = machine.result(v, t);
    if (thread.role === 'client') names.push(result ?? 'blocked');
    else if (result === 'registration-failed' || result === 'nested-beyond-bound') names.push(result);
    else if (result === null) names.push('blocked');
  });
  if (leaks(machine, v)) names.push('leak');
  const at = (name: string) => machine.read(v, name);
  for (const [t, { role, device = 1 }] of machine.threads.entries())
    if (role === 'client' && machine.result(v, t) === 'bound-without-iommu' && at(DEVICE[device].group) === 1)
      names.push('bound-without-iommu-then-grouped');
  for (const { iommu, group } of Object.values(DEVICE))
    if (at(group) === 1 && at(iommu) === 0) names.push('grouped-but-dev_iommu-gone');
  if (at('late_probe_warned') === 1) names.push('late-probe-warning');
  if (at('late_replay_warned') === 1) names.push('late-probe-warning-in-replay');
  return [...new Set(names)];
}

function leaks(machine: Machine, v: State): boolean {
  const at = (name: string) => machine.read(v, name);
  const reachable = new Set<string>();
  for (const iommu of [at('dev->iommu'), at('dev2->iommu')]) {
    if (iommu === 0) continue;
    reachable.add(`dev_iommu${iommu}`);
    reachable.add(`fwspec${at(`dev_iommu${iommu}.dev_iommu.fwspec`)}`);
    reachable.add(`cfg${at(`dev_iommu${iommu}.dev_iommu.priv`)}`);
  }
  // Data that a driver kept elsewhere before v5.9.
  for (const priv of ['dev->archdata.iommu', 'dev2->archdata.iommu']) reachable.add(`cfg${at(priv)}`);
  const types = ['dev_iommu', 'fwspec', ...(machine.options.privIsAllocated ? (['cfg'] as const) : [])] as const;
  for (const type of types) {
    for (let i = 1; i <= machine.options.heap[type]; i++) {
      if (at(`${type}${i}`) === LIVE && !reachable.has(`${type}${i}`)) return true;
    }
  }
  return false;
}
