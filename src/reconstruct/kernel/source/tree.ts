/** The files of one tree that signs are looked for in, each read and stripped once, and the words for what is not there. */
import { type Definition, definitionsOf, lineAt, stripped, structOf } from './c-text.ts';
import type { Evidence, ReadFile } from './types.ts';

export interface Found {
  readonly file: string;
  /** Whole text of the file, stripped. */
  readonly text: string;
  readonly from: number;
  readonly body: string;
  readonly parameters: string;
  readonly type: string;
}

export type Looked =
  | { readonly is: 'there'; readonly all: readonly Found[] }
  | { readonly is: 'not there'; readonly why: string };

/** First bytes of what `git lfs` leaves in a clone in place of a file. */
const LFS = 'version https://git-lfs';

export class Tree {
  private readonly texts = new Map<string, { readonly text: string | null; readonly why: string }>();

  constructor(private readonly read: ReadFile) {}

  /** The file's text without comments and strings; null where it is not seen. */
  text(file: string): string | null {
    return this.look(file).text;
  }

  why(file: string): string {
    return this.look(file).why;
  }

  private look(file: string) {
    let known = this.texts.get(file);
    if (!known) {
      const found = this.read(file);
      const lfs = found.is === 'text' && found.text.startsWith(LFS);
      known =
        found.is === 'text' && !lfs
          ? { text: stripped(found.text), why: '' }
          : { text: null, why: found.is === 'text' ? `${file} is a Git LFS pointer` : `${file} ${found.why}` };
      this.texts.set(file, known);
    }
    return known;
  }

  /** Files that were asked for and not seen. */
  notSeen(): { file: string; why: string }[] {
    return [...this.texts].flatMap(([file, { text, why }]) => (text === null ? [{ file, why }] : []));
  }

  /** Every definition of a function in a file: the preprocessor may choose among several. */
  functions(file: string, name: string): Looked {
    const text = this.text(file);
    if (text === null) return { is: 'not there', why: this.why(file) };
    const all = definitionsOf(text, name).map((d: Definition) => ({ file, text, ...d }));
    return all.length === 0 ? { is: 'not there', why: `no ${name}() in ${file}` } : { is: 'there', all };
  }

  struct(file: string, name: string): Looked {
    const text = this.text(file);
    if (text === null) return { is: 'not there', why: this.why(file) };
    const found = structOf(text, name);
    if (found === null) return { is: 'not there', why: `no struct ${name} in ${file}` };
    return { is: 'there', all: [{ file, text, parameters: '', type: '', ...found }] };
  }
}

/** Evidence at a position of a body, its head where `at` is negative. */
export function evidence({ file, text, from }: Found, at: number, says: string): Evidence {
  return { file, line: lineAt(text, from + Math.max(0, at)), text: says };
}

/** Position of the first match in a body, or -1. */
export function search(found: Found, pattern: RegExp): number {
  return found.body.search(pattern);
}
