/** `oopsreplay [triage] [PATH...]`: the default command. */

import { existsSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../exit.ts';
import type { FailOn, LogOptions } from '../options.ts';
import { withLogOptions } from './log-options.ts';
import { isTyped, type TypedOptions, typedLog } from './typed.ts';

export function register(program: Command): void {
  const command = program
    .command('triage', { isDefault: true })
    .description('verdict, evidence and witness for one log or several (the default command)')
    .argument('[path...]', 'kernel logs; - or nothing is standard input');
  withLogOptions(command, 'text')
    .option('--brief', 'one line a log, FILE:LINE: WORD title; ... (also for more than three logs on a terminal)')
    .option('--follow', 'judge each report as it comes: standard input, a terminal line, or a file that grows')
    .addOption(new Option('--timeout <seconds>', '--follow: end after so long').argParser(seconds))
    .option('--quiet', 'print no result: the status says it (with --fail-on)')
    .option('--pc <place>', 'no log: the crash was at FUNC+OFF, as its pc line says')
    .option('--lr <place>', 'with --pc: FUNC+OFF of its lr line')
    .option('--address <hex>', 'with --pc: the address of its first line')
    .action(
      async (
        paths: string[],
        options: LogOptions & TypedOptions & { failOn?: FailOn; follow?: boolean; timeout?: number },
      ) => {
        if (isTyped(options)) {
          if (paths.length > 0) throw new UsageError('--pc stands for a log: name none beside it');
          const { judge, loadPipeline } = await import('./judge.ts');
          process.exitCode = await judge(['(typed)'], options, options.failOn ?? null, loadPipeline, typedLog(options));
          return;
        }
        if (paths.length === 0 && isatty(0) && options.follow !== true) {
          program.outputHelp();
          return;
        }
        const meant = misspelt(paths, program);
        if (meant !== null)
          throw new UsageError(`${paths[0]}: no such file, and no command; did you mean oopsreplay ${meant}?`);
        if (options.follow === true) {
          if (paths.length > 1) throw new UsageError('--follow follows one log');
          const { judgeLive } = await import('./judge.ts');
          process.exitCode = await judgeLive(paths[0] ?? '-', options);
          return;
        }
        const { judge } = await import('./judge.ts');
        process.exitCode = await judge(paths.length === 0 ? ['-'] : paths, options, options.failOn ?? null);
      },
    );
}

function seconds(value: string): number {
  const number = Number(value);
  if (!/^\d+(?:\.\d+)?$/.test(value) || number <= 0 || number > 1e6)
    throw new InvalidArgumentError('A number of seconds.');
  return number;
}

/** Edits from one word to the other; more than two are as good as any. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}

/** The command that somebody meant whose first path is no file; null where it is one, or like none. */
function misspelt([first]: readonly string[], program: Command): string | null {
  if (first === undefined || !/^[a-z]{3,20}$/.test(first) || existsSync(first)) return null;
  const near = program.commands
    .map((command) => ({ name: command.name(), off: distance(first, command.name()) }))
    .sort((a, b) => a.off - b.off)[0];
  return near !== undefined && near.off <= 2 ? near.name : null;
}
