/**
 * How long x86-64 instructions are: for each opcode whether a ModRM byte follows, and how many bytes of immediate. Source: Intel 64 and IA-32 Architectures
 * Software Developer's Manual, volume 2, appendix A (opcode maps).
 */

/**
 * One letter for an opcode: "." nothing follows, "m" ModRM; a digit 1, 2 is that many bytes of immediate, "z" two or four by operand size, "v" up to eight
 * (MOV of a constant), "o" an address of eight; capitals are those with ModRM before: "B" one byte, "Z" two or four; "e" ENTER, "g" and "G" the groups F6 and F7,
 * "p" a prefix, "x" none in 64-bit mode.
 */
const ONE = [
  'mmmm1zxxmmmm1zxp', // 0F escapes, and is read before
  'mmmm1zxxmmmm1zxx',
  'mmmm1zpxmmmm1zpx',
  'mmmm1zpxmmmm1zpx',
  'pppppppppppppppp', // REX
  '................',
  'xxpmppppzZ1B....',
  '1111111111111111',
  'BZxBmmmmmmmmmmmm',
  '..........x.....',
  'oooo....1z......',
  '11111111vvvvvvvv',
  'BB2.ppBZe.2..1x.', // C4 and C5 are VEX, 62 EVEX
  'mmmmxxx.mmmmmmmm',
  '11111111zzx1....',
  'p.pp..gG......mm',
].join('');

const TWO = [
  'mmmmx.....x.xm.B',
  'mmmmmmmmmmmmmmmm',
  'mmmmxxxxmmmmmmmm',
  '......x.pxpxxxxx', // 38 and 3A escape
  'mmmmmmmmmmmmmmmm',
  'mmmmmmmmmmmmmmmm',
  'mmmmmmmmmmmmmmmm',
  'BBBBmmm.mmxxmmmm',
  'zzzzzzzzzzzzzzzz',
  'mmmmmmmmmmmmmmmm',
  '...mBmxx...mBmmm',
  'mmmmmmmmmmBmmmmm',
  'mmBmBBBm........',
  'mmmmmmmmmmmmmmmm',
  'mmmmmmmmmmmmmmmm',
  'mmmmmmmmmmmmmmmm',
].join('');

export type OpcodeMap = 'one' | 'two' | '38' | '3a';

export interface Encoding {
  readonly modrm: boolean;
  /** Bytes of immediate, without what the groups F6 and F7 add. */
  readonly immediate: number;
}

/** Null: no instruction in 64-bit mode. `wide`: REX.W; `short`: the 66 prefix. A relative jump of four bytes keeps them with 66. */
export function encodingOf(map: OpcodeMap, opcode: number, wide: boolean, short: boolean): Encoding | null {
  if (map === '38') return { modrm: true, immediate: 0 };
  if (map === '3a') return { modrm: true, immediate: 1 };
  const letter = (map === 'one' ? ONE : TWO)[opcode]!;
  const z = short && !wide ? 2 : 4;
  const jumps = map === 'two' ? opcode >= 0x80 && opcode <= 0x8f : opcode === 0xe8 || opcode === 0xe9;
  switch (letter) {
    case 'x':
    case 'p':
      return null;
    case 'm':
      return { modrm: true, immediate: 0 };
    case 'B':
      return { modrm: true, immediate: 1 };
    case 'Z':
      return { modrm: true, immediate: z };
    case 'g':
    case 'G':
      return { modrm: true, immediate: 0 };
    case 'e':
      return { modrm: false, immediate: 3 };
    case 'z':
      return { modrm: false, immediate: jumps ? 4 : z };
    case 'v':
      return { modrm: false, immediate: wide ? 8 : z };
    case 'o':
      return { modrm: false, immediate: 8 };
    case '1':
    case '2':
      return { modrm: false, immediate: Number(letter) };
    default:
      return { modrm: false, immediate: 0 };
  }
}
