/** What each tool answers: the object that the command's JSON would be, and the page that it would print. Throws UsageError for what cannot be meant. */
import { UsageError } from '../../exit.ts';
import { openInput, whyUnread } from '../../io/input.ts';
import { checkOptions } from '../../options.ts';
import type { Arch } from '../../parser/types.ts';
import { triageChunks } from '../../reconstruct/triage.ts';
import type { Triage } from '../../reconstruct/types.ts';
import { toTriageJson } from '../../report/json.ts';
import { indexText, terms, termsFor, termText } from '../../report/model/glossary.ts';
import { rendererFor } from '../../report/render.ts';
import { jsonText } from '../../report/safe/sanitize.ts';
import { printAffected } from '../affected-answer.ts';
import { printSimulation } from '../exploration.ts';
import { printReplay } from '../replay.ts';
import { fileBelow } from './folders.ts';
import { LONGEST_TEXT, type Tool } from './tools.ts';

export interface Answer {
  readonly value: Readonly<Record<string, unknown>>;
  readonly page: string;
  /** The answer quotes a log. */
  readonly quotes: boolean;
}

/** Boots of one log that are judged; behind them the answer says that there are more. */
const MOST_BOOTS = 32;
/** States of one search: seconds, where the command's own budget is a minute. */
const STATES = 1_000_000;

/** Arguments as a tool's input schema lets them through. */
type Arguments = Readonly<Record<string, unknown>>;

const plain = (value: object): Record<string, unknown> => JSON.parse(jsonText(value));
const lower = (values: unknown) => (values as readonly string[] | undefined)?.map((v) => v.toLowerCase());
const said = (options: Arguments) => Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined));

async function* once(text: string): AsyncGenerator<Uint8Array, undefined> {
  yield Buffer.from(text);
  return undefined;
}

function inputOf(given: Arguments, folders: readonly string[]) {
  const { text, path } = given as { readonly text?: string; readonly path?: string };
  if ((text === undefined) === (path === undefined)) throw new UsageError('give text or path, one of them');
  if (text !== undefined) {
    if (text.length > LONGEST_TEXT)
      throw new UsageError(`text is longer than ${LONGEST_TEXT} characters: name the log by its path`);
    return { name: '(text)', chunks: once(text), diagnostics: [] };
  }
  const input = openInput(fileBelow(path!, folders));
  if (input.is === 'unreadable') throw new UsageError(`${path}: ${input.reason}`);
  return { name: path!, chunks: input.chunks, diagnostics: input.diagnostics };
}

async function triage(given: Arguments, folders: readonly string[]): Promise<Answer> {
  const options = said({
    kernel: given.kernel,
    driver: given.driver,
    arch: given.arch as Arch | undefined,
    fixed: lower(given.fixed),
    notFixed: lower(given.notFixed),
  });
  await checkOptions(options);
  const { name, chunks } = inputOf(given, folders);
  const judged: Triage[] = [];
  let more = false;
  try {
    for await (const one of triageChunks(chunks, { name }, options)) {
      more = judged.length === MOST_BOOTS;
      if (more) break;
      judged.push(one);
    }
  } catch (error) {
    const why = whyUnread(error);
    if (why === null) throw error;
    throw new UsageError(`${name}: ${why}`);
  } finally {
    await chunks.return(undefined);
  }
  const renderer = await rendererFor('text', { columns: 100, colour: false, ascii: true, several: false });
  const pages: string[] = [];
  for (const one of judged) pages.push(await renderer.add(one));
  return {
    value: { boots: judged.map((one) => plain(toTriageJson(one))), ...(more ? { more } : {}) },
    page: pages.join(''),
    quotes: true,
  };
}

function affected(given: Arguments): Answer {
  const { release, driver } = given as { readonly release: string; readonly driver?: string };
  const ask = (format: 'json' | 'text') =>
    printAffected(release, driver ?? null, {
      ...said({ fixed: lower(given.fixed), notFixed: lower(given.notFixed) }),
      format,
    });
  return { value: JSON.parse(ask('json')), page: ask('text'), quotes: false };
}

async function simulate(given: Arguments): Promise<Answer> {
  const { memory = 'kasan', fixed, notFixed, ...others } = given as { readonly memory?: 'kasan' | 'plain' } & Arguments;
  const ask = (format: 'json' | 'text') =>
    printSimulation({
      ...(others as { readonly driver: string }),
      ...said({ fixed: lower(fixed), notFixed: lower(notFixed) }),
      memory,
      granularity: 'compiled',
      budget: STATES,
      format,
    });
  return { value: JSON.parse(await ask('json')), page: await ask('text'), quotes: false };
}

async function replay(given: Arguments): Promise<Answer> {
  const { witness, diff = false } = given as { readonly witness: string; readonly diff?: boolean };
  const ask = async (format: 'json' | 'text') => {
    const run = await printReplay(witness, { diff, format });
    if (!run.ok) throw new UsageError(run.why);
    return run.text;
  };
  return { value: JSON.parse(await ask('json')), page: await ask('text'), quotes: false };
}

function explain({ term }: Arguments): Answer {
  if (term === undefined)
    return {
      value: { terms: terms().map(({ id, name, group }) => ({ id, name, group })) },
      page: indexText(),
      quotes: false,
    };
  const found = termsFor(String(term));
  if (found.length === 0) throw new UsageError(`${String(term)}: no such term; without one all are listed`);
  const listed = found.map(({ id, name, group, text }) => ({ id, name, group, text }));
  return { value: { terms: listed }, page: found.map(termText).join('\n'), quotes: false };
}

/** `folders`: where logs may be named. */
export async function answerTo(tool: Tool['name'], given: Arguments, folders: readonly string[]): Promise<Answer> {
  switch (tool) {
    case 'triage':
      return triage(given, folders);
    case 'affected':
      return affected(given);
    case 'simulate':
      return simulate(given);
    case 'replay':
      return replay(given);
    case 'explain':
      return explain(given);
  }
}
