/** C text to tokens with their positions, for the small reader of function bodies (statements.ts). Comments and strings are blanked before (source/c-text.ts). */

export interface Token {
  readonly text: string;
  /** Position in the file's text. */
  readonly at: number;
}

const TOKEN =
  /[A-Za-z_]\w*|0[xX][\da-fA-F]+\w*|\d[\w.]*|->|\+\+|--|<<=|>>=|\.\.\.|<<|>>|[-+*/%&|^!=<>]=|&&|\|\||[-+*/%&|^!~=<>?:;,.(){}[\]]/y;

/**
 * The tokens of `text`, whose first character stands at `from` of its file. A conditional of the preprocessor becomes an if whose condition nobody knows; other
 * directives are passed over. What is no token of C is passed over, too.
 */
export function tokensOf(text: string, from: number): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const c = text[at]!;
    if (c === ' ' || c === '\t' || c === '\n' || c === '\r' || c === '\\') {
      at++;
      continue;
    }
    if (c === '#') {
      const line = /[^\n]*/y;
      line.lastIndex = at;
      const directive = line.exec(text)![0];
      for (const word of asIf(directive)) tokens.push({ text: word, at: from + at });
      at += directive.length;
      continue;
    }
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) {
      at++;
      continue;
    }
    tokens.push({ text: found[0], at: from + at });
    at += found[0].length;
  }
  return tokens;
}

/** A condition of the preprocessor, as it stands among the tokens. */
export const CONFIGURED = '__configured__';

function asIf(directive: string): readonly string[] {
  const word = /^#\s*(\w+)/.exec(directive)?.[1];
  if (word === 'if' || word === 'ifdef' || word === 'ifndef') return ['if', '(', CONFIGURED, ')', '{'];
  if (word === 'else') return ['}', 'else', '{'];
  if (word === 'elif') return ['}', 'else', 'if', '(', CONFIGURED, ')', '{'];
  return word === 'endif' ? ['}'] : [];
}
