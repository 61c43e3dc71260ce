/** The 16-bit Thumb instructions (Arm Architecture Reference Manual ARMv7-A, A6.2). `condition`: of the IT block that it stands in. */

import { bits, hex, type Instruction, imm, plain, signed, to } from '../code/instruction.ts';
import { arithmetic, conditionOf, jump, LR, listOf, memory, multiple, named, PC, r, SP } from './pieces.ts';

type Read = (half: number, condition: string | null) => Instruction;

const other = (half: number, condition: string | null, writes: readonly number[]): Instruction => ({
  ...plain(
    2,
    `.short 0x${hex(half, 4)}`,
    writes.filter((n) => n !== PC),
  ),
  condition,
});

/** Outside of an IT block the short forms set the flags. */
const s = (condition: string | null): boolean => condition === null;
const low = (half: number, at: number): number => bits(half, at + 2, at);

const access =
  (mnemonic: string, size: number, offset: (half: number) => number | null): Read =>
  (half, condition) =>
    memory(
      2,
      {
        op: mnemonic.startsWith('ld') ? 'load' : 'store',
        mnemonic,
        base: low(half, 3),
        offset: offset(half),
        targets: [low(half, 0)],
        size,
      },
      condition,
    );

const onStack =
  (mnemonic: 'ldr' | 'str'): Read =>
  (half, condition) => {
    const op = mnemonic === 'ldr' ? 'load' : 'store';
    return memory(
      2,
      { op, mnemonic, base: SP, offset: bits(half, 7, 0) * 4, targets: [low(half, 8)], size: 4 },
      condition,
    );
  };

const scaled = (by: number) => (half: number) => bits(half, 10, 6) * by;
const byRegister = () => null;

/** rd = rn + value, in either spelling. */
const adds = (rd: number, rn: number, value: number, condition: string | null): Instruction => {
  const name = named(`${value < 0 ? 'sub' : 'add'}${s(condition) ? 's' : ''}`, condition);
  const text = `${name} ${r(rd)},${r(rn)},${imm(Math.abs(value))}`;
  const zero = value === 0 ? rn : undefined;
  return arithmetic(2, { rd, sets: s(condition), kind: 'add', base: rn, value, zero, text }, condition);
};

const shift: Read = (half, condition) => {
  const [rd, rm] = [low(half, 0), low(half, 3)];
  const sets = s(condition);
  // LSL #0 is MOVS.
  if (bits(half, 12, 6) === 0) {
    const text = `${named(sets ? 'movs' : 'mov', condition)} ${r(rd)},${r(rm)}`;
    return arithmetic(2, { rd, sets, kind: 'move', base: rm, zero: rm, text }, condition);
  }
  return { ...other(half, condition, [rd]), flags: sets ? 'changed' : 'kept' };
};

const processing: Read = (half, condition) => {
  const code = bits(half, 9, 6);
  const [rd, rm] = [low(half, 0), low(half, 3)];
  // TST of a register with itself asks whether it is zero; CMP and CMN compare.
  if (code === 8 && rd === rm)
    return arithmetic(
      2,
      { rd: null, sets: true, zero: rd, text: `${named('tst', condition)} ${r(rd)},${r(rm)}` },
      condition,
    );
  if (code === 8 || code === 10 || code === 11) return { ...other(half, condition, []), flags: 'changed' };
  return { ...other(half, condition, [rd]), flags: s(condition) ? 'changed' : 'kept' };
};

/** High registers: ADD, CMP, MOV, BX and BLX. */
const high: Read = (half, condition) => {
  const rm = bits(half, 6, 3);
  const rd = bits(half, 7, 7) * 8 + low(half, 0);
  switch (bits(half, 9, 8)) {
    case 0:
      return arithmetic(2, { rd, sets: false, text: `${named('add', condition)} ${r(rd)},${r(rm)}` }, condition);
    case 1:
      return { ...other(half, condition, []), flags: 'changed' };
    case 2: {
      const text = `${named('mov', condition)} ${r(rd)},${r(rm)}`;
      return arithmetic(2, { rd, sets: false, kind: 'move', base: rm, text }, condition);
    }
    default:
      if (bits(half, 7, 7) === 1) return jump(2, 'call', 'blx', null, r(rm), condition);
      return { ...jump(2, 'branch', 'bx', null, r(rm), condition), op: rm === LR ? 'return' : 'branch' };
  }
};

