/**
 * Does an outcome of the model show as this fault of the log? One rule over all of both: what the log shows (kind of report, access, field, object, address)
 * is held against what the outcome is. What the log does not show never excludes: there the outcome is open.
 */
import type { Incident } from '../../parser/types.ts';
import type { Fault as ModelFault } from '../../sim/explore/graph.ts';
import { DRIVER_PRIV } from '../../sim/layouts/accesses.ts';
import type { Silhouette } from '../../sim/scenarios.ts';
import type { FaultKind } from '../../sim/types.ts';
import type { Fault } from '../types.ts';
import { standsAt, type TracePlace } from './place.ts';

/** 'shown': the log names this kind of access and this field; 'open': nothing in it speaks against them; 'contradicted': something does. */
export type Agreement = 'shown' | 'open' | 'contradicted';

/** What a report shows of the one access that it is about. */
export interface Shown {
  /** Kinds of outcome that end in a report like this; null: it does not say what it reports. */
  readonly kinds: readonly FaultKind[] | null;
  /** Fields that address, Code: or KASAN allow; empty where they name none. */
  readonly fields: readonly string[];
  /** The fields are read from the Code: line or from the callee, so that the access is to no other field whatever the layouts know. */
  readonly surely: boolean;
  /** Address or Code: line say where the access was: a field whose offset is known and that is not among `fields` it is not. */
  readonly located: boolean;
  /** Structs of the freed object, by its size and the stacks that made and freed it; null: not told. */
  readonly objects: readonly string[] | null;
  /** The address is what a stale pointer held (poison, garbage), followed: the outcome is the read of that pointer. */
  readonly followed: boolean;
}

/** Structs whose offsets the layouts know; of others only kind, place and struct can be compared. */
const LAID_OUT = /^(?:dev_iommu|fwspec|iommu_device)\./;
/** Objects on the heap that the race's threads free. */
const FREED = /^(?:dev_iommu|fwspec)(?:\.|$)/;

/** Pointers that go stale with their object, and what a fault through one is an access to. Of fwspec.iommu_fwnode a callee gives the field back. */
const POINTEE: Readonly<Record<string, RegExp>> = {
  'fwspec.iommu_fwnode': /^fwspec\.iommu_fwnode$/,
  'dev_iommu.fwspec': /^fwspec\./,
  'dev_iommu.iommu_dev': /^iommu_device\./,
};

/** A lock is taken by an exclusive load or an atomic operation, which is reported as a read or a write as the instruction has it. */
const LOCKS: ReadonlySet<string> = new Set(['device.devres_lock']);

const struct = (field: string) => field.split('.', 1)[0]!;

const isLaidOut = (field: string) => LAID_OUT.test(field) || DRIVER_PRIV.some((p) => p.field === field);

/** The kinds of outcome that a report of this kind is printed for. */
function kindsOf({ kasan, kind }: Incident, { access, shape, address }: Fault): readonly FaultKind[] | null {
  const by = (read: FaultKind, write: FaultKind): readonly FaultKind[] =>
    access === null ? [read, write] : [access === 'read' ? read : write];
  if (kasan && !/null-ptr-deref/.test(kasan.bug)) {
    if (/double-free|invalid-free/.test(kasan.bug)) return ['double-free'];
    return /use-after-free/.test(kasan.bug) ? by('uaf-read', 'uaf-write') : [];
  }
  // SLUB's own checks (hardened freelist, debugging) end a double free in BUG().
  if (kind === 'bug') return ['double-free'];
  // krealloc() of a count that was read from a freed fwspec.
  if (kind === 'warning') return ['uaf-read'];
  if (shape === 'null') return by('null-read', 'null-write');
  // Without KASAN a use-after-free shows when the pointer that it read is followed.
  if (address !== null) return ['uaf-read'];
  if (access === null && kind === 'other') return null;
  return [...by('null-read', 'null-write'), ...by('uaf-read', 'uaf-write')];
}

/** What `incident` shows, as far as outcomes can be held against it. */
export function shownOf(incident: Incident, fault: Fault): Shown {
  const reportsObject = incident.kasan !== null && !/null-ptr-deref/.test(incident.kasan.bug);
  const warns = incident.kind === 'warning' || incident.kind === 'bug';
  return {
    kinds: kindsOf(incident, fault),
    fields: incident.kind === 'warning' ? ['fwspec.num_ids'] : incident.kind === 'bug' ? [] : fault.fields,
    surely: fault.decoded || incident.kind === 'warning' || fault.fields.some((f) => struct(f) === 'device'),
    located: fault.located && !reportsObject && !warns,
    objects: fault.objects,
    followed: !reportsObject && !warns && fault.address !== null && fault.shape !== 'null',
  };
}

/** The rule. Total: every kind and field of outcome against everything that a report can show. */
export function agreement(shown: Shown, { kind, field }: Pick<ModelFault, 'kind' | 'field'>): Agreement {
  const { kinds, fields, objects } = shown;
  if (
    kinds !== null &&
    !kinds.includes(kind) &&
    !(LOCKS.has(field) && kind === 'null-read' && kinds.includes('null-write'))
  )
    return 'contradicted';
  if (kind === 'double-free') {
    if (objects !== null && !objects.includes(field)) return 'contradicted';
    return fields.includes(field) ? 'shown' : fields.length === 0 ? 'open' : 'contradicted';
  }
  if (shown.followed) {
    const pointee = POINTEE[field];
    if (pointee === undefined) return 'contradicted';
    if (fields.some((f) => pointee.test(f))) return 'shown';
    return field === 'fwspec.iommu_fwnode' && fields.length === 0 ? 'open' : 'contradicted';
  }
  if (kind.startsWith('uaf') && objects !== null && !agreesWithObject(objects, field)) return 'contradicted';
  if (fields.includes(field)) return 'shown';
  // Several accesses of one callee to the same struct (devres_lock, numa_node of a NULL device) are one access of the model's.
  if (!isLaidOut(field) && fields.some((f) => struct(f) === struct(field))) return 'shown';
  if (fields.length === 0) return shown.located && isLaidOut(field) ? 'contradicted' : 'open';
  // The layouts' reading of an address is of the structs that they know: another struct's field may lie there too.
  return shown.surely || isLaidOut(field) ? 'contradicted' : 'open';
}

/** [] stands for an object of another struct. */
function agreesWithObject(objects: readonly string[], field: string): boolean {
  return FREED.test(field) ? objects.includes(struct(field)) : objects.length === 0;
}

/** Place and access both, or nothing that speaks against them. */
export function shows(
  incident: Incident,
  place: TracePlace,
  fault: Fault,
  silhouette: Silhouette,
  model: ModelFault,
): boolean {
  return standsAt(place, silhouette, model) && agreement(shownOf(incident, fault), model) !== 'contradicted';
}
