/** Prefixes, ModRM and SIB of one x86-64 instruction: its operands, and where it ends (Intel SDM, volume 2, chapter 2). */

import { type Encoding, encodingOf, type OpcodeMap } from './lengths.ts';

/** A memory operand. `base` null: relative to rip, absolute, or of a segment that is per CPU. */
export interface Place {
  readonly base: number | null;
  readonly index: number | null;
  readonly offset: number;
  readonly ripRelative: boolean;
}

export interface Operands {
  readonly map: OpcodeMap;
  readonly opcode: number;
  readonly length: number;
  /** Bytes of a general operand that is no byte: 8 with REX.W, 2 with 66, else 4. */
  readonly size: 2 | 4 | 8;
  readonly rex: boolean;
  readonly prefixes: ReadonlySet<number>;
  /** ModRM's middle field as a register, without REX.R as an opcode's extension; null without ModRM. */
  readonly reg: number | null;
  readonly extension: number | null;
  /** The register that ModRM's last field names; null where it is memory. Without ModRM: the register in the opcode's low bits. */
  readonly rm: number | null;
  readonly memory: Place | null;
  readonly immediate: number | null;
  /** VEX or EVEX: nothing of it but its length and registers is told. */
  readonly vector: boolean;
}

const PREFIXES = new Set([0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0x66, 0x67]);
const MAX_LENGTH = 15;

/** The instruction that begins at byte `at`; null where there is none, or the bytes end inside of it. */
export function readOperands(bytes: readonly number[], at: number): Operands | null {
  let next = at;
  const prefixes = new Set<number>();
  while (PREFIXES.has(bytes[next] ?? -1)) prefixes.add(bytes[next++]!);
  let rex = 0;
  if ((bytes[next] ?? 0) >>> 4 === 4) rex = bytes[next++]!;
  let map: OpcodeMap = 'one';
  let opcode = bytes[next++];
  let vector = false;
  if (opcode === 0xc4 || opcode === 0xc5 || opcode === 0x62) {
    const payload = { 197: 1, 196: 2, 98: 3 }[opcode];
    const first = bytes[next];
    if (first === undefined) return null;
    const which = opcode === 0xc5 ? 1 : first & (opcode === 0x62 ? 7 : 31);
    const known = ({ 1: 'two', 2: '38', 3: '3a' } as const)[which];
    if (known === undefined) return null;
    map = known;
    vector = true;
    // Its inverted bits R, X and B extend the registers as REX does.
    rex = 0x40 | (opcode === 0xc5 ? (~first >>> 5) & 4 : (~first >>> 5) & 7);
    next += payload;
    opcode = bytes[next++];
  } else if (opcode === 0x0f) {
    map = 'two';
    opcode = bytes[next++];
    if (opcode === 0x38 || opcode === 0x3a) {
      map = opcode === 0x38 ? '38' : '3a';
      opcode = bytes[next++];
    }
  }
  if (opcode === undefined) return null;
  const wide = (rex & 8) !== 0;
  const size = wide ? 8 : prefixes.has(0x66) ? 2 : 4;
  const encoding: Encoding | null = encodingOf(map, opcode, wide, prefixes.has(0x66));
  if (encoding === null) return null;
  let { immediate } = encoding;
  const found = encoding.modrm ? readModRm(bytes, next, rex, prefixes) : null;
  if (encoding.modrm && found === null) return null;
  if (found !== null) {
    next = found.next;
    // TEST is the only one of its group with an immediate.
    if (map === 'one' && (opcode === 0xf6 || opcode === 0xf7) && found.extension < 2)
      immediate = opcode === 0xf6 ? 1 : size === 2 ? 2 : 4;
  }
  const end = next + immediate;
  if (end > bytes.length || end - at > MAX_LENGTH) return null;
  return {
    map,
    opcode,
    length: end - at,
    size,
    rex: rex !== 0,
    prefixes,
    reg: found?.reg ?? null,
    extension: found?.extension ?? null,
    rm: found === null ? (opcode & 7) | ((rex & 1) << 3) : found.rm,
    memory: found?.memory ?? null,
    immediate: immediate === 0 ? null : signedAt(bytes, next, Math.min(immediate, 4)),
    vector,
  };
}

interface ModRm {
  readonly next: number;
  readonly reg: number;
  readonly extension: number;
  readonly rm: number | null;
  readonly memory: Place | null;
}

function readModRm(bytes: readonly number[], at: number, rex: number, prefixes: ReadonlySet<number>): ModRm | null {
  const modrm = bytes[at];
  if (modrm === undefined) return null;
  const [mod, extension, low] = [modrm >>> 6, (modrm >>> 3) & 7, modrm & 7];
  const reg = extension | ((rex & 4) << 1);
  let next = at + 1;
  if (mod === 3) return { next, reg, extension, rm: low | ((rex & 1) << 3), memory: null };
  let base: number | null = low | ((rex & 1) << 3);
  let index: number | null = null;
  let width = [0, 1, 4][mod]!;
  if (low === 4) {
    const sib = bytes[next++];
    if (sib === undefined) return null;
    const scaled = ((sib >>> 3) & 7) | ((rex & 2) << 2);
    index = scaled === 4 ? null : scaled;
    base = (sib & 7) | ((rex & 1) << 3);
    if ((sib & 7) === 5 && mod === 0) {
      base = null;
      width = 4;
    }
  }
  const ripRelative = mod === 0 && low === 5;
  if (ripRelative) {
    base = null;
    width = 4;
  }
  const offset = width === 0 ? 0 : signedAt(bytes, next, width);
  next += width;
  if (next > bytes.length) return null;
  // fs and gs address what is per CPU.
  const perCpu = prefixes.has(0x64) || prefixes.has(0x65);
  return { next, reg, extension, rm: null, memory: { base: perCpu ? null : base, index, offset, ripRelative } };
}

/** A little-endian number of one, two or four bytes, two's complement. */
function signedAt(bytes: readonly number[], at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value >= 2 ** (8 * width - 1) ? value - 2 ** (8 * width) : value;
}
