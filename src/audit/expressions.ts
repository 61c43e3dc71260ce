/** Expressions of C by precedence, as far as order and access go. Never throws: what it does not know it passes over. */
import { type Expr, NOTHING, type Stmt } from './syntax.ts';
import type { Token } from './tokens.ts';

const ASSIGNS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);
const BINARY = new Set(['|', '^', '&', '==', '!=', '<', '>', '<=', '>=', '<<', '>>', '+', '-', '*', '/', '%']);
const PREFIX = new Set(['*', '&', '!', '-', '+', '~', '++', '--']);
const UNEVALUATED = new Set(['sizeof', 'typeof', '__typeof__', 'offsetof', 'ARRAY_SIZE', 'lockdep_assert_held']);
const TYPE_WORD =
  /^(?:const|volatile|unsigned|signed|void|char|short|int|long|bool|[us](?:8|16|32|64)|__[bl]e(?:16|32|64)|__force|__iomem|__rcu|size_t|phys_addr_t|dma_addr_t|uintptr_t|ioasid_t|gfp_t|irqreturn_t)$/;

/** Deeper than any expression of the kernel's. */
const DEEPEST = 200;

export class Reader {
  at = 0;
  #depth = 0;

  constructor(
    readonly tokens: readonly Token[],
    /** Reads `{ ... }` inside an expression. */
    private readonly block: (reader: Reader) => readonly Stmt[],
  ) {}

  peek(ahead = 0): string {
    return this.tokens[this.at + ahead]?.text ?? '';
  }

  get position(): number {
    return (this.tokens[this.at] ?? this.tokens.at(-1))?.at ?? 0;
  }

  next(): string {
    return this.tokens[this.at++]?.text ?? '';
  }

  /** Takes the token if it is next. */
  take(text: string): boolean {
    if (this.peek() !== text) return false;
    this.at++;
    return true;
  }

  get over(): boolean {
    return this.at >= this.tokens.length;
  }

  /** Past the bracket that closes the one that is next. */
  skipBrackets(): void {
    let depth = 0;
    do {
      const text = this.next();
      if (text === '(' || text === '[' || text === '{') depth++;
      else if (text === ')' || text === ']' || text === '}') depth--;
    } while (depth > 0 && !this.over);
  }

  /** With commas. */
  expression(): Expr {
    let all = this.assignment();
    while (this.take(',')) all = { is: 'both', left: all, right: this.assignment() };
    return all;
  }

  assignment(): Expr {
    if (++this.#depth > DEEPEST) {
      this.at = this.tokens.length;
      return NOTHING;
    }
    const left = this.#choice();
    const at = this.position;
    const op = this.peek();
    let made = left;
    if (ASSIGNS.has(op)) {
      this.next();
      made = { is: 'assign', op, to: left, value: this.assignment(), at };
    }
    this.#depth--;
    return made;
  }

  #choice(): Expr {
    const test = this.#logic();
    if (!this.take('?')) return test;
    // `a ?: b` evaluates a once.
    const then = this.peek() === ':' ? NOTHING : this.expression();
    this.take(':');
    return { is: 'choice', test, then, otherwise: this.assignment() };
  }

  /** && binds before ||; for what happens in which order they are alike. */
  #logic(): Expr {
    let left = this.#binary();
    while (this.peek() === '&&' || this.peek() === '||') {
      const op = this.next();
      left = { is: 'logic', op, left, right: this.#binary() };
    }
    return left;
  }

  #binary(): Expr {
    let left = this.#unary();
    while (BINARY.has(this.peek())) {
      this.next();
      left = { is: 'both', left, right: this.#unary() };
    }
    return left;
  }

  #unary(): Expr {
    const op = this.peek();
    if (PREFIX.has(op)) {
      const at = this.position;
      this.next();
      return { is: 'unary', op, of: this.#unary(), at };
    }
    if (op === '(' && this.#castNext()) {
      this.next();
      let struct: string | null = null;
      while (!this.over && this.peek() !== ')') {
        if (this.take('struct')) struct = this.peek();
        this.next();
      }
      this.next();
      if (this.peek() === '{') {
        this.skipBrackets();
        return NOTHING;
      }
      return { is: 'cast', struct, of: this.#unary() };
    }
    return this.#postfix(this.#primary());
  }

  #castNext(): boolean {
    const word = this.peek(1);
    return word === 'struct' || word === 'union' || word === 'enum' || TYPE_WORD.test(word);
  }

  #primary(): Expr {
    const at = this.position;
    const text = this.peek();
    if (text === '(') {
      this.next();
      if (this.peek() === '{') {
        const body = this.block(this);
        this.take(')');
        return { is: 'block', body };
      }
      const inner = this.expression();
      this.#upTo(')');
      return inner;
    }
    if (text === '{') {
      // An initializer: what it names happens in its order.
      this.next();
      let all: Expr = NOTHING;
      while (!this.over && this.peek() !== '}') {
        if (this.take('.')) {
          this.next();
          this.take('=');
        } else if (this.peek() === '[') {
          this.skipBrackets();
          this.take('=');
        }
        all = { is: 'both', left: all, right: this.assignment() };
        if (!this.take(',') && this.peek() !== '}') this.next();
      }
      this.take('}');
      return all;
    }
    if (UNEVALUATED.has(text)) {
      this.next();
      if (this.peek() === '(') this.skipBrackets();
      else this.#unary();
      return NOTHING;
    }
    if (/^[A-Za-z_]/.test(text)) {
      this.next();
      return { is: 'name', name: text, at };
    }
    if (/^\d/.test(text)) this.next();
    return NOTHING;
  }

  #postfix(of: Expr): Expr {
    let all = of;
    for (;;) {
      const at = this.position;
      if (this.take('->') || this.take('.')) all = { is: 'member', of: all, name: this.next(), at };
      else if (this.take('[')) {
        const index = this.expression();
        this.#upTo(']');
        all = { is: 'index', of: all, index };
      } else if (this.peek() === '(' && all.is !== 'nothing') {
        const start = all.is === 'name' || all.is === 'member' ? all.at : at;
        all = { is: 'call', of: all, args: this.#args(), at: start };
      } else if (this.peek() === '++' || this.peek() === '--') all = { is: 'unary', op: this.next(), of: all, at };
      else return all;
    }
  }

  #args(): readonly Expr[] {
    this.next();
    const args: Expr[] = [];
    while (!this.over && this.peek() !== ')') {
      args.push(this.#argument());
      while (!this.over && this.peek() !== ',' && this.peek() !== ')') this.#passOver();
      if (!this.take(',')) break;
      // A string in last place is blank by now.
      if (this.peek() === ')') args.push(NOTHING);
    }
    this.#upTo(')');
    return args;
  }

  /** A type may stand where a macro takes one. */
  #argument(): Expr {
    if (this.peek() === 'struct' || this.peek() === 'union') {
      while (!this.over && this.peek() !== ',' && this.peek() !== ')') this.next();
      return NOTHING;
    }
    return this.assignment();
  }

  #passOver(): void {
    if (/^[([{]$/.test(this.peek())) this.skipBrackets();
    else this.next();
  }

  #upTo(close: string): void {
    while (!this.over && this.peek() !== close && this.peek() !== ';' && this.peek() !== '}') this.#passOver();
    this.take(close);
  }
}
