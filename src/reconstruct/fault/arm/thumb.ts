/**
 * Half-words of a Thumb-2 `Code:` line as instructions. The first half-word can be the second of an instruction that begins before the line: what both
 * readings agree on is certain. A block that an IT before the line began cannot be seen.
 */

import { agreed } from '../code/boundaries.ts';
import { bits, hex, type Instruction, opposite, plain } from '../code/instruction.ts';
import { CONDITIONS } from './pieces.ts';
import { decodeThumb16 } from './thumb16.ts';
import { decodeThumb32 } from './thumb32.ts';

/** The instructions up to the one that begins at half-word `trap`, as far back as their boundaries are certain; `aligned`: the first half-word begins one. */
export function decodeThumb(halves: readonly number[], trap: number, aligned = false): readonly Instruction[] {
  if (aligned) return from(halves, 0, trap) ?? [];
  return agreed([from(halves, 0, trap), from(halves, 1, trap)]);
}

/** All instructions from half-word `start` on; null where none begins at `trap`. */
function from(halves: readonly number[], start: number, trap: number): readonly Instruction[] | null {
  const found: Instruction[] = [];
  /** Conditions of the IT block's instructions that are still to come. */
  let block: string[] = [];
  let at = start;
  while (at <= trap) {
    const half = halves[at];
    if (half === undefined) return null;
    const condition = block.shift() ?? null;
    if (half >>> 11 < 0b11101) {
      if (isIt(half)) {
        block = blockOf(half);
        found.push(plain(2, `it 0x${hex(half, 4)}`));
      } else found.push(decodeThumb16(half, condition));
    } else {
      const second = halves[at + 1];
      if (second === undefined) return null;
      found.push(decodeThumb32(half * 0x10000 + second, condition));
    }
    if (at === trap) return found;
    at += found.at(-1)!.length / 2;
  }
  return null;
}

const isIt = (half: number): boolean => bits(half, 15, 8) === 0xbf && bits(half, 3, 0) !== 0;

/** "ITTE NE": the conditions of up to four instructions, told by the mask's bits up to its lowest one. */
function blockOf(half: number): string[] {
  const first = CONDITIONS[bits(half, 7, 4)];
  if (first === undefined) return [];
  const mask = bits(half, 3, 0);
  const length = 4 - Math.log2(mask & -mask);
  const low = bits(half, 4, 4);
  return Array.from({ length }, (_, i) =>
    i === 0 || bits(mask, 4 - i, 4 - i) === low ? first : (opposite(first) ?? first),
  );
}
