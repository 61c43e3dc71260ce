/** riscv64 as a processor of `Code:` lines: half-words, of one or two an instruction. The 32-bit encodings are here, the others in `compressed.ts`. */

import { agreed } from '../code/boundaries.ts';
import { bits, hex, type Instruction, type Processor, plain, signed, to } from '../code/instruction.ts';
import { decodeCompressed } from './compressed.ts';
import { access, addImmediate, branch, branchIf, call, jumpTo, other, r, SP } from './pieces.ts';

export const RISCV: Processor = {
  pointer: 8,
  sp: SP,
  nameOf: r,
  inLog: r,
  // The first half-word can be the second of an instruction that begins before the line.
  decode: ({ words, trap, aligned }) =>
    aligned ? (from(words, 0, trap) ?? []) : agreed([from(words, 0, trap), from(words, 1, trap)]),
};

function from(halves: readonly number[], start: number, trap: number): readonly Instruction[] | null {
  const found: Instruction[] = [];
  for (let at = start; at <= trap; at += found.at(-1)!.length / 2) {
    const half = halves[at];
    const second = halves[at + 1];
    if (half === undefined || ((half & 3) === 3 && second === undefined)) return null;
    found.push((half & 3) === 3 ? decodeRiscv(second! * 0x10000 + half) : decodeCompressed(half));
    if (at === trap) return found;
  }
  return null;
}

type Read = (word: number) => Instruction;

const rd = (word: number): number => bits(word, 11, 7);
const rs1 = (word: number): number => bits(word, 19, 15);
const rs2 = (word: number): number => bits(word, 24, 20);
const kind = (word: number): number => bits(word, 14, 12);
const upTo12 = (word: number): number => signed(bits(word, 31, 20), 12);
const storeOffset = (word: number): number => signed(bits(word, 31, 25) * 32 + bits(word, 11, 7), 12);
const writesRd: Read = (word) => other(4, `.word 0x${hex(word)}`, [rd(word)]);

const LOADS = ['lb', 'lh', 'lw', 'ld', 'lbu', 'lhu', 'lwu'] as const;
const STORES = ['sb', 'sh', 'sw', 'sd'] as const;

const load: Read = (word) => {
  const mnemonic = LOADS[kind(word)];
  if (mnemonic === undefined) return writesRd(word);
  return access(4, {
    op: 'load',
    mnemonic,
    base: rs1(word),
    offset: upTo12(word),
    target: rd(word),
    size: 2 ** (kind(word) & 3),
  });
};

const store: Read = (word) => {
  const mnemonic = STORES[kind(word)];
  if (mnemonic === undefined) return other(4, `.word 0x${hex(word)}`, []);
  return access(4, {
    op: 'store',
    mnemonic,
    base: rs1(word),
    offset: storeOffset(word),
    target: rs2(word),
    size: 2 ** kind(word),
  });
};

/** Widths 2 to 4 are scalars; the vector extension has the others. */
const floating =
  (op: 'load' | 'store'): Read =>
  (word) => {
    const size = 2 ** kind(word);
    if (kind(word) < 1 || kind(word) > 4) return other(4, `.word 0x${hex(word)}`, []);
    const offset = op === 'load' ? upTo12(word) : storeOffset(word);
    return access(4, { op, mnemonic: op === 'load' ? 'fl' : 'fs', base: rs1(word), offset, target: null, size });
  };

const AMO = new Map([
  [0b00010, 'lr'],
  [0b00011, 'sc'],
  [0b00001, 'amoswap'],
  [0b00000, 'amoadd'],
]);

const atomic: Read = (word) => {
  const size = 2 ** kind(word);
  const name = AMO.get(bits(word, 31, 27)) ?? 'amo';
  const mnemonic = `${name}.${size === 8 ? 'd' : 'w'}`;
  const m = { mnemonic, base: rs1(word), offset: 0, size } as const;
  if (name === 'lr') return access(4, { ...m, op: 'load', target: rd(word) });
  return access(4, { ...m, op: name === 'sc' ? 'store' : 'atomic', target: rs2(word), status: rd(word) });
};

const jump: Read = (word) => {
  const value =
    bits(word, 31, 31) * 2 ** 20 + bits(word, 19, 12) * 2 ** 12 + bits(word, 20, 20) * 2 ** 11 + bits(word, 30, 21) * 2;
  const offset = signed(value, 21);
  return rd(word) === 0 ? branch(4, offset) : call(4, `jal ${to(offset)}`, offset);
};

const jumpRegister: Read = (word) => (rd(word) === 0 ? jumpTo(4, rs1(word)) : call(4, `jalr ${r(rs1(word))}`, null));

const BRANCHES = ['beq', 'bne', undefined, undefined, 'blt', 'bge', 'bltu', 'bgeu'] as const;

const conditional: Read = (word) => {
  const value = bits(word, 31, 31) * 4096 + bits(word, 7, 7) * 2048 + bits(word, 30, 25) * 32 + bits(word, 11, 8) * 2;
  return branchIf(4, BRANCHES[kind(word)] ?? 'b?', rs1(word), rs2(word), signed(value, 13));
};

const system: Read = (word) => {
  if (kind(word) !== 0) return writesRd(word);
  const code = bits(word, 31, 20);
  if (code < 2) return { ...plain(4, code === 0 ? 'ecall' : 'ebreak'), op: 'exception' };
  return code === 0x102 || code === 0x302 ? { ...plain(4, 'sret'), op: 'return' } : plain(4, `.word 0x${hex(word)}`);
};

/** By the seven lowest bits; all others write at most rd. */
const OPCODES: ReadonlyMap<number, Read> = new Map([
  [0x03, load],
  [0x07, floating('load')],
  [0x0f, (word: number) => plain(4, `.word 0x${hex(word)}`)],
  [0x13, (word: number) => (kind(word) === 0 ? addImmediate(4, rd(word), rs1(word), upTo12(word)) : writesRd(word))],
  [0x23, store],
  [0x27, floating('store')],
  [0x2f, atomic],
  // "add rd,rs,zero" copies.
  [
    0x33,
    (word: number) =>
      (word & 0xfff0707f) >>> 0 === 0x33 && rs1(word) !== 0 ? addImmediate(4, rd(word), rs1(word), 0) : writesRd(word),
  ],
  [0x63, conditional],
  [0x67, jumpRegister],
  [0x6f, jump],
  [0x73, system],
]);

/** One 32-bit instruction. */
export function decodeRiscv(word: number): Instruction {
  return (OPCODES.get(bits(word, 6, 0)) ?? writesRd)(word);
}