const BRANCH_TAKEN = 4;

const compareAndBranch: Read = (half) => {
  const offset = bits(half, 9, 9) * 64 + bits(half, 7, 3) * 2 + BRANCH_TAKEN;
  const isZero = bits(half, 11, 11) === 0;
  const name = isZero ? 'cbz' : 'cbnz';
  const rn = low(half, 0);
  return {
    ...plain(2, `${name} ${r(rn)},${to(offset)}`),
    op: 'branch-if',
    offset,
    condition: isZero ? 'eq' : 'ne',
    tested: rn,
  };
};

const block =
  (load: boolean): Read =>
  (half, condition) => {
    const base = low(half, 8);
    const list = listOf(bits(half, 7, 0));
    return multiple(2, { load, mode: 'ia', base, list, writeback: !load || !list.includes(base) }, condition);
  };

const push: Read = (half, condition) => {
  const list = [...listOf(bits(half, 7, 0)), ...(bits(half, 8, 8) === 1 ? [LR] : [])];
  return multiple(2, { load: false, mode: 'db', base: SP, list, writeback: true }, condition);
};
const pop: Read = (half, condition) => {
  const list = [...listOf(bits(half, 7, 0)), ...(bits(half, 8, 8) === 1 ? [PC] : [])];
  return multiple(2, { load: true, mode: 'ia', base: SP, list, writeback: true }, condition);
};

const branchIf: Read = (half) => {
  const offset = signed(bits(half, 7, 0), 8) * 2 + BRANCH_TAKEN;
  return jump(2, 'branch', 'b', offset, to(offset), conditionOf(bits(half, 11, 8)));
};
const branch: Read = (half, condition) => {
  const offset = signed(bits(half, 10, 0), 11) * 2 + BRANCH_TAKEN;
  return jump(2, 'branch', 'b', offset, to(offset), condition);
};

const exception: Read = (half, condition) => ({
  ...plain(2, `exception 0x${hex(half, 4)}`),
  op: 'exception',
  condition,
});

interface Row {
  readonly mask: number;
  readonly is: number;
  readonly read: Read;
}

