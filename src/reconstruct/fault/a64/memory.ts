/** The load and store half of the AArch64 decoder: encodings with bits 27 and 25 at 1 and 0 (Arm ARM, C4.1, "Loads and Stores"). */

import { type Memory, memory, NARROW } from './access.ts';
import { atomic, exclusive } from './atomic.ts';
import { type A64Instruction, b, bits, other, signed, w, x } from './instruction.ts';

const SIMD = ['b', 'h', 's', 'd', 'q'] as const;

/** Single-register accesses: what size, opc and V say. Null: unallocated. */
function single(
  word: number,
  unscaled: string,
): { op: Memory['op']; mnemonic: string; size: number; operands: string; general: boolean } | null {
  const size = bits(word, 31, 30);
  const opc = bits(word, 23, 22);
  const rt = bits(word, 4, 0);
  if (bits(word, 26, 26) === 1) {
    const scale = (opc & 2) !== 0 ? 4 : size;
    if (scale === 4 && size !== 0) return null;
    const op = (opc & 1) === 1 ? 'load' : 'store';
    return {
      op,
      mnemonic: `${op === 'load' ? 'ld' : 'st'}${unscaled}`,
      size: 2 ** scale,
      operands: `${SIMD[scale]}${rt}`,
      general: false,
    };
  }
  if (size === 3 && opc === 2)
    return {
      op: 'prefetch',
      mnemonic: unscaled === 'ur' ? 'prfum' : 'prfm',
      size: 0,
      operands: `#${rt}`,
      general: false,
    };
  if ((size === 3 && opc === 3) || (size === 2 && opc === 3)) return null;
  const bytes = 2 ** size;
  if (opc === 0) {
    return {
      op: 'store',
      mnemonic: `st${unscaled}${NARROW[size]}`,
      size: bytes,
      operands: size === 3 ? x(rt) : w(rt),
      general: true,
    };
  }
  if (opc === 1) {
    return {
      op: 'load',
      mnemonic: `ld${unscaled}${NARROW[size]}`,
      size: bytes,
      operands: size === 3 ? x(rt) : w(rt),
      general: true,
    };
  }
  const width = ['b', 'h', 'w'][size]!;
  return {
    op: 'load',
    mnemonic: `ld${unscaled}s${width}`,
    size: bytes,
    operands: opc === 2 ? x(rt) : w(rt),
    general: true,
  };
}

/** Null: unallocated, or nothing that a field access can be. */
export function loadStore(word: number): A64Instruction | null {
  const rn = bits(word, 9, 5);
  const rt = bits(word, 4, 0);
  const simd = bits(word, 26, 26) === 1;
  switch (bits(word, 29, 28)) {
    case 0b11: {
      if (bits(word, 24, 24) === 1) {
        const s = single(word, 'r');
        if (s === null) return null;
        const scale = s.op === 'prefetch' ? 8 : s.size;
        return memory(word, { ...s, base: rn, offset: bits(word, 21, 10) * scale, targets: s.general ? [rt] : [] });
      }
      const mode = bits(word, 11, 10);
      if (bits(word, 21, 21) === 0) {
        const s = single(word, mode === 0 ? 'ur' : mode === 2 ? 'tr' : 'r');
        if (s === null) return null;
        const offset = signed(bits(word, 20, 12), 9);
        const index = mode === 1 ? 'post' : mode === 3 ? 'pre' : undefined;
        return memory(word, { ...s, base: rn, offset, targets: s.general ? [rt] : [], index });
      }
      if (mode === 2) {
        const s = single(word, 'r');
        if (s === null) return null;
        return memory(word, {
          ...s,
          base: rn,
          offset: null,
          targets: s.general ? [rt] : [],
          where: `[${b(rn)},${x(bits(word, 20, 16))},...]`,
        });
      }
      if (mode === 0 && !simd) return atomic(word);
      if (!simd && bits(word, 31, 30) === 3) {
        // LDRAA, LDRAB: an authenticated pointer load, scaled by 8.
        const offset = signed(bits(word, 22, 22) * 512 + bits(word, 20, 12), 10) * 8;
        return memory(word, {
          op: 'load',
          mnemonic: bits(word, 23, 23) === 1 ? 'ldrab' : 'ldraa',
          base: rn,
          offset,
          targets: [rt],
          size: 8,
          operands: x(rt),
          index: mode === 3 ? 'pre' : undefined,
        });
      }
      return null;
    }
    case 0b10:
      return pair(word);
    case 0b01: {
      if (bits(word, 24, 24) === 0) {
        // LDR literal: PC-relative, never a structure's field.
        const opc = bits(word, 31, 30);
        const size = simd ? 4 * 2 ** opc : opc === 1 ? 8 : 4;
        return {
          ...other(word, simd || opc === 3 ? [] : [rt]),
          size,
          access: opc === 3 && !simd ? null : 'read',
          text: 'ldr (literal)',
        };
      }
      if (bits(word, 21, 21) === 0 && bits(word, 11, 10) === 0 && !simd) {
        const s = single(word, 'apur');
        if (s === null || s.op === 'prefetch') return null;
        const mnemonic = s.op === 'store' ? s.mnemonic.replace('stapur', 'stlur') : s.mnemonic;
        return memory(word, { ...s, mnemonic, base: rn, offset: signed(bits(word, 20, 12), 9), targets: [rt] });
      }
      return null;
    }
    default:
      return simd ? simdStructure(word) : exclusive(word);
  }
}

function pair(word: number): A64Instruction | null {
  const opc = bits(word, 31, 30);
  const simd = bits(word, 26, 26) === 1;
  const mode = bits(word, 24, 23);
  const load = bits(word, 22, 22) === 1;
  const [rt2, rn, rt] = [bits(word, 14, 10), bits(word, 9, 5), bits(word, 4, 0)];
  if (opc === 3 || (!simd && opc === 1 && (!load || mode === 0))) return null;
  const each = simd ? 4 * 2 ** opc : opc === 2 ? 8 : 4;
  const name = (r: number): string => (simd ? `${SIMD[opc + 2]}${r}` : opc === 0 ? w(r) : x(r));
  const mnemonic = `${load ? 'ld' : 'st'}${mode === 0 ? 'n' : ''}p${!simd && opc === 1 ? 'sw' : ''}`;
  return memory(word, {
    op: load ? 'load' : 'store',
    mnemonic,
    base: rn,
    offset: signed(bits(word, 21, 15), 7) * each,
    targets: simd ? [] : [rt, rt2],
    size: 2 * each,
    operands: `${name(rt)},${name(rt2)}`,
    index: mode === 1 ? 'post' : mode === 3 ? 'pre' : undefined,
  });
}

/** LD1 to LD4, ST1 to ST4: the size is left out, as no field of a kernel structure is read this way. */
function simdStructure(word: number): A64Instruction {
  const rn = bits(word, 9, 5);
  const load = bits(word, 22, 22) === 1;
  const post = bits(word, 23, 23) === 1;
  return memory(word, {
    op: load ? 'load' : 'store',
    mnemonic: load ? 'ld1' : 'st1',
    base: rn,
    offset: 0,
    targets: [],
    size: 0,
    operands: '{v}',
    index: post ? 'post' : undefined,
  });
}
