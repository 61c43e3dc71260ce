/** What the reader of a `Code:` line needs of a processor: one folder for each (a64, arm, x86, riscv), and this is their common face. */

import type { Arch, CodeWords, Incident } from '../../parser/types.ts';
import { A64 } from './a64/a64.ts';
import { A32, T32 } from './arm/arm.ts';
import type { Instruction } from './instruction.ts';

export interface Processor {
  /** Bytes of a pointer. */
  readonly pointer: 4 | 8;
  /** Number of the stack pointer among the general registers. */
  readonly sp: number;
  /** A general register's name in assembler text, and its key among an incident's registers. */
  readonly nameOf: (register: number) => string;
  readonly inLog: (register: number) => string;
  /**
   * The instructions up to the one at pc, which is the last, as far back as their boundaries are certain; empty where there is none at pc. Never
   * throws, whatever the words.
   */
  readonly decode: (code: CodeWords) => readonly Instruction[];
}

/** The processor whose code an incident shows; null where there is no decoder for it, or none can be told. */
export function processorOf(incident: Incident, arch: Arch | null): Processor | null {
  const unit = incident.code?.unit;
  const is = arch ?? (incident.registers.has('x29') ? 'arm64' : null);
  if (is === 'arm64') return unit === 4 ? A64 : null;
  if (is === 'arm') return unit === 4 ? A32 : unit === 2 ? T32 : null;
  return null;
}
