/** What x86-64's opcodes do with their ModRM operands. Opcode maps: Intel SDM, volume 2, appendix A. */

import { JUMPS, RAX, RDX } from './pieces.ts';

export type Effect = 'read' | 'write' | 'read-write';

/** What an opcode does with its ModRM operands: E is the register or memory of the last field, G the register of the middle one. */
export interface Behaviour {
  readonly mnemonic: string;
  /** What happens to E; null: nothing (LEA, NOP, prefetches). */
  readonly e: Effect | null;
  /** G is written. */
  readonly g?: boolean;
  /** Further registers that change. */
  readonly also?: readonly number[];
  readonly flags?: boolean;
  /** Bytes of E where they are not the operand's size. */
  readonly size?: number;
}

const ALU = 'add or adc sbb and sub xor cmp'.split(' ');
const SHIFTS = 'rol ror rcl rcr shl shr sal sar'.split(' ');

/** The one-byte map: opcodes with ModRM. `x` is the opcode's extension. */
export function oneByte(opcode: number, x: number): Behaviour | null {
  if (opcode < 0x40) {
    const mnemonic = ALU[opcode >>> 3]!;
    const isByte = (opcode & 1) === 0;
    const compares = mnemonic === 'cmp';
    const toE = (opcode & 7) < 2;
    return {
      mnemonic,
      e: toE && !compares ? 'read-write' : 'read',
      g: !toE && !compares,
      flags: true,
      ...(isByte ? { size: 1 } : {}),
    };
  }
  const byte = (opcode & 1) === 0 ? { size: 1 } : {};
  switch (opcode) {
    case 0x63:
      return { mnemonic: 'movslq', e: 'read', g: true, size: 4 };
    case 0x69:
    case 0x6b:
      return { mnemonic: 'imul', e: 'read', g: true, flags: true };
    case 0x80:
    case 0x81:
    case 0x83:
      return {
        mnemonic: ALU[x]!,
        e: x === 7 ? 'read' : 'read-write',
        flags: true,
        ...(opcode === 0x80 ? { size: 1 } : {}),
      };
    case 0x84:
    case 0x85:
      return { mnemonic: 'test', e: 'read', flags: true, ...byte };
    case 0x86:
    case 0x87:
      return { mnemonic: 'xchg', e: 'read-write', g: true, ...byte };
    case 0x88:
    case 0x89:
      return { mnemonic: 'mov', e: 'write', ...byte };
    case 0x8a:
    case 0x8b:
      return { mnemonic: 'mov', e: 'read', g: true, ...byte };
    case 0x8d:
      return { mnemonic: 'lea', e: null, g: true };
    case 0x8f:
      return { mnemonic: 'pop', e: 'write', size: 8 };
    case 0xc0:
    case 0xc1:
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return { mnemonic: SHIFTS[x]!, e: 'read-write', flags: true, ...byte };
    case 0xc6:
    case 0xc7:
      return { mnemonic: 'mov', e: 'write', ...byte };
    case 0xf6:
    case 0xf7:
      if (x < 2) return { mnemonic: 'test', e: 'read', flags: true, ...byte };
      if (x < 4) return { mnemonic: x === 2 ? 'not' : 'neg', e: 'read-write', flags: true, ...byte };
      return { mnemonic: ['mul', 'imul', 'div', 'idiv'][x - 4]!, e: 'read', also: [RAX, RDX], flags: true, ...byte };
    case 0xfe:
      return { mnemonic: x === 0 ? 'inc' : 'dec', e: 'read-write', flags: true, size: 1 };
    case 0xff:
      if (x < 2) return { mnemonic: x === 0 ? 'inc' : 'dec', e: 'read-write', flags: true };
      if (x === 6) return { mnemonic: 'push', e: 'read', size: 8 };
      return null;
    default:
      return null;
  }
}

/** The map behind 0F. */
export function twoByte(opcode: number, x: number): Behaviour | null {
  if (opcode >= 0x40 && opcode <= 0x4f) return { mnemonic: `cmov${JUMPS[opcode & 15]!.slice(1)}`, e: 'read', g: true };
  if (opcode >= 0x90 && opcode <= 0x9f) return { mnemonic: `set${JUMPS[opcode & 15]!.slice(1)}`, e: 'write', size: 1 };
  const byte = (opcode & 1) === 0 ? { size: 1 } : {};
  switch (opcode) {
    case 0x0d:
    case 0x18:
    case 0x19:
    case 0x1a:
    case 0x1b:
    case 0x1c:
    case 0x1d:
    case 0x1e:
    case 0x1f:
      return { mnemonic: opcode === 0x1f ? 'nop' : 'hint', e: null };
    case 0xa3:
      return { mnemonic: 'bt', e: 'read', flags: true };
    case 0xab:
    case 0xb3:
    case 0xbb:
      return { mnemonic: { 171: 'bts', 179: 'btr', 187: 'btc' }[opcode], e: 'read-write', flags: true };
    case 0xba:
      return { mnemonic: ['bt', 'bts', 'btr', 'btc'][x & 3]!, e: x === 4 ? 'read' : 'read-write', flags: true };
    case 0xa4:
    case 0xa5:
    case 0xac:
    case 0xad:
      return { mnemonic: opcode < 0xa8 ? 'shld' : 'shrd', e: 'read-write', flags: true };
    case 0xaf:
      return { mnemonic: 'imul', e: 'read', g: true, flags: true };
    case 0xb0:
    case 0xb1:
      return { mnemonic: 'cmpxchg', e: 'read-write', also: [RAX], flags: true, ...byte };
    case 0xc0:
    case 0xc1:
      return { mnemonic: 'xadd', e: 'read-write', g: true, flags: true, ...byte };
    case 0xb6:
    case 0xb7:
      return { mnemonic: 'movz', e: 'read', g: true, size: opcode === 0xb6 ? 1 : 2 };
    case 0xbe:
    case 0xbf:
      return { mnemonic: 'movs', e: 'read', g: true, size: opcode === 0xbe ? 1 : 2 };
    case 0xb8:
    case 0xbc:
    case 0xbd:
      return { mnemonic: 'bit', e: 'read', g: true, flags: true };
    case 0xc7:
      return x === 1 ? { mnemonic: 'cmpxchg8b', e: 'read-write', also: [RAX, RDX], flags: true } : null;
    default:
      return null;
  }
}
