/**
 * A step as guarded commands: every way from one place where a thread rests to the next, with the silent code between them folded in. What silent
 * code tests becomes a guard on the state before the step, so that a way is one transition, taken whole or not at all.
 */
import type { Memory } from '../machine/machine.ts';
import { type Field, type Node, type ObjectType, REGISTERS, type Register, type Value } from '../machine/program.ts';
import type { Stop, ThreadCode } from '../machine/stops.ts';
import { fieldWord, globalWord, heapWord, MUTEX } from './words.ts';

export interface Way {
  /** Promela conditions on the state before the step; all must hold. */
  readonly guard: readonly string[];
  /** Promela statements, in order. */
  readonly actions: readonly string[];
  /** Stop at which the thread rests next, or the crash that ends the run here. */
  readonly to: number | { readonly outcome: string };
}

/** What a register holds, in terms of the state before the step. */
type Known = { readonly number: number } | { readonly word: string } | 'new object';

type Action =
  | { readonly is: 'register'; readonly dst: Register; readonly value: string; readonly from: Register | null }
  | { readonly is: 'effect'; readonly text: string; readonly uses: readonly Register[] }
  | { readonly is: 'new'; readonly dst: Register; readonly type: ObjectType };

interface Path {
  readonly guard: readonly string[];
  /** What the guards say of words: the one value that a word has, or those that it has not. */
  readonly facts: ReadonlyMap<string, { readonly is: '==' | '!='; readonly values: readonly number[] }>;
  readonly registers: ReadonlyMap<Register, Known>;
  readonly actions: readonly Action[];
}

/** The ways on from `stop`. `owner` is the thread's number in the lock and in freed objects, from 1. */
export function waysFrom(code: ThreadCode, stop: Stop, owner: number, memory: Memory): readonly Way[] {
  const { node, live } = stop.place;
  if (node.op === 'end') return [];
  const start: Path = {
    guard: [],
    facts: new Map(),
    registers: new Map(REGISTERS.map((r) => [r, alive(live, r) ? { word: r } : { number: 0 }])),
    actions: [],
  };
  const ways: Way[] = [];
  for (const { path, outcome } of perform(start, node, owner, memory, stop.fn)) {
    if (outcome !== null) ways.push({ guard: path.guard, actions: [], to: { outcome } });
    else ways.push(...settle(code, path, stop.place.next, live));
  }
  return ways;
}

/** The visible step itself: how it can go on, and how it can crash. */
function perform(
  path: Path,
  node: Node,
  owner: number,
  memory: Memory,
  fn: string,
): readonly { readonly path: Path; readonly outcome: string | null }[] {
  const on = (p: Path) => ({ path: p, outcome: null });
  const crash = (p: Path, what: string) => ({ path: p, outcome: `${what} in ${fn}` });
  switch (node.op) {
    case 'load':
      return [on(assign(path, node.dst, { word: globalWord(node.from) }, null))];
    case 'store':
      return [on(effect(path, `${globalWord(node.to)} = ${wordOf(node.value)}`, node.value))];
    case 'claim':
      return [
        on(effect(assign(path, node.dst, { word: globalWord(node.what) }, null), `${globalWord(node.what)} = 1`, 0)),
      ];
    case 'lock':
      return [on(effect(guarded(path, `${MUTEX} == 0`), `${MUTEX} = ${owner}`, 0))];
    case 'unlock':
      return [on(effect(path, `${MUTEX} = 0`, 0))];
    case 'free': {
      const p = node.ptr;
      const life = `${heapWord(node.type)}[${p}].life`;
      const forget = memory === 'kasan' ? [`forget_${node.type}(${p})`] : [];
      const freed = [`${life} = FREED_BY(${owner})`, ...forget].reduce(
        (q, text) => effect(q, text, { reg: p }),
        living(path, p, life),
      );
      // kfree(NULL) does nothing.
      const nothing = on(known(path, p, '==', 0));
      const again = guarded(known(path, p, '!=', 0), `${life} != LIVE`);
      return [nothing, on(freed), memory === 'kasan' ? crash(again, `double-free ${node.type}`) : on(again)];
    }
    case 'get':
    case 'put': {
      const p = node.ptr;
      const way = node.op === 'get' ? 'read' : 'write';
      const name = node.field.replace(/^(?:cfg|late):/, '');
      const through = node.field.startsWith('late:') ? 'late' : /^[a-z_]+/.exec(node.field)![0];
      if (through === 'late') return [crash(path, `null-${way} ${name}`)];
      if (through === 'iommu_device')
        return [crash(guarded(path, `${p} != VALID`), `null-${way} ${name}`), on(known(path, p, '==', 1))];
      const life = `${heapWord(through as ObjectType)}[${p}].life`;
      const isNull = crash(known(path, p, '==', 0), `null-${way} ${name}`);
      // Without KASAN a freed object is read stale and written to, unnoticed.
      if (memory === 'plain') return [isNull, on(access(known(path, p, '!=', 0), node))];
      const freed = guarded(known(path, p, '!=', 0), `${life} != LIVE`);
      return [isNull, crash(freed, `uaf-${way} ${name}`), on(access(living(path, p, life), node))];
    }
    default:
      return [on(path)];
  }
}

