/**
 * A decoder for the A32 instructions that a `Code:` line needs: what reads or writes memory, through which register, at which offset; and of
 * the rest, which registers they may change and whether they pass control elsewhere. Encodings: Arm Architecture Reference Manual ARMv7-A, chapter
 * A5; the load-acquires of ARMv8-A.
 */

import { bits, hex, type Instruction, imm, plain, signed, to } from '../code/instruction.ts';
import { coprocessor } from './coprocessor.ts';
import { arithmetic, conditionOf, jump, listOf, memory, multiple, named, PC, r } from './pieces.ts';

type Read = (word: number, condition: string | null) => Instruction;

/** An encoding: the bits that tell it, the first row that fits counts, and how its fields are read. Bits 31..28 are the condition. */
interface Row {
  readonly mask: number;
  readonly is: number;
  readonly read: Read;
}

const rn = (word: number): number => bits(word, 19, 16);
const rd = (word: number): number => bits(word, 15, 12);
const rm = (word: number): number => bits(word, 3, 0);
const other = (word: number, condition: string | null, writes: readonly number[]): Instruction => ({
  ...plain(
    4,
    `.word 0x${hex(word)}`,
    writes.filter((n) => n !== PC),
  ),
  condition,
});

/** P and W: offset, pre-indexed, post-indexed. */
const indexOf = (word: number): 'pre' | 'post' | undefined =>
  bits(word, 24, 24) === 0 ? 'post' : bits(word, 21, 21) === 1 ? 'pre' : undefined;
const sign = (word: number, value: number): number => (bits(word, 23, 23) === 1 || value === 0 ? value : -value);

const wordOrByte =
  (byRegister: boolean): Read =>
  (word, condition) => {
    const byte = bits(word, 22, 22) === 1;
    const load = bits(word, 20, 20) === 1;
    const user = bits(word, 24, 24) === 0 && bits(word, 21, 21) === 1;
    return memory(
      4,
      {
        op: load ? 'load' : 'store',
        mnemonic: `${load ? 'ldr' : 'str'}${byte ? 'b' : ''}${user ? 't' : ''}`,
        base: rn(word),
        offset: byRegister ? null : sign(word, bits(word, 11, 0)),
        targets: [rd(word)],
        size: byte ? 1 : 4,
        index: indexOf(word),
      },
      condition,
    );
  };

/** Half-words, signed bytes and doublewords: bits 6..5, with bit 20 for loads. */
const EXTRA: readonly (readonly [mnemonic: string, load: boolean, size: number] | null)[] = [
  null,
  ['strh', false, 2],
  ['ldrd', true, 8],
  ['strd', false, 8],
  null,
  ['ldrh', true, 2],
  ['ldrsb', true, 1],
  ['ldrsh', true, 2],
];

const extra: Read = (word, condition) => {
  const [mnemonic, load, size] = EXTRA[bits(word, 20, 20) * 4 + bits(word, 6, 5)]!;
  const byRegister = bits(word, 22, 22) === 0;
  const rt = rd(word);
  return memory(
    4,
    {
      op: load ? 'load' : 'store',
      mnemonic,
      base: rn(word),
      offset: byRegister ? null : sign(word, bits(word, 11, 8) * 16 + bits(word, 3, 0)),
      targets: size === 8 ? [rt, (rt + 1) & 15] : [rt],
      size,
      index: indexOf(word),
    },
    condition,
  );
};

/** LDREX and STREX, LDA and STL: bits 22..21 the size, bits 9..8 what kind. */
const exclusive: Read = (word, condition) => {
  const kind = bits(word, 22, 21);
  const size = [4, 8, 1, 2][kind]!;
  const load = bits(word, 20, 20) === 1;
  const how = bits(word, 9, 8);
  const suffix = ['', 'd', 'b', 'h'][kind]!;
  const name = load ? ['lda', '?', 'ldaex', 'ldrex'][how]! : ['stl', '?', 'stlex', 'strex'][how]!;
  const rt = load ? rd(word) : rm(word);
  return memory(
    4,
    {
      op: load ? 'load' : 'store',
      mnemonic: `${name}${suffix}`,
      base: rn(word),
      offset: 0,
      targets: size === 8 ? [rt, (rt + 1) & 15] : [rt],
      status: load || how === 0 ? [] : [rd(word)],
      size,
      ...(load || how === 0
        ? {}
        : { operands: [rd(word), rt, ...(size === 8 ? [(rt + 1) & 15] : [])].map(r).join(',') }),
    },
    condition,
  );
};

