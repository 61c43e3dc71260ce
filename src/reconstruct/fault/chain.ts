/**
 * From the `Code:` line: what the trapping instruction accesses, and which loads produced its base register. "ldr x0,[x22,#0x2e0];
 * str x19,[x0,#0x40]" is a chain of one load and a write: `x22->(0x2e0)->(0x40) = x19`. That is stronger than an address, as it holds whatever
 * the structure's layout. The same on every processor: what an instruction does is its decoder's to say.
 *
 * Only straight-line code is followed. What a jump from elsewhere into the middle of the words would change cannot be seen in them.
 */

import type { CodeWords } from '../../parser/types.ts';
import { type Placed, passesBy, place, surelyRan } from './code/flags.ts';
import { type Instruction, opposite, type Processor } from './code/instruction.ts';

/** One pointer load on the way to the base register. */
export interface ChainLoad {
  /** Register that it read from, and the offset there in bytes. */
  readonly base: number;
  readonly offset: number;
  /**
   * A test of the loaded-from pointer for NULL skips it: the chain is `p ? p->field : NULL`, as dev_iommu_fwspec_get() compiles to. With the
   * skip taken the value is NULL as well.
   */
  readonly optional: boolean;
  readonly text: string;
}

export interface DecodedAccess {
  readonly instruction: Instruction;
  readonly access: 'read' | 'write' | 'read-write';
  readonly base: number;
  /** Key of the base register among the incident's registers, and its name in the text. */
  readonly register: string;
  readonly registerName: string;
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

/**
 * Null where the instruction at pc is no memory access through a register (BRK, an undefined word) or is missing. `into`: bytes from the
 * function's first instruction to pc, where known: what stands before it is another function's.
 */
export function decodeAccess(code: CodeWords, processor: Processor, into: number | null = null): DecodedAccess | null {
  const way = place(processor.decode(code));
  const trap = way.at(-1);
  if (trap === undefined || trap.access === null || trap.base === null) return null;
  const walked = walkBack(way, trap.base, processor, into);
  return {
    instruction: trap,
    access: trap.access,
    base: trap.base,
    register: processor.inLog(trap.base),
    registerName: processor.nameOf(trap.base),
    offset: trap.offset,
    size: trap.size,
    fieldOffset: trap.offset === null ? null : trap.offset + walked.added,
    loads: walked.loads,
    stopped: walked.stopped,
  };
}

/** A register definition met on the way back, at `index` of the instructions. */
interface Definition {
  readonly index: number;
  readonly at: number;
  readonly load: ChainLoad | null;
  readonly target: number;
}

interface Walked {
  readonly loads: ChainLoad[];
  readonly added: number;
  readonly stopped: string;
}

function walkBack(way: readonly Placed[], base: number, processor: Processor, into: number | null): Walked {
  let register = base;
  /** Sum of `add`s between the pointer's load and its use; those further out change the load's own offset. */
  let pending = 0;
  let added: number | null = null;
  let definitions: Definition[] = [];
  let stopped = 'the words begin here';

  const loadsOf = (): ChainLoad[] => definitions.flatMap((d) => (d.load === null ? [] : [d.load])).reverse();

  for (let i = way.length - 2; i >= 0; i--) {
    const instruction = way[i]!;
    if (register === processor.sp) {
      stopped = 'the base is the stack pointer';
      break;
    }
    if (into !== null && instruction.at < -into) {
      stopped = 'the function begins here';
      break;
    }
    const { op } = instruction;
    if (op === 'branch' || op === 'return' || op === 'exception') {
      // Control went on behind it, so it did not run. Unconditional: what follows is reached by a jump from elsewhere.
      if (instruction.condition !== null) continue;
      stopped = `\`${instruction.text}\` comes before`;
      break;
    }
    if (op === 'branch-if') {
      const skipped = overSkipped(instruction, definitions);
      if (skipped === null) {
        // Not known which value arrives: only what lies after the jump's target is sure.
        const target = instruction.at + (instruction.offset ?? 0);
        definitions = definitions.filter((d) => d.at >= target);
        return {
          loads: loadsOf(),
          added: definitions.length === 0 ? 0 : (added ?? 0),
          stopped: `\`${instruction.text}\` may skip a load`,
        };
      }
      definitions = skipped;
      continue;
    }
    if (!instruction.writes.includes(register)) continue;
    const ran = surelyRan(way, i);
    const here = { index: i, at: instruction.at, target: register };
    if (ran && op === 'move' && instruction.base !== null) {
      definitions.push({ ...here, load: null });
      register = instruction.base;
      continue;
    }
    if (ran && op === 'add' && instruction.base !== null && instruction.offset !== null) {
      definitions.push({ ...here, load: null });
      pending += instruction.offset;
      register = instruction.base;
      continue;
    }
    const load = pointerLoad(instruction, register, processor);
    if (load === null || (!ran && !leavesNull(way, i))) {
      const does = ran || load === null ? `changes ${processor.nameOf(register)}` : 'may not have run';
      stopped = `\`${instruction.text}\` ${does}`;
      break;
    }
    if (added === null) added = pending;
    else definitions = shiftLast(definitions, pending);
    pending = 0;
    definitions.push({ ...here, load: { ...load, optional: !ran } });
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

/** A load of `register` as a pointer from memory, or null where it gets its value otherwise. */
function pointerLoad(instruction: Instruction, register: number, { pointer, sp }: Processor): ChainLoad | null {
  if (instruction.op !== 'load' || instruction.base === null || instruction.offset === null) return null;
  const place = instruction.targets.indexOf(register);
  // A value that is only adjusted by write-back, a narrower load and a reload of a spilled register tell of no pointer field.
  if (place < 0 || instruction.size !== pointer * instruction.targets.length || instruction.base === sp) return null;
  const offset = instruction.offset + pointer * place;
  return { base: instruction.base, offset, optional: false, text: instruction.text };
}

/**
 * A load that only runs where a register is not zero, whose target is NULL where it does not: it goes through that very register into itself,
 * or its counterpart under the opposite condition sets the target to zero or to that register.
 */
function leavesNull(way: readonly Placed[], index: number): boolean {
  const load = way[index]!;
  if (load.condition !== 'ne' || load.tested === null || load.tested !== load.base) return false;
  const [target] = load.targets;
  if (load.targets.length !== 1 || target === undefined) return false;
  if (target === load.base) return true;
  return way.some(
    (other, i) =>
      i !== index &&
      other.asks === load.asks &&
      other.condition === opposite(load.condition!) &&
      other.writes.length === 1 &&
      other.writes[0] === target &&
      ((other.op === 'constant' && other.offset === 0) || (other.op === 'move' && other.base === load.tested)),
  );
}

/**
 * The definitions after a conditional branch that jumps forward over some of them: a test of the register that a load goes through, taken where
 * it is zero, makes that load optional. Null: it may skip what cannot be told.
 */
function overSkipped(branch: Placed, definitions: readonly Definition[]): Definition[] | null {
  if (passesBy(branch)) return [...definitions];
  const target = branch.at + (branch.offset ?? 0);
  let sure = true;
  const after = definitions.map((d) => {
    if (d.at >= target) return d;
    const { load } = d;
    if (branch.condition === 'eq' && branch.tested !== null && load?.base === branch.tested && d.target === load.base) {
      return { ...d, load: { ...load, optional: true } };
    }
    sure = false;
    return d;
  });
  return sure ? after : null;
}
