/**
 * From the `Code:` line: what the trapping instruction accesses, and which loads produced its base register. "ldr x0,[x22,#0x2e0];
 * str x19,[x0,#0x40]" is a chain of one load and a write: `x22->(0x2e0)->(0x40) = x19`. That is stronger than an address, as it holds whatever
 * the structure's layout.
 *
 * Only straight-line code is followed. What a jump from elsewhere into the middle of the words would change cannot be seen in them.
 */

import type { CodeWords } from '../../parser/types.ts';
import { type A64Instruction, decodeA64, SP } from './a64/a64.ts';

/** One pointer load on the way to the base register. */
export interface ChainLoad {
  /** Register that it read from, and the offset there in bytes. */
  readonly base: number;
  readonly offset: number;
  /**
   * A CBZ of the loaded-from pointer jumps over it: the chain is `p ? p->field : NULL`, as dev_iommu_fwspec_get() compiles to. With the
   * skip taken the value is NULL as well.
   */
  readonly optional: boolean;
  readonly text: string;
}

export interface DecodedAccess {
  readonly instruction: A64Instruction;
  readonly access: 'read' | 'write' | 'read-write';
  readonly base: number;
  /** Bytes from the base register's value to the lowest byte accessed; null for a register offset. */
  readonly offset: number | null;
  /** Bytes accessed, both registers of a pair included. */
  readonly size: number;
  /**
   * Offset seen from the pointer that the last load gave, `add`s in between counted in; equal to `offset` unless there were some. Null with
   * a register offset.
   */
  readonly fieldOffset: number | null;
  /** Outermost first. */
  readonly loads: readonly ChainLoad[];
  /** Why the walk back ended. */
  readonly stopped: string;
}

/** Null where the trapping word is no memory access (BRK, an undefined word) or is missing. */
export function decodeAccess(code: CodeWords): DecodedAccess | null {
  const trapWord = code.words[code.trap];
  if (trapWord === undefined) return null;
  const trap = decodeA64(trapWord);
  if (trap.access === null || trap.base === null) return null;
  const walked = walkBack(code, trap.base);
  return {
    instruction: trap,
    access: trap.access,
    base: trap.base,
    offset: trap.offset,
    size: trap.size,
    fieldOffset: trap.offset === null ? null : trap.offset + walked.added,
    loads: walked.loads,
    stopped: walked.stopped,
  };
}

/** A register definition met on the way back, at `index` in the words. */
interface Definition {
  readonly index: number;
  readonly load: ChainLoad | null;
  readonly target: number;
}

function walkBack(code: CodeWords, base: number): { loads: ChainLoad[]; added: number; stopped: string } {
  let register = base;
  /** Sum of `add`s between the pointer's load and its use; those further out change the load's own offset. */
  let pending = 0;
  let added: number | null = null;
  let definitions: Definition[] = [];
  let stopped = 'the words begin here';

  const loadsOf = (): ChainLoad[] => definitions.flatMap((d) => (d.load === null ? [] : [d.load])).reverse();

  for (let i = code.trap - 1; i >= 0; i--) {
    if (register === SP) {
      stopped = 'the base is the stack pointer';
      break;
    }
    const instruction = decodeA64(code.words[i]!);
    if (instruction.op === 'branch' || instruction.op === 'return' || instruction.op === 'exception') {
      // What follows is reached by a jump from elsewhere.
      stopped = `${instruction.text} comes before`;
      break;
    }
    if (instruction.op === 'branch-if') {
      const skipped = overSkipped(instruction, i, code.trap, definitions);
      if (skipped === null) {
        // Not known which value arrives: only what lies after the jump's target is sure.
        const target = i + (instruction.offset ?? 0) / 4;
        definitions = definitions.filter((d) => d.index >= target);
        return {
          loads: loadsOf(),
          added: definitions.length === 0 ? 0 : (added ?? 0),
          stopped: `${instruction.text} may skip a load`,
        };
      }
      definitions = skipped;
      continue;
    }
    if (!instruction.writes.includes(register)) continue;
    if (instruction.op === 'move' && instruction.base !== null) {
      definitions.push({ index: i, load: null, target: register });
      register = instruction.base;
      continue;
    }
    if (instruction.op === 'add' && instruction.base !== null && instruction.offset !== null) {
      definitions.push({ index: i, load: null, target: register });
      pending += instruction.offset;
      register = instruction.base;
      continue;
    }
    const load = pointerLoad(instruction, register);
    if (load === null) {
      stopped = `${instruction.text} changes x${register}`;
      break;
    }
    if (added === null) added = pending;
    else definitions = shiftLast(definitions, pending);
    pending = 0;
    definitions.push({ index: i, load, target: register });
    register = load.base;
  }
  if (added === null) added = pending;
  else if (pending !== 0) definitions = shiftLast(definitions, pending);
  return { loads: loadsOf(), added, stopped };
}

/** An `add` outside of a load belongs to that load's offset. */
function shiftLast(definitions: readonly Definition[], by: number): Definition[] {
  const last = definitions.findLastIndex((d) => d.load !== null);
  return definitions.map((d, i) =>
    i === last && d.load !== null ? { ...d, load: { ...d.load, offset: d.load.offset + by } } : d,
  );
}

/** A 64-bit load of `register` from memory, or null where it gets its value otherwise. */
function pointerLoad(instruction: A64Instruction, register: number): ChainLoad | null {
  if (instruction.op !== 'load' || instruction.base === null || instruction.offset === null) return null;
  const place = instruction.targets.indexOf(register);
  // A value that is only adjusted by write-back, a 32-bit load and a reload of a spilled register tell of no pointer field.
  if (place < 0 || instruction.size !== 8 * instruction.targets.length || instruction.base === SP) return null;
  return { base: instruction.base, offset: instruction.offset + 8 * place, optional: false, text: instruction.text };
}

/**
 * The definitions after a conditional branch at `index` that jumps forward over some of them: a CBZ over a load through the register that it
 * tests makes that load optional. Null: it may skip what cannot be told.
 */
function overSkipped(
  branch: A64Instruction,
  index: number,
  trap: number,
  definitions: readonly Definition[],
): Definition[] | null {
  const target = index + (branch.offset ?? 0) / 4;
  if (target <= index || target > trap) return [...definitions];
  const isCbz = branch.text.startsWith('cbz x');
  let sure = true;
  const after = definitions.map((d) => {
    if (d.index >= target) return d;
    if (isCbz && d.load !== null && d.load.base === branch.tested && d.target === branch.tested) {
      return { ...d, load: { ...d.load, optional: true } };
    }
    sure = false;
    return d;
  });
  return sure ? after : null;
}
