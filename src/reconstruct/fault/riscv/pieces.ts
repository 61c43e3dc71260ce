/** Names and shapes that the 32-bit and the compressed riscv encodings share (RISC-V Unprivileged ISA, chapters on RV64I, A and C). */

import { type Instruction, imm, plain, to } from '../code/instruction.ts';

export const RA = 1;
export const SP = 2;

const NAMES =
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');
export const r = (n: number): string => NAMES[n]!;

/** The calling convention: what a called function may change. */
const CALL_CLOBBERS: readonly number[] = [1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31];

/** An instruction of which only the registers that it may change are told. */
export const other = (length: number, text: string, writes: readonly number[]): Instruction =>
  plain(
    length,
    text,
    writes.filter((n) => n !== 0),
  );

/** A load or store; `target` null: a floating-point register. The zero register as a base is an absolute address. */
export function access(
  length: number,
  m: {
    readonly op: 'load' | 'store' | 'atomic';
    readonly mnemonic: string;
    readonly base: number;
    readonly offset: number;
    readonly target: number | null;
    readonly size: number;
    /** A register that gets a result beside: of SC and AMO. */
    readonly status?: number;
  },
): Instruction {
  const operands = [...(m.status === undefined ? [] : [r(m.status)]), m.target === null ? 'f' : r(m.target)].join(',');
  const writes = [
    ...(m.op === 'load' && m.target !== null ? [m.target] : []),
    ...(m.status === undefined ? [] : [m.status]),
  ];
  const where = m.mnemonic.includes('.') ? `(${r(m.base)})` : `${offsetText(m.offset)}(${r(m.base)})`;
  return {
    ...other(length, `${m.mnemonic} ${operands},${where}`, writes),
    op: m.op,
    base: m.base === 0 ? null : m.base,
    offset: m.base === 0 ? null : m.offset,
    targets: m.target === null ? [] : [m.target],
    size: m.size,
    access: ({ load: 'read', store: 'write', atomic: 'read-write' } as const)[m.op],
  };
}

const offsetText = (n: number): string => imm(n).slice(1);

/** rd = rs + value: of the zero register a constant, of nothing a copy. */
export function addImmediate(length: number, rd: number, rs: number, value: number): Instruction {
  if (rd === 0) return plain(length, 'nop');
  const writes = [rd];
  const kind = rs === 0 ? 'constant' : value === 0 ? 'move' : 'add';
  const text = {
    constant: `li ${r(rd)},${offsetText(value)}`,
    move: `mv ${r(rd)},${r(rs)}`,
    add: `addi ${r(rd)},${r(rs)},${offsetText(value)}`,
  }[kind];
  return { ...plain(length, text, writes), op: kind, base: rs === 0 ? null : rs, offset: value, targets: writes };
}

export function call(length: number, text: string, offset: number | null): Instruction {
  return { ...plain(length, text, CALL_CLOBBERS), op: 'call', offset };
}

export function branch(length: number, offset: number): Instruction {
  return { ...plain(length, `j ${to(offset)}`), op: 'branch', offset };
}

/** A jump through a register: back to the caller through ra. */
export function jumpTo(length: number, rs: number): Instruction {
  return { ...plain(length, rs === RA ? 'ret' : `jr ${r(rs)}`), op: rs === RA ? 'return' : 'branch' };
}

/** BEQ, BNE ...: against the zero register it is a test for NULL. */
export function branchIf(length: number, name: string, rs1: number, rs2: number, offset: number): Instruction {
  const isZeroTest = (name === 'beq' || name === 'bne') && rs1 !== 0 && rs2 === 0;
  const text = isZeroTest ? `${name}z ${r(rs1)},${to(offset)}` : `${name} ${r(rs1)},${r(rs2)},${to(offset)}`;
  const condition = isZeroTest ? (name === 'beq' ? 'eq' : 'ne') : name;
  return { ...plain(length, text), op: 'branch-if', offset, condition, tested: isZeroTest ? rs1 : null };
}