const swap: Read = (word, condition) => {
  const byte = bits(word, 22, 22) === 1;
  const access = {
    op: 'atomic',
    mnemonic: byte ? 'swpb' : 'swp',
    base: rn(word),
    offset: 0,
    targets: [rm(word)],
  } as const;
  return memory(
    4,
    { ...access, status: [rd(word)], size: byte ? 1 : 4, operands: `${r(rd(word))},${r(rm(word))}` },
    condition,
  );
};

const block: Read = (word, condition) => {
  const load = bits(word, 20, 20) === 1;
  const mode = (['da', 'ia', 'db', 'ib'] as const)[bits(word, 24, 23)]!;
  const list = listOf(bits(word, 15, 0));
  return multiple(4, { load, mode, base: rn(word), list, writeback: bits(word, 21, 21) === 1 }, condition);
};

const NAMES = 'and eor sub rsb add adc sbc rsc tst teq cmp cmn orr mov bic mvn'.split(' ');

/** Data processing; `value` null: the second operand is a register, shifted or not. */
const processing =
  (immediate: boolean): Read =>
  (word, condition) => {
    const code = bits(word, 24, 21);
    const sets = bits(word, 20, 20) === 1;
    const compares = code >= 8 && code <= 11;
    const target = compares ? null : rd(word);
    const value = immediate ? rotated(word) : null;
    // LSL #0 is the register itself.
    const copied = !immediate && bits(word, 11, 4) === 0 ? rm(word) : null;
    const name = named(`${NAMES[code]}${sets && !compares ? 's' : ''}`, condition);
    const shown = value === null ? (copied === null ? null : r(copied)) : imm(value);
    const both = { rd: target, sets } as const;
    if (code === 13 && copied !== null)
      return arithmetic(
        4,
        { ...both, kind: 'move', base: copied, zero: copied, text: `${name} ${r(rd(word))},${r(copied)}` },
        condition,
      );
    if (code === 13 && value !== null)
      return arithmetic(4, { ...both, kind: 'constant', value, text: `${name} ${r(rd(word))},${shown}` }, condition);
    if ((code === 4 || code === 2) && value !== null) {
      const text = `${name} ${r(rd(word))},${r(rn(word))},${shown}`;
      const zero = value === 0 ? rn(word) : undefined;
      return arithmetic(
        4,
        { ...both, kind: 'add', base: rn(word), value: code === 2 ? -value : value, zero, text },
        condition,
      );
    }
    if (code === 10 && value !== null)
      return arithmetic(
        4,
        { ...both, zero: value === 0 ? rn(word) : undefined, text: `${name} ${r(rn(word))},${shown}` },
        condition,
      );
    // "tst r3,r3"
    if (code === 8 && copied === rn(word))
      return arithmetic(4, { ...both, zero: copied, text: `${name} ${r(copied)},${shown}` }, condition);
    return arithmetic(4, { ...both, text: `.word 0x${hex(word)}` }, condition);
  };

/** A byte, rotated right by twice a four-bit field. */
function rotated(word: number): number {
  const by = bits(word, 11, 8) * 2;
  const byte = bits(word, 7, 0);
  return by === 0 ? byte : ((byte >>> by) | (byte << (32 - by))) >>> 0;
}

const movw: Read = (word, condition) => {
  const value = bits(word, 19, 16) * 4096 + bits(word, 11, 0);
  const text = `${named('movw', condition)} ${r(rd(word))},${imm(value)}`;
  return arithmetic(4, { rd: rd(word), sets: false, kind: 'constant', value, text }, condition);
};

/** BX, BLX, MRS, CLZ, saturating arithmetic ... */
const miscellaneous: Read = (word, condition) => {
  const code = bits(word, 6, 4);
  const op = bits(word, 22, 21);
  if (code === 1 && op === 1 && rm(word) === 14)
    return { ...jump(4, 'branch', 'bx', null, 'lr', condition), op: 'return' };
  if (code === 1 && op === 1) return jump(4, 'branch', 'bx', null, r(rm(word)), condition);
  if (code === 3 && op === 1) return jump(4, 'call', 'blx', null, r(rm(word)), condition);
  if (code === 7) return { ...plain(4, `exception 0x${hex(word)}`), op: 'exception', condition };
  if (code === 0 && op % 2 === 1) return { ...other(word, condition, []), flags: 'changed' };
  return other(word, condition, [rd(word)]);
};

const branch: Read = (word, condition) => {
  const offset = signed(bits(word, 23, 0), 24) * 4 + 8;
  const call = bits(word, 24, 24) === 1;
  return jump(4, call ? 'call' : 'branch', call ? 'bl' : 'b', offset, to(offset), condition);
};

