/** The decoders against GNU objdump, an independent one: its text of some thousand instructions lies in test/fixtures/code. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeA32 } from '../../../src/reconstruct/fault/arm/a32.ts';
import { NAMES as ARM } from '../../../src/reconstruct/fault/arm/pieces.ts';
import { decodeThumb16 } from '../../../src/reconstruct/fault/arm/thumb16.ts';
import { decodeThumb32 } from '../../../src/reconstruct/fault/arm/thumb32.ts';
import type { Instruction } from '../../../src/reconstruct/fault/code/instruction.ts';
import { decodeCompressed } from '../../../src/reconstruct/fault/riscv/compressed.ts';
import { r as riscvName } from '../../../src/reconstruct/fault/riscv/pieces.ts';
import { decodeRiscv } from '../../../src/reconstruct/fault/riscv/riscv.ts';
import { decodeX86 } from '../../../src/reconstruct/fault/x86/decode.ts';
import { NAMES as X86 } from '../../../src/reconstruct/fault/x86/pieces.ts';

interface Row {
  readonly digits: readonly string[];
  readonly text: string;
}

const rows = (name: string): Row[] =>
  readFileSync(`test/fixtures/code/${name}.txt`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [digits, text] = line.split('\t') as [string, string];
      return { digits: digits.split(' '), text };
    });
const numbers = ({ digits }: Row): number[] => digits.map((d) => Number.parseInt(d, 16));

/** What both say of an access: who moves what, and where. Null: none through a register and a constant. */
interface Access {
  readonly access: 'read' | 'write';
  readonly base: string;
  readonly offset: number;
  readonly targets: readonly string[];
}

const told = (found: Instruction, name: (n: number) => string): Access | null =>
  found.base === null || found.offset === null || (found.access !== 'read' && found.access !== 'write')
    ? null
    : { access: found.access, base: name(found.base), offset: found.offset, targets: found.targets.map(name) };

const armName = (n: number): string => (n === 10 ? 'sl' : ARM[n]!);

/** "ldrne r3, [r3, #28]", "strd r0, r1, [r2], #8". */
function armAccess(text: string): Access | null {
  const m = /^(ldr|str)(?:s?[bhd])?\w*(?:\.w)? ([\w, ]+), \[(\w+)(?:, #(-?\d+))?\]!?(?:, #(-?\d+))?$/.exec(text);
  if (m === null || m[3] === 'pc') return null;
  return {
    access: m[1] === 'ldr' ? 'read' : 'write',
    base: m[3]!,
    offset: m[5] === undefined ? Number(m[4] ?? 0) : 0,
    targets: m[2]!.split(', '),
  };
}

/** The register that an instruction with no memory operand writes: the first. */
const armWrites = (text: string): string | null =>
  /^(?:add|sub|mov|mvn|rsb|orr|and|eor|bic|lsl|lsr|asr|movw|movt)\w*(?:\.w)? (\w+), (?!.*\[)/.exec(text)?.[1] ?? null;

describe.each([
  ['a32', (row: Row) => decodeA32(numbers(row)[0]!)],
  [
    't32',
    (row: Row) => {
      const [first, second] = numbers(row);
      return second === undefined ? decodeThumb16(first!, null) : decodeThumb32(first! * 0x10000 + second, null);
    },
  ],
] as const)('%s', (name, decode) => {
  // An exclusive's first register is its status, a doubleword's second one is implied in A32.
  const ROWS = rows(name).filter(({ text }) => !/^(?:ldrex|strex|ldrd|strd)/.test(text));

  it('names base, offset and registers of each load and store as objdump does', () => {
    const accesses = ROWS.flatMap((row) => {
      const expected = armAccess(row.text);
      return expected === null ? [] : [{ row, expected }];
    });
    expect(accesses.length).toBeGreaterThan(120);
    for (const { row, expected } of accesses)
      expect([row.text, told(decode(row), armName)]).toEqual([row.text, expected]);
  });

  it('takes nothing for an access that has no memory operand', () => {
    for (const row of ROWS.filter(({ text }) => !/[[{]/.test(text)))
      expect([row.text, decode(row).access]).toEqual([row.text, null]);
  });

  it('knows which register arithmetic changes', () => {
    const writing = ROWS.flatMap((row) => {
      const target = armWrites(row.text);
      return target === null || target === 'pc' ? [] : [{ row, target }];
    });
    expect(writing.length).toBeGreaterThan(50);
    for (const { row, target } of writing)
      if (target !== 'sp') expect([row.text, decode(row).writes.map(armName)]).toEqual([row.text, [target]]);
  });
});

describe('riscv', () => {
  const ROWS = rows('riscv');
  const decode = (row: Row): Instruction => {
    const [word] = numbers(row);
    return row.digits[0]!.length === 4 ? decodeCompressed(word!) : decodeRiscv(word!);
  };

  it('names base, offset and register of each load and store as objdump does', () => {
    const accesses = ROWS.flatMap((row) => {
      const m = /^(?:c\.)?([ls][bhwd]u?)(?:sp)? (\w+),(-?\d+)\((\w+)\)$/.exec(row.text);
      return m === null || m[4] === 'zero' ? [] : [{ row, m }];
    });
    expect(accesses.length).toBeGreaterThan(60);
    for (const { row, m } of accesses) {
      const access = m[1]!.startsWith('l') ? 'read' : 'write';
      const expected = { access, base: m[4], offset: Number(m[3]), targets: [m[2]] };
      expect([row.text, told(decode(row), riscvName)]).toEqual([row.text, expected]);
    }
  });

  it('knows which register all others change', () => {
    for (const row of ROWS) {
      const target = /^(?:c\.)?(?:addi?w?|slli|srli|lui|li|mv|or|and|subw?|sh\dadd|addi16sp|addi4spn) (\w+),/.exec(
        row.text,
      )?.[1];
      if (target !== undefined && target !== 'zero')
        expect([row.text, decode(row).writes.map(riscvName)]).toEqual([row.text, [target]]);
    }
  });
});

describe('x86', () => {
  const ROWS = rows('x86');

  it('knows where each instruction ends', () => {
    for (const row of ROWS) {
      // What follows belongs to the next one.
      const bytes = [...numbers(row), 0x90, 0x90, 0x90, 0x90];
      expect([row.text, decodeX86(bytes, 0)?.length]).toEqual([row.text, row.digits.length]);
    }
  });

  it('names base, offset and register of each move as objdump does', () => {
    const moves = ROWS.flatMap((row) => {
      const load = /^mov (-?0x[0-9a-f]+)?\(%(\w+)\),%(r\w[\dxip]?)$/.exec(row.text);
      const store = /^mov %(r\w[\dxip]?),(-?0x[0-9a-f]+)?\(%(\w+)\)$/.exec(row.text);
      if (load !== null)
        return [{ row, access: 'read', base: load[2], offset: Number(load[1] ?? 0), targets: [load[3]] }];
      return store === null
        ? []
        : [{ row, access: 'write', base: store[3], offset: Number(store[2] ?? 0), targets: [store[1]] }];
    });
    expect(moves.length).toBeGreaterThan(40);
    for (const { row, ...expected } of moves)
      expect([row.text, told(decodeX86(numbers(row), 0)!, (n) => X86[n]!)]).toEqual([row.text, expected]);
  });
});
