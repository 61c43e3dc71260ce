/** The 16-bit riscv instructions (RISC-V Unprivileged ISA, "C" Standard Extension, RV64C; Zcb's loads and stores of bytes and half-words). */

import { bits, hex, type Instruction, plain, signed } from '../code/instruction.ts';
import { access, addImmediate, branch, branchIf, call, jumpTo, other, r, SP } from './pieces.ts';

/** Scattered bits of an immediate: [high, low, where its lowest bit goes]. */
type Scattered = readonly (readonly [high: number, low: number, to: number])[];
const gather = (half: number, parts: Scattered): number =>
  parts.reduce((sum, [high, low, shift]) => sum + bits(half, high, low) * 2 ** shift, 0);

/** Registers of three bits are x8 to x15. */
const short = (half: number, low: number): number => 8 + bits(half, low + 2, low);
const rd = (half: number): number => bits(half, 11, 7);
const rs2 = (half: number): number => bits(half, 6, 2);

const WORD: Scattered = [
  [12, 10, 3],
  [6, 6, 2],
  [5, 5, 6],
];
const DOUBLE: Scattered = [
  [12, 10, 3],
  [6, 5, 6],
];
const WORD_LOAD_SP: Scattered = [
  [12, 12, 5],
  [6, 4, 2],
  [3, 2, 6],
];
const DOUBLE_LOAD_SP: Scattered = [
  [12, 12, 5],
  [6, 5, 3],
  [4, 2, 6],
];
const WORD_STORE_SP: Scattered = [
  [12, 9, 2],
  [8, 7, 6],
];
const DOUBLE_STORE_SP: Scattered = [
  [12, 10, 3],
  [9, 7, 6],
];
const ADDI4SPN: Scattered = [
  [12, 11, 4],
  [10, 7, 6],
  [6, 6, 2],
  [5, 5, 3],
];
const ADDI16SP: Scattered = [
  [12, 12, 9],
  [6, 6, 4],
  [5, 5, 6],
  [4, 3, 7],
  [2, 2, 5],
];
const JUMP: Scattered = [
  [12, 12, 11],
  [11, 11, 4],
  [10, 9, 8],
  [8, 8, 10],
  [7, 7, 6],
  [6, 6, 7],
  [5, 3, 1],
  [2, 2, 5],
];
const BRANCH: Scattered = [
  [12, 12, 8],
  [11, 10, 3],
  [6, 5, 6],
  [4, 3, 1],
  [2, 2, 5],
];

type Read = (half: number) => Instruction;

const field =
  (op: 'load' | 'store', mnemonic: string, size: number, parts: Scattered, general = true): Read =>
  (half) =>
    access(2, {
      op,
      mnemonic,
      base: short(half, 7),
      offset: gather(half, parts),
      target: general ? short(half, 2) : null,
      size,
    });

const onStack =
  (op: 'load' | 'store', mnemonic: string, size: number, parts: Scattered, general = true): Read =>
  (half) => {
    const target = general ? (op === 'load' ? rd(half) : rs2(half)) : null;
    return access(2, { op, mnemonic, base: SP, offset: gather(half, parts), target, size });
  };

const six = (half: number): number => signed(bits(half, 12, 12) * 32 + bits(half, 6, 2), 6);
const writesRd: Read = (half) => other(2, `.short 0x${hex(half, 4)}`, [rd(half)]);

/** C.LUI, or C.ADDI16SP. */
const upper: Read = (half) =>
  rd(half) === SP ? addImmediate(2, SP, SP, signed(gather(half, ADDI16SP), 10)) : writesRd(half);

/** Zcb. */
const narrow: Read = (half) => {
  const kind = bits(half, 12, 10);
  const isHalf = kind === 1 || kind === 3;
  const offset = isHalf ? bits(half, 5, 5) * 2 : bits(half, 6, 6) + bits(half, 5, 5) * 2;
  const m = { base: short(half, 7), offset, target: short(half, 2), size: isHalf ? 2 : 1 } as const;
  if (kind === 0) return access(2, { op: 'load', mnemonic: 'lbu', ...m });
  if (kind === 1) return access(2, { op: 'load', mnemonic: bits(half, 6, 6) === 1 ? 'lh' : 'lhu', ...m });
  if (kind === 2) return access(2, { op: 'store', mnemonic: 'sb', ...m });
  if (kind === 3) return access(2, { op: 'store', mnemonic: 'sh', ...m });
  return other(2, `.short 0x${hex(half, 4)}`, [short(half, 7), short(half, 2)]);
};

const byRegisters: Read = (half) => {
  const [a, b] = [rd(half), rs2(half)];
  if (bits(half, 12, 12) === 0) return b === 0 ? jumpTo(2, a) : a === 0 ? plain(2, 'nop') : addImmediate(2, a, b, 0);
  if (a === 0 && b === 0) return { ...plain(2, 'ebreak'), op: 'exception' };
  return b === 0 ? call(2, `jalr ${r(a)}`, null) : writesRd(half);
};

/** By the two lowest bits, then by the three highest. */
const ROWS: Readonly<Record<number, readonly Read[]>> = {
  0: [
    (half) =>
      half === 0
        ? { ...plain(2, 'unimp'), op: 'exception' }
        : addImmediate(2, short(half, 2), SP, gather(half, ADDI4SPN)),
    field('load', 'fld', 8, DOUBLE, false),
    field('load', 'lw', 4, WORD),
    field('load', 'ld', 8, DOUBLE),
    narrow,
    field('store', 'fsd', 8, DOUBLE, false),
    field('store', 'sw', 4, WORD),
    field('store', 'sd', 8, DOUBLE),
  ],
  1: [
    (half) => addImmediate(2, rd(half), rd(half), six(half)),
    writesRd,
    (half) => addImmediate(2, rd(half), 0, six(half)),
    upper,
    (half) => other(2, `.short 0x${hex(half, 4)}`, [short(half, 7)]),
    (half) => branch(2, signed(gather(half, JUMP), 12)),
    (half) => branchIf(2, 'beq', short(half, 7), 0, signed(gather(half, BRANCH), 9)),
    (half) => branchIf(2, 'bne', short(half, 7), 0, signed(gather(half, BRANCH), 9)),
  ],
  2: [
    writesRd,
    onStack('load', 'fld', 8, DOUBLE_LOAD_SP, false),
    onStack('load', 'lw', 4, WORD_LOAD_SP),
    onStack('load', 'ld', 8, DOUBLE_LOAD_SP),
    byRegisters,
    onStack('store', 'fsd', 8, DOUBLE_STORE_SP, false),
    onStack('store', 'sw', 4, WORD_STORE_SP),
    onStack('store', 'sd', 8, DOUBLE_STORE_SP),
  ],
};

/** One 16-bit instruction: its two lowest bits are not both set. */
export function decodeCompressed(half: number): Instruction {
  return ROWS[half & 3]![half >>> 13]!(half);
}
