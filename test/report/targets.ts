/**
 * Every way out of a triage, for the attacks: how it is written, and what of it is structure. A new format joins by one row. Its structure must be
 * the same whatever the log says; `powers` lists what the log's text could become there and must not.
 */
import type { Triage } from '../../src/reconstruct/types.ts';
import { type Format, rendererFor } from '../../src/report/render.ts';
import { mailPowers, mailStructure } from './mail-shape.ts';
import { forgeReferences, markdownShape } from './markdown-shape.ts';

export interface Target {
  readonly format: Format;
  /** Everything of an output that is not text of the log, as plain data. */
  readonly structure: (output: string) => unknown;
  /** What has power in an output and comes from the log: must be empty. */
  readonly powers: (output: string) => readonly string[];
}

/** An output of one triage. */
export async function written(triage: Triage, format: Format): Promise<string> {
  const renderer = await rendererFor(format, { columns: 80, colour: false, ascii: false, several: false });
  const text = await renderer.add(triage);
  return text + renderer.end();
}

const none = () => [];

/** Keys and types, without the values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, shapeOf(of)]));
}

/** Lines that stand at the margin, where only the verdict does. */
const atTheMargin = (output: string) => output.split('\n').filter((line) => /^\S/.test(line)).length;

/** Tags with the names of their attributes, in order. Which words are set as code follows the text, as in markdown. */
const tagsOf = (output: string) =>
  (output.match(/<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>/g) ?? [])
    .map((tag) => tag.replace(/"[^"]*"|'[^']*'/g, '""'))
    .filter((tag) => !/^<\/?code[ >]/.test(tag));

/** Addresses that a page would ask for or go to, other than places within it. */
const pagePowers = (output: string) =>
  output.match(/(?<![\w-])(?:src|href|action|srcdoc|data|style|on\w+)="(?!#)[^"]*"/g) ?? [];

export const TARGETS: readonly Target[] = [
  { format: 'text', structure: atTheMargin, powers: none },
  { format: 'json', structure: (output) => shapeOf(JSON.parse(output)), powers: none },
  {
    format: 'ndjson',
    structure: (output) =>
      output
        .trimEnd()
        .split('\n')
        .map((line) => shapeOf(JSON.parse(line))),
    powers: none,
  },
  { format: 'markdown', structure: markdownShape, powers: forgeReferences },
  { format: 'mail', structure: mailStructure, powers: mailPowers },
  { format: 'html', structure: tagsOf, powers: pagePowers },
  { format: 'junit', structure: tagsOf, powers: none },
  { format: 'sarif', structure: (output) => shapeOf(JSON.parse(output)), powers: none },
  { format: 'kcidb', structure: (output) => shapeOf(JSON.parse(output)), powers: none },
  // What is not a diagnostic of KTAP is an order to its reader; a workflow command of GitHub's is anything behind two colons.
  {
    format: 'ktap',
    structure: (output) => output.split('\n').filter((line) => !/^ *#/.test(line)).length,
    powers: none,
  },
  {
    format: 'github',
    structure: (output) => output.split('\n').filter((line) => /^\s*::/.test(line)).length,
    powers: none,
  },
];
