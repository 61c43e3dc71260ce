/** man/oopsreplay.1, from the commands themselves: man(7) macros, as mandoc and groff both know them. */
import type { Command, Option } from 'commander';
import { capital } from '../words.ts';
import { commandsOf, described, optionsOf, sentence, shared, usageOf } from './commands.ts';
import { ABOUT } from './notes.ts';

/** Day of the release; CHANGELOG.md has it too, and a test holds them together. */
export const RELEASED = '2026-11-26';

/** Text that roff takes as it stands: backslashes, leading dots and quotes, and the dashes that shall stay ASCII. Code is set bold, as in other pages. */
function roff(text: string): string {
  const plain = (part: string) => part.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq');
  const set = text
    .split('`')
    .map((part, i) => (i % 2 === 1 ? `\\fB${plain(part)}\\fR` : plain(part)))
    .join('');
  return set.replace(/^(?=[.'])/gm, '\\&');
}

/** "\fB\-\-format\fR \fIname\fR" */
function flags(option: Option): string {
  return option.flags
    .split(', ')
    .map((flag) => {
      const [name = '', value] = flag.split(' ');
      return `\\fB${roff(name)}\\fR${value === undefined ? '' : ` \\fI${roff(value.replace(/[<>]/g, ''))}\\fR`}`;
    })
    .join(', ');
}

function section(command: Command, before: readonly Command[]): readonly string[] {
  const { as, same } = shared(command, before);
  const lines = [`.SS ${roff(usageOf(command))}`, roff(sentence(capital(command.description())))];
  for (const paragraph of ABOUT[command.name()] ?? []) lines.push('.PP', roff(paragraph));
  for (const argument of command.registeredArguments)
    lines.push('.TP', `\\fI${roff(argument.name())}\\fR`, roff(sentence(argument.description)));
  for (const option of optionsOf(command).filter((o) => !same.includes(o)))
    lines.push('.TP', flags(option), roff(sentence(described(command, option))));
  if (as !== null)
    lines.push('.PP', `As in \\fB${as.name()}\\fR: ${same.map((o) => `\\fB${roff(o.long ?? '')}\\fR`).join(', ')}.`);
  return lines;
}

const STATUS: readonly (readonly [string, string])[] = [
  ['0', 'Analysed, whatever the verdict.'],
  [
    '1',
    'Analysed, and a verdict is at or above `--fail-on`; or a run that ends otherwise than `replay --expect` says.',
  ],
  ['2', 'Wrong usage, or an input that cannot be read.'],
  ['3', 'A defect in oopsreplay.'],
  ['130', 'Interrupted.'],
];

export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  [
    'OOPSREPLAY_OPTIONS',
    'Options for every command that has them, such as `--not-fixed a2e7e59a9426`, in words as a shell cuts them. The command line wins.',
  ],
  ['NO_COLOR', 'Set to anything: no colour.'],
  ['OOPSREPLAY_DEBUG', 'Set to anything: a defect is told with its stack trace.'],
];

const terms = (rows: readonly (readonly [string, string])[]) =>
  rows.flatMap(([term, text]) => ['.TP', `\\fB${roff(term)}\\fR`, roff(text)]);

export interface ManPage {
  readonly version: string;
  readonly examples: readonly (readonly [string, string])[];
}

/** The page, a line of roff a sentence. */
export function manPage(program: Command, { version, examples }: ManPage): string {
  const commands = commandsOf(program);
  const lines = [
    '.\\" Written by npm run docs from the commands\' own options: change those, or src/reference, not this page.',
    `.TH OOPSREPLAY 1 ${RELEASED} "oopsreplay ${version}" "User Commands"`,
    // As the terminal is wide: no hyphens in names, no holes between words.
    '.nh',
    '.ad l',
    '.SH NAME',
    'oopsreplay \\- tell whether a kernel crash is the race of of_iommu_configure() and iommu_probe_device()',
    '.SH SYNOPSIS',
    '.B oopsreplay',
    '[\\fIcommand\\fR] [\\fIoptions\\fR] [\\fIpath\\fR...]',
    '.SH DESCRIPTION',
    roff(sentence(program.description())),
    'It reads kernel logs, replays the interleavings of the two threads that each log allows on a model of the kernel, and says which of them end in the crash, with the lines that show it.',
    'Nothing goes over a network, and nothing is written but what is asked for.',
    '.PP',
    'Without a command, \\fBtriage\\fR is meant.',
    '.SH COMMANDS',
    ...commands.flatMap((command, i) => section(command, commands.slice(0, i))),
    '.SH EXIT STATUS',
    ...terms(STATUS),
    '.SH ENVIRONMENT',
    ...terms(ENVIRONMENT),
    '.SH EXAMPLES',
    ...examples
      .flatMap(([what, command]) => [roff(sentence(what)), '.PP', '.RS 4', '.nf', roff(command), '.fi', '.RE', '.PP'])
      .slice(0, -1),
    '.SH SEE ALSO',
    '.BR dmesg (1),',
    '.BR journalctl (1)',
  ];
  return `${lines.join('\n')}\n`;
}
