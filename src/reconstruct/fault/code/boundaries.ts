/** Where instructions of several lengths begin, seen from a first byte that may lie inside of one. */

import type { Instruction } from './instruction.ts';

/**
 * The instructions on whose place all readings agree, up to the last: `readings` begin at every unit at which the first whole instruction can begin, each ends with
 * the instruction at pc, null where it does not get there. One of them is the true one, so that what is common to all is certain.
 */
export function agreed(readings: readonly (readonly Instruction[] | null)[]): readonly Instruction[] {
  const [first, ...others] = readings.filter((r): r is readonly Instruction[] => r !== null);
  if (first === undefined) return [];
  let common = 0;
  while (
    common < first.length &&
    others.every((other) => common < other.length && same(first.at(-1 - common)!, other.at(-1 - common)!))
  )
    common++;
  return first.slice(first.length - common);
}

/** Of equal length they begin at one place, counted from pc; conditions can differ with what came before. */
const same = (one: Instruction, other: Instruction): boolean =>
  one.length === other.length && one.text === other.text && one.condition === other.condition;
