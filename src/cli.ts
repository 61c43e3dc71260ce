/** The command line: turns whatever happens into an exit status. Everything heavy is loaded by the command that needs it. */

import { CommanderError } from 'commander';
import { complain, complainOfDefect, complainOfFailure, EXIT, type ExitStatus, UsageError } from './exit.ts';
import { useAnswers } from './io/answers.ts';
import { commandLine } from './program.ts';

/** `oopsreplay ... | head` closes the pipe early: that is no error, and nobody is left to read more. */
function quietBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.ok);
      complain(`standard output: ${error.code ?? error.message}`);
      process.exit(EXIT.usage);
    });
}

function statusOf(error: unknown): ExitStatus {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof UsageError) {
    complain(error.message);
    return EXIT.usage;
  }
  return complainOfFailure(error);
}

/** A promise that nobody settles lets Node end with status 0, results missing: such an end is a defect. */
function neverSilently(command: Promise<unknown>): void {
  let settled = false;
  process.on('beforeExit', () => {
    if (settled) return;
    settled = true;
    complainOfDefect('it ended before all that was asked for had come; what is printed is not all');
    process.exitCode = EXIT.defect;
  });
  void command.finally(() => {
    settled = true;
  });
}

/** What is thrown where nobody waits for it, in a timer or an event: Node would end with 1, which has another meaning here. */
function neverUncaught(): void {
  process.on('uncaughtException', (error) => process.exit(statusOf(error)));
}

quietBrokenPipe();
neverUncaught();
useAnswers();
neverSilently(
  commandLine()
    .parseAsync()
    .catch((error: unknown) => {
      process.exitCode = statusOf(error);
    }),
);
