/** Which processor's decoder reads an incident's `Code:` line: one folder for each, all with the face that instruction.ts gives them. */

import type { Arch, Incident } from '../../parser/types.ts';
import { A64 } from './a64/a64.ts';
import { A32, T32 } from './arm/arm.ts';
import type { Processor } from './code/instruction.ts';
import { RISCV } from './riscv/riscv.ts';
import { X86 } from './x86/x86.ts';

/** The processor whose code an incident shows; null where there is no decoder for it, or none can be told. */
export function processorOf(incident: Incident, arch: Arch | null): Processor | null {
  const unit = incident.code?.unit;
  const is = arch ?? told(incident);
  if (is === 'arm64') return unit === 4 ? A64 : null;
  if (is === 'arm') return unit === 4 ? A32 : unit === 2 ? T32 : null;
  if (is === 'riscv') return unit === 2 ? RISCV : null;
  if (is === 'x86_64') return unit === 1 ? X86 : null;
  return null;
}

/** By registers that only one of them has. */
function told({ registers }: Incident): Arch | null {
  return registers.has('x29') ? 'arm64' : registers.has('rax') ? 'x86_64' : null;
}
