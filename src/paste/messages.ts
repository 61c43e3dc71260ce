/** What the page and its worker say to each other. Texts of a log are sanitized before they are in one of these; `html` comes from report/html alone. */
import type { Arch } from '../parser/types.ts';
import type { VerdictClass } from '../reconstruct/types.ts';

/** What the user says beside the log. */
export interface Given {
  readonly kernel?: string;
  readonly driver?: string;
  readonly arch?: Arch;
  readonly fixed?: readonly string[];
  readonly notFixed?: readonly string[];
  readonly redact?: boolean;
}

export const DOWNLOADS = ['markdown', 'mail', 'json', 'html', 'text'] as const;
export type Download = (typeof DOWNLOADS)[number];

/** A log, and what it is called in what is printed of it. */
export interface Log {
  readonly name: string;
  readonly bytes: Blob;
}

export interface Question {
  readonly release: string;
  /** null: all of them. */
  readonly driver: string | null;
  readonly fixed?: readonly string[];
  readonly notFixed?: readonly string[];
}

export type Ask =
  /** Each boot of the log: what it comes to, and its report where `whole`. */
  | { readonly is: 'judge'; readonly log: Log; readonly given: Given; readonly whole: boolean }
  /** The file that the command would write of it. */
  | { readonly is: 'write'; readonly log: Log; readonly given: Given; readonly format: Download }
  | { readonly is: 'affected'; readonly question: Question; readonly format: 'text' | 'json' }
  | {
      readonly is: 'simulate';
      readonly question: Question;
      readonly scenario: string;
      readonly iommus: '1' | '2';
      readonly memory: 'kasan' | 'plain';
      readonly format: 'text' | 'json';
    };

export interface Boot {
  readonly boot: number;
  readonly class: VerdictClass;
  /** "CONFIRMED" and the like. */
  readonly word: string;
  readonly title: string;
  readonly line: number | null;
  readonly html: string | null;
}

export type Answer =
  | { readonly is: 'progress'; readonly done: number; readonly whole: number }
  | { readonly is: 'boot'; readonly boot: Boot }
  | { readonly is: 'text'; readonly text: string }
  /** It is over. `said`: what is wrong with the input, or with what was asked; `defect`: with this program. */
  | { readonly is: 'end'; readonly said: string | null; readonly defect: boolean };
