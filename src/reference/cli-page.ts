/** docs/CLI.md, from the commands themselves. */
import type { Argument, Command, Option } from 'commander';
import { withContents } from '../report/model/contents.ts';
import { cell } from '../report/safe/escape.ts';
import { capital } from '../words.ts';
import { commandsOf, described, optionsOf, sentence, shared, usageOf } from './commands.ts';
import { ENVIRONMENT } from './man.ts';
import { ABOUT } from './notes.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** "`--format <name>`": an option as it is typed. */
const flags = (option: Option) => `\`${option.flags}\``;

function argumentRow(argument: Argument): readonly string[] {
  return [`\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\``, cell(argument.description)];
}

function section(command: Command, before: readonly Command[]): string {
  const { as, same } = shared(command, before);
  const own = optionsOf(command).filter((option) => !same.includes(option));
  const parts = [
    `## oopsreplay ${command.name()}`,
    capital(cell(sentence(command.description()))),
    `    ${usageOf(command)}`,
    ...(ABOUT[command.name()] ?? []),
  ];
  if (command.registeredArguments.length > 0)
    parts.push(table(['argument', 'means'], command.registeredArguments.map(argumentRow)));
  if (own.length > 0)
    parts.push(
      table(
        ['option', 'means'],
        own.map((option) => [flags(option), cell(described(command, option))]),
      ),
    );
  if (as !== null)
    parts.push(`As in [${as.name()}](#oopsreplay-${as.name()}): ${same.map((o) => `\`${o.long}\``).join(', ')}.`);
  return parts.join('\n\n');
}

const ENVIRONMENT_SECTION = [
  '## Environment and completions',
  table(
    ['variable', 'means'],
    ENVIRONMENT.map(([name, text]) => [`\`${name}\``, cell(text)]),
  ),
  'In `OOPSREPLAY_OPTIONS` an option that no command has is an error, one that the command at hand does not have is passed over. An option on the command line puts aside the same one there, and those that answer the same question (`--fixed`, `--not-fixed`, `--source`, `--code`; `--kernel`, `--era`).',
  '<!-- run by test/reference/completion.test.ts -->\n```sh\nsource <(oopsreplay completion bash)      # in ~/.bashrc\nsource <(oopsreplay completion zsh)       # in ~/.zshrc, behind compinit\noopsreplay completion fish | source       # in ~/.config/fish/config.fish\n```',
].join('\n\n');

/** Every command with its arguments and options; those that a command shares with one before it are named only. */
export function cliPage(program: Command): string {
  const commands = commandsOf(program);
  const page = [
    '# Commands and options',
    "Written by `npm run docs` from the commands' own options: change those, or src/reference/notes.ts, not this page. `oopsreplay COMMAND --help` prints the same, shorter.",
    'Exit status: 0 analysed, whatever the verdict; 1 a verdict is at or above `--fail-on`; 2 wrong usage, or an input that cannot be read; 3 a defect in oopsreplay; 130 interrupted. Results are on standard output, diagnostics (with a code such as OR401) on standard error.',
    ENVIRONMENT_SECTION,
    ...commands.map((command, i) => section(command, commands.slice(0, i))),
  ];
  return withContents(`${page.join('\n\n')}\n`);
}
