/** arm32 as a processor of `Code:` lines: A32's words, and Thumb-2's half-words of one or two an instruction. */

import type { Processor } from '../code/instruction.ts';
import { decodeA32 } from './a32.ts';
import { r, SP } from './pieces.ts';
import { decodeThumb } from './thumb.ts';

const registers = { pointer: 4, sp: SP, nameOf: r, inLog: r } as const;

export const A32: Processor = {
  ...registers,
  decode: (code) => code.words.slice(0, code.trap + 1).map((word) => decodeA32(word)),
};

export const T32: Processor = { ...registers, decode: (code) => decodeThumb(code.words, code.trap, code.aligned) };
