/** Small changes of a function's text that make another order of it: does the audit notice? */
import type { Fn } from './sources.ts';
import type { Declared, Stmt } from './syntax.ts';

export interface Planted {
  readonly changed: Fn;
  /** "lines 12 and 14 change places" */
  readonly what: string;
}

/**
 * Each statement that does something of the model's, changed places with the next one of its block that does, too: a lock is taken later, a NULL stored earlier. `does`: the
 * lines of what a part does that the model must have.
 */
export function planted(fn: Fn, does: (part: readonly Stmt[]) => readonly number[]): readonly Planted[] {
  if (fn.body === null) return [];
  const made: Planted[] = [];
  const into = (body: readonly Stmt[], put: (changed: readonly Stmt[]) => readonly Stmt[]): void => {
    const busy = body.flatMap((s, at) => {
      if (!moves(s)) return [];
      const lines = does([s]);
      return lines.length === 0 ? [] : [{ at, line: lines[0]! }];
    });
    for (let i = 0; i + 1 < busy.length; i++) {
      const [a, b] = [busy[i]!, busy[i + 1]!];
      // Past a label or a jump it would be another function.
      if (body.slice(a.at, b.at + 1).some((s) => s.is === 'label' || s.is === 'goto' || s.is === 'case')) continue;
      const changed = [...body];
      changed[a.at] = body[b.at]!;
      changed[b.at] = body[a.at]!;
      made.push({ changed: { ...fn, body: put(changed) }, what: `lines ${a.line} and ${b.line} change places` });
    }
    body.forEach((s, at) => {
      const inside = partsOf(s);
      for (const { part, with: put1 } of inside)
        into(part, (changed) => put(body.map((other, i) => (i === at ? put1(changed) : other))));
    });
  };
  into(fn.body, (changed) => changed);
  return made;
}

/** A function that is a part of another's body, with all names that the whole declares. */
export function partOf(fn: Fn, body: readonly Stmt[]): Fn {
  const declared = (all: readonly Stmt[]): readonly Declared[] =>
    all.flatMap((s) => (s.is === 'declare' ? s.names : partsOf(s).flatMap(({ part }) => declared(part))));
  return { ...fn, parameters: [...fn.parameters, ...declared(fn.body ?? [])], body };
}

/** A declaration's order is its names': a type must come before its use, or the reader cannot follow. */
const moves = (s: Stmt): boolean => s.is === 'expr' || s.is === 'if' || s.is === 'loop' || s.is === 'declare';

function branch(of: Extract<Stmt, { is: 'if' }>, taken: Stmt, otherwise: Stmt | null): Stmt {
  return Object.assign({}, of, Object.fromEntries([['then', taken]]), { otherwise });
}

function partsOf(
  s: Stmt,
): readonly { readonly part: readonly Stmt[]; readonly with: (changed: readonly Stmt[]) => Stmt }[] {
  const listOf = (inner: Stmt): readonly Stmt[] => (inner.is === 'block' ? inner.body : [inner]);
  const block = (body: readonly Stmt[]): Stmt => ({ is: 'block', body });
  switch (s.is) {
    case 'block':
      return [{ part: s.body, with: block }];
    case 'if': {
      const whenTrue = {
        part: listOf(s.then),
        with: (changed: readonly Stmt[]) => branch(s, block(changed), s.otherwise),
      };
      const { otherwise } = s;
      if (otherwise === null) return [whenTrue];
      return [whenTrue, { part: listOf(otherwise), with: (changed) => branch(s, s.then, block(changed)) }];
    }
    case 'loop':
    case 'scoped':
      return [{ part: listOf(s.body), with: (changed): Stmt => ({ ...s, body: block(changed) }) }];
    default:
      return [];
  }
}
