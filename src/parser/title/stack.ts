/** What a title is made of: the report's stacks, and the shape that the makers of titles return. */

import type { Report } from '../report.ts';
import type { Frame } from '../types.ts';

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
  /** A general title in full. */
  readonly general?: string;
  /** The function that the headline names where no stack says whom to blame: for a general title. */
  readonly or?: string | null;
}

/** The first own stack, with what the program counter line says in front. */
export function fromPc(report: Report): (Frame | null)[] {
  const call = trace(report);
  const section = report.stack ?? report.sections.find((s) => s.label === 'call');
  // Older x86 prints the exception frame inside the trace: the stack proper starts there.
  if (section !== undefined && section.ripAt !== null && report.rip !== null && report.ripInside)
    return [report.rip, ...unmixed(report, section.frames.slice(section.ripAt))];
  return [...unmixed(report, report.pc === null ? [] : [report.pc]), ...call];
}

/** The first own stack that has frames, innermost first. */
export function trace(report: Report): Frame[] {
  const section = report.stack;
  if (section === null) return [];
  const { frames, callers } = section;
  return unmixed(report, callers.length === 0 ? frames : [frames[0]!, ...callers]);
}

/** The frames in front of another subsystem's stack: fault injection prints its own in the middle of reports. */
export function unmixed(report: Report, frames: readonly Frame[]): Frame[] {
  const end = frames.findIndex(
    (f) =>
      (f.reliable && /^should_fail(?:slab)?(?:\.|$)/.test(f.symbol)) ||
      (report.mixedFrom !== null && f.line > report.mixedFrom),
  );
  return end < 0 ? [...frames] : frames.slice(0, end);
}

/** True if fault injection's stack stands in the report's own. */
export function isInjected(report: Report): boolean {
  return report.stack?.frames.some((f) => f.reliable && /^should_fail(?:slab)?(?:\.|$)/.test(f.symbol)) === true;
}

/** The function that the headline names, as a frame. */
export function headFrame(report: Report): Frame | null {
  const symbol = report.head?.get('symbol') ?? null;
  return symbol === null
    ? null
    : { symbol, offset: null, size: null, module: null, reliable: true, line: report.first.span.line };
}
