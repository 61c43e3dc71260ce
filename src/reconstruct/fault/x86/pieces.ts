/** Names of x86-64's registers and conditions, and operands as text in the spelling of the kernel's own tools (scripts/decodecode: AT&T). */

import { imm } from '../code/instruction.ts';
import type { Place } from './operands.ts';

export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RSP = 4;

export const NAMES = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');
const LONG = 'eax ecx edx ebx esp ebp esi edi'.split(' ');
const SHORT = 'ax cx dx bx sp bp si di'.split(' ');
const BYTE = 'al cl dl bl spl bpl sil dil'.split(' ');
const HIGH = 'ah ch dh bh'.split(' ');

/** "%rax", "%eax", "%r8d", "%al"; without REX the bytes 4 to 7 are the second ones of the first four. */
export function registerText(register: number, size: number, rex: boolean): string {
  if (size === 8) return `%${NAMES[register]}`;
  if (register > 7) return `%r${register}${size === 4 ? 'd' : size === 2 ? 'w' : 'b'}`;
  if (size === 4) return `%${LONG[register]}`;
  if (size === 2) return `%${SHORT[register]}`;
  return `%${!rex && register >= 4 ? HIGH[register - 4] : BYTE[register]}`;
}

/** "0x38(%rdi)", "(%rax,...)". */
export function placeText({ base, index, offset, ripRelative }: Place): string {
  const shown = offset === 0 && base !== null ? '' : imm(offset).slice(1);
  if (ripRelative) return `${shown}(%rip)`;
  if (base === null) return index === null ? shown : `${shown}(,...)`;
  return `${shown}(%${NAMES[base]}${index === null ? '' : ',...'})`;
}

/** Condition codes in opcodes; the two that a test for zero asks have the names that all processors share here. */
export const CONDITIONS = 'o no b ae eq ne be a s ns p np l ge le g'.split(' ');
export const JUMPS = 'jo jno jb jae je jne jbe ja js jns jp jnp jl jge jle jg'.split(' ');

/** The System V calling convention: what a called function may change. */
export const CALL_CLOBBERS: readonly number[] = [0, 1, 2, 6, 7, 8, 9, 10, 11];
