/** Turns of phrase that a verdict's sentences share. */
import type { TracePlace } from './place.ts';

export const RACE = 'the race between of_iommu_configure() and iommu_probe_device()';

export function hex(value: bigint | null): string {
  return value === null ? 'an address that the log does not show' : `0x${value.toString(16)}`;
}

export function some(lines: readonly (number | null | undefined)[]): readonly number[] {
  return [...new Set(lines.filter((l): l is number => typeof l === 'number'))].sort((a, b) => a - b);
}

/** The innermost functions of a trace, as code: "`a <- b <- c`". */
export function stack(place: TracePlace, count: number): string {
  return `\`${place.functions.slice(0, count).join(' <- ')}\``;
}
