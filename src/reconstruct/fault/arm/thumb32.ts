/** The 32-bit Thumb-2 instructions (Arm Architecture Reference Manual ARMv7-A, A6.3). A word here is the first half-word above the second. */

import { bits, hex, type Instruction, imm, plain, signed, to } from '../code/instruction.ts';
import { coprocessor } from './coprocessor.ts';
import { arithmetic, conditionOf, jump, listOf, type Memory, memory, multiple, named, PC, r } from './pieces.ts';

type Read = (word: number, condition: string | null) => Instruction;

const rn = (word: number): number => bits(word, 19, 16);
const rt = (word: number): number => bits(word, 15, 12);
const rd = (word: number): number => bits(word, 11, 8);
const rm = (word: number): number => bits(word, 3, 0);

const other = (word: number, condition: string | null, writes: readonly number[]): Instruction => ({
  ...plain(
    4,
    `.word 0x${hex(word)}`,
    writes.filter((n) => n !== PC),
  ),
  condition,
});

const block: Read = (word, condition) => {
  const mode = bits(word, 24, 24) === 1 ? 'db' : 'ia';
  const list = listOf(bits(word, 15, 0));
  const load = bits(word, 20, 20) === 1;
  return multiple(4, { load, mode, base: rn(word), list, writeback: bits(word, 21, 21) === 1 }, condition);
};

const pair: Read = (word, condition) => {
  const load = bits(word, 20, 20) === 1;
  const value = bits(word, 7, 0) * 4;
  const offset = bits(word, 23, 23) === 1 || value === 0 ? value : -value;
  const index = bits(word, 24, 24) === 0 ? 'post' : bits(word, 21, 21) === 1 ? 'pre' : undefined;
  const targets = [rt(word), rd(word)];
  return memory(
    4,
    { op: load ? 'load' : 'store', mnemonic: load ? 'ldrd' : 'strd', base: rn(word), offset, targets, size: 8, index },
    condition,
  );
};

const exclusive: Read = (word, condition) => {
  const load = bits(word, 20, 20) === 1;
  const status = load ? [] : [rd(word)];
  const operands = [...status, rt(word)].map(r).join(',');
  const mnemonic = load ? 'ldrex' : 'strex';
  const m: Memory = {
    op: load ? 'load' : 'store',
    mnemonic,
    base: rn(word),
    offset: bits(word, 7, 0) * 4,
    targets: [rt(word)],
    status,
    size: 4,
    operands,
  };
  return memory(4, m, condition);
};

/** LDREXB and its kin, LDA and STL, TBB: bits 7..4. */
const byKind: Read = (word, condition) => {
  const load = bits(word, 20, 20) === 1;
  const kind = bits(word, 7, 4);
  if (kind < 2) return { ...plain(4, kind === 0 ? 'tbb' : 'tbh'), op: 'branch', condition };
  const size = [1, 2, 4, 8][kind & 3]!;
  const isExclusive = kind < 8 || kind >= 12;
  const acquires = kind >= 8;
  const suffix = ['b', 'h', '', 'd'][kind & 3]!;
  const name = load ? (acquires ? 'lda' : 'ldr') : acquires ? 'stl' : 'str';
  const targets = size === 8 ? [rt(word), rd(word)] : [rt(word)];
  const status = load || !isExclusive ? [] : [rm(word)];
  const m: Memory = {
    op: load ? 'load' : 'store',
    mnemonic: `${name}${isExclusive ? 'ex' : ''}${suffix}`,
    base: rn(word),
    offset: 0,
    targets,
    status,
    size,
    operands: [...status, ...targets].map(r).join(','),
  };
  return memory(4, m, condition);
};

const NAMES: Readonly<Record<number, string>> = {
  0: 'and',
  1: 'bic',
  2: 'orr',
  3: 'orn',
  4: 'eor',
  8: 'add',
  10: 'adc',
  11: 'sbc',
  13: 'sub',
  14: 'rsb',
};

