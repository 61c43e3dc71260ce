/** The chain behind a trapping access on every processor but arm64 (a64.test.ts): code that gcc 12 and clang 14 made of functions like the race's, as kernels print it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CodeWords } from '../../../src/parser/types.ts';
import { A64 } from '../../../src/reconstruct/fault/a64/a64.ts';
import { A32, T32 } from '../../../src/reconstruct/fault/arm/arm.ts';
import { decodeAccess } from '../../../src/reconstruct/fault/chain.ts';
import type { Processor } from '../../../src/reconstruct/fault/code/instruction.ts';
import { RISCV } from '../../../src/reconstruct/fault/riscv/riscv.ts';
import { X86 } from '../../../src/reconstruct/fault/x86/x86.ts';

const code = (text: string): CodeWords => {
  const words = text.split(' ');
  return {
    words: words.map((w) => Number.parseInt(w.replace(/[()<>]/g, ''), 16)),
    trap: words.findIndex((w) => /[(<]/.test(w)),
    unit: (words[0]!.replace(/[()<>]/g, '').length / 2) as CodeWords['unit'],
    line: 1,
  };
};

/** "0x1d8 0x1c? read 0x0": the loads' offsets ("?" marks an optional one) and the access. */
const show = (processor: Processor, text: string, into: number | null = null): string => {
  const found = decodeAccess(code(text), processor, into);
  if (found === null) return 'none';
  const loads = found.loads.map((l) => `0x${l.offset.toString(16)}${l.optional ? '?' : ''} `).join('');
  return `${loads}${found.access} ${found.fieldOffset === null ? 'by a register' : `0x${found.fieldOffset.toString(16)}`}`;
};
const stopped = (processor: Processor, text: string, into: number | null = null) =>
  decodeAccess(code(text), processor, into)?.stopped;

describe('A32', () => {
  it.each([
    // Kernels of Debian: priv, fwspec set to NULL, fwspec->ops behind a test for NULL.
    ['eb046120 e59531d8 e5902050 e5842004 (e5834024)', '0x1d8 write 0x24'],
    ['e305169c e34b1f02 eb4e5f2e e59631f4 (e5834020)', '0x1f4 write 0x20'],
    ['0affffef e59431d8 e2800010 e5902040 (e5832024)', '0x1d8 write 0x24'],
    ['e1a00005 ebefe308 e59431dc e3a02000 (e5832018)', '0x1dc write 0x18'],
    ['e3020e38 e34c0160 e3530000 1593301c (e5936000)', '0x1c? read 0x0'],
    // The BEQ was not taken, so that the load before it ran.
    ['e3530000 15932018 0a00003b e5943034 (e5926000)', '0x18 read 0x0'],
    // The same condition lets the last load run.
    ['e8bd8070 e59431d8 e3530000 1593301c (15933000)', '0x1d8 0x1c read 0x0'],
    ['e1a04000 e59001d8 e1a05001 e3500000 (1590001c)', '0x1d8 read 0x1c'],
    ['e1a0100d e595c004 e1a00004 e3a02001 (e583c024)', 'write 0x24'],
    ['e28dd004 e302300c e34b3f00 e5933000 (e7801003)', 'by a register'],
  ])('%s reads %s', (words, chain) => expect(show(A32, words)).toContain(chain));

  it('follows doublewords, blocks, write-back and added offsets', () => {
    // ldrd r2,r3,[r5,#0xd4]; str r4,[r3,#0x24]
    expect(show(A32, 'e1c52dd4 (e5834024)')).toBe('0xd8 write 0x24');
    // ldmib r5,{r2,r3}; str r4,[r3]
    expect(show(A32, 'e995000c (e5834000)')).toBe('0x8 write 0x0');
    // ldr r3,[r5,#0x1d8]!; str r4,[r3],#4
    expect(show(A32, 'e5b531d8 (e4834004)')).toBe('0x1d8 write 0x0');
    // add r2,r5,#0x1d0; ldr r3,[r2,#8]; str r4,[r3,#0x24]
    expect(show(A32, 'e2852e1d e5923008 (e5834024)')).toBe('0x1d8 write 0x24');
    // mov r2,r3; str r4,[r2,#0x24]
    expect(show(A32, 'e59531d8 e1a02003 (e5824024)')).toBe('0x1d8 write 0x24');
  });

  it('ends where it cannot follow, and names the instruction', () => {
    // "ldrne r3,[r5,#0x1d8]" after a compare of another register: r3 may be anything.
    expect(show(A32, 'e3520000 159531d8 (e5834024)')).toBe('write 0x24');
    expect(stopped(A32, 'e3520000 159531d8 (e5834024)')).toBe('`ldrne r3,[r5,#0x1d8]` may not have run');
    expect(stopped(A32, 'e0833002 (e5834024)')).toBe('`.word 0xe0833002` changes r3');
    expect(stopped(A32, 'e59531d8 e8bd8070 (e5834024)')).toBe('`pop {r4,r5,r6,pc}` comes before');
    // A conditional return was not taken.
    expect(show(A32, 'e59531d8 08bd8070 (e5834024)')).toBe('0x1d8 write 0x24');
    expect(stopped(A32, 'e59531d8 e3530000 (e5834024)', 4)).toBe('the function begins here');
  });

  it('has nothing to say of what is no access: UDF, a branch, a constant', () => {
    expect(show(A32, 'e59531d8 (e7f001f2)')).toBe('none');
    expect(show(A32, 'e59531d8 (eafffffe)')).toBe('none');
    expect(show(A32, 'e59531d8 (e3a03000)')).toBe('none');
  });
});

