/** Frames and code words out of readings. */

import type { GatheredLine } from '../gathered.ts';
import { demangled } from '../grammars/demangle.ts';
import type { Reading } from '../grammars/read.ts';
import type { CodeWords, Frame } from '../types.ts';

const FRAME_RULES: ReadonlySet<string> = new Set(['frame', 'armFrame', 'decoded', 'bare']);

/** True for the rules that read one line of a call trace. */
export function isFrameRule(rule: string): boolean {
  return FRAME_RULES.has(rule);
}

/** True for a line that a symboliser added: a function that the compiler put into the one which the next line names. */
export function isInlined(text: string): boolean {
  return text.endsWith('[inline]') || /\[inlined?\]\s*$/.test(text);
}

/** The frame that a trace line, or a pc/lr/RIP line, names; null where it has an address only. */
export function frameOf(reading: Reading, line: GatheredLine): Frame | null {
  // arm32 prints "callee from caller+off/size": the frame is the callee; its own offset is not known.
  const arm = reading.rule === 'armFrame';
  const symbol = arm ? reading.get('callee') : reading.get('symbol');
  if (symbol === null) {
    const address = /0x[0-9a-f]+/.exec(reading.text);
    if (reading.rule !== 'bare' || address === null || reading.open.size > 0) return null;
    return { symbol: address[0], offset: null, size: null, module: null, reliable: true, line: line.span.line };
  }
  const offset = arm ? null : reading.get('offset');
  const size = arm ? null : reading.get('size');
  return {
    symbol: demangled(symbol) ?? symbol,
    offset: offset === null ? null : Number.parseInt(offset, 16),
    size: size === null ? null : Number.parseInt(size, 16),
    module: reading.get(arm ? 'calleeModule' : 'module'),
    reliable: !reading.has('guess') && !reading.text.includes('(unreliable)'),
    line: line.span.line,
  };
}

/** arm32 prints "A from B+off/size": where in B the call stands belongs to the line below it, which names B as the callee. */
export function inCaller(frame: Frame, from: Frame): Frame {
  if (frame.symbol !== from.symbol || frame.offset !== null) return frame;
  return { ...frame, offset: from.offset, size: from.size, module: frame.module ?? from.module };
}

/** The module behind "from": the callee's stands before it. */
function whereModule(reading: Reading): string | null {
  return reading.all('module').length > reading.all('calleeModule').length ? reading.last('module') : null;
}

/** The caller that an arm32 line names behind "from", or null for any other line. */
export function callerOf(reading: Reading, line: GatheredLine): Frame | null {
  const symbol = reading.rule === 'armFrame' ? reading.get('symbol') : null;
  if (symbol === null) return null;
  const offset = reading.last('offset');
  const size = reading.last('size');
  return {
    symbol,
    offset: offset === null ? null : Number.parseInt(offset, 16),
    size: size === null ? null : Number.parseInt(size, 16),
    module: reading.has('armFrame_whole') ? whereModule(reading) : null,
    reliable: true,
    line: line.span.line,
  };
}

/** Parts of a "Code:" line: 32-bit words of arm64 and arm32, half-words of Thumb-2 and riscv, bytes of x86. */
const CODE_UNITS = [
  { word: 'codeWord', unit: 4 },
  { word: 'codeHalf', unit: 2 },
  { word: 'codeByte', unit: 1 },
] as const;

/** "Code:" as instruction words and which of them stands in brackets; null where the line has none, or is no dump of code. */
export function codeOf(reading: Reading, line: GatheredLine): CodeWords | null {
  if (reading.rule !== 'codeWords') return null;
  for (const { word, unit } of CODE_UNITS) {
    const words = reading.all(word).map((w) => Number.parseInt(w, 16));
    if (words.length === 0) continue;
    const before = reading.text.slice('Code:'.length, reading.text.search(/[(<]/)).match(/[0-9a-f]+/g);
    return { words, trap: before === null ? 0 : before.length, unit, line: line.span.line };
  }
  return null;
}
