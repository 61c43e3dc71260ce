/** What the documentation asks of commander's commands. */
import type { Command, Option } from 'commander';
import { MORE } from './notes.ts';

/** The commands that users see, in the order of `--help`. */
export function commandsOf(program: Command): readonly Command[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
}

/** The options that users see, but for --help, which each command has. */
export function optionsOf(command: Command): readonly Option[] {
  return command.options.filter((option) => !option.hidden);
}

/** "oopsreplay replay [options] <witness>" */
export function usageOf(command: Command): string {
  return `oopsreplay ${command.name()} ${command.usage()}`;
}

/** What an option means: its line of help, its choices and default, and what is to be said beyond. */
export function described(command: Command, option: Option): string {
  const more = MORE[`${command.name()} ${option.long}`] ?? MORE[option.long ?? ''];
  const facts = [
    ...(option.argChoices ? [option.argChoices.join(', ')] : []),
    ...(option.defaultValue === undefined || typeof option.defaultValue === 'boolean'
      ? []
      : [`default ${String(option.defaultValue)}`]),
  ];
  const line = `${option.description}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`;
  return more === undefined ? line : `${sentence(line)} ${more}`;
}

/** With a full stop, where it does not end with its own. */
export function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** So many options that two commands have alike are said once. */
const MANY = 10;

/** The command before this one with which it shares most options, if those are many. */
export function shared(
  command: Command,
  before: readonly Command[],
): { readonly as: Command | null; readonly same: readonly Option[] } {
  const alike = (other: Command) =>
    optionsOf(command).filter((option) =>
      optionsOf(other).some((o) => o.flags === option.flags && described(other, o) === described(command, option)),
    );
  let best: { as: Command | null; same: readonly Option[] } = { as: null, same: [] };
  for (const other of before) {
    const same = alike(other);
    if (same.length >= MANY && same.length > best.same.length) best = { as: other, same };
  }
  return best;
}
