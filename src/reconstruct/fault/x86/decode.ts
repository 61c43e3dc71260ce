/** One x86-64 instruction: what it accesses, changes and tests. */

import { hex, type Instruction, imm, plain, to } from '../code/instruction.ts';
import { type Behaviour, oneByte, twoByte } from './behaviours.ts';
import { type Operands, readOperands } from './operands.ts';
import { CALL_CLOBBERS, CONDITIONS, JUMPS, NAMES, placeText, RAX, RCX, RDX, RSP, registerText } from './pieces.ts';

/** The instruction that begins at byte `at`; null where there is none, or the line ends inside of it. */
export function decodeX86(bytes: readonly number[], at: number): Instruction | null {
  const o = readOperands(bytes, at);
  if (o === null) return null;
  const raw = `.byte ${bytes
    .slice(at, at + o.length)
    .map((b) => `0x${hex(b, 2)}`)
    .join(',')}`;
  if (o.reg === null) return withoutModRm(o, raw);
  const x = o.extension!;
  const isJump = o.map === 'one' && o.opcode === 0xff && x >= 2 && x <= 5;
  if (isJump) {
    const calls = x < 4;
    return {
      ...plain(o.length, `${calls ? 'call' : 'jmp'} *`, calls ? CALL_CLOBBERS : []),
      op: calls ? 'call' : 'branch',
    };
  }
  // UD0 and UD1 trap.
  if (o.map === 'two' && (o.opcode === 0xff || o.opcode === 0xb9))
    return { ...plain(o.length, 'ud1'), op: 'exception' };
  const behaviour = o.vector
    ? null
    : o.map === 'one'
      ? oneByte(o.opcode, x)
      : o.map === 'two'
        ? twoByte(o.opcode, x)
        : null;
  return behaviour === null ? unknown(o, raw) : known(o, behaviour, raw);
}

/** Vectors, the FPU, system tables: whatever it is, it changes no general register but its operands, and what RDTSCP and their like return. */
function unknown(o: Operands, raw: string): Instruction {
  const fpu = o.map === 'one' && o.opcode >= 0xd8 && o.opcode <= 0xdf;
  const system = o.map === 'two' && o.opcode < 2 ? [RAX, RCX, RDX] : [];
  const writes = fpu ? [RAX] : [...new Set([o.reg!, ...(o.rm === null ? [] : [o.rm]), ...system])];
  return {
    ...plain(o.length, raw, writes),
    flags: 'changed',
    base: o.memory?.base ?? null,
    offset: o.memory?.index === null ? o.memory.offset : null,
  };
}

function known(o: Operands, b: Behaviour, raw: string): Instruction {
  const size = b.size ?? o.size;
  // Without REX the bytes 4 to 7 are parts of the first four registers.
  const whole = (register: number): number => (size === 1 && !o.rex && register >= 4 ? register - 4 : register);
  const writes = new Set<number>(b.also ?? []);
  if (b.g === true) writes.add(b.size === undefined || b.mnemonic.startsWith('mov') ? whole2(o, b) : whole(o.reg!));
  if (o.rm !== null && (b.e === 'write' || b.e === 'read-write')) writes.add(whole(o.rm));
  const base: Instruction = {
    ...plain(o.length, raw, [...writes]),
    flags: b.flags === true ? (zeroTest(o, b) ?? 'changed') : 'kept',
  };
  if (o.memory === null) return betweenRegisters(o, b, base);
  const { memory } = o;
  if (b.mnemonic === 'lea') {
    if (memory.base === null || memory.index !== null || o.size !== 8) return base;
    const text = `lea ${placeText(memory)},%${NAMES[o.reg!]}`;
    return { ...base, op: 'add', base: memory.base, offset: memory.offset, targets: [o.reg!], text };
  }
  if (b.e === null) return { ...base, text: b.mnemonic };
  const stores = b.mnemonic === 'mov' && b.e === 'write';
  const loads = b.mnemonic === 'mov' && b.e === 'read';
  const targets = (loads || stores) && o.opcode < 0x90 ? [o.reg!] : [];
  const operand =
    o.opcode >= 0xc6 && o.immediate !== null && o.map === 'one'
      ? `$${imm(o.immediate).slice(1)}`
      : registerText(o.reg!, size, o.rex);
  const where = placeText(memory);
  const suffix = targets.length > 0 ? '' : { 1: 'b', 2: 'w', 4: 'l', 8: 'q' }[size];
  const text = stores
    ? `mov${suffix} ${operand},${where}`
    : loads
      ? `mov ${where},${operand}`
      : `${b.mnemonic}${suffix} ${where}`;
  return {
    ...base,
    op: b.e === 'read' ? 'load' : b.e === 'write' ? 'store' : 'atomic',
    base: memory.base,
    offset: memory.index === null ? memory.offset : null,
    targets,
    size,
    access: b.e,
    text,
  };
}

/** MOVZX and its like write a register of the operand's size, whatever they read. */
const whole2 = (o: Operands, b: Behaviour): number =>
  b.mnemonic === 'mov' && b.size === 1 && !o.rex && o.reg! >= 4 ? o.reg! - 4 : o.reg!;

/** "test %rax,%rax", "cmp $0,%rax": the register of which the zero flag then tells. */
function zeroTest(o: Operands, b: Behaviour): number | null {
  if (o.rm === null || o.size !== 8) return null;
  if (b.mnemonic === 'test' && o.opcode === 0x85 && o.rm === o.reg) return o.rm;
  return b.mnemonic === 'cmp' && o.immediate === 0 && o.opcode !== 0x80 ? o.rm : null;
}

