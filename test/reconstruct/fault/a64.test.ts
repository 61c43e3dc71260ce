import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CodeWords } from '../../../src/parser/types.ts';
import { A64, decodeA64 } from '../../../src/reconstruct/fault/a64/a64.ts';
import { decodeAccess as decode } from '../../../src/reconstruct/fault/chain.ts';

/** "54000241 (f9001c14)" as the log prints it. */
const code = (text: string): CodeWords => {
  const words = text.split(' ');
  return {
    words: words.map((w) => Number.parseInt(w.replace(/[()]/g, ''), 16)),
    trap: words.findIndex((w) => w.startsWith('(')),
    unit: 4,
    line: 1,
  };
};
const decodeAccess = (words: CodeWords) => decode(words, A64);

/** Words checked against GNU objdump 2.40, the text in this program's spelling. */
const WORDS: readonly (readonly [word: string, op: string, text: string])[] = [
  ['f94172c0', 'load', 'ldr x0,[x22,#0x2e0]'],
  ['f9002013', 'store', 'str x19,[x0,#0x40]'],
  ['f9416c13', 'load', 'ldr x19,[x0,#0x2d8]'],
  ['f9016c1f', 'store', 'str xzr,[x0,#0x2d8]'],
  ['f9401a68', 'load', 'ldr x8,[x19,#0x30]'],
  ['a9005414', 'store', 'stp x20,x21,[x0]'],
  ['f9001820', 'store', 'str x0,[x1,#0x30]'],
  ['f9400016', 'load', 'ldr x22,[x0]'],
  ['396862e1', 'load', 'ldrb w1,[x23,#0xa18]'],
  ['f9401800', 'load', 'ldr x0,[x0,#0x30]'],
  ['b9400e94', 'load', 'ldr w20,[x20,#0xc]'],
  ['f9400401', 'load', 'ldr x1,[x0,#8]'],
  ['f9001c14', 'store', 'str x20,[x0,#0x38]'],
  ['f9401660', 'load', 'ldr x0,[x19,#0x28]'],
  ['f9400800', 'load', 'ldr x0,[x0,#0x10]'],
  ['b9401402', 'load', 'ldr w2,[x0,#0x14]'],
  ['f85a8014', 'load', 'ldur x20,[x0,#-0x58]'],
  ['f8410c41', 'load', 'ldr x1,[x2,#0x10]!'],
  ['f8010441', 'store', 'str x1,[x2],#0x10'],
  ['b8bf03e1', 'atomic', 'ldadda wzr,w1,[sp]'],
  ['f8627823', 'load', 'ldr x3,[x1,x2,...]'],
  ['a9bf7bfd', 'store', 'stp x29,x30,[sp,#-0x10]!'],
  ['a94153f3', 'load', 'ldp x19,x20,[sp,#0x10]'],
  ['a8c37bfd', 'load', 'ldp x29,x30,[sp],#0x30'],
  ['69400001', 'load', 'ldpsw x1,x0,[x0]'],
  ['29400001', 'load', 'ldp w1,w0,[x0]'],
  ['39400000', 'load', 'ldrb w0,[x0]'],
  ['79400421', 'load', 'ldrh w1,[x1,#2]'],
  ['39800020', 'load', 'ldrsb x0,[x1]'],
  ['b9800020', 'load', 'ldrsw x0,[x1]'],
  ['3dc00020', 'load', 'ldr q0,[x1]'],
  ['885ffc01', 'load', 'ldaxr w1,[x0]'],
  ['8805fc01', 'store', 'stlxr w5,w1,[x0]'],
  ['c85f7c41', 'load', 'ldxr x1,[x2]'],
  ['c8dffc20', 'load', 'ldar x0,[x1]'],
  ['889ffc20', 'store', 'stlr w0,[x1]'],
  ['c8e0fc41', 'atomic', 'casal x0,x1,[x2]'],
  ['f8210041', 'atomic', 'ldadd x1,x1,[x2]'],
  ['f8e18041', 'atomic', 'swpal x1,x1,[x2]'],
  ['f9800011', 'prefetch', 'prfm #17,[x0]'],
  ['91010260', 'add', 'add x0,x19,#0x40'],
  ['d1010000', 'add', 'sub x0,x0,#0x40'],
  ['910003fd', 'add', 'mov x29,sp'],
  ['aa0003f5', 'move', 'mov x21,x0'],
  ['aa1f03e0', 'other', '.word 0xaa1f03e0'],
  ['b4000040', 'branch-if', 'cbz x0,.+0x8'],
  ['35000160', 'branch-if', 'cbnz w0,.+0x2c'],
  ['540002c1', 'branch-if', 'b.ne .+0x58'],
  ['17ffff8e', 'branch', 'b .-0x1c8'],
  ['97fbdff5', 'call', 'bl .-0x10802c'],
  ['d63f0020', 'call', 'blr x1'],
  ['d65f03c0', 'return', 'ret'],
  ['d4210000', 'exception', 'exception 0xd4210000'],
  ['d503201f', 'other', 'nop'],
];

