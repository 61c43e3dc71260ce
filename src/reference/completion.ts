/** Completions for bash, zsh and fish, made of the commands' own options. A script stands alone: the shell asks nothing of the program while one types. */
import type { Command, Option } from 'commander';
import { commandsOf, optionsOf } from './commands.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Names that only the model knows, by the option or argument that takes them. */
export interface Names {
  readonly driver: readonly string[];
  readonly era: readonly string[];
  readonly scenario: readonly string[];
  readonly hypothesis: readonly string[];
  readonly term: readonly string[];
}

/** What may stand in a place. */
type Values = { readonly words: readonly string[] } | { readonly is: 'file' | 'folder' | 'other' };

const FOLDERS = ['dir', 'folder', 'store'];
const FILES = ['file', 'log', 'path'];

function valuesOf(name: string, value: string, choices: readonly string[] | undefined, names: Names): Values {
  if (choices !== undefined) return { words: choices };
  if (name in names) return { words: names[name as keyof Names] };
  const kinds = value.split('|');
  return { is: FOLDERS.includes(value) ? 'folder' : kinds.some((kind) => FILES.includes(kind)) ? 'file' : 'other' };
}

interface Place {
  readonly option: Option;
  /** Null: it takes no value. */
  readonly values: Values | null;
}

interface Completed {
  readonly name: string;
  readonly text: string;
  readonly options: readonly Place[];
  readonly arguments: readonly { readonly name: string; readonly many: boolean; readonly values: Values }[];
}

function completed(command: Command, names: Names): Completed {
  return {
    name: command.name(),
    text: command.description(),
    options: optionsOf(command).map((option) => {
      const value = /<(\w+)/.exec(option.flags)?.[1];
      const long = option.long?.slice(2) ?? '';
      return { option, values: value === undefined ? null : valuesOf(long, value, option.argChoices, names) };
    }),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      many: argument.variadic,
      values: valuesOf(argument.name(), argument.name(), argument.argChoices, names),
    })),
  };
}

const flagsOf = ({ option }: Place) => [option.short, option.long].filter((flag) => flag !== undefined);

