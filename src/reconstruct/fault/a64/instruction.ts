/** The bit and text pieces that the AArch64 decoder is made of. */

import { type Instruction, imm, plain } from '../code/instruction.ts';

export { bits, hex, imm, signed, to } from '../code/instruction.ts';
export type A64Instruction = Instruction;

/** Register 31 as a base is the stack pointer. */
export const SP = 31;

/** AAPCS64: what a called function may change: x0 to x18 and the link register. */
export const CALL_CLOBBERS: readonly number[] = [...Array.from({ length: 19 }, (_, i) => i), 30];

/** Register names: 64-bit, 32-bit, and as a base (31 is the stack pointer). */
export const x = (r: number): string => (r === 31 ? 'xzr' : `x${r}`);
export const w = (r: number): string => (r === 31 ? 'wzr' : `w${r}`);
export const b = (r: number): string => (r === SP ? 'sp' : `x${r}`);

/** "[x0,#0x40]". */
export const at = (base: number, offset: number): string =>
  offset === 0 ? `[${b(base)}]` : `[${b(base)},${imm(offset)}]`;

/** An instruction of which only the registers that it may change are told. */
export const other = (word: number, writes: readonly number[]): A64Instruction =>
  plain(
    4,
    `.word 0x${word.toString(16).padStart(8, '0')}`,
    writes.filter((r) => r !== 31),
  );