/** AND, ADD, SUB ... of a register, shifted or not, or of a modified constant; Rd 15 with S compares, Rn 15 of ORR is MOV. */
const processing =
  (immediate: boolean): Read =>
  (word, condition) => {
    const code = bits(word, 24, 21);
    const sets = bits(word, 20, 20) === 1;
    const compares = rd(word) === PC && sets;
    const value = immediate ? modified(word) : null;
    const copied = !immediate && bits(word, 14, 12) === 0 && bits(word, 7, 4) === 0 ? rm(word) : null;
    const target = compares ? null : rd(word);
    const both = { rd: target, sets } as const;
    const name = (mnemonic: string): string => `${named(`${mnemonic}${sets && !compares ? 's' : ''}`, condition)}.w`;
    if (code === 2 && rn(word) === PC) {
      if (copied !== null)
        return arithmetic(
          4,
          { ...both, kind: 'move', base: copied, zero: copied, text: `${name('mov')} ${r(rd(word))},${r(copied)}` },
          condition,
        );
      if (value !== null)
        return arithmetic(
          4,
          { ...both, kind: 'constant', value, text: `${name('mov')} ${r(rd(word))},${imm(value)}` },
          condition,
        );
    }
    const zero = value === 0 ? rn(word) : undefined;
    if (code === 13 && compares && value !== null)
      return arithmetic(4, { ...both, zero, text: `${name('cmp')} ${r(rn(word))},${imm(value)}` }, condition);
    if (code === 0 && compares && copied === rn(word))
      return arithmetic(4, { ...both, zero: copied, text: `${name('tst')} ${r(copied)},${r(copied)}` }, condition);
    if ((code === 8 || code === 13) && !compares && value !== null) {
      const text = `${name(NAMES[code]!)} ${r(rd(word))},${r(rn(word))},${imm(value)}`;
      return arithmetic(
        4,
        { ...both, kind: 'add', base: rn(word), value: code === 13 ? -value : value, zero, text },
        condition,
      );
    }
    return arithmetic(4, { ...both, text: `.word 0x${hex(word)}` }, condition);
  };

/** ThumbExpandImm(): a byte, repeated or rotated. */
function modified(word: number): number {
  const code = bits(word, 26, 26) * 8 + bits(word, 14, 12);
  const byte = bits(word, 7, 0);
  if (code < 4) return [byte, byte * 0x10001, byte * 0x1000100, byte * 0x1010101][code]!;
  const by = code * 2 + bits(byte, 7, 7);
  const full = byte | 0x80;
  return ((full >>> by) | (full << (32 - by))) >>> 0;
}

/** ADDW, SUBW, MOVW, MOVT, bit fields, saturation: constants as they are. */
const plainImmediate: Read = (word, condition) => {
  const code = bits(word, 24, 20);
  const low = bits(word, 26, 26) * 2048 + bits(word, 14, 12) * 256 + bits(word, 7, 0);
  const target = rd(word);
  if (code === 0 || code === 10) {
    const name = code === 0 ? 'addw' : 'subw';
    const value = code === 0 ? low : -low;
    const text = `${named(name, condition)} ${r(target)},${r(rn(word))},${imm(low)}`;
    return arithmetic(4, { rd: target, sets: false, kind: 'add', base: rn(word), value, text }, condition);
  }
  if (code === 4) {
    const value = rn(word) * 4096 + low;
    const text = `${named('movw', condition)} ${r(target)},${imm(value)}`;
    return arithmetic(4, { rd: target, sets: false, kind: 'constant', value, text }, condition);
  }
  return other(word, condition, [target]);
};

/** Conditional and far branches, calls, barriers, system registers. */
const control: Read = (word, condition) => {
  const [b14, b12] = [bits(word, 14, 14), bits(word, 12, 12)];
  const sign = bits(word, 26, 26);
  if (b14 === 0 && b12 === 0) {
    const field = bits(word, 25, 22);
    if (field < 14) {
      const value =
        sign * 0x80000 +
        bits(word, 11, 11) * 0x40000 +
        bits(word, 13, 13) * 0x20000 +
        bits(word, 21, 16) * 0x800 +
        bits(word, 10, 0);
      const offset = signed(value, 20) * 2 + 4;
      return jump(4, 'branch', 'b', offset, `${to(offset)}`, conditionOf(field));
    }
    // MRS writes a register; hints and barriers nothing; MSR may set the flags. UDF.W lies beside them.
    if ((word & 0xfff0f000) >>> 0 === 0xf7f0a000)
      return { ...plain(4, `exception 0x${hex(word)}`), op: 'exception', condition };
    const isMrs = bits(word, 25, 21) === 0b11111;
    return {
      ...other(word, condition, isMrs ? [rd(word)] : []),
      flags: bits(word, 25, 21) === 0b11100 ? 'changed' : 'kept',
    };
  }
  const [j1, j2] = [bits(word, 13, 13), bits(word, 11, 11)];
  const [i1, i2] = [j1 === sign ? 1 : 0, j2 === sign ? 1 : 0];
  const value = sign * 0x800000 + i1 * 0x400000 + i2 * 0x200000 + bits(word, 25, 16) * 0x800 + bits(word, 10, 0);
  const offset = signed(value, 24) * 2 + 4;
  if (b14 === 0) return jump(4, 'branch', 'b', offset, to(offset), condition);
  // BLX aligns pc.
  return jump(4, 'call', b12 === 1 ? 'bl' : 'blx', offset, to(offset), condition);
};

