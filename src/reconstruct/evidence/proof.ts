/** Does the log itself say which field was accessed, or does only the address? */
import type { Incident } from '../../parser/types.ts';
import { accessAtPc } from '../fault/fault.ts';
import type { Fault } from '../types.ts';
import type { Case } from './case.ts';

/**
 * The log itself names what was accessed: by the decoded Code: word, by KASAN's object, or by a stale pointer in the one call that the
 * function makes with it. An address alone could be an offset into any struct.
 */
export function proved({ fault, incident, place }: Case): boolean {
  if (fault.contradiction != null) return false;
  if (incident.kasan && !/null-ptr-deref/.test(incident.kasan.bug)) return fault.fields.length > 0;
  if (fault.decoded || onlyAccess(incident, fault)) return true;
  return (
    fault.shape === 'poison' &&
    place.functions[0] === 'fwnode_handle_put' &&
    /^(?:iommu_fwspec_free|dev_iommu_free)$/.test(place.functions[1] ?? '')
  );
}

/**
 * A branch or a KASAN check can stand between the load of dev->iommu and the trapping word. What is left is as good where the instruction
 * itself goes through a register that holds NULL, at an offset at which this function has one access of this kind in its source.
 */
function onlyAccess(incident: Incident, fault: Fault): boolean {
  if (fault.fields.length !== 1 || fault.address === null) return false;
  const code = accessAtPc(incident, incident.arch);
  if (!code || code.offset === null || code.access !== fault.access) return false;
  // NULL, or a member of NULL (&NULL->iommu) that the caller computed.
  const base = incident.registers.get(code.register);
  return base !== undefined && base < 0x1000n && base + BigInt(code.offset) === fault.address;
}
