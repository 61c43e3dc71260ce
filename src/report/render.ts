/** One renderer for each format, behind one shape, so that a command can print each log's result as it comes and drop it before it reads the next. */

import type { Triage } from '../reconstruct/types.ts';
import type { TerminalOptions } from './text/page.ts';

export const FORMATS = [
  'text',
  'json',
  'ndjson',
  'markdown',
  'mail',
  'html',
  'junit',
  'sarif',
  'ktap',
  'kcidb',
  'github',
  'codequality',
] as const;
export type Format = (typeof FORMATS)[number];

export interface Renderer {
  /** Text to print for one boot's triage, now; may be empty. */
  readonly add: (triage: Triage) => Promise<string>;
  /** Text to print after the last one. */
  readonly end: () => string;
}

export interface RenderOptions extends TerminalOptions {
  /** True if several logs were asked for: text gets headings, JSON becomes an array whatever comes. */
  readonly several: boolean;
  /** Text: a line for each boot. */
  readonly brief?: boolean;
  readonly ci?: CiOptions;
}

/** What only who runs the tests knows. */
export interface CiOptions {
  /** Name of JUnit's suite. */
  readonly suite?: string;
  /** KCIDB: who submits, and the build or test that the log is of. */
  readonly origin?: string;
  readonly buildId?: string;
  readonly testId?: string;
}

async function textRenderer(options: RenderOptions): Promise<Renderer> {
  if (options.brief) {
    const { briefLine } = await import('./text/brief.ts');
    return { add: async (triage) => briefLine(triage, options.ascii), end: () => '' };
  }
  const { renderHeading, renderTerminal } = await import('./text/terminal.ts');
  let first = true;
  return {
    add: async (triage) => {
      const space = first ? '' : '\n';
      first = false;
      const heading =
        options.several || triage.log.source.boots !== 1 || triage.log.source.goesOn
          ? renderHeading(triage, options)
          : '';
      return space + heading + (await renderTerminal(triage, options));
    },
    end: () => '',
  };
}

/** Whole texts, with `between` from the second on. */
function separated(render: (triage: Triage) => string, between: string): Renderer {
  let first = true;
  return {
    add: async (triage) => {
      const space = first ? '' : between;
      first = false;
      return space + render(triage);
    },
    end: () => '',
  };
}

/** An array can only be told from an object once it is known whether a second log follows. */
async function jsonRenderer(several: boolean): Promise<Renderer> {
  const { toTriageJson } = await import('./json.ts');
  const { jsonText } = await import('./safe/sanitize.ts');
  const all: object[] = [];
  return {
    add: async (triage) => {
      all.push(toTriageJson(triage));
      return '';
    },
    end: () => {
      if (all.length === 0 && !several) return '';
      return `${jsonText(several || all.length > 1 ? all : all[0], 2)}\n`;
    },
  };
}

async function ndjsonRenderer(): Promise<Renderer> {
  const { triageNdjsonLine } = await import('./json.ts');
  return { add: async (triage) => triageNdjsonLine(triage), end: () => '' };
}

/** One page, which ends behind the last boot; without any there is none. */
async function htmlRenderer(several: boolean): Promise<Renderer> {
  const { renderArticle, renderEnd } = await import('./html/page.ts');
  let count = 0;
  return {
    add: async (triage) => renderArticle(triage, ++count, several),
    end: () => (count === 0 ? '' : renderEnd()),
  };
}

/** A file that has its counts or its brackets in front: each boot leaves what it adds, and the file is written behind the last. */
function gathered<T>(
  take: (triage: Triage) => Promise<T> | T,
  write: (all: readonly T[]) => string,
  several: boolean,
): Renderer {
  const all: T[] = [];
  return {
    add: async (triage) => {
      all.push(await take(triage));
      return '';
    },
    end: () => (all.length === 0 && !several ? '' : write(all)),
  };
}

async function ciRenderer(
  format: 'junit' | 'sarif' | 'ktap' | 'kcidb' | 'github' | 'codequality',
  { several, ascii, ci = {} }: RenderOptions,
): Promise<Renderer> {
  switch (format) {
    case 'junit': {
      const { junitCase, junitFile } = await import('./ci/junit.ts');
      return gathered(
        (triage) => junitCase(triage, ascii),
        (cases) => junitFile(cases, ci.suite),
        several,
      );
    }
    case 'sarif': {
      const { sarifResults, sarifFrame } = await import('./ci/sarif.ts');
      const [before, behind] = sarifFrame();
      let none = true;
      return {
        add: async (triage) => {
          const text = sarifResults(triage).map((result, i) => `${none && i === 0 ? before : ','}\n        ${result}`);
          none = false;
          return text.join('');
        },
        end: () => (none ? (several ? before + behind : '') : `\n      ${behind}`),
      };
    }
    case 'ktap': {
      const { ktapTest, ktapText } = await import('./ci/ktap.ts');
      return gathered(ktapTest, ktapText, several);
    }
    case 'kcidb': {
      const { kcidbIncidents, kcidbFile } = await import('./ci/kcidb.ts');
      return gathered(
        (triage) => kcidbIncidents(triage, ci),
        (all) => kcidbFile(all.flat(), ci),
        several,
      );
    }
    case 'github': {
      const { githubLine } = await import('./ci/github.ts');
      return { add: async (triage) => githubLine(triage), end: () => '' };
    }
    case 'codequality': {
      const { codeQualityEntries, codeQualityFile } = await import('./ci/codequality.ts');
      // GitLab takes a list with nothing in it for a clean bill, and a file with nothing in it for a fault.
      return gathered(codeQualityEntries, codeQualityFile, true);
    }
  }
}

export async function rendererFor(format: Format, options: RenderOptions): Promise<Renderer> {
  switch (format) {
    case 'text':
      return textRenderer(options);
    case 'markdown':
      return separated((await import('./markdown/markdown.ts')).renderMarkdown, '\n---\n\n');
    case 'html':
      return htmlRenderer(options.several);
    case 'mail':
      return separated((await import('./mail/mail.ts')).renderMail, '\n\n');
    case 'junit':
    case 'sarif':
    case 'ktap':
    case 'kcidb':
    case 'github':
    case 'codequality':
      return ciRenderer(format, options);
    case 'json':
      return jsonRenderer(options.several);
    case 'ndjson':
      return ndjsonRenderer();
  }
}
