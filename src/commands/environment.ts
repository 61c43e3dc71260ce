/**
 * OOPSREPLAY_OPTIONS: options that somebody repeats with every command, as a lab does whose kernels lack a commit. They count where the command line does not say
 * otherwise, and for the commands that have them.
 */
import type { Command, Option } from 'commander';
import { InvalidArgumentError } from 'commander';
import { UsageError } from '../exit.ts';
import { optionsOf } from '../reference/commands.ts';

export const VARIABLE = 'OOPSREPLAY_OPTIONS';

/** Options that answer one question: one of them on the command line puts aside what the variable says of the others. */
const ONE_QUESTION: readonly (readonly string[])[] = [
  ['fixed', 'notFixed', 'source', 'code'],
  ['kernel', 'era'],
];

/**
 * A line in words as a shell would cut it: blanks between them, '...' as it stands, "..." and \ as in sh. Nothing is expanded. Throws UsageError where a quote
 * stays open.
 */
export function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  const broken = (what: string) => new UsageError(`${VARIABLE}: ${what}`);
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (/\s/.test(c)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (c === "'" || c === '"') {
      word ??= '';
      for (i++; line[i] !== c; i++) {
        if (i >= line.length) throw broken(`the quote ${c} is not closed`);
        if (c === '"' && line[i] === '\\' && /["\\$`]/.test(line[i + 1] ?? '')) i++;
        word += line[i];
      }
    } else if (c === '\\') {
      if (++i >= line.length) throw broken('nothing stands behind the last \\');
      word = (word ?? '') + line[i];
    } else word = (word ?? '') + c;
  }
  if (word !== null) words.push(word);
  return words;
}

/** An option as it stands in the variable. */
interface Said {
  readonly flag: string;
  /** Null: it takes none. */
  readonly value: string | null;
}

const takesValue = (option: Option) => option.required || option.optional;

function saidIn(words: readonly string[], known: readonly Option[]): readonly Said[] {
  const said: Said[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const [, long, joined] = /^(--[^=]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
    const flag = long ?? word;
    const option = known.find((o) => o.long === flag || o.short === flag);
    if (!/^-./.test(word))
      throw new UsageError(`${VARIABLE}: ${word} is no option; files are named on the command line`);
    if (option === undefined) throw new UsageError(`${VARIABLE}: ${flag} is an option of no command`);
    if (!takesValue(option)) {
      if (joined !== undefined) throw new UsageError(`${VARIABLE}: ${flag} takes no value`);
      said.push({ flag, value: null });
      continue;
    }
    const value = joined ?? words[++i];
    if (value === undefined) throw new UsageError(`${VARIABLE}: ${flag} needs a value`);
    said.push({ flag, value });
  }
  return said;
}

/** The value as the option takes it, after those `before` it; or why it does not. */
function taken(
  option: Option,
  value: string | null,
  before: unknown,
): { readonly value: unknown } | { readonly why: string } {
  if (value === null) return { value: !option.negate };
  if (option.parseArg === undefined) return { value };
  try {
    return { value: option.parseArg(value, before as never) };
  } catch (error) {
    if (error instanceof InvalidArgumentError) return { why: error.message };
    throw error;
  }
}

const named = (command: Command, flag: string) => optionsOf(command).find((o) => o.long === flag || o.short === flag);

/**
 * Sets what `line` says on `command`, as far as its own command line does not say it. An option of other commands is passed over, and so is a value that is one for
 * others only (--format html). `which`: what must be there before the command line is read, or all. Throws UsageError for what is an option of no command or no value of it anywhere.
 */
export function applyOptions(
  line: string,
  command: Command,
  all: readonly Command[],
  which: 'mandatory' | 'all' = 'all',
): void {
  const set = new Map<string, unknown>();
  for (const { flag, value } of saidIn(wordsOf(line), all.flatMap(optionsOf))) {
    const option = named(command, flag);
    const elsewhere = all.flatMap((other) => named(other, flag) ?? []);
    if (option === undefined) {
      const tried = elsewhere.map((o) => taken(o, value, undefined));
      const [why] = tried.flatMap((t) => ('why' in t ? [t.why] : []));
      if (tried.every((t) => 'why' in t)) throw new UsageError(`${VARIABLE}: ${flag} ${value ?? ''}: ${why}`);
      continue;
    }
    if (which === 'mandatory' && !option.mandatory) continue;
    const name = option.attributeName();
    const got = taken(option, value, set.get(name));
    if ('value' in got) set.set(name, got.value);
    else if (elsewhere.every((o) => 'why' in taken(o, value, undefined)))
      throw new UsageError(`${VARIABLE}: ${flag} ${value ?? ''}: ${got.why}`);
  }
  const own = (name: string) => command.getOptionValueSource(name) === 'cli';
  for (const [name, value] of set) {
    const question = ONE_QUESTION.find((names) => names.includes(name)) ?? [name];
    if (!question.some(own)) command.setOptionValueWithSource(name, value, 'env');
  }
}
