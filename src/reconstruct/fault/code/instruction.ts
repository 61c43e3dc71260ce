/** What a decoder says of one instruction, whatever the processor, and the pieces of text that all of them are written with. */

import type { CodeWords } from '../../../parser/types.ts';

export type Op =
  | 'load'
  | 'store'
  /** Reads and writes the same place (LDADD, SWP, CAS; a read-modify-write of memory on x86); exclusives are loads and stores. */
  | 'atomic'
  | 'prefetch'
  /** base + offset, a constant, to a register of pointer size. */
  | 'add'
  /** A register of pointer size copied; `base` is the source. */
  | 'move'
  /** A constant to a register; `offset` is its value. */
  | 'constant'
  | 'branch'
  | 'branch-if'
  | 'call'
  | 'return'
  /** BRK, SVC, UD2, EBREAK and the like. */
  | 'exception'
  | 'other';

export interface Instruction {
  readonly op: Op;
  /** Bytes that it takes. */
  readonly length: number;
  /** Base register of a memory access, source of `add` and `move`; null for PC-relative and absolute ones. */
  readonly base: number | null;
  /** Bytes from the base's value before the instruction; null for a register offset. `branch*`: bytes from the instruction, null through a register. */
  readonly offset: number | null;
  /** General registers that a load fills or a store writes out, first the one at the lower address; empty for others. */
  readonly targets: readonly number[];
  /** Bytes accessed in all, 0 where it is no access or not known. */
  readonly size: number;
  readonly access: 'read' | 'write' | 'read-write' | null;
  /** Pre- or post-indexed: the base is changed too. */
  readonly writeback: boolean;
  /** General registers whose value may be another one after it; of a call, what the callee need not keep. */
  readonly writes: readonly number[];
  /** "ne": it runs only, or a `branch-if` is taken only, where the flags or `tested` say so; null: always. */
  readonly condition: string | null;
  /** The register whose being zero `condition` "eq" means, where that is known. */
  readonly tested: number | null;
  /** What it does to the flags: nothing, something, or "eq" then says whether this register is zero. */
  readonly flags: 'kept' | 'changed' | number;
  /** Assembler text of memory accesses, adds, moves, constants and branches; ".word" and the like otherwise. */
  readonly text: string;
}

/** What the reader of a `Code:` line needs of a processor. */
export interface Processor {
  /** Bytes of a pointer. */
  readonly pointer: 4 | 8;
  /** Number of the stack pointer among the general registers. */
  readonly sp: number;
  /** A general register's name in assembler text, and its key among an incident's registers. */
  readonly nameOf: (register: number) => string;
  readonly inLog: (register: number) => string;
  /**
   * The instructions up to the one at pc, which is the last, as far back as their boundaries are certain; empty where there is none at pc. Never
   * throws, whatever the words.
   */
  readonly decode: (code: CodeWords) => readonly Instruction[];
}

/** An instruction of which only the registers that it may change are told. */
export const plain = (length: number, text: string, writes: readonly number[] = []): Instruction => ({
  op: 'other',
  length,
  base: null,
  offset: null,
  targets: [],
  size: 0,
  access: null,
  writeback: false,
  writes,
  condition: null,
  tested: null,
  flags: 'kept',
  text,
});

/** Bits high..low of a word, as a number. */
export const bits = (word: number, high: number, low: number): number => (word >>> low) & (2 ** (high - low + 1) - 1);

/** Two's complement of `width` bits. */
export const signed = (value: number, width: number): number =>
  value >= 2 ** (width - 1) ? value - 2 ** width : value;

/** "#8", "#0x40", "#-0x10". */
export const imm = (n: number): string =>
  n < 0 ? `#-0x${(-n).toString(16)}` : n < 10 ? `#${n}` : `#0x${n.toString(16)}`;

/** ".+0x58", ".-0x8". */
export const to = (offset: number): string => `.${offset < 0 ? '-' : '+'}0x${Math.abs(offset).toString(16)}`;

/** Digits of a word as the Code: line has them. */
export const hex = (word: number, digits = 8): string => word.toString(16).padStart(digits, '0');

const OPPOSITE: ReadonlyMap<string, string> = new Map(
  ['eq ne', 'cs cc', 'mi pl', 'vs vc', 'hi ls', 'ge lt', 'gt le'].flatMap((pair) => {
    const [one, other] = pair.split(' ') as [string, string];
    return [
      [one, other],
      [other, one],
    ] as const;
  }),
);

/** The condition that holds where this one does not; null where that has no name here. */
export const opposite = (condition: string): string | null => OPPOSITE.get(condition) ?? null;
