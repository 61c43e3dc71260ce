/** Ends without a crash, named: what the client got, and what was lost on the way. */
import { LIVE, type Machine, type State } from './machine.ts';

/**
 * Names of a finished run: the client's own result first (bound-with-iommu, bound-without-iommu, deferred, ...), then what is wrong without being
 * noticed: "leak" (a live object that nothing points to), "registration-failed".
 */
export function quietEnds(machine: Machine, v: State): readonly string[] {
  const names: string[] = [];
  machine.threads.forEach((thread, t) => {
    const result = machine.result(v, t);
    if (thread.role === 'client') names.push(result ?? 'blocked');
    else if (result === 'registration-failed') names.push(result);
    else if (result === null) names.push('blocked');
  });
  if (leaks(machine, v)) names.push('leak');
  const at = (name: string) => machine.read(v, name);
  if (names.includes('bound-without-iommu') && at('dev->iommu_group') === 1)
    names.push('bound-without-iommu-then-grouped');
  if (at('dev->iommu_group') === 1 && at('dev->iommu') === 0) names.push('grouped-but-dev_iommu-gone');
  return [...new Set(names)];
}

function leaks(machine: Machine, v: State): boolean {
  const at = (name: string) => machine.read(v, name);
  const reachable = new Set<string>();
  const iommu = at('dev->iommu');
  if (iommu > 0) {
    reachable.add(`dev_iommu${iommu}`);
    reachable.add(`fwspec${at(`dev_iommu${iommu}.dev_iommu.fwspec`)}`);
    reachable.add(`cfg${at(`dev_iommu${iommu}.dev_iommu.priv`)}`);
  }
  const types = ['dev_iommu', 'fwspec', ...(machine.options.privIsAllocated ? (['cfg'] as const) : [])] as const;
  for (const type of types) {
    for (let i = 1; i <= machine.options.heap[type]; i++) {
      if (at(`${type}${i}`) === LIVE && !reachable.has(`${type}${i}`)) return true;
    }
  }
  return false;
}
