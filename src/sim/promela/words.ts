/** How the model's variables are called in Promela. Heap objects are array elements by id, and id 0 is NULL. */
import type { Field, Global, ObjectType, QuietResult } from '../machine/program.ts';

const GLOBAL: Readonly<Record<Global, string>> = {
  'dev->iommu': 'dev_iommu',
  'dev->iommu_group': 'dev_iommu_group',
  iommu_group_link: 'iommu_group_link',
  'group->default_domain': 'group_default_domain',
  'bus->iommu_ops': 'bus_iommu_ops',
  listed1: 'listed1',
  listed2: 'listed2',
  bound1: 'bound1',
  bound2: 'bound2',
  late_data: 'late_data',
  ready1: 'ready1',
  ready2: 'ready2',
  'dev->driver': 'dev_driver',
  late_probe_warned: 'late_probe_warned',
  late_replay_warned: 'late_replay_warned',
  'dev2->iommu': 'dev2_iommu',
  'dev2->iommu_group': 'dev2_iommu_group',
  iommu_group2_link: 'iommu_group2_link',
  'group2->default_domain': 'group2_default_domain',
  'dev2->driver': 'dev2_driver',
  'dev2->archdata.iommu': 'archdata2_iommu',
  'dev->archdata.iommu': 'archdata_iommu',
};

export function globalWord(name: Global): string {
  return GLOBAL[name];
}

export const MUTEX = 'iommu_probe_device_lock';

/** The array that holds a type's objects. */
const HEAP: Readonly<Record<ObjectType, string>> = { dev_iommu: 'iommus', fwspec: 'fwspecs', cfg: 'cfgs' };

export function heapWord(type: ObjectType): string {
  return HEAP[type];
}

/** Fields that hold a value, by type, as the typedefs declare them. */
export const FIELD_WORDS: Readonly<Record<ObjectType, readonly string[]>> = {
  dev_iommu: ['fwspec', 'iommu_dev', 'priv'],
  fwspec: ['ops', 'num_ids'],
  cfg: ['ready'],
};

/** "fwspec.ops" of the object that `id` names, or null where the field holds no value in the model. */
export function fieldWord(field: Field, id: string): string | null {
  const [struct, name] = field.startsWith('cfg:') ? ['cfg', 'ready'] : field.split('.');
  if (struct !== 'dev_iommu' && struct !== 'fwspec' && struct !== 'cfg') return null;
  return FIELD_WORDS[struct].includes(name!) ? `${HEAP[struct]}[${id}].${name}` : null;
}

/** Macro that stands for a thread's quiet result. */
export function resultWord(result: QuietResult): string {
  return result.toUpperCase().replaceAll('-', '_');
}

/** Every quiet result, in the order of their numbers from 1; 0 is a thread that is not over. */
export const RESULTS: readonly QuietResult[] = [
  'bound-with-iommu',
  'bound-without-iommu',
  'bound-default-domain-missing',
  'deferred',
  'probe-failed',
  'registered',
  'registration-failed',
  'added',
  'unregistered',
  'nested-beyond-bound',
];
