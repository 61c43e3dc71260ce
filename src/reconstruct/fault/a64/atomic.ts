/** Atomics of the AArch64 decoder: read-modify-write instructions of LSE, exclusives, acquire and release forms (Arm ARM, C4.1). */

import { memory, NARROW } from './access.ts';
import { type A64Instruction, bits, w, x } from './instruction.ts';

/** LDADD and its kin, SWP, LDAPR; null for 64-byte accesses to devices. */
export function atomic(word: number): A64Instruction | null {
  const size = bits(word, 31, 30);
  const [rs, rn, rt] = [bits(word, 20, 16), bits(word, 9, 5), bits(word, 4, 0)];
  const name = (r: number): string => (size === 3 ? x(r) : w(r));
  const o3 = bits(word, 15, 15);
  const opc = bits(word, 14, 12);
  if (o3 === 1 && opc === 0b100) {
    return memory(word, {
      op: 'load',
      mnemonic: `ldapr${NARROW[size]}`,
      base: rn,
      offset: 0,
      targets: [rt],
      size: 2 ** size,
      operands: name(rt),
    });
  }
  // The rest with this bit set are SWP and 64-byte accesses to devices.
  if (o3 === 1 && opc !== 0) return null;
  const kinds = ['ldadd', 'ldclr', 'ldeor', 'ldset', 'ldsmax', 'ldsmin', 'ldumax', 'ldumin'];
  const mnemonic = `${o3 === 1 ? 'swp' : kinds[opc]}${bits(word, 23, 23) ? 'a' : ''}${bits(word, 22, 22) ? 'l' : ''}${NARROW[size]}`;
  return memory(word, {
    op: 'atomic',
    mnemonic,
    base: rn,
    offset: 0,
    targets: [rs],
    status: [rt],
    size: 2 ** size,
    operands: `${name(rs)},${name(rt)}`,
  });
}

/** LDXR/STXR, LDAR/STLR, CAS and their acquire and release forms. */
export function exclusive(word: number): A64Instruction {
  const size = bits(word, 31, 30);
  const [rs, rt2, rn, rt] = [bits(word, 20, 16), bits(word, 14, 10), bits(word, 9, 5), bits(word, 4, 0)];
  const [o2, load, o1, o0] = [bits(word, 23, 23), bits(word, 22, 22) === 1, bits(word, 21, 21), bits(word, 15, 15)];
  const name = (r: number): string => (size === 3 ? x(r) : w(r));
  if (o1 === 1 && (o2 === 1 || size < 2)) {
    // CAS; with o2 clear CASP, whose low size bit says 64-bit pairs.
    const casp = o2 === 0;
    const bytes = casp ? (size === 1 ? 16 : 8) : 2 ** size;
    const mnemonic = `cas${casp ? 'p' : ''}${load ? 'a' : ''}${o0 ? 'l' : ''}${casp ? '' : NARROW[size]}`;
    const status = casp ? [rs, rs + 1] : [rs];
    return memory(word, {
      op: 'atomic',
      mnemonic,
      base: rn,
      offset: 0,
      targets: [rt],
      status,
      size: bytes,
      operands: `${name(rs)},${name(rt)}`,
    });
  }
  if (o2 === 1) {
    const mnemonic = `${load ? 'ld' : 'st'}${o0 ? (load ? 'ar' : 'lr') : load ? 'lar' : 'llr'}${NARROW[size]}`;
    return memory(word, {
      op: load ? 'load' : 'store',
      mnemonic,
      base: rn,
      offset: 0,
      targets: [rt],
      size: 2 ** size,
      operands: name(rt),
    });
  }
  const two = o1 === 1;
  const mnemonic = `${load ? 'ld' : 'st'}${o0 ? (load ? 'a' : 'l') : ''}x${two ? 'p' : 'r'}${NARROW[size]}`;
  const regs = two ? [rt, rt2] : [rt];
  return memory(word, {
    op: load ? 'load' : 'store',
    mnemonic,
    base: rn,
    offset: 0,
    targets: regs,
    status: load ? [] : [rs],
    size: 2 ** size * regs.length,
    operands: `${load ? '' : `${w(rs)},`}${regs.map(name).join(',')}`,
  });
}
