/** What kind of report a crash left, and how much of it: whether there is enough to compare with the model, and with which memory. */
import type { Incident } from '../../parser/types.ts';
import type { Case } from './case.ts';
import type { TracePlace } from './place.ts';

/** Reports whose subject is an access to memory, or a free that SLUB refused. */
export function isMemoryFault(incident: Incident): boolean {
  return incident.kind === 'oops' || incident.kind === 'kasan' || incident.kind === 'kfence' || incident.kind === 'bug';
}

/** A warning that a stale object can cause: krealloc() of a freed fwspec with whatever its count is by now. */
export function isAftermath(incident: Incident, place: TracePlace): boolean {
  const at = place.functions.indexOf('iommu_fwspec_add_ids');
  return incident.kind === 'warning' && at > 0 && place.functions.slice(0, at).some((f) => f.startsWith('krealloc'));
}

/** Neither the address nor the Code: line is left: the place fits, and what was accessed there cannot be compared. */
export function accessLost({ incident, fault }: Case): boolean {
  const memory = incident.kind === 'oops' || incident.kind === 'other';
  return memory && incident.kasan === null && fault.address === null && fault.fields.length === 0;
}

/** The head of an oops is lost with its address; the Code: line still names a field. */
export function addressLost({ incident, fault }: Case): boolean {
  return incident.kind === 'oops' && incident.kasan === null && fault.address === null && fault.fields.length > 0;
}

/** A kernel with KASAN stops at its first bad access; without, and after a first report, use-after-free goes on silently. */
export function memoryOf({ log, incident }: Case): 'kasan' | 'plain' {
  if (incident.kind === 'kasan') return 'kasan';
  const reports = log.incidents.filter((i) => i.kind === 'kasan' && i.kasan);
  const before = reports.some((i) => i.span.line < incident.span.line && !/null-ptr-deref/.test(i.kasan!.bug));
  return reports.length > 0 && !before ? 'kasan' : 'plain';
}