const ROWS: readonly Row[] = [
  { mask: 0xfe00, is: 0x1c00, read: (h, c) => adds(low(h, 0), low(h, 3), bits(h, 8, 6), c) },
  { mask: 0xfe00, is: 0x1e00, read: (h, c) => adds(low(h, 0), low(h, 3), -bits(h, 8, 6), c) },
  { mask: 0xfc00, is: 0x1800, read: (h, c) => ({ ...other(h, c, [low(h, 0)]), flags: s(c) ? 'changed' : 'kept' }) },
  { mask: 0xe000, is: 0x0000, read: shift },
  {
    mask: 0xf800,
    is: 0x2000,
    read: (h, c) => {
      const text = `${named(s(c) ? 'movs' : 'mov', c)} ${r(low(h, 8))},${imm(bits(h, 7, 0))}`;
      return arithmetic(2, { rd: low(h, 8), sets: s(c), kind: 'constant', value: bits(h, 7, 0), text }, c);
    },
  },
  {
    mask: 0xf800,
    is: 0x2800,
    read: (h, c) => {
      const zero = bits(h, 7, 0) === 0 ? low(h, 8) : undefined;
      const text = `${named('cmp', c)} ${r(low(h, 8))},${imm(bits(h, 7, 0))}`;
      return arithmetic(2, { rd: null, sets: true, zero, text }, c);
    },
  },
  { mask: 0xf800, is: 0x3000, read: (h, c) => adds(low(h, 8), low(h, 8), bits(h, 7, 0), c) },
  { mask: 0xf800, is: 0x3800, read: (h, c) => adds(low(h, 8), low(h, 8), -bits(h, 7, 0), c) },
  { mask: 0xfc00, is: 0x4000, read: processing },
  { mask: 0xfc00, is: 0x4400, read: high },
  // LDR of a literal.
  {
    mask: 0xf800,
    is: 0x4800,
    read: (h, c) => ({ ...other(h, c, [low(h, 8)]), access: 'read', size: 4, text: 'ldr (literal)' }),
  },
  { mask: 0xfe00, is: 0x5000, read: access('str', 4, byRegister) },
  { mask: 0xfe00, is: 0x5200, read: access('strh', 2, byRegister) },
  { mask: 0xfe00, is: 0x5400, read: access('strb', 1, byRegister) },
  { mask: 0xfe00, is: 0x5600, read: access('ldrsb', 1, byRegister) },
  { mask: 0xfe00, is: 0x5800, read: access('ldr', 4, byRegister) },
  { mask: 0xfe00, is: 0x5a00, read: access('ldrh', 2, byRegister) },
  { mask: 0xfe00, is: 0x5c00, read: access('ldrb', 1, byRegister) },
  { mask: 0xfe00, is: 0x5e00, read: access('ldrsh', 2, byRegister) },
  { mask: 0xf800, is: 0x6000, read: access('str', 4, scaled(4)) },
  { mask: 0xf800, is: 0x6800, read: access('ldr', 4, scaled(4)) },
  { mask: 0xf800, is: 0x7000, read: access('strb', 1, scaled(1)) },
  { mask: 0xf800, is: 0x7800, read: access('ldrb', 1, scaled(1)) },
  { mask: 0xf800, is: 0x8000, read: access('strh', 2, scaled(2)) },
  { mask: 0xf800, is: 0x8800, read: access('ldrh', 2, scaled(2)) },
  { mask: 0xf800, is: 0x9000, read: onStack('str') },
  { mask: 0xf800, is: 0x9800, read: onStack('ldr') },
  { mask: 0xf800, is: 0xa000, read: (h, c) => other(h, c, [low(h, 8)]) },
  {
    mask: 0xf800,
    is: 0xa800,
    read: (h, c) => {
      const value = bits(h, 7, 0) * 4;
      const text = `${named('add', c)} ${r(low(h, 8))},sp,${imm(value)}`;
      return arithmetic(2, { rd: low(h, 8), sets: false, kind: 'add', base: SP, value, text }, c);
    },
  },
  { mask: 0xff00, is: 0xb000, read: (h, c) => other(h, c, []) },
  { mask: 0xf500, is: 0xb100, read: compareAndBranch },
  { mask: 0xfe00, is: 0xb400, read: push },
  { mask: 0xfe00, is: 0xbc00, read: pop },
  { mask: 0xff00, is: 0xb200, read: (h, c) => other(h, c, [low(h, 0)]) },
  { mask: 0xff00, is: 0xba00, read: (h, c) => other(h, c, [low(h, 0)]) },
  { mask: 0xff00, is: 0xbe00, read: exception },
  // Hints; IT is read where its block is.
  { mask: 0xff00, is: 0xbf00, read: (h, c) => other(h, c, []) },
  { mask: 0xf000, is: 0xb000, read: (h, c) => other(h, c, []) },
  { mask: 0xf800, is: 0xc000, read: block(false) },
  { mask: 0xf800, is: 0xc800, read: block(true) },
  { mask: 0xfe00, is: 0xde00, read: exception },
  { mask: 0xf000, is: 0xd000, read: branchIf },
  { mask: 0xf800, is: 0xe000, read: branch },
];

/** One 16-bit instruction: its top five bits are below 11101. */
export function decodeThumb16(half: number, condition: string | null): Instruction {
  const row = ROWS.find(({ mask, is }) => (half & mask) === is);
  return row === undefined
    ? other(half, condition, [low(half, 0), low(half, 3), low(half, 8)])
    : row.read(half, condition);
}