/** Multiplications write bits 19..16; the long ones bits 15..12 as well. */
const multiply: Read = (word, condition) => ({
  ...other(word, condition, bits(word, 23, 23) === 1 || bits(word, 22, 20) === 4 ? [rn(word), rd(word)] : [rn(word)]),
  flags: bits(word, 20, 20) === 1 ? 'changed' : 'kept',
});

/** Media instructions: the sums of products write bits 19..16, all others 15..12. UDF is one of them. */
const media: Read = (word, condition) =>
  (word & 0x01f000f0) >>> 0 === 0x01f000f0
    ? { ...plain(4, `exception 0x${hex(word)}`), op: 'exception', condition }
    : other(word, condition, bits(word, 24, 23) === 2 || bits(word, 24, 20) === 24 ? [rn(word), rd(word)] : [rd(word)]);

const ROWS: readonly Row[] = [
  { mask: 0x0fb00ff0, is: 0x01000090, read: swap },
  { mask: 0x0f800cf0, is: 0x01800c90, read: exclusive },
  { mask: 0x0f8000f0, is: 0x01800090, read: (word, c) => other(word, c, [rn(word), rd(word)]) },
  { mask: 0x0f0000f0, is: 0x00000090, read: multiply },
  // Half-words and doublewords: bits 7 and 4 set, not both 6 and 5 clear.
  { mask: 0x0e0000b0, is: 0x000000b0, read: extra },
  { mask: 0x0e0000d0, is: 0x000000d0, read: extra },
  { mask: 0x0f900090, is: 0x01000000, read: miscellaneous },
  { mask: 0x0f900090, is: 0x01000010, read: miscellaneous },
  { mask: 0x0f900090, is: 0x01000080, read: (word, c) => other(word, c, [rn(word), rd(word)]) },
  { mask: 0x0e000010, is: 0x00000000, read: processing(false) },
  { mask: 0x0e000090, is: 0x00000010, read: processing(false) },
  { mask: 0x0ff00000, is: 0x03000000, read: movw },
  // MOVT keeps the lower half.
  { mask: 0x0ff00000, is: 0x03400000, read: (word, c) => other(word, c, [rd(word)]) },
  // Hints, and MSR of a constant.
  { mask: 0x0fb00000, is: 0x03200000, read: (word, c) => ({ ...other(word, c, []), flags: 'changed' }) },
  { mask: 0x0e000000, is: 0x02000000, read: processing(true) },
  { mask: 0x0e000000, is: 0x04000000, read: wordOrByte(false) },
  { mask: 0x0e000010, is: 0x06000000, read: wordOrByte(true) },
  { mask: 0x0e000010, is: 0x06000010, read: media },
  { mask: 0x0e000000, is: 0x08000000, read: block },
  { mask: 0x0e000000, is: 0x0a000000, read: branch },
  {
    mask: 0x0f000000,
    is: 0x0f000000,
    read: (word, condition) => ({ ...plain(4, `exception 0x${hex(word)}`), op: 'exception', condition }),
  },
  { mask: 0x0c000000, is: 0x0c000000, read: coprocessor },
];

/** One A32 instruction, as the Code: line prints it. */
export function decodeA32(word: number): Instruction {
  if (bits(word, 31, 28) === 15) return unconditional(word);
  const row = ROWS.find(({ mask, is }) => (word & mask) >>> 0 === is);
  return row === undefined ? other(word, null, [rn(word), rd(word)]) : row.read(word, conditionOf(bits(word, 31, 28)));
}

/** The space behind condition 15: BLX to Thumb, prefetches, barriers, NEON. */
function unconditional(word: number): Instruction {
  if (bits(word, 27, 25) === 0b101) {
    const offset = signed(bits(word, 23, 0), 24) * 4 + bits(word, 24, 24) * 2 + 8;
    return jump(4, 'call', 'blx', offset, to(offset), null);
  }
  // PLD, PLDW and PLI.
  if ((word & 0x0c30f000) >>> 0 === 0x0410f000) {
    const offset = bits(word, 25, 25) === 1 ? null : sign(word, bits(word, 11, 0));
    return memory(4, { op: 'prefetch', mnemonic: 'pld', base: rn(word), offset, targets: [], size: 0 }, null);
  }
  // SRS, RFE and NEON structures with write-back move their base.
  if (bits(word, 27, 24) === 0b0100 || bits(word, 27, 25) === 0b100) return other(word, null, [rn(word)]);
  if (bits(word, 27, 26) === 0b11) return coprocessor(word, null);
  return other(word, null, []);
}
