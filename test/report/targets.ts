/**
 * Every way out of a triage, for the attacks: how it is written, and what of it is structure. A new format joins by one row. Its structure must be
 * the same whatever the log says; `powers` lists what the log's text could become there and must not.
 */
import type { Triage } from '../../src/reconstruct/types.ts';
import { type Format, rendererFor } from '../../src/report/render.ts';
import { readKtap } from './ci/ktap.ts';
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

/** Elements with their attributes' names, without words; scripts, styles and their data are ours as long as no tag ends them early. */
function tags(output: string): readonly string[] {
  const bare = output.replace(/(<(script|style)\b[^>]*>).*?(?=<\/\2>)/gs, '$1');
  const all = (bare.match(/<[^>]*>?/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, '='));
  // Code inside a sentence is words.
  return all.filter((tag) => !/^<(?:code(?: class=)?|\/code|wbr)>$/.test(tag));
}

/** Attributes that make a page do something, with what they say; links within the page aside. */
function activeAttributes(output: string): readonly string[] {
  const all = output.match(/<[a-z][^>]*>/gi) ?? [];
  return all.flatMap((tag) => tag.match(/\s(?:on\w+|(?:href|src|action|formaction|srcdoc)="(?!#))[^\s>]*/gi) ?? []);
}

/** The texts of messages anywhere in a SARIF file. */
function messages(value: unknown): readonly string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, of]) => (key === 'text' ? [String(of)] : messages(of)));
}

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
  { format: 'html', structure: tags, powers: activeAttributes },
  { format: 'junit', structure: tags, powers: none },
  {
    format: 'sarif',
    structure: (output) => shapeOf(JSON.parse(output)),
    // "[words](where)" is a link in a message (3.11.6).
    powers: (output) => messages(JSON.parse(output)).filter((text) => text.includes('](')),
  },
  { format: 'kcidb', structure: (output) => shapeOf(JSON.parse(output)), powers: none },
  {
    format: 'ktap',
    structure: (output) => readKtap(output).map(({ ok, directive }) => [ok, directive]),
    powers: (output) => output.split('\n').filter((line) => /^(?:# )?Bail out!|^ /.test(line)),
  },
  {
    format: 'github',
    // A command is a line; what a line feed in it would begin is another.
    structure: (output) => output.split('\n').map((line) => /^::(\w+) (?:[\w-]+=[^,:]*,?)*::/.exec(line)?.[1] ?? line),
    powers: (output) =>
      output.split('\n').filter((line) => line !== '' && !/^::(?:error|warning|notice|debug)/.test(line)),
  },
  { format: 'codequality', structure: (output) => shapeOf(JSON.parse(output)), powers: none },
  { format: 'mail', structure: mailStructure, powers: mailPowers },
];
