/** Coprocessor, VFP and NEON register encodings, which A32 and Thumb-2 share but for their top four bits: what they do to general registers and memory. */

import { bits, hex, type Instruction, plain } from '../code/instruction.ts';
import { memory, PC } from './pieces.ts';

/** Bits 27..26 are ones. */
export function coprocessor(word: number, condition: string | null): Instruction {
  const unknown = (writes: readonly number[]): Instruction => ({
    ...plain(
      4,
      `.word 0x${hex(word)}`,
      writes.filter((n) => n !== PC),
    ),
    condition,
  });
  const [rn, rt] = [bits(word, 19, 16), bits(word, 15, 12)];
  const load = bits(word, 20, 20) === 1;
  if (bits(word, 25, 25) === 1) {
    // MRC, and VMOV to a general register; "vmrs APSR_nzcv" and MRC to r15 set the flags.
    const toGeneral = bits(word, 24, 24) === 0 && bits(word, 4, 4) === 1 && load;
    return { ...unknown(toGeneral ? [rt] : []), flags: toGeneral && rt === PC ? 'changed' : 'kept' };
  }
  // MRRC and the two-register VMOV.
  if (bits(word, 24, 21) === 2) return unknown(load ? [rt, rn] : []);
  if (bits(word, 24, 24) === 1 && bits(word, 21, 21) === 0) {
    const isVfp = bits(word, 11, 9) === 5 || bits(word, 11, 8) === 9;
    // VLDR.16 counts in half-words.
    const isHalf = bits(word, 11, 8) === 9;
    const value = bits(word, 7, 0) * (isHalf ? 2 : 4);
    const op = load ? 'load' : 'store';
    const mnemonic = `${isVfp ? 'v' : ''}${load ? 'ld' : 'st'}${isVfp ? 'r' : 'c'}`;
    const size = !isVfp ? 0 : isHalf ? 2 : bits(word, 8, 8) === 1 ? 8 : 4;
    const offset = bits(word, 23, 23) === 1 || value === 0 ? value : -value;
    return memory(4, { op, mnemonic, base: rn, offset, targets: [], operands: '{v}', size }, condition);
  }
  // Several registers, or with write-back.
  return unknown(bits(word, 21, 21) === 1 || bits(word, 24, 24) === 0 ? [rn] : []);
}
