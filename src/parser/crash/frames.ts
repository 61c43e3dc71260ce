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
    module: reading.get('module'),
    reliable: !reading.has('guess') && !reading.text.includes('(unreliable)'),
    line: line.span.line,
  };
}

/** The caller that an arm32 line names behind "from", or null for any other line. */
export function callerOf(reading: Reading, line: GatheredLine): Frame | null {
  const symbol = reading.rule === 'armFrame' ? reading.get('symbol') : null;
  if (symbol === null) return null;
  const offset = reading.last('offset');
  return {
    symbol,
    offset: offset === null ? null : Number.parseInt(offset, 16),
    size: null,
    module: reading.last('module'),
    reliable: true,
    line: line.span.line,
  };
}

/** "Code:" as instruction words. arm64 brackets the trapping one; null for byte-wise code lines (x86). */
export function codeOf(reading: Reading, line: GatheredLine): CodeWords | null {
  if (reading.rule !== 'arm64Code') return null;
  const words = reading.all('codeWord').map((w) => Number.parseInt(w, 16));
  const trapWord = reading.get('trapWord');
  if (trapWord === null) return null;
  const before = reading.text.slice(0, reading.text.indexOf('(')).match(/[0-9a-f]{8}/g);
  return { words, trap: before === null ? 0 : before.length, line: line.span.line };
}
