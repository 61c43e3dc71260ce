/** The instructions around pc, from the image: as far back as they can be followed, beyond the few words of Code:. */
import type { CodeWords, Incident } from '../../parser/types.ts';
import type { Instruction, Processor } from '../fault/code/instruction.ts';
import { processorOf } from '../fault/processor.ts';
import type { ImageFunction } from './types.ts';

/** Longer functions are none of the IOMMU core's; more is not decoded. */
const MOST_BYTES = 1 << 15;
/** The longest instruction of x86. */
const LONGEST = 15;

function unitOf(incident: Incident, fn: ImageFunction): CodeWords['unit'] | null {
  if (incident.code !== null) return incident.code.unit;
  switch (incident.arch) {
    case 'arm64':
      return 4;
    case 'arm':
      return fn.thumb ? 2 : 4;
    case 'riscv':
      return 2;
    case 'x86_64':
    case 'x86':
      return 1;
    default:
      return null;
  }
}

/**
 * The incident's Code: begun at the function's first instruction, or behind the last place into which something jumps that a walk back from pc would not pass.
 * What the log prints goes before the file, as the kernel patches itself. Null where the image does not hold the function.
 */
export function codeFromImage(incident: Incident, fn: ImageFunction): CodeWords | null {
  const offset = incident.pc?.offset ?? null;
  const unit = unitOf(incident, fn);
  if (offset === null || unit === null || fn.size > MOST_BYTES || offset >= fn.size || offset % unit !== 0) return null;
  const bytes = fn.bytes(0, fn.size);
  if (bytes === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.floor(fn.size / unit);
  const words = Array.from({ length: count }, (_, i) =>
    unit === 4 ? view.getUint32(i * 4, true) : unit === 2 ? view.getUint16(i * 2, true) : view.getUint8(i),
  );
  const trap = offset / unit;
  const printed = incident.code;
  if (printed !== null)
    for (const [i, word] of printed.words.entries()) {
      const at = trap + i - printed.trap;
      if (at >= 0 && at < count) words[at] = word;
    }
  const line = printed?.line ?? incident.at.pc ?? incident.span.line;
  const whole: CodeWords = { words, trap, unit, line, aligned: true };
  const begins = beginning(incident, whole);
  const shown = printed === null ? trap : Math.max(0, trap - printed.trap);
  // The log's own words are all kept; of variable length they begin anywhere.
  const from = Math.min(begins, shown);
  const to = Math.min(count, trap + Math.ceil(LONGEST / unit));
  const cut = { words: words.slice(from, to), trap: trap - from, unit, line };
  return from === begins || unit === 4 ? { ...cut, aligned: true } : cut;
}

/**
 * Index of the first word from which the way to pc is a straight one: behind every target of a jump from behind pc, and of an unconditional one from before it,
 * since what that passes over ran on another way. `trap` where the function cannot be decoded as a whole.
 */
function beginning(incident: Incident, code: CodeWords): number {
  const { words, trap, unit } = code;
  const processor = processorOf({ ...incident, code }, incident.arch);
  if (processor === null) return trap;
  let begins = 0;
  let at = 0;
  for (const instruction of wholeOf(processor, code)) {
    const from = at;
    at += instruction.length;
    if ((instruction.op !== 'branch' && instruction.op !== 'branch-if') || instruction.offset === null) continue;
    const target = from + instruction.offset;
    if (target < 0 || target > trap * unit) continue;
    if (from >= trap * unit || instruction.op === 'branch') begins = Math.max(begins, target / unit);
  }
  return at < trap * unit || at > words.length * unit ? trap : Math.floor(begins);
}

/** All instructions of the function: decoded up to its last one, it shows its jumps on both sides of pc. Empty where it cannot be decoded as a whole. */
function wholeOf(processor: Processor, code: CodeWords): readonly Instruction[] {
  const last = code.words.length - 1;
  for (let trap = last; trap >= Math.max(0, last - LONGEST); trap--) {
    const all = processor.decode({ ...code, trap });
    if (all.length > 0) return all;
  }
  return [];
}
