/**
 * The words in which the model and the kernel's text are compared. An event is "r dev_iommu.fwspec" (read), "w ..." (written), "free dev_iommu", "lock", "unlock",
 * "call iommu_fwspec_init", "op probe_device" (a call through a pointer), "claim link" ...
 */
import { fieldName } from '../sim/machine/flatten.ts';
import type { Global, Node } from '../sim/machine/program.ts';

export type Event = string;

const GLOBALS: Readonly<Partial<Record<Global, string>>> = {
  'dev->iommu': 'device.iommu',
  'dev->iommu_group': 'device.iommu_group',
  'dev->driver': 'device.driver',
  'group->default_domain': 'iommu_group.default_domain',
  'bus->iommu_ops': 'bus_type.iommu_ops',
  'dev->archdata.iommu': 'dev_archdata.iommu',
  iommu_group_link: 'link',
  late_data: 'late',
  listed1: 'listed',
  listed2: 'listed',
  bound1: 'bound',
  bound2: 'bound',
  ready1: 'iommu_device.ready',
  ready2: 'iommu_device.ready',
};

const nameOf = (global: Global): string => GLOBALS[global] ?? global;

/** What a step of the model is in these words; null for what is silent. Calls and ends are for the caller. */
export function eventOf(node: Node): Event | null {
  switch (node.op) {
    case 'load':
      return `r ${nameOf(node.from)}`;
    case 'store':
      return `w ${nameOf(node.to)}`;
    case 'get':
      return `r ${fieldOf(node)}`;
    case 'put':
      return `w ${fieldOf(node)}`;
    case 'claim':
      return 'claim link';
    case 'free':
      return `free ${structName(node.type)}`;
    case 'lock':
    case 'unlock':
    case 'print':
      return node.op;
    default:
      return null;
  }
}

/** The model's short names of structs, as C has them. */
function structName(name: string): string {
  return name === 'fwspec' ? 'iommu_fwspec' : name;
}

/** "fwspec.ops" to "iommu_fwspec.ops"; a driver's own struct by its own name. */
function fieldOf(node: Extract<Node, { op: 'get' | 'put' }>): string {
  // Only apple-dart writes into what a client has: its text names the field.
  if (node.field === 'cfg:ready') return `apple_dart_stream_map.${/\.(\w+) =/.exec(node.text)?.[1] ?? 'dart'}`;
  const [struct = '', field] = fieldName(node.field).split('.');
  return field === undefined ? structName(struct) : `${structName(struct)}.${field}`;
}

/** Functions whose call is an access, whatever stands in their bodies. */
export const CALLS: ReadonlyMap<string, Event> = new Map([
  ['iommu_ops_from_fwnode', 'r listed'],
  ['iommu_from_fwnode', 'r listed'],
  ['driver_find_device_by_fwnode', 'r bound'],
  ['driver_find_device', 'r bound'],
  ['driver_bound', 'w bound'],
  ['iommu_group_get', 'r device.iommu_group'],
  ['device_iommu_mapped', 'r device.iommu_group'],
  ['platform_get_drvdata', 'r late'],
  ['platform_set_drvdata', 'w late'],
  ['krealloc', 'call krealloc'],
  ['dev_info', 'print'],
  ['dev_dbg', 'print'],
  ['pr_info', 'print'],
  ['dev_WARN', 'w late_probe_warned'],
]);

/** In drivers/iommu/iommu.c alone: the core makes other links with it. */
export const CORE_CALLS: ReadonlyMap<string, Event> = new Map([
  ['sysfs_create_link', 'claim link'],
  ['sysfs_remove_link', 'w link'],
]);

/** The ids of an fwspec and their number: where a function has come by one of them, the others are not steps of their own. */
export const ONCE = /^[rw] iommu_fwspec\.(?:ids|num_ids)$/;

/** Calls through a pointer that the model follows, by the pointer's name. */
export const OPS: ReadonlySet<string> = new Set([
  'of_xlate',
  'probe_device',
  'device_group',
  'attach_dev',
  'release_device',
  'get_resv_regions',
  'dma_configure',
  'probe',
]);

/**
 * What the model must have wherever a body that it models has it: everything else that a body does is read, and held against nothing. Fields of drivers' own
 * structs are not among it: of each object the model has the first access of a function. Nor is a group's default domain where it is read, under group->mutex.
 */
const HELD =
  /^(?:[rw] device\.iommu|[rw] dev_iommu\.(?:fwspec|iommu_dev|priv)|[rw] iommu_fwspec\.(?:ops|iommu_fwnode|num_ids|ids)|[rw] device\.iommu_group|w iommu_group\.default_domain|[rw] listed|w bound|[rw] iommu_device\.ready|free (?:dev_iommu|iommu_fwspec)|lock|unlock|claim link|call .*|op .*)$/;

export const isHeld = (event: Event): boolean => HELD.test(event);
