/**
 * The fault status code of an arm64 data abort (ESR_EL1.DFSC) against the address: where NULL is followed there is no page, so the walk of the tables ends without
 * one (a translation fault). Another status at such an address is of another fault, or a digit of it was damaged. arch/arm64/mm/fault.c: fault_info[],
 * __do_kernel_fault() (which has words of its own for permission faults, and says "NULL pointer dereference" only behind them).
 */
import type { Arch, Incident } from '../../parser/types.ts';
import type { Claim } from '../types.ts';
import type { Shape } from './address.ts';

const DATA_ABORTS: readonly bigint[] = [0x24n, 0x25n];

/** DFSC to what it means, of those that need a page to be there, or an address that is not aligned. Bits 1 and 0 are the level. */
function meaning(status: number): string | null {
  if (status >= 0x08 && status <= 0x0b) return 'an access flag fault, of a page that is there and was not used';
  if (status >= 0x0c && status <= 0x0f) return 'a permission fault, of a page that is there';
  return status === 0x21 ? 'an alignment fault' : null;
}

/** Null where the status may be that of the address, or either is not known. */
export function impossibleStatus(incident: Incident, arch: Arch | null, shape: Shape): Claim | null {
  const esr = incident.fault?.esr ?? null;
  if (arch !== 'arm64' || esr === null || shape !== 'null' || !DATA_ABORTS.includes((esr >> 26n) & 0x3fn)) return null;
  const told = meaning(Number(esr & 0x3fn));
  if (told === null) return null;
  const text = `ESR 0x${esr.toString(16)} is ${told}, and at an address so near NULL no page is: the two are not of one fault`;
  const { at } = incident;
  return { text, lines: [at.address, at.esr].filter((line): line is number => line !== undefined) };
}