function access(path: Path, node: Extract<Node, { op: 'get' | 'put' }>): Path {
  const word = fieldWord(node.field as Field, node.ptr);
  if (word === null) return path;
  if (node.op === 'get') return node.dst === null ? path : assign(path, node.dst, { word }, node.ptr);
  return effect(path, `${word} = ${wordOf(node.value)}`, { reg: node.ptr }, node.value);
}

/** Silent code from place `at` on, to every stop that it can lead to. */
function settle(code: ThreadCode, path: Path, at: number, liveBefore: number): readonly Way[] {
  for (let place = code.places[at]!; ; place = code.places[at]!) {
    const stop = code.stopOf[at]!;
    if (stop >= 0) return [finish(path, stop, liveBefore, place.live)];
    const { node } = place;
    if (node.op === 'if') {
      const { reg, is, value } = node.test;
      const decided = decide(path, reg, value);
      if (decided === null) {
        return [
          ...settle(code, known(path, reg, is, value), place.next, liveBefore),
          ...settle(code, known(path, reg, is === '==' ? '!=' : '==', value), place.other, liveBefore),
        ];
      }
      at = decided === (is === '==') ? place.next : place.other;
      continue;
    }
    if (node.op === 'set' && wordOf(node.value) !== node.dst) {
      const value: Known =
        typeof node.value === 'number' ? { number: node.value } : path.registers.get(node.value.reg)!;
      const from = typeof node.value === 'number' ? null : node.value.reg;
      path = withRegister(path, node.dst, value, { is: 'register', dst: node.dst, value: wordOf(node.value), from });
    } else if (node.op === 'alloc') {
      path = withRegister(path, node.dst, 'new object', { is: 'new', dst: node.dst, type: node.type });
      for (const [field, value] of Object.entries(node.init ?? {}) as [Field, Value][])
        path = effect(path, `${fieldWord(field, node.dst)} = ${wordOf(value)}`, { reg: node.dst }, value);
    }
    at = place.next;
  }
}

/** Leaves out what nothing needs any more, and zeroes registers that die on the way. */
function finish(path: Path, to: number, liveBefore: number, live: number): Way {
  const needed = new Set(REGISTERS.filter((r) => alive(live, r)));
  const kept: string[] = [];
  const dirty = new Set<Register>();
  for (const action of path.actions.toReversed()) {
    switch (action.is) {
      case 'register':
        if (!needed.delete(action.dst)) break;
        if (action.from !== null) needed.add(action.from);
        kept.push(`${action.dst} = ${action.value}`);
        dirty.add(action.dst);
        break;
      case 'effect':
        for (const r of action.uses) needed.add(r);
        kept.push(action.text);
        break;
      case 'new':
        needed.delete(action.dst);
        kept.push(`new_${action.type}(${action.dst})`);
        dirty.add(action.dst);
    }
  }
  const actions = kept.reverse();
  for (const r of REGISTERS) {
    if (alive(live, r) || !(dirty.has(r) || alive(liveBefore, r))) continue;
    const fact = path.facts.get(r);
    const zeroAlready = !dirty.has(r) && fact?.is === '==' && fact.values[0] === 0;
    if (!zeroAlready) actions.push(`${r} = 0`);
  }
  return { guard: path.guard, actions, to };
}

function alive(live: number, register: Register): boolean {
  return (live & (1 << REGISTERS.indexOf(register))) !== 0;
}

function wordOf(value: Value): string {
  return typeof value === 'number' ? String(value) : value.reg;
}

function guarded(path: Path, condition: string): Path {
  return { ...path, guard: [...path.guard, condition] };
}

/** Only an object that is there lives: object 0 never does. */
function living(path: Path, pointer: Register, life: string): Path {
  const facts = new Map(path.facts).set(pointer, { is: '!=', values: [0] });
  return { ...guarded(path, `${life} == LIVE`), facts };
}

/** Is the register's value `value`? Null where both can be. */
function decide(path: Path, register: Register, value: number): boolean | null {
  const held = path.registers.get(register)!;
  if (held === 'new object') {
    if (value === 0) return false;
    throw new Error('the model tests a new object for more than NULL');
  }
  if ('number' in held) return held.number === value;
  const fact = path.facts.get(held.word);
  if (fact?.is === '==') return fact.values[0] === value;
  return fact?.values.includes(value) ? false : null;
}

/** The path on which a register equals, or does not equal, `value`. */
function known(path: Path, register: Register, is: '==' | '!=', value: number): Path {
  const held = path.registers.get(register)!;
  if (held === 'new object' || 'number' in held) throw new Error('a guard on what is known already');
  const before = path.facts.get(held.word)?.values ?? [];
  const facts = new Map(path.facts).set(held.word, { is, values: is === '==' ? [value] : [...before, value] });
  return { ...path, facts, guard: [...path.guard, `${held.word} ${is} ${value}`] };
}

function assign(path: Path, dst: Register, value: Known & { readonly word: string }, from: Register | null): Path {
  return withRegister(path, dst, value, { is: 'register', dst, value: value.word, from });
}

function withRegister(path: Path, dst: Register, value: Known, action: Action): Path {
  return { ...path, registers: new Map(path.registers).set(dst, value), actions: [...path.actions, action] };
}

function effect(path: Path, text: string, ...uses: readonly Value[]): Path {
  const registers = uses.flatMap((v) => (typeof v === 'number' ? [] : [v.reg]));
  return { ...path, actions: [...path.actions, { is: 'effect', text, uses: registers }] };
}
