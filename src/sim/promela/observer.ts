/**
 * The process that names quiet ends. It moves only when no thread can (`timeout`), and its one step leads back to the state that it left, so that
 * it adds no state.
 */
import type { Machine } from '../machine/machine.ts';
import type { ObjectType, QuietResult } from '../machine/program.ts';
import { globalWord, heapWord, resultWord } from './words.ts';

const CLIENT_RESULTS: readonly QuietResult[] = [
  'bound-with-iommu',
  'bound-without-iommu',
  'bound-default-domain-missing',
  'deferred',
  'probe-failed',
];

/** Of the other threads only what went wrong. */
const WALK_RESULTS: readonly QuietResult[] = ['registration-failed', 'nested-beyond-bound'];

export function observer(machine: Machine): string {
  const { options } = machine;
  /** A name is said once, however many conditions lead to it. */
  const names = new Map<string, string>();
  const say = (condition: string, name: string): void => {
    const before = names.get(name);
    names.set(name, before === undefined ? condition : `${before} || ${condition}`);
  };
  options.threads.forEach(({ role }, t) => {
    if (role === 'client') for (const r of CLIENT_RESULTS) say(`result[${t}] == ${resultWord(r)}`, r);
    else for (const r of WALK_RESULTS) say(`result[${t}] == ${resultWord(r)}`, r);
    say(`result[${t}] == RUNNING`, 'blocked');
  });
  say(leak(machine), 'leak');
  const two = machine.has('dev2->iommu');
  options.threads.forEach(({ role, device }, t) => {
    if (role !== 'client') return;
    const group = device === 2 ? 'dev2_iommu_group' : 'dev_iommu_group';
    say(`result[${t}] == BOUND_WITHOUT_IOMMU && ${group}`, 'bound-without-iommu-then-grouped');
  });
  say('dev_iommu_group && dev_iommu == 0', 'grouped-but-dev_iommu-gone');
  if (two) say('dev2_iommu_group && dev2_iommu == 0', 'grouped-but-dev_iommu-gone');
  if (machine.has('late_probe_warned')) say('late_probe_warned', 'late-probe-warning');
  if (machine.has('late_replay_warned')) say('late_replay_warned', 'late-probe-warning-in-replay');
  return [
    '/* Names every quiet end, and what was lost on the way. */',
    'proctype observer() {',
    'end_observer:',
    '  do',
    '  :: d_step { timeout ->',
    ...[...names].map(([name, condition]) => `       if :: ${condition} -> printf("quiet: ${name}\\n") :: else fi;`),
    '       skip',
    '     }',
    '  od',
    '}',
  ].join('\n');
}

/** A live object that nothing points to. */
function leak(machine: Machine): string {
  const { heap, privIsAllocated } = machine.options;
  const devices = machine.has('dev2->iommu') ? ['dev_iommu', 'dev2_iommu'] : ['dev_iommu'];
  const lost = (type: ObjectType, from: (iommu: string) => string, more = (_: number) => '') =>
    Array.from({ length: heap[type] }, (_, i) => {
      const elsewhere = devices.map((iommu) => ` && ${from(iommu)} != ${i + 1}`).join('');
      return `(${heapWord(type)}[${i + 1}].life == LIVE${elsewhere}${more(i + 1)})`;
    });
  const archdata = (['dev->archdata.iommu', 'dev2->archdata.iommu'] as const).filter((name) => machine.has(name));
  const inArchdata = (i: number) => archdata.map((name) => ` && ${globalWord(name)} != ${i}`).join('');
  return [
    ...lost('dev_iommu', (iommu) => iommu),
    ...lost('fwspec', (iommu) => `iommus[${iommu}].fwspec`),
    ...(privIsAllocated ? lost('cfg', (iommu) => `iommus[${iommu}].priv`, inArchdata) : []),
  ].join(' ||\n             ');
}
