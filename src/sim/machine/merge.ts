/**
 * Loads that a compiler may make one of. C lets it keep the value of dev->iommu in a register until something may have changed it: a call of what is not
 * inlined, a lock, a store through another pointer (the kernel is built with -fno-strict-aliasing). Two accessors in a row, each with its own load in the
 * source, so become one load in the machine code; a thread that is preempted between them then crashes in no such way.
 */
import { type Global, type Node, type Procedure, type Register, reg, set, when } from './program.ts';

/** Plain loads: no READ_ONCE(), and no call that hides a list. */
const PLAIN: ReadonlySet<Global> = new Set(['dev->iommu', 'dev2->iommu']);

/** Variables whose value a register is known to hold; null: the place is not reached. */
type Held = ReadonlyMap<Global, Register> | null;

const NONE: Held = new Map();

/** Does the statement call a function, besides its access? */
const calls = (text: string): boolean => /[a-z0-9_]\(/.test(text);

/** The procedure with each load left out that repeats one on every way to it. */
export function mergeLoads(top: Procedure): Procedure {
  return { ...top, body: within(top.body, NONE, []).nodes };
}

interface Walked {
  readonly nodes: readonly Node[];
  readonly held: Held;
}

/** `returns` collects what is held where the procedure is left before its end. */
function within(nodes: readonly Node[], start: Held, returns: Held[]): Walked {
  const out: Node[] = [];
  let held = start;
  for (const node of nodes) {
    const walked = over(node, held, returns);
    out.push(...walked.nodes);
    held = walked.held;
  }
  return { nodes: out, held };
}

function over(node: Node, held: Held, returns: Held[]): Walked {
  const as = (after: Held): Walked => ({ nodes: [node], held: after });
  switch (node.op) {
    case 'load': {
      if (!PLAIN.has(node.from) || calls(node.text)) return as(calls(node.text) ? NONE : without(held, node.dst));
      const known = held?.get(node.from);
      if (known === undefined) return as(new Map([...(without(held, node.dst) ?? []), [node.from, node.dst]]));
      return known === node.dst
        ? { nodes: [], held }
        : { nodes: [set(node.dst, reg(known))], held: without(held, node.dst) };
    }
    case 'get':
      return as(calls(node.text) ? NONE : node.dst === null ? held : without(held, node.dst));
    case 'set':
      return as(without(held, node.dst));
    case 'section':
      return as(held);
    case 'if': {
      const then = within(node.then, held, returns);
      const other = within(node.else, held, returns);
      return { nodes: [when(node.test, then.nodes, other.nodes)], held: both(then.held, other.held) };
    }
    case 'call': {
      const { procedure } = node;
      if (procedure.inline === 'never') return { nodes: [{ ...node, procedure: mergeLoads(procedure) }], held: NONE };
      const left: Held[] = [];
      const inner = within(procedure.body, held, left);
      const after = left.reduce(both, inner.held);
      return { nodes: [{ ...node, procedure: { ...procedure, body: inner.nodes } }], held: after };
    }
    case 'return':
      returns.push(held);
      return as(null);
    case 'end':
      return as(null);
    default:
      return as(NONE);
  }
}

/** `dst` gets another value. */
function without(held: Held, dst: Register): Held {
  return held === null ? null : new Map([...held].filter(([, r]) => r !== dst));
}

/** What is known where two ways meet. */
function both(a: Held, b: Held): Held {
  if (a === null) return b;
  if (b === null) return a;
  return new Map([...a].filter(([of, r]) => b.get(of) === r));
}