function betweenRegisters(o: Operands, b: Behaviour, base: Instruction): Instruction {
  const [from, into] = b.e === 'read' ? [o.rm!, o.reg!] : [o.reg!, o.rm!];
  if (b.mnemonic === 'mov' && o.opcode < 0x90 && o.size === 8)
    return { ...base, op: 'move', base: from, offset: 0, targets: [into], text: `mov %${NAMES[from]},%${NAMES[into]}` };
  if (b.mnemonic === 'mov' && o.opcode === 0xc7 && o.immediate !== null)
    return {
      ...base,
      op: 'constant',
      offset: o.immediate,
      targets: [o.rm!],
      text: `mov $${imm(o.immediate).slice(1)},%${NAMES[o.rm!]}`,
    };
  // "xor %eax,%eax" clears the whole register.
  if (b.mnemonic === 'xor' && o.opcode < 0x40 && o.rm === o.reg && o.size >= 4 && b.size === undefined)
    return { ...base, op: 'constant', offset: 0, targets: [o.rm!], text: `xor %${NAMES[o.rm!]},%${NAMES[o.rm!]}` };
  if ((b.mnemonic === 'add' || b.mnemonic === 'sub') && o.size === 8 && o.opcode >= 0x81 && o.immediate !== null) {
    const offset = b.mnemonic === 'sub' ? -o.immediate : o.immediate;
    return {
      ...base,
      op: 'add',
      base: o.rm!,
      offset,
      targets: [o.rm!],
      text: `${b.mnemonic} $${imm(o.immediate).slice(1)},%${NAMES[o.rm!]}`,
    };
  }
  return base;
}

function withoutModRm(o: Operands, raw: string): Instruction {
  const is = (op: Instruction['op'], text: string, writes: readonly number[] = []): Instruction => ({
    ...plain(o.length, text, writes),
    op,
  });
  const target = o.length + (o.immediate ?? 0);
  const { opcode, map } = o;
  if (map === 'two') {
    if (opcode >= 0x80 && opcode <= 0x8f) return conditional(o, target);
    if (opcode === 0x0b) return is('exception', 'ud2');
    if (opcode >= 0xc8 && opcode <= 0xcf) return plain(o.length, raw, [o.rm!]);
    if (opcode === 0x05 || opcode === 0x07) return is('exception', raw);
    // CPUID, RDTSC, RDMSR ...
    return { ...plain(o.length, raw, opcode >= 0x30 ? [RAX, RCX, RDX, 3] : []), flags: 'changed' };
  }
  if (opcode < 0x40) return { ...plain(o.length, raw, opcode >= 0x38 ? [] : [RAX]), flags: 'changed' };
  if (opcode >= 0x70 && opcode <= 0x7f) return conditional(o, target);
  if (opcode >= 0x50 && opcode <= 0x57) return plain(o.length, `push %${NAMES[o.rm!]}`);
  if (opcode >= 0x58 && opcode <= 0x5f) return plain(o.length, `pop %${NAMES[o.rm!]}`, [o.rm!]);
  if (opcode >= 0xb8 && opcode <= 0xbf)
    // Of eight bytes only the low four are kept: too large for an offset anyway.
    return {
      ...is('constant', `mov $${imm(o.immediate!).slice(1)},%${NAMES[o.rm!]}`, [o.rm!]),
      offset: o.size === 8 ? null : o.immediate,
      targets: [o.rm!],
    };
  if (opcode >= 0xb0 && opcode <= 0xb7) return plain(o.length, raw, [!o.rex && o.rm! >= 4 ? o.rm! - 4 : o.rm!]);
  if (opcode >= 0x91 && opcode <= 0x97) return plain(o.length, raw, [RAX, o.rm!]);
  switch (opcode) {
    case 0xe8:
      return { ...is('call', `call ${to(target)}`, CALL_CLOBBERS), offset: target };
    case 0xe9:
    case 0xeb:
      return { ...is('branch', `jmp ${to(target)}`), offset: target };
    case 0xe0:
    case 0xe1:
    case 0xe2:
    case 0xe3:
      return { ...is('branch-if', `loop ${to(target)}`, [RCX]), offset: target, condition: 'loop' };
    case 0xc2:
    case 0xc3:
    case 0xca:
    case 0xcb:
    case 0xcf:
      return is('return', 'ret');
    case 0xcc:
    case 0xcd:
    case 0xf1:
    case 0xf4:
      return is('exception', raw);
    case 0x90:
      return o.rm === 8 ? plain(o.length, raw, [RAX, 8]) : plain(o.length, 'nop');
    case 0xc9:
      return plain(o.length, 'leave', [5, RSP]);
    case 0x98:
      return plain(o.length, raw, [RAX]);
    case 0x99:
      return plain(o.length, raw, [RDX]);
    case 0xa8:
    case 0xa9:
      return { ...plain(o.length, raw), flags: 'changed' };
    case 0x68:
    case 0x6a:
      return plain(o.length, raw);
    default:
      // String operations, input and output, loads of rax from an address.
      return { ...plain(o.length, raw, [RAX, RCX, RDX, 6, 7]), flags: 'changed' };
  }
}

function conditional(o: Operands, offset: number): Instruction {
  const condition = CONDITIONS[o.opcode & 15]!;
  return { ...plain(o.length, `${JUMPS[o.opcode & 15]} ${to(offset)}`), op: 'branch-if', offset, condition };
}
