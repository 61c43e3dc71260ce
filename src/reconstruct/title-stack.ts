/** What a title is made of: the report's stacks, and the shape that the makers of titles return. */
import type { Frame } from '../parser/types.ts';
import type { Report } from './incident-report.ts';

/** A title before the function is filled in. */
export interface Named {
  /** "%F" is the function. */
  readonly format: string;
  readonly function: string | null;
  /** Prefix of the general title under which such crashes are also filed ("bad-access in F"). */
  readonly also?: string;
  /** True if such a report has no stack of its own. */
  readonly bare?: boolean;
  readonly corrupted?: string;
}

/** The first own stack, with what the program counter line says in front. */
export function fromPc(report: Report): (Frame | null)[] {
  const call = trace(report);
  const section = report.sections.find((s) => s.label === 'call');
  // Older x86 prints the exception frame inside the trace: the stack proper starts there.
  if (section !== undefined && section.ripAt !== null && report.rip !== null && report.ripInside)
    return [report.rip, ...section.frames.slice(section.ripAt)];
  return [report.pc, ...call];
}

/** The first own stack that has frames, innermost first. */
export function trace(report: Report): Frame[] {
  return report.sections.find((s) => s.label === 'call' && s.frames.length > 0)?.frames ?? [];
}

/** The function that the headline names, as a frame. */
export function headFrame(report: Report): Frame | null {
  const symbol = report.head?.get('symbol') ?? null;
  return symbol === null
    ? null
    : { symbol, offset: null, size: null, module: null, reliable: true, line: report.first.span.line };
}
