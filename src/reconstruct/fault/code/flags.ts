/** Conditions over a stretch of code: which compare each instruction's condition refers to, and whether it is known to have held at the end. */

import { type Instruction, opposite } from './instruction.ts';

export interface Placed extends Instruction {
  /** Bytes from the instruction at pc: 0 for that, negative before it. */
  readonly at: number;
  /** Index of the instruction that set the flags which its condition asks; -1: one before the first; null: it asks none. */
  readonly asks: number | null;
}

/** Where each instruction stands, and, where its condition asks the flags of a test for zero, the register that was tested. */
export function place(instructions: readonly Instruction[]): readonly Placed[] {
  let at = -instructions.slice(0, -1).reduce((sum, i) => sum + i.length, 0);
  let setBy = -1;
  let zero: number | null = null;
  return instructions.map((instruction, index) => {
    const asksFlags = instruction.condition !== null && instruction.tested === null;
    const placed: Placed = {
      ...instruction,
      at,
      asks: asksFlags ? setBy : null,
      tested: asksFlags ? zero : instruction.tested,
    };
    at += instruction.length;
    if (instruction.flags !== 'kept') {
      setBy = index;
      zero = typeof instruction.flags === 'number' && instruction.condition === null ? instruction.flags : null;
    }
    // The flags tell of the value that was tested, not of what the register holds now.
    if (zero !== null && instruction.writes.includes(zero) && instruction.flags !== zero) zero = null;
    return placed;
  });
}

/** Was the condition of instruction `index` met, as control came from there to the last one? Another that asks the same flags may tell. */
export function surelyRan(code: readonly Placed[], index: number): boolean {
  const { condition, asks } = code[index]!;
  if (condition === null) return true;
  if (asks === null) return false;
  const last = code.length - 1;
  return code.some((other, i) => {
    if (i === index || other.asks !== asks || other.condition === null) return false;
    if (other.op === 'branch-if') return passesBy(other) && opposite(other.condition) === condition;
    return i === last && other.condition === condition;
  });
}

/** A conditional branch that leaves the way to pc where it is taken: control that came to pc fell through it. */
export function passesBy(branch: Placed): boolean {
  const target = branch.offset === null ? null : branch.at + branch.offset;
  return target === null || target <= branch.at || target > 0;
}
