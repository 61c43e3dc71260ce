/** What the decoder of `a64.ts` says of an instruction, and the bit and text pieces that it is made of. */

export type A64Op =
  | 'load'
  | 'store'
  /** Exclusives that only load or only store are `load` and `store`; this is a read-modify-write (LDADD, SWP, CAS ...). */
  | 'atomic'
  | 'prefetch'
  /** ADD or SUB of an immediate, 64-bit, flags untouched: base + offset to a register. */
  | 'add'
  /** 64-bit register copy; `base` is the source. */
  | 'move'
  | 'branch'
  | 'branch-if'
  | 'call'
  | 'return'
  /** BRK, SVC, ERET and the like. */
  | 'exception'
  | 'other';

/** Register 31 as a base is the stack pointer. */
export const SP = 31;

export interface A64Instruction {
  readonly op: A64Op;
  readonly word: number;
  /** Base register of a memory access or source of `add` and `move`; null for PC-relative ones. */
  readonly base: number | null;
  /** Bytes from the base's value before the instruction; null for a register offset. `branch*`: bytes from the instruction. */
  readonly offset: number | null;
  /** General registers that a load fills or a store writes out, first the one at the lower address; empty for SIMD. 31 is xzr here. */
  readonly targets: readonly number[];
  /** Bytes accessed in all, 0 where it is no access or not known. */
  readonly size: number;
  readonly access: 'read' | 'write' | 'read-write' | null;
  /** Pre- or post-indexed: the base is changed too. */
  readonly writeback: boolean;
  /** General registers whose value may be another one after it. Calls: see `CALL_CLOBBERS`. */
  readonly writes: readonly number[];
  /** CBZ/CBNZ/TBZ/TBNZ: the register tested. */
  readonly tested: number | null;
  /** Assembler text of memory accesses, adds, moves and branches; ".word" otherwise. */
  readonly text: string;
}

/** AAPCS64: what a called function may change: x0 to x18 and the link register. */
export const CALL_CLOBBERS: readonly number[] = [...Array.from({ length: 19 }, (_, i) => i), 30];

/** Bits high..low of a word, as a number. */
export const bits = (word: number, high: number, low: number): number => (word >>> low) & (2 ** (high - low + 1) - 1);

/** Two's complement of `width` bits. */
export const signed = (value: number, width: number): number =>
  value >= 2 ** (width - 1) ? value - 2 ** width : value;

/** Register names: 64-bit, 32-bit, and as a base (31 is the stack pointer). */
export const x = (r: number): string => (r === 31 ? 'xzr' : `x${r}`);
export const w = (r: number): string => (r === 31 ? 'wzr' : `w${r}`);
export const b = (r: number): string => (r === SP ? 'sp' : `x${r}`);

/** "#8", "#0x40", "#-0x10". */
export const imm = (n: number): string =>
  n < 0 ? `#-0x${(-n).toString(16)}` : n < 10 ? `#${n}` : `#0x${n.toString(16)}`;

/** "[x0,#0x40]". */
export const at = (base: number, offset: number): string =>
  offset === 0 ? `[${b(base)}]` : `[${b(base)},${imm(offset)}]`;

/** Eight digits, as the Code: line has them. */
export const hex = (word: number): string => word.toString(16).padStart(8, '0');

/** An instruction of which only the registers that it may change are told. */
export const other = (word: number, writes: readonly number[]): A64Instruction => ({
  op: 'other',
  word,
  base: null,
  offset: null,
  targets: [],
  size: 0,
  access: null,
  writeback: false,
  writes: writes.filter((r) => r !== 31),
  tested: null,
  text: `.word 0x${hex(word)}`,
});
