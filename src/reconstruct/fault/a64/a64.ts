/**
 * A decoder for the AArch64 instructions that a `Code:` line needs: what reads or writes memory, through which register, at which offset; and
 * of the rest, which registers they may change and whether they pass control elsewhere. Encodings: Arm Architecture Reference Manual for
 * A-profile, chapter C4 (A64 instruction set encoding).
 */

import type { Processor } from '../code/instruction.ts';
import { type A64Instruction, b, bits, CALL_CLOBBERS, hex, imm, other, SP, signed, to, w, x } from './instruction.ts';
import { loadStore } from './memory.ts';

export const A64: Processor = {
  pointer: 8,
  sp: SP,
  nameOf: b,
  inLog: b,
  decode: (code) => code.words.slice(0, code.trap + 1).map((word) => decodeA64(word)),
};

/** One 32-bit instruction word, as the Code: line prints it. */
export function decodeA64(word: number): A64Instruction {
  const op0 = bits(word, 28, 25);
  if ((op0 & 0b0101) === 0b0100) return loadStore(word) ?? other(word, [bits(word, 4, 0), bits(word, 9, 5)]);
  if ((op0 & 0b1110) === 0b1000) return immediate(word);
  if ((op0 & 0b1110) === 0b1010) return control(word);
  if ((op0 & 0b0111) === 0b0101) return register(word);
  // SIMD, SVE, SME and unallocated: some move to a general register (FMOV, UMOV), so any may.
  return other(word, [bits(word, 4, 0)]);
}

/** Data processing with an immediate: all of it writes Rd. */
function immediate(word: number): A64Instruction {
  const [rn, rd] = [bits(word, 9, 5), bits(word, 4, 0)];
  const wide = bits(word, 31, 31) === 1;
  const flags = bits(word, 29, 29) === 1;
  if (bits(word, 28, 23) === 0b100010 && wide && !flags) {
    const value = bits(word, 21, 10) * (bits(word, 22, 22) === 1 ? 4096 : 1);
    const sub = bits(word, 30, 30) === 1;
    const text =
      value === 0 && (rn === SP || rd === SP)
        ? `mov ${b(rd)},${b(rn)}`
        : `${sub ? 'sub' : 'add'} ${b(rd)},${b(rn)},${imm(value)}`;
    return { ...other(word, [rd]), op: 'add', base: rn, offset: sub ? -value : value, targets: [rd], text };
  }
  return other(word, [rd]);
}

function register(word: number): A64Instruction {
  const [rm, rd] = [bits(word, 20, 16), bits(word, 4, 0)];
  // MOV Xd, Xm is ORR Xd, XZR, Xm with no shift; MOV from xzr is a constant 0, not a copy.
  if ((word & 0xffe0ffe0) >>> 0 === 0xaa0003e0 && rm !== 31) {
    return { ...other(word, [rd]), op: 'move', base: rm, offset: 0, targets: [rd], text: `mov ${x(rd)},${x(rm)}` };
  }
  return other(word, [rd]);
}

/** Branches, exceptions and system instructions. */
function control(word: number): A64Instruction {
  const plain = other(word, []);
  const rt = bits(word, 4, 0);
  if (bits(word, 30, 26) === 0b00101) {
    const offset = signed(bits(word, 25, 0), 26) * 4;
    const call = bits(word, 31, 31) === 1;
    return {
      ...plain,
      op: call ? 'call' : 'branch',
      offset,
      writes: call ? [...CALL_CLOBBERS] : [],
      text: `${call ? 'bl' : 'b'} ${to(offset)}`,
    };
  }
  if (bits(word, 31, 24) === 0x54) {
    const offset = signed(bits(word, 23, 5), 19) * 4;
    const names = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le', 'al', 'nv'];
    const condition = names[word & 15]!;
    return { ...plain, op: 'branch-if', offset, condition, text: `b.${condition} ${to(offset)}` };
  }
  if (bits(word, 30, 25) === 0b011010) {
    const offset = signed(bits(word, 23, 5), 19) * 4;
    const name = bits(word, 31, 31) === 1 ? x(rt) : w(rt);
    const mnemonic = bits(word, 24, 24) === 1 ? 'cbnz' : 'cbz';
    // Of half a register's being zero nothing follows for the pointer.
    const tested = bits(word, 31, 31) === 1 ? rt : null;
    const condition = mnemonic === 'cbz' ? 'eq' : 'ne';
    return { ...plain, op: 'branch-if', offset, condition, tested, text: `${mnemonic} ${name},${to(offset)}` };
  }
  if (bits(word, 30, 25) === 0b011011) {
    const offset = signed(bits(word, 18, 5), 14) * 4;
    const bit = bits(word, 31, 31) * 32 + bits(word, 23, 19);
    const mnemonic = bits(word, 24, 24) === 1 ? 'tbnz' : 'tbz';
    return { ...plain, op: 'branch-if', offset, text: `${mnemonic} ${x(rt)},#${bit},${to(offset)}` };
  }
  if (bits(word, 31, 25) === 0b1101011) {
    const opc = bits(word, 24, 21);
    const rn = bits(word, 9, 5);
    if ((opc & 0b0111) === 1) return { ...plain, op: 'call', writes: [...CALL_CLOBBERS], text: `blr ${x(rn)}` };
    if (opc === 2) return { ...plain, op: 'return', text: 'ret' };
    if ((opc & 0b0111) === 0) return { ...plain, op: 'branch', text: `br ${x(rn)}` };
    return { ...plain, op: 'exception', text: 'eret' };
  }
  if (bits(word, 31, 24) === 0xd4) return { ...plain, op: 'exception', text: `exception 0x${hex(word)}` };
  // Hints (NOP, PACIASP, BTI): PACIASP signs x30, XPACLRI strips it; none touches x0 to x29 but PACIA1716, which signs x17.
  if ((word & 0xfffff01f) >>> 0 === 0xd503201f)
    return word >>> 0 === 0xd503201f ? { ...plain, text: 'nop' } : { ...plain, writes: [17, 30] };
  // MRS and SYSL write Rt; MSR and SYS do not, but telling them apart is not worth a wrong reading.
  return { ...plain, writes: rt === 31 ? [] : [rt] };
}
