/**
 * The process that names quiet ends. It moves only when no thread can (`timeout`), and its one step leads back to the state that it left, so that
 * it adds no state.
 */
import type { MachineOptions } from '../machine.ts';
import type { ObjectType, QuietResult } from '../program.ts';
import { heapWord, resultWord } from './words.ts';

const CLIENT_RESULTS: readonly QuietResult[] = [
  'bound-with-iommu',
  'bound-without-iommu',
  'bound-default-domain-missing',
  'deferred',
  'probe-failed',
];

export function observer(options: MachineOptions): string {
  /** A name is said once, however many conditions lead to it. */
  const names = new Map<string, string>();
  const say = (condition: string, name: string): void => {
    const before = names.get(name);
    names.set(name, before === undefined ? condition : `${before} || ${condition}`);
  };
  options.threads.forEach(({ role }, t) => {
    if (role === 'client') for (const r of CLIENT_RESULTS) say(`result[${t}] == ${resultWord(r)}`, r);
    else say(`result[${t}] == REGISTRATION_FAILED`, 'registration-failed');
    say(`result[${t}] == RUNNING`, 'blocked');
  });
  say(leak(options), 'leak');
  const client = options.threads.findIndex((t) => t.role === 'client');
  if (client >= 0)
    say(`result[${client}] == BOUND_WITHOUT_IOMMU && dev_iommu_group`, 'bound-without-iommu-then-grouped');
  say('dev_iommu_group && dev_iommu == 0', 'grouped-but-dev_iommu-gone');
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
function leak({ heap, privIsAllocated }: MachineOptions): string {
  const lost = (type: ObjectType, from: string) =>
    Array.from({ length: heap[type] }, (_, i) => `(${heapWord(type)}[${i + 1}].life == LIVE && ${from} != ${i + 1})`);
  return [
    ...lost('dev_iommu', 'dev_iommu'),
    ...lost('fwspec', 'iommus[dev_iommu].fwspec'),
    ...(privIsAllocated ? lost('cfg', 'iommus[dev_iommu].priv') : []),
  ].join(' ||\n             ');
}
