/**
 * x86-64 as a processor of `Code:` lines. Bytes before pc are read from each place at which the first whole instruction can begin: what all agree on is
 * certain. Which registers an instruction changes is told for those of the integer units that kernels are made of; of all others both operands.
 */

import { agreed } from '../code/boundaries.ts';
import type { Instruction, Processor } from '../code/instruction.ts';
import { decodeX86 } from './decode.ts';
import { NAMES, RSP } from './pieces.ts';

/** The longest instruction: one begins among this many bytes. */
const LONGEST = 15;

export const X86: Processor = {
  pointer: 8,
  sp: RSP,
  nameOf: (register) => NAMES[register]!,
  // R8 and R9 are printed with two digits.
  inLog: (register) => (register === 8 || register === 9 ? `r0${register}` : NAMES[register]!),
  decode: ({ words, trap, aligned }) => {
    if (trap < 0) return [];
    if (aligned) return from(words, 0, trap) ?? [];
    const starts = Array.from({ length: Math.min(LONGEST, trap + 1) }, (_, i) => i);
    return agreed(starts.map((start) => from(words, start, trap)));
  },
};

function from(bytes: readonly number[], start: number, trap: number): readonly Instruction[] | null {
  const found: Instruction[] = [];
  for (let at = start; at <= trap; at += found.at(-1)!.length) {
    const instruction = decodeX86(bytes, at);
    if (instruction === null) return null;
    found.push(instruction);
    if (at === trap) return found;
  }
  return null;
}