describe('Thumb-2', () => {
  it.each([
    ['3010 6031 f8d4 11d8 (624e) f7ff', '0x1d8 write 0x24'],
    ['bdb0 f8d4 01d8 69c0 (6800) bdb0', '0x1d8 0x1c read 0x0'],
    ['31ec 6023 f8d5 31d8 (625c) f7ff', '0x1d8 write 0x24'],
    ['b082 b153 69db b143 (6818) b108', '0x1c read 0x0'],
    // cbz r3 over ldr r3,[r3,#0x1c]
    ['f8d4 31d8 b103 69db (681a) 2100', '0x1c? read 0x0'],
    ['fffe 2200 f8d4 31d8 (61da) bd38', '0x1d8 write 0x1c'],
    // cmp r3,#0; it ne; ldrne r3,[r3,#0x1c]
    ['31d8 2b00 bf18 69db (681a) 2100', '0x1c? read 0x0'],
    ['bf00 f8d0 31d8 6a1b (6898) 4770', '0x1d8 0x20 read 0x8'],
    ['69db 4618 f8c3 4024 (f8c3) 4024', 'write 0x24'],
  ])('%s reads %s', (words, chain) => expect(show(T32, words)).toBe(chain));

  it('goes back no further than where both readings of the first half-word agree', () => {
    // The second half of an LDR.W that begins before the line looks like an instruction.
    expect(show(T32, '31d8 (625c) f7ff')).toBe('write 0x24');
    expect(show(T32, '3000 (625c) f7ff')).toBe('write 0x24');
  });
});

describe('riscv64', () => {
  it.each([
    ['0009 0097 0000 80e7 0000 3583 2f85 e08c 3583 2e04 (e1a4) 0541', '0x2e0 write 0x40'],
    ['ec06 e822 e426 842a 3503 2e05 84ae c909 7908 c519 (610c) e99d', '0x2e0 0x30 read 0x0'],
    ['0000 80e7 0000 8526 0097 0000 80e7 0000 3503 2e04 (3823) 0205', '0x2e0 write 0x30'],
    ['8082 1141 e406 e022 3403 2e05 3023 2e05 7808 c919 (6508) 0097', '0x2e0 0x30 read 0x8'],
    // beqz a5 over ld a5,48(a5)
    ['842a 3783 2e05 c391 7b9c (6388) c509', '0x2e0 0x30? read 0x0'],
  ])('%s reads %s', (words, chain) => expect(show(RISCV, words)).toBe(chain));
});

describe('x86-64', () => {
  it.each([
    [
      '00 00 00 00 48 85 c0 74 31 49 8b 3c 24 48 89 c3 e8 00 00 00 00 48 8b 90 f8 02 00 00 48 8d 78 10 48 89 13 48 8b 95 e0 02 00 00 <48> 89 5a 40 e8 00 00 00 00 31 c0 5b 5d 41 5c c3 b8 f4 ff ff ff eb',
      '0x2e0 write 0x40',
    ],
    [
      '89 f6 e8 00 00 00 00 85 c0 74 14 48 8d 3d 00 00 00 00 31 db 89 c6 31 c0 e8 00 00 00 00 eb 0e 49 8b 87 e0 02 00 00 48 8b 40 30 <48> 8b 18 48 89 d8 5b 41 5e 41 5f c3 66 0f 1f 84 00 00 00 00 00 41',
      '0x2e0 0x30 read 0x0',
    ],
    [
      '00 48 85 c0 74 2c 48 8b 58 30 48 85 db 74 23 49 89 fe 48 8b 7b 08 e8 00 00 00 00 48 89 df e8 00 00 00 00 49 8b 86 e0 02 00 00 <48> c7 40 30 00 00 00 00 48 83 c4 08 5b 41 5e c3 66 2e 0f 1f 84 00',
      '0x2e0 write 0x30',
    ],
    // test %rax,%rax; je over the load: p ? p->fwspec : NULL
    [
      '90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 48 8b 83 e0 02 00 00 48 85 c0 74 04 48 8b 40 30 <48> 8b 00',
      '0x2e0 0x30? read 0x0',
    ],
  ])('%s reads %s', (bytes, chain) => expect(show(X86, bytes)).toBe(chain));

  it('reads nothing of a line whose first bytes could be the end of an instruction in two ways', () => {
    // With so few bytes the load may as well be the tail of a longer one.
    expect(show(X86, '48 8b 83 e0 02 00 00 <48> 89 58 40')).toBe('write 0x40');
  });

  it('takes a per-CPU address and one relative to rip for no field', () => {
    expect(show(X86, '<65> 48 8b 40 10')).toBe('none');
    expect(show(X86, '<48> 8b 05 10 00 00 00')).toBe('none');
  });
});

it.each([
  ['A64', A64, 4],
  ['A32', A32, 4],
  ['T32', T32, 2],
  ['riscv64', RISCV, 2],
  ['x86-64', X86, 1],
] as const)('%s never throws, and loads no more than there are words', (_name, processor, unit) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 ** (8 * unit) - 1 }), { maxLength: 64 }),
      fc.integer({ min: -1, max: 65 }),
      (words, trap) => {
        const found = decodeAccess({ words, trap, unit, line: 1 }, processor);
        expect(found?.loads.length ?? 0).toBeLessThanOrEqual(words.length);
        if (found !== null) expect(found.registerName).toMatch(/^\w+$/);
      },
    ),
    { numRuns: 2000 },
  );
});
