/** Names, conditions and shapes that the A32 and the Thumb-2 decoder share (Arm Architecture Reference Manual ARMv7-A and -R, chapters A5, A6 and A8). */

import { type Instruction, imm, plain } from '../code/instruction.ts';

export const SP = 13;
export const LR = 14;
export const PC = 15;

/** As kernels print them among the registers. */
export const NAMES = [...Array.from({ length: 11 }, (_, i) => `r${i}`), 'fp', 'ip', 'sp', 'lr', 'pc'] as const;
export const r = (n: number): string => NAMES[n]!;

export const CONDITIONS = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le'] as const;
/** The condition of a four-bit field; null: always. */
export const conditionOf = (field: number): string | null => CONDITIONS[field] ?? null;

/** AAPCS: what a called function may change. */
export const CALL_CLOBBERS: readonly number[] = [0, 1, 2, 3, 12, LR];

/** One access to memory; `offset` null: by a register, or relative to pc, of which no base is told. */
export interface Memory {
  readonly op: 'load' | 'store' | 'atomic' | 'prefetch';
  readonly mnemonic: string;
  readonly base: number;
  readonly offset: number | null;
  readonly targets: readonly number[];
  /** Further registers written: an exclusive's status. */
  readonly status?: readonly number[];
  readonly size: number;
  readonly index?: 'pre' | 'post' | undefined;
  /** Register list or operands as text; the targets otherwise. */
  readonly operands?: string;
  readonly where?: string;
}

/** The instruction of one access. A load to pc is a branch that nothing in line follows. */
export function memory(length: number, m: Memory, condition: string | null): Instruction {
  const to = m.operands ?? m.targets.map(r).join(',');
  const moved = m.offset === null ? '...' : imm(m.offset);
  const whereTo =
    m.index === 'post'
      ? `[${r(m.base)}],${moved}`
      : m.index === 'pre'
        ? `[${r(m.base)},${moved}]!`
        : m.offset === 0
          ? `[${r(m.base)}]`
          : `[${r(m.base)},${moved}]`;
  const writes = [
    ...new Set([
      ...(m.op === 'load' ? m.targets : []),
      ...(m.status ?? []),
      ...(m.index !== undefined && m.base !== SP ? [m.base] : []),
    ]),
  ].filter((n) => n !== PC);
  const access = { load: 'read', store: 'write', atomic: 'read-write', prefetch: null } as const;
  return {
    ...plain(length, `${named(m.mnemonic, condition)} ${to}${to === '' ? '' : ','}${m.where ?? whereTo}`, writes),
    op: m.op === 'load' && m.targets.includes(PC) ? (m.base === SP ? 'return' : 'branch') : m.op,
    base: m.base === PC ? null : m.base,
    // A post-indexed access is at the base itself; the offset is added afterwards.
    offset: m.index === 'post' ? 0 : m.base === PC ? null : m.offset,
    targets: m.targets,
    size: m.size,
    access: access[m.op],
    writeback: m.index !== undefined,
    condition,
  };
}

/** LDM and STM: `where` the lowest register lies, in bytes from the base. */
export function multiple(
  length: number,
  m: {
    readonly load: boolean;
    readonly mode: 'ia' | 'ib' | 'da' | 'db';
    readonly base: number;
    readonly list: readonly number[];
    readonly writeback: boolean;
  },
  condition: string | null,
): Instruction {
  const size = 4 * m.list.length;
  const offset = { ia: 0, ib: 4, da: 4 - size, db: -size }[m.mode];
  const found = memory(
    length,
    {
      op: m.load ? 'load' : 'store',
      mnemonic: '',
      base: m.base,
      offset,
      targets: m.list,
      size,
      ...(m.writeback ? { index: 'pre' } : {}),
    },
    condition,
  );
  const regs = `{${m.list.map(r).join(',')}}`;
  const stack = m.base === SP && m.writeback && m.mode === (m.load ? 'ia' : 'db');
  const mnemonic = named(stack ? (m.load ? 'pop' : 'push') : `${m.load ? 'ldm' : 'stm'}${m.mode}`, condition);
  return {
    ...found,
    text: stack ? `${mnemonic} ${regs}` : `${mnemonic} ${r(m.base)}${m.writeback ? '!' : ''},${regs}`,
  };
}

/** "ldrne": the condition ends the mnemonic, as in unified syntax. */
export const named = (mnemonic: string, condition: string | null): string => `${mnemonic}${condition ?? ''}`;

/** Registers whose bits are set, in order. */
export const listOf = (field: number): number[] =>
  Array.from({ length: 16 }, (_, i) => i).filter((i) => (field >>> i) & 1);

/** A value of arithmetic: `add` of a base and a constant, a copy, a constant, a compare, or just what it writes. */
export function arithmetic(
  length: number,
  a: {
    readonly rd: number | null;
    readonly sets: boolean;
    readonly text: string;
    readonly kind?: 'add' | 'move' | 'constant' | undefined;
    readonly base?: number | undefined;
    readonly value?: number | undefined;
    /** Register of which "eq" afterwards says that it is zero. */
    readonly zero?: number | undefined;
  },
  condition: string | null,
): Instruction {
  const flags = a.sets ? (a.zero ?? 'changed') : 'kept';
  if (a.rd === PC) {
    // "mov pc,lr" returns; other writes to pc are jumps.
    const op = a.kind === 'move' && a.base === LR ? 'return' : 'branch';
    return { ...plain(length, a.text), op, flags, condition };
  }
  return {
    ...plain(length, a.text, a.rd === null ? [] : [a.rd]),
    op: a.base === PC ? 'other' : (a.kind ?? 'other'),
    base: a.base === PC ? null : (a.base ?? null),
    offset: a.value ?? (a.kind === 'move' ? 0 : null),
    targets: a.kind === undefined || a.rd === null ? [] : [a.rd],
    flags,
    condition,
  };
}

/** B, BL and their like. */
export function jump(
  length: number,
  op: 'branch' | 'call',
  mnemonic: string,
  offset: number | null,
  operand: string,
  condition: string | null,
): Instruction {
  return {
    ...plain(length, `${named(mnemonic, condition)} ${operand}`, op === 'call' ? CALL_CLOBBERS : []),
    op: op === 'branch' && condition !== null ? 'branch-if' : op,
    offset,
    condition,
  };
}