describe('AArch64 words', () => {
  it.each(WORDS)('%s is %s: %s', (word, op, text) => {
    expect(decodeA64(Number.parseInt(word, 16))).toMatchObject({ op, text });
  });

  it('knows sizes, access and what is written', () => {
    expect(decodeA64(0xa9005414)).toMatchObject({ size: 16, access: 'write', targets: [20, 21], writes: [] });
    expect(decodeA64(0xb9401402)).toMatchObject({ size: 4, access: 'read', targets: [2], writes: [2] });
    expect(decodeA64(0xf8010441)).toMatchObject({ offset: 0, writeback: true, writes: [2] });
    expect(decodeA64(0xf8410c41)).toMatchObject({ offset: 16, writeback: true, writes: [1, 2] });
    expect(decodeA64(0x8805fc01)).toMatchObject({ writes: [5] });
    expect(decodeA64(0xf8627823)).toMatchObject({ base: 1, offset: null });
    expect(decodeA64(0xc8e0fc41)).toMatchObject({ access: 'read-write', size: 8, base: 2 });
    expect(decodeA64(0x97fbdff5).writes).toContain(18);
    expect(decodeA64(0x97fbdff5).writes).not.toContain(19);
  });

  it('decodes any word without throwing, and never names a register above 31', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (word) => {
        const decoded = decodeA64(word);
        for (const r of [...decoded.writes, ...decoded.targets, decoded.base ?? 0, decoded.tested ?? 0]) {
          expect(r).toBeGreaterThanOrEqual(0);
          expect(r).toBeLessThanOrEqual(32);
        }
        expect(
          decoded.access === null || decoded.size > 0 || decoded.text.includes('1 {v}') || decoded.base === null,
        ).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Code: lines of real oopses: the loads' offsets ("?" marks an optional one) and the access. */
const CHAINS: readonly (readonly [words: string, chain: string])[] = [
  ['540003a1 b9400e94 b40007b3 f94172c0 (f9002013)', '0x2e0 write 0x40'],
  ['540002c1 b9400e94 b40006d3 f9414aa0 (f9002013)', '0x290 write 0x40'],
  ['f9000bf3 910003fd f9416c13 f9016c1f (f9401a68)', '0x2d8 read 0x30'],
  ['f9000bf3 f9415013 f901501f 35000182 (f9401660)', '0x2a0 read 0x28'],
  ['97fbdff5 b40001a0 f9414a61 a9005414 (f9001820)', '0x290 write 0x30'],
  ['97fbe4c3 396862a0 35000160 f9414a60 (f900181f)', '0x290 write 0x30'],
  ['f9414a80 b4000040 f9401800 396862e1 (f9400016)', '0x290 0x30? read 0x0'],
  ['f9415280 b4000040 f9401400 397c02e1 (f9400016)', '0x2a0 0x28? read 0x0'],
  ['94000059 f9414ae0 b4000040 f9401800 (b9401402)', '0x290 0x30? read 0x14'],
  ['f9001c18 f9414a60 f9414674 f9401c00 (f9400800)', '0x290 0x38 read 0x10'],
  ['940001dd f9414a73 91010260 94000204 (f9002275)', '0x290 write 0x40'],
  ['ffffddfa aa1e03e9 d503201f f9415400 (f9001801)', '0x2a8 write 0x30'],
  // A call: what was in x20 before it is kept, but is not in the words.
  ['97fb2c03 f9401a94 aa1403e0 97fb2c00 (f9400295)', '0x30 read 0x0'],
  // Behind a return the words say nothing of x0.
  ['54000241 a94153f3 a8c37bfd d65f03c0 (f9001c14)', 'write 0x38'],
  ['aa0103f4 a9025bf5 aa0003f5 f9402823 (f9401000)', 'read 0x20'],
  ['d503201f b4000180 b140041f 54000148 (f9400401)', 'read 0x8'],
];

describe('the chain behind a trapping access', () => {
  const show = (text: string): string => {
    const found = decodeAccess(code(text));
    if (found === null) return 'none';
    const loads = found.loads.map((l) => `0x${l.offset.toString(16)}${l.optional ? '?' : ''} `).join('');
    return `${loads}${found.access} 0x${(found.fieldOffset ?? -1).toString(16)}`;
  };

  it.each(CHAINS)('%s reads %s', (words, chain) => {
    expect(show(words)).toBe(chain);
  });

  it('follows copies and added offsets', () => {
    // ldr x1,[x20,#0x290]; mov x0,x1; (str x19,[x0,#0x40])
    expect(show('f9414a81 aa0103e0 (f9002013)')).toBe('0x290 write 0x40');
    // ldr x1,[x20,#0x290]; add x0,x1,#0x20; (str x19,[x0,#0x20])
    expect(show('f9414a81 91008020 (f9001013)')).toBe('0x290 write 0x40');
    // add x1,x20,#0x200; ldr x0,[x1,#0x90]; (str x19,[x0,#0x40])
    expect(show('91080281 f9404820 (f9002013)')).toBe('0x290 write 0x40');
  });

  it('stops where a register is changed by something else', () => {
    // ldr x0,[x20,#0x290]; bl; (str x19,[x0,#0x40]): x0 is the call's result
    expect(show('f9414a80 97fbdff5 (f9002013)')).toBe('write 0x40');
    // ldr w0,... is no pointer; ldr x0,[sp,...] a reload
    expect(show('b9400e80 (f9002013)')).toBe('write 0x40');
    expect(show('f94007e0 (f9002013)')).toBe('write 0x40');
    // ldr x0,[x20,x1] has no constant offset
    expect(show('f8616a80 (f9002013)')).toBe('write 0x40');
  });

  it('does not trust a load that another condition may skip', () => {
    // cbz x3,+8; ldr x0,[x20,#0x290]; (str x19,[x0,#0x40])
    expect(show('b4000043 f9414a80 (f9002013)')).toBe('write 0x40');
    // cbnz x0,+8: skipped when x0 is a pointer
    expect(show('f9414a80 b5000040 f9401800 (f9400016)')).toBe('read 0x0');
  });

  it('has nothing to say of a BRK or of a line that lacks its trapping word', () => {
    expect(decodeAccess(code('52800021 9400005e f9406ab4 17ffff10 (d4210000)'))).toBeNull();
    expect(decodeAccess({ words: [0xf9002013], trap: -1, unit: 4, line: 1 })).toBeNull();
    expect(decodeAccess({ words: [], trap: 0, unit: 4, line: 1 })).toBeNull();
  });

  it('never throws, whatever the words', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 8 }),
        fc.integer({ min: -1, max: 9 }),
        (words, trap) => {
          const found = decodeAccess({ words, trap, unit: 4, line: 1 });
          if (found !== null) expect(found.loads.length).toBeLessThanOrEqual(words.length);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

/**
 * Functions shaped like the race's (a store to dev->iommu->priv, `dev->iommu ? dev->iommu->fwspec : NULL` and a load through it, a call through ops), as
 * clang 16 and gcc 12 compile them for arm64; device.iommu at 0x2e0, fwspec at 0x30, priv at 0x40, ops->of_xlate at 0x10.
 */
describe('what compilers make of it', () => {
  const show = (text: string): string => {
    const found = decodeAccess(code(text));
    if (found === null) return 'none';
    const loads = found.loads.map((l) => `0x${l.offset.toString(16)}${l.optional ? '?' : ''} `).join('');
    const pair = found.size > 8 ? ` of ${found.size}` : '';
    const offset = found.fieldOffset!;
    return `${loads}${found.access} ${offset < 0 ? '-' : ''}0x${Math.abs(offset).toString(16)}${pair}`;
  };

  it.each([
    ['clang -O2', 'f9400280 94000000 b4000120 f9417268 (f9002100)', '0x2e0 write 0x40'],
    ['clang -O2', '91000000 94000000 f9417268 f9401908 (f9400108)', '0x2e0 0x30 read 0x0'],
    ['clang -O2', '910003fd b4000148 f9401900 b4000100 (f9400008)', '0x30 read 0x0'],
    ['clang -O2', '94000000 aa1403e0 94000000 f9417268 (f900191f)', '0x2e0 write 0x30'],
    ['gcc -Os', '94000000 f9417260 b4000200 f9401800 (f9400000)', '0x2e0 0x30 read 0x0'],
    ['gcc -Os, behind a return', 'a8c27bfd d65f03c0 f9401801 b4fffe81 (f9400020)', '0x30 read 0x0'],
    [
      'gcc -O2, the frame taken down before it',
      'f9417260 b4000180 f9401800 f9400bf3 (f9400000)',
      '0x2e0 0x30 read 0x0',
    ],
    ['gcc -O2, a constant between', '94000000 b4000120 f9417261 52800022 (f9002020)', '0x2e0 write 0x40'],
    ['BTI', 'd503245f f9417008 (a9038901)', '0x2e0 write 0x38 of 16'],
    ['PAC on a leaf', 'd503233f f9417008 (a9038901)', '0x2e0 write 0x38 of 16'],
    ['BTI and PAC of a leaf', 'd503245f f9417000 d503233f d50323bf (a9038801)', '0x2e0 write 0x38 of 16'],
    ['shadow call stack', 'f9417260 b40001a0 f9401800 f85f8e5e (f9400000)', '0x2e0 0x30 read 0x0'],
    ['KASAN, outlined', 'f9417294 91010280 94000000 aa1303e0 (f9002293)', '0x2e0 write 0x40'],
    ['KASAN, outlined, a test for NULL', 'f9417274 b40001b4 9100c280 94000000 (f9401a94)', '0x2e0 read 0x30'],
    // The type is read in front of the function that ops->of_xlate points to.
    ['KCFI', '34000240 f9400a68 aa1503e0 aa1403e1 (b85fc110)', '0x10 read -0x4'],
    // With inlined KASAN the address comes from an `add` further back than the words go.
    ['KASAN, inlined', '38786908 34000068 aa1503e0 94000000 (f90002b6)', 'write 0x0'],
    // Reached by a jump, not from above.
    ['gcc -O2, behind a jump', 'f9417260 b4fffe40 f9401801 17fffff1 (f9400000)', 'read 0x0'],
  ])('%s: %s is %s', (_, words, chain) => expect(show(words)).toBe(chain));
});
