/** Does a fault of the model show as this fault of the log? By kind of access, field, and what the address looks like. */
import type { Incident } from '../../parser/types.ts';
import type { Fault as ModelFault } from '../../sim/explore/graph.ts';
import { DRIVER_PRIV } from '../../sim/layouts/accesses.ts';
import type { Machine } from '../../sim/machine/machine.ts';
import type { Fault } from '../types.ts';
import { standsAt, type TracePlace } from './place.ts';

/** Structs whose offsets the layouts know; of others only place and NULL-ness can be compared. */
const LAID_OUT = /^(?:dev_iommu|fwspec|iommu_device)\./;

/** Of what priv points to, the range of the first field that is read is known for some drivers. */
function isLaidOut(field: string): boolean {
  return LAID_OUT.test(field) || DRIVER_PRIV.some((p) => p.field === field);
}

/** Place and access both. */
export function shows(
  incident: Incident,
  place: TracePlace,
  fault: Fault,
  machine: Machine,
  model: ModelFault,
): boolean {
  return standsAt(place, machine, model) && accessAgrees(incident, fault, machine, model);
}

function accessAgrees(incident: Incident, fault: Fault, machine: Machine, model: ModelFault): boolean {
  if (incident.kasan && !/null-ptr-deref/.test(incident.kasan.bug)) return kasanAgrees(incident, fault, model);
  // SLUB's own checks (hardened freelist, debugging) end a double free in BUG().
  if (incident.kind === 'bug') return model.kind === 'double-free';
  if (incident.kind === 'warning') return model.kind === 'uaf-read' && model.field === 'fwspec.num_ids';
  const node = machine.stops[model.thread]![model.stop]!.place.node;
  // A lock or list operation on a driver's NULL object both reads and writes.
  if (node.op === 'get' && node.field.startsWith('late:')) return fault.shape === 'null';
  // The head of the report is lost with the address: the Code: line can still name the field, or there is only the place.
  if (fault.address === null) {
    if (fault.access !== null && !model.kind.endsWith(`-${fault.access}`)) return false;
    return fault.fields.length === 0 || (LAID_OUT.test(model.field) && fault.fields.includes(model.field));
  }
  if (fault.shape === 'null') {
    if (model.kind !== `null-${fault.access}`) return false;
    return isLaidOut(model.field) ? fault.fields.includes(model.field) : true;
  }
  // Without KASAN a use-after-free shows when a stale pointer is followed: poison or garbage, in the function that was handed it.
  if (fault.shape === 'poison' || fault.shape === 'pointer' || fault.shape === 'negative') {
    return model.kind === 'uaf-read' && model.field === 'fwspec.iommu_fwnode' && fault.access !== 'write';
  }
  return false;
}

function kasanAgrees(incident: Incident, fault: Fault, model: ModelFault): boolean {
  const kasan = incident.kasan!;
  if (/double-free|invalid-free/.test(kasan.bug)) return model.kind === 'double-free';
  if (!/use-after-free/.test(kasan.bug)) return false;
  if (model.kind !== `uaf-${kasan.access}`) return false;
  return fault.fields.length === 0 || fault.fields.includes(model.field);
}