/** A word of a shell, whatever stands in it. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function bash(commands: readonly Completed[], fallback: string): string {
  const reply = (values: Values) =>
    'words' in values
      ? `COMPREPLY=($(compgen -W ${quoted(values.words.join(' '))} -- "$cur"))`
      : values.is === 'other'
        ? 'COMPREPLY=()'
        : `_oopsreplay_files ${values.is === 'folder' ? '-d' : '-f'}`;
  const options = commands.flatMap((c) =>
    c.options.flatMap((place) =>
      place.values === null
        ? []
        : [
            `    ${flagsOf(place)
              .map((flag) => `${c.name}:${flag}`)
              .join('|')}) ${reply(place.values)}; return ;;`,
          ],
    ),
  );
  const positions = commands.map((c) => {
    const cases = c.arguments.map((a, i) => `${a.many ? '*' : i}) ${reply(a.values)} ;;`);
    return `    ${c.name}) case $at in ${cases.join(' ')} esac ;;`;
  });
  const flags = commands.map(
    (c) => `    ${c.name}) flags=${quoted([...c.options.flatMap(flagsOf), '--help'].join(' '))} ;;`,
  );
  const valued = commands.flatMap((c) =>
    c.options.flatMap((place) => (place.values === null ? [] : flagsOf(place).map((flag) => `${c.name}:${flag}`))),
  );
  return `# bash completion of oopsreplay: source <(oopsreplay completion bash)
_oopsreplay_files() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$cur"))
}

_oopsreplay() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=${fallback} first=1 at=0 flags= i word
  COMPREPLY=()
  # "--format=x" comes as three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
    ${commands.map((c) => c.name).join('|')}) command=\${COMP_WORDS[1]} first=2 ;;
    esac
  fi
  case $command:$prev in
${options.join('\n')}
  esac
  case $command in
${flags.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
    return
  fi
  for ((i = first; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $command:$word in
    ${valued.join('|')}) ((i++)) ;;
    *:-*) ;;
    *) ((at++)) ;;
    esac
  done
  case $command in
${positions.join('\n')}
  esac
  ((COMP_CWORD == 1)) && COMPREPLY+=($(compgen -W ${quoted([...commands.map((c) => c.name), 'help', '--version'].join(' '))} -- "$cur"))
}
complete -F _oopsreplay oopsreplay
`;
}

function zsh(commands: readonly Completed[], fallback: string): string {
  const plain = (text: string) => text.replace(/[\][:\\]/g, '\\$&');
  const action = (values: Values) =>
    'words' in values ? `(${values.words.join(' ')})` : { file: '_files', folder: '_files -/', other: ' ' }[values.is];
  const spec = (place: Place) => {
    const { option, values } = place;
    const value = values === null ? '' : `:${plain(/<([^>]+)>/.exec(option.flags)?.[1] ?? '')}:${action(values)}`;
    const rest = `[${plain(option.description)}]${value}`;
    const flags = flagsOf(place);
    const again = option.description.includes('(repeatable)') ? '*' : '';
    return flags.length > 1
      ? `'(${flags.join(' ')})'{${flags.join(',')}}${quoted(rest)}`
      : quoted(`${again}${flags[0]}${rest}`);
  };
  const functions = commands.map((c) => {
    const specs = [
      ...c.options.map(spec),
      quoted('(-h --help)--help[display help]'),
      ...c.arguments.map((a) => quoted(`${a.many ? '*' : ''}:${a.name}:${action(a.values)}`)),
    ];
    return `  ${c.name})\n    _arguments -s -S ${specs.join(' \\\n      ')}\n    ;;`;
  });
  return `#compdef oopsreplay
# zsh completion of oopsreplay: source <(oopsreplay completion zsh), or as _oopsreplay in a folder of $fpath
_oopsreplay() {
  local command=${fallback}
  local -a commands=(
${commands.map((c) => `    ${quoted(`${c.name}:${c.text}`)}`).join('\n')}
    'help:display help for a command'
  )
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    _describe -t commands command commands
    _files
    return
  fi
  if ((CURRENT > 2)) && (($commands[(I)\${(b)words[2]}:*])); then
    command=$words[2]
    shift words
    ((CURRENT--))
  fi
  case $command in
${functions.join('\n')}
  esac
}
if [[ $funcstack[1] == _oopsreplay ]]; then _oopsreplay "$@"; else compdef _oopsreplay oopsreplay; fi
`;
}

function fish(commands: readonly Completed[], fallback: string): string {
  const what = (values: Values) =>
    'words' in values
      ? `-x -a ${fishQuoted(values.words.join(' '))}`
      : { file: '-r -F', folder: "-x -a '(__fish_complete_directories (commandline -ct))'", other: '-x' }[values.is];
  const fishQuoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = commands.flatMap((c) => {
    const when = `-n '__oopsreplay_is ${c.name}'`;
    return [
      `complete -c oopsreplay -n __oopsreplay_first -a ${c.name} -d ${fishQuoted(c.text)}`,
      ...c.options.map(({ option, values }) => {
        const names = `${option.short === undefined ? '' : `-s ${option.short.slice(1)} `}-l ${option.long?.slice(2)}`;
        return `complete -c oopsreplay ${when} ${names}${values === null ? '' : ` ${what(values)}`} -d ${fishQuoted(option.description)}`;
      }),
      ...c.arguments.map((a) =>
        'words' in a.values
          ? `complete -c oopsreplay ${when} ${what(a.values)}`
          : a.values.is === 'other'
            ? `complete -c oopsreplay ${when} -f`
            : '',
      ),
    ].filter((line) => line !== '');
  });
  return `# fish completion of oopsreplay: oopsreplay completion fish | source, or as ~/.config/fish/completions/oopsreplay.fish
function __oopsreplay_first
    test (count (commandline -opc)) -eq 1
end

function __oopsreplay_is
    set -l words (commandline -opc)
    if contains -- "$words[2]" ${commands.map((c) => c.name).join(' ')}
        test "$words[2]" = $argv[1]
    else
        test ${fallback} = $argv[1]
    end
end

${lines.join('\n')}
complete -c oopsreplay -s h -l help -d 'display help'
complete -c oopsreplay -n __oopsreplay_first -s V -l version -d 'print the version'
`;
}

/** The script for a shell. `fallback`: the command that is meant where none is named. */
export function completionScript(shell: Shell, program: Command, names: Names, fallback = 'triage'): string {
  const commands = commandsOf(program).map((command) => completed(command, names));
  return { bash, zsh, fish }[shell](commands, fallback);
}
