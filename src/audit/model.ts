/** A procedure of the model as straight code for one function: what it calls stays a call, accessors and transparent frames are written in. */
import { type Node, type Procedure, REGISTERS, type Register, type Value } from '../sim/machine/program.ts';

/** Frames that call what they are handed: the kernel's text has that as an argument. */
const TRANSPARENT = new Set(['bus_for_each_dev', 'blocking_notifier_call_chain']);

export interface Instruction {
  readonly node: Node;
  next: number;
  other: number;
}

/** Instructions from 0 on; an instruction number equal to their count is the function's end. */
export function straight(procedure: Procedure): readonly Instruction[] {
  const all: Instruction[] = [];
  const returns: number[] = [];
  emit(procedure.body, all, returns);
  for (const r of returns) all[r]!.next = all.length;
  return all;
}

export const isWrittenIn = (p: Procedure): boolean => p.inline === 'accessor' || TRANSPARENT.has(p.fn);

function emit(nodes: readonly Node[], all: Instruction[], returns: number[]): void {
  for (const node of nodes) {
    const at = all.length;
    if (node.op === 'call' && isWrittenIn(node.procedure)) {
      const inner: number[] = [];
      emit(node.procedure.body, all, inner);
      for (const r of inner) all[r]!.next = all.length;
      continue;
    }
    all.push({ node, next: at + 1, other: -1 });
    if (node.op === 'if') {
      emit(node.then, all, returns);
      const jump = all.length;
      all.push({ node: { op: 'section', open: false }, next: -1, other: -1 });
      all[at]!.other = all.length;
      emit(node.else, all, returns);
      all[jump]!.next = all.length;
    } else if (node.op === 'return') returns.push(at);
  }
}

/** What is known of a register: its value, that it is not 0, or nothing. */
export type Known = number | 'not 0' | null;
export type Env = readonly Known[];

export const NOTHING_KNOWN: Env = REGISTERS.map(() => null);

const index = (r: Register): number => REGISTERS.indexOf(r);
export const known = (env: Env, r: Register): Known => env[index(r)]!;

export function knowing(env: Env, r: Register, what: Known): Env {
  return env.map((old, i) => (i === index(r) ? what : old));
}

export const valueIn = (env: Env, value: Value): Known => (typeof value === 'number' ? value : known(env, value.reg));

const written = new WeakMap<Procedure, ReadonlySet<Register>>();

/** Registers that a called function may change. */
export function changedBy(p: Procedure): ReadonlySet<Register> {
  let all = written.get(p);
  if (!all) {
    const set = new Set<Register>();
    collect(p.body, set);
    all = set;
    written.set(p, all);
  }
  return all;
}

function collect(nodes: readonly Node[], into: Set<Register>): void {
  for (const node of nodes) {
    if (node.op === 'if') {
      collect(node.then, into);
      collect(node.else, into);
    } else if (node.op === 'call') for (const r of changedBy(node.procedure)) into.add(r);
    else if ('dst' in node && node.dst) into.add(node.dst);
  }
}
