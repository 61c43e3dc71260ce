/**
 * Rust's v0 symbol names to paths: "_RNvMs3_NtCs..._11rust_binder7processNtB5_7Process10update_ref" is `<rust_binder::process::Process>::update_ref`. The
 * grammar is RFC 2603's (doc.rust-lang.org/rustc/symbol-mangling/v0.html); crates' hashes are left out, as rustc's own short form does.
 */

/** Longest result, and deepest nesting: back references could make a short name expand without end. */
const LONGEST = 2000;
const DEEPEST = 64;

const BASIC: Readonly<Record<string, string>> = {
  ...{ a: 'i8', b: 'bool', c: 'char', d: 'f64', e: 'str', f: 'f32', h: 'u8', i: 'isize', j: 'usize', l: 'i32' },
  ...{ m: 'u32', n: 'i128', o: 'u128', p: '_', s: 'i16', t: 'u16', u: '()', v: '...', x: 'i64', y: 'u64', z: '!' },
};

/** The path that a v0 symbol stands for, or null for any other symbol. Compiler suffixes (".llvm.123") are left out. */
export function demangled(symbol: string): string | null {
  if (!symbol.startsWith('_R')) return null;
  const name = symbol.slice(2).replace(/\..*$/, '');
  if (!/^[A-Z][A-Za-z0-9_]*$/.test(name)) return null;
  const reader = new NameReader(name);
  const path = reader.path(true);
  return reader.failed || path === '' || path.length > LONGEST ? null : path;
}

class NameReader {
  failed = false;
  private at = 0;
  private depth = 0;
  private made = 0;

  constructor(private readonly name: string) {}

  /** `inValue`: generic arguments take "::" in front. */
  path(inValue: boolean): string {
    return this.nested(() => {
      switch (this.next()) {
        case 'C':
          this.disambiguator();
          return this.identifier();
        case 'M':
          this.implPath();
          return `<${this.type()}>`;
        case 'X': {
          this.implPath();
          const type = this.type();
          return `<${type} as ${this.path(false)}>`;
        }
        case 'Y': {
          const type = this.type();
          return `<${type} as ${this.path(false)}>`;
        }
        case 'N': {
          const space = this.next();
          const parent = this.path(inValue);
          const number = this.disambiguator();
          const own = this.identifier();
          if (/[a-z]/.test(space)) return own === '' ? parent : `${parent}::${own}`;
          const what = space === 'C' ? 'closure' : space === 'S' ? 'shim' : space;
          return `${parent}::{${what}${own === '' ? '' : `:${own}`}#${number}}`;
        }
        case 'I': {
          const parent = this.path(inValue);
          return `${parent}${inValue ? '::' : ''}<${this.list(() => this.argument()).join(', ')}>`;
        }
        case 'B':
          return this.back(() => this.path(inValue));
        default:
          return this.fail();
      }
    });
  }

