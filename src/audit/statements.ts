/** A function's body to statements. Works on what kernel style guarantees; a body that it cannot follow to its end is said to be unread, never half read. */
import { Reader } from './expressions.ts';
import { type Declared, type Expr, NOTHING, type Stmt } from './syntax.ts';
import { tokensOf } from './tokens.ts';

/** A body of `{ ... }` whose first character stands at `from`; null where its end was not where it should be. */
export function statementsOf(body: string, from: number): readonly Stmt[] | null {
  const reader = new Reader(tokensOf(body, from), block);
  const all = block(reader);
  return reader.over ? all : null;
}

/** "struct device *dev, void *data" to names with their structs. */
export function parametersOf(text: string): readonly Declared[] {
  return text.split(',').flatMap((one) => {
    const name = /(\w+)\s*(?:\[\w*\])?\s*$/.exec(one)?.[1];
    return name === undefined ? [] : [{ name, struct: /\bstruct\s+(\w+)/.exec(one)?.[1] ?? null, init: null }];
  });
}

function block(r: Reader): readonly Stmt[] {
  r.take('{');
  const all: Stmt[] = [];
  while (!r.over && r.peek() !== '}') all.push(statement(r));
  r.take('}');
  return all;
}

function inBrackets(r: Reader): Expr {
  r.take('(');
  const inner = r.peek() === ')' ? NOTHING : r.expression();
  upTo(r, ')');
  return inner;
}

function upTo(r: Reader, close: string): void {
  while (!r.over && r.peek() !== close && r.peek() !== '}') {
    if (/^[([{]$/.test(r.peek())) r.skipBrackets();
    else r.next();
  }
  r.take(close);
}

function statement(r: Reader): Stmt {
  const text = r.peek();
  switch (text) {
    case '{':
      return { is: 'block', body: block(r) };
    case ';':
      r.next();
      return { is: 'block', body: [] };
    case 'if': {
      r.next();
      const test = inBrackets(r);
      const then = statement(r);
      return { is: 'if', test, then, otherwise: r.take('else') ? statement(r) : null };
    }
    case 'while': {
      r.next();
      const test = inBrackets(r);
      return { is: 'loop', init: null, test, step: NOTHING, body: statement(r), first: false };
    }
    case 'do': {
      r.next();
      const body = statement(r);
      r.take('while');
      const test = inBrackets(r);
      r.take(';');
      return { is: 'loop', init: null, test, step: NOTHING, body, first: true };
    }
    case 'for':
      return forLoop(r);
    case 'switch': {
      r.next();
      const on = inBrackets(r);
      return { is: 'switch', on, body: statement(r) };
    }
    case 'case':
      while (!r.over && r.peek() !== ':') r.next();
      r.take(':');
      return { is: 'case', last: false };
    case 'default':
      r.next();
      r.take(':');
      return { is: 'case', last: true };
    case 'goto': {
      r.next();
      const name = r.next();
      r.take(';');
      return { is: 'goto', name };
    }
    case 'break':
    case 'continue':
      r.next();
      r.take(';');
      return { is: text };
    case 'return': {
      r.next();
      const expr = r.peek() === ';' ? NOTHING : r.expression();
      upTo(r, ';');
      return { is: 'return', expr };
    }
    default:
      return other(r);
  }
}

function forLoop(r: Reader): Stmt {
  r.next();
  r.take('(');
  const init: Stmt | null = r.peek() === ';' ? null : (declared(r) ?? { is: 'expr', expr: r.expression() });
  r.take(';');
  const test = r.peek() === ';' ? NOTHING : r.expression();
  r.take(';');
  const step = r.peek() === ')' ? NOTHING : r.expression();
  upTo(r, ')');
  return { is: 'loop', init, test, step, body: statement(r), first: false };
}

const WORD = /^[A-Za-z_]\w*$/;

function other(r: Reader): Stmt {
  if (WORD.test(r.peek()) && r.peek(1) === ':' && r.peek(2) !== ':') {
    const name = r.next();
    r.next();
    return { is: 'label', name };
  }
  const names = declared(r);
  if (names) {
    upTo(r, ';');
    return names;
  }
  const at = r.position;
  const start = r.at;
  const expr = r.expression();
  if (r.take(';')) return { is: 'expr', expr };
  // A call with a statement behind it is a macro that loops.
  if (expr.is === 'call' && expr.of.is === 'name' && !r.over && r.peek() !== '}') {
    if (expr.of.name === 'scoped_guard') return { is: 'scoped', lock: expr.args[1] ?? NOTHING, body: statement(r), at };
    return { is: 'loop', init: null, test: expr, step: NOTHING, body: statement(r), first: false };
  }
  if (r.at === start) r.next();
  else upTo(r, ';');
  return { is: 'expr', expr };
}

/** A declaration, without the semicolon behind it; null where none begins here. */
function declared(r: Reader): Stmt | null {
  const start = r.at;
  let struct: string | null = null;
  let words = 0;
  for (;;) {
    const text = r.peek();
    if (text === 'struct' || text === 'union' || text === 'enum') {
      r.next();
      struct = text === 'struct' ? r.peek() : null;
      r.next();
      words++;
    } else if (WORD.test(text) && (WORD.test(r.peek(1)) || isPointer(r))) {
      r.next();
      words++;
    } else break;
  }
  if (words === 0) {
    r.at = start;
    return null;
  }
  const names: Declared[] = [];
  do {
    while (r.take('*') || r.take('const')) {}
    const name = r.next();
    if (!WORD.test(name)) {
      r.at = start;
      return null;
    }
    while (r.peek() === '[') r.skipBrackets();
    // __free(kfree)
    if (WORD.test(r.peek())) {
      r.next();
      if (r.peek() === '(') r.skipBrackets();
    }
    if (!/^[=;,)]$/.test(r.peek())) {
      r.at = start;
      return null;
    }
    names.push({ name, struct, init: r.take('=') ? r.assignment() : null });
  } while (r.take(','));
  return { is: 'declare', names };
}

/** `foo_t *name =`, which is no product: nothing would be done with it. */
function isPointer(r: Reader): boolean {
  let ahead = 1;
  while (r.peek(ahead) === '*') ahead++;
  return ahead > 1 && WORD.test(r.peek(ahead)) && /^[=;,]$/.test(r.peek(ahead + 1));
}
