/**
 * Reports that are printed where memory is accessed or code is called, and are not of a NULL or freed pointer: what each is, so that none is called "no access
 * to memory" that is one. arch/arm64/kernel/traps.c, arch/arm64/mm/fault.c, kernel/cfi.c.
 */
import type { Incident, ParsedLog } from '../../parser/types.ts';
import type { Claim } from '../types.ts';
import { some } from './phrases.ts';
import type { TracePlace } from './place.ts';

interface Other {
  readonly says: RegExp;
  readonly text: (place: TracePlace) => string;
}

const OTHERS: readonly Other[] = [
  {
    says: /\bCFI\b/,
    text: ({ functions }) =>
      functions.includes('of_iommu_xlate')
        ? "an indirect call failed its type check (CFI), here the call of an IOMMU's of_xlate: the report has no address, and the pointer comes from the ops of the IOMMU's driver, which the race does not free"
        : 'an indirect call failed its type check (CFI): the report has no address, as no memory was accessed',
  },
  {
    says: /SError Interrupt/,
    text: () =>
      'an SError is a failed access, but one that the bus or a device answered so, often some instructions later: a NULL or freed pointer never gets that far, it ends in a translation fault or in memory that is there',
  },
  {
    says: /synchronous external abort/,
    text: () =>
      'an external abort is a failed access that the bus or a device answered so (a clock or power domain that is off): NULL ends in a translation fault, and freed memory is still memory',
  },
  {
    says: /Oops - (?:BTI|FPAC|Undefined instruction|SP\/PC alignment|PC alignment|SP alignment)/i,
    text: () => 'the report is of an instruction that could not be executed, not of an access to memory',
  },
];

/** External aborts in ESR_EL1's fault status code: on a data access and on a table walk. */
const EXTERNAL = new Set([0x10, 0x13, 0x14, 0x15, 0x16, 0x17]);

/** What the report is instead, or null where it can be of the memory fault that the race ends in. */
export function notANullOrFreedPointer(log: ParsedLog, incident: Incident, place: TracePlace): Claim | null {
  if (incident.kasan !== null) return null;
  const lines = some([incident.span.line, incident.at.oops]);
  for (const line of lines) {
    const text = log.lineText(line) ?? '';
    const other = OTHERS.find((o) => o.says.test(text));
    if (other) return { text: other.text(place), lines: [line] };
  }
  const esr = incident.fault?.esr ?? null;
  const dataAbort = esr !== null && [0x24n, 0x25n].includes((esr >> 26n) & 0x3fn);
  if (dataAbort && EXTERNAL.has(Number(esr & 0x3fn)) && incident.arch === 'arm64')
    return { text: OTHERS[2]!.text(place), lines: some([incident.at.esr]) };
  return null;
}