/** LDR, STR and their narrow forms; a narrow load to pc is a prefetch. */
const single: Read = (word, condition) => {
  const load = bits(word, 20, 20) === 1;
  const size = [1, 2, 4, 0][bits(word, 22, 21)]!;
  const isSigned = bits(word, 24, 24) === 1;
  if (size === 0) return other(word, condition, [rn(word), rt(word)]);
  const long = bits(word, 23, 23) === 1;
  const indexed = !long && bits(word, 11, 11) === 1;
  const value = bits(word, 7, 0);
  const [p, u, w] = [bits(word, 10, 10), bits(word, 9, 9), bits(word, 8, 8)];
  const offset = long ? bits(word, 11, 0) : indexed ? (u === 1 || value === 0 ? value : -value) : null;
  const user = indexed && p === 1 && u === 1 && w === 0;
  const index = !indexed ? undefined : p === 0 ? 'post' : w === 1 ? 'pre' : undefined;
  const letters = `${isSigned ? 's' : ''}${{ 1: 'b', 2: 'h', 4: '' }[size]}`;
  if (load && rt(word) === PC && size < 4)
    return memory(
      4,
      {
        op: 'prefetch',
        mnemonic: 'pld',
        base: rn(word),
        offset: rn(word) === PC ? null : offset,
        targets: [],
        size: 0,
      },
      condition,
    );
  const mnemonic = `${load ? 'ldr' : 'str'}${letters}${user ? 't' : ''}`;
  const op = load ? 'load' : 'store';
  return memory(4, { op, mnemonic, base: rn(word), offset, targets: [rt(word)], size, index }, condition);
};

interface Row {
  readonly mask: number;
  readonly is: number;
  readonly read: Read;
}

const ROWS: readonly Row[] = [
  { mask: 0xfe400000, is: 0xe8000000, read: block },
  // Doublewords have P or W; without them it is an exclusive, or what bits 7..4 say.
  { mask: 0xffe00000, is: 0xe8400000, read: exclusive },
  { mask: 0xffe00000, is: 0xe8c00000, read: byKind },
  { mask: 0xfe400000, is: 0xe8400000, read: pair },
  { mask: 0xfe000000, is: 0xea000000, read: processing(false) },
  { mask: 0xec000000, is: 0xec000000, read: coprocessor },
  { mask: 0xfa008000, is: 0xf0000000, read: processing(true) },
  { mask: 0xfa008000, is: 0xf2000000, read: plainImmediate },
  { mask: 0xf8008000, is: 0xf0008000, read: control },
  // NEON structures.
  { mask: 0xff100000, is: 0xf9000000, read: (word, c) => other(word, c, [rn(word)]) },
  { mask: 0xfe000000, is: 0xf8000000, read: single },
  { mask: 0xff800000, is: 0xfb800000, read: (word, c) => other(word, c, [rt(word), rd(word)]) },
  { mask: 0xfe000000, is: 0xfa000000, read: (word, c) => ({ ...other(word, c, [rd(word)]), flags: 'changed' }) },
];

/** One 32-bit instruction. */
export function decodeThumb32(word: number, condition: string | null): Instruction {
  const row = ROWS.find(({ mask, is }) => (word & mask) >>> 0 === is);
  return row === undefined ? other(word, condition, [rn(word), rt(word), rd(word)]) : row.read(word, condition);
}