  private type(): string {
    return this.nested(() => {
      const tag = this.name[this.at] ?? '';
      const basic = BASIC[tag];
      if (basic !== undefined) {
        this.at++;
        return basic;
      }
      switch (tag) {
        case 'A': {
          this.at++;
          const of = this.type();
          return `[${of}; ${this.constant()}]`;
        }
        case 'S':
          this.at++;
          return `[${this.type()}]`;
        case 'T': {
          this.at++;
          const parts = this.list(() => this.type());
          return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(', ')})`;
        }
        case 'R':
        case 'Q':
          this.at++;
          if (this.name[this.at] === 'L') this.lifetime();
          return `${tag === 'R' ? '&' : '&mut '}${this.type()}`;
        case 'P':
        case 'O':
          this.at++;
          return `*${tag === 'P' ? 'const' : 'mut'} ${this.type()}`;
        case 'F':
          this.at++;
          return this.functionType();
        case 'D': {
          this.at++;
          if (this.name[this.at] === 'G') this.base62After();
          const traits = this.list(() => this.trait());
          if (this.name[this.at] === 'L') this.lifetime();
          return `dyn ${traits.join(' + ')}`;
        }
        case 'B':
          this.at++;
          return this.back(() => this.type());
        default:
          return this.path(false);
      }
    });
  }

  private functionType(): string {
    if (this.name[this.at] === 'G') this.base62After();
    const unsafe = this.took('U') ? 'unsafe ' : '';
    let abi = '';
    if (this.took('K')) abi = this.took('C') ? 'extern "C" ' : `extern "${this.identifier().replaceAll('_', '-')}" `;
    const takes = this.list(() => this.type());
    const gives = this.type();
    return `${unsafe}${abi}fn(${takes.join(', ')})${gives === '()' ? '' : ` -> ${gives}`}`;
  }

  private trait(): string {
    const path = this.path(false);
    const bound: string[] = [];
    while (this.took('p')) {
      const name = this.identifier();
      bound.push(`${name} = ${this.type()}`);
      if (this.failed) break;
    }
    return bound.length === 0 ? path : `${path}<${bound.join(', ')}>`;
  }

  private argument(): string {
    if (this.name[this.at] === 'L') {
      this.lifetime();
      return "'_";
    }
    return this.took('K') ? this.constant() : this.type();
  }

  private constant(): string {
    if (this.took('p')) return '_';
    if (this.took('B')) return this.back(() => this.constant());
    this.type();
    const negative = this.took('n') ? '-' : '';
    const digits = /^[0-9a-f]*_/.exec(this.name.slice(this.at, this.at + 40))?.[0];
    if (digits === undefined) return this.fail();
    this.at += digits.length;
    return `${negative}${digits === '_' ? '0' : BigInt(`0x${digits.slice(0, -1)}`)}`;
  }

  private identifier(): string {
    const puny = this.took('u');
    const digits = /^(?:0|[1-9]\d{0,4})/.exec(this.name.slice(this.at, this.at + 5))?.[0];
    if (digits === undefined) return this.fail();
    this.at += digits.length;
    this.took('_');
    const text = this.name.slice(this.at, this.at + Number(digits));
    if (text.length < Number(digits)) return this.fail();
    this.at += text.length;
    return puny ? `punycode{${text}}` : text;
  }

  private implPath(): void {
    this.disambiguator();
    this.path(false);
  }

  /** "s" and a base-62 number: which of several things of one name; 0 where there is none. */
  private disambiguator(): number {
    return this.name[this.at] === 's' ? this.base62After() + 1 : 0;
  }

  private lifetime(): void {
    this.base62After();
  }

  /** The base-62 number behind the tag that stands here: "_" is 0, "0_" is 1. */
  private base62After(): number {
    this.at++;
    const digits = /^[0-9a-zA-Z]{0,11}_/.exec(this.name.slice(this.at, this.at + 12))?.[0];
    if (digits === undefined) {
      this.fail();
      return 0;
    }
    this.at += digits.length;
    if (digits === '_') return 0;
    let number = 0;
    for (const char of digits.slice(0, -1)) {
      const code = char.charCodeAt(0);
      number = number * 62 + (code < 58 ? code - 48 : code > 96 ? code - 87 : code - 29);
    }
    return number + 1;
  }

  private back(read: () => string): string {
    const from = this.at;
    this.at--;
    const to = this.base62After();
    if (to >= from - 1) return this.fail();
    const after = this.at;
    this.at = to;
    const text = read();
    this.at = after;
    return text;
  }

  private list(read: () => string): string[] {
    const parts: string[] = [];
    while (!this.failed && !this.took('E')) parts.push(read());
    return parts;
  }

  private nested(read: () => string): string {
    if (this.failed || this.depth > DEEPEST || this.made > LONGEST) return this.fail();
    this.depth++;
    const text = read();
    this.depth--;
    if (text.length > LONGEST) return this.fail();
    this.made++;
    return this.failed ? '' : text;
  }

  private next(): string {
    return this.name[this.at++] ?? '';
  }

  private took(char: string): boolean {
    if (this.name[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private fail(): string {
    this.failed = true;
    return '';
  }
}
