/** One memory access of the AArch64 decoder put together: what it reads or writes, where, and its assembler text. */

import { type A64Instruction, at, b, imm, other, SP } from './instruction.ts';

/** What an encoding says of its access; `offset` null: a register offset. */
export interface Memory {
  readonly op: 'load' | 'store' | 'atomic' | 'prefetch';
  readonly mnemonic: string;
  readonly base: number;
  readonly offset: number | null;
  readonly targets: readonly number[];
  /** Further registers written: an exclusive's status, an atomic's result. */
  readonly status?: readonly number[];
  readonly size: number;
  readonly operands: string;
  readonly index?: 'pre' | 'post';
  readonly where?: string;
}

/** The instruction of one access. */
export function memory(word: number, m: Memory): A64Instruction {
  const fills = m.op === 'load' ? m.targets : [];
  const changed = m.index !== undefined && m.base !== SP ? [m.base] : [];
  const writes = [...new Set([...fills, ...(m.status ?? []), ...changed])];
  const place =
    m.where ??
    (m.index === 'post'
      ? `[${b(m.base)}],${imm(m.offset ?? 0)}`
      : m.index === 'pre'
        ? `[${b(m.base)},${imm(m.offset ?? 0)}]!`
        : at(m.base, m.offset ?? 0));
  const access = { load: 'read', store: 'write', atomic: 'read-write', prefetch: null } as const;
  return {
    ...other(word, writes),
    op: m.op,
    base: m.base,
    // A post-indexed access is at the base itself; the immediate is added afterwards.
    offset: m.index === 'post' ? 0 : m.offset,
    targets: m.targets,
    size: m.size,
    access: access[m.op],
    writeback: m.index !== undefined,
    text: `${m.mnemonic} ${m.operands},${place}`,
  };
}

/** Mnemonic endings by the size field of general registers. */
export const NARROW = ['b', 'h', '', ''] as const;
