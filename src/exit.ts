/** Exit statuses (CONTRACT, "Commands"), and the two kinds of failure that a command reports by throwing. */

import { lackOf } from './lacking.ts';
import { sanitize } from './report/safe/sanitize.ts';

export const EXIT = {
  /** Analysed, whatever the verdict. */
  ok: 0,
  /** Analysed, and a verdict is at or above --fail-on. */
  found: 1,
  /** Wrong usage, or an input that cannot be read. */
  usage: 2,
  /** A defect of this program. */
  defect: 3,
  /** By the user, with what was done until then. */
  interrupted: 130,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Ends with status 2. */
export { UsageError } from './usage.ts';

/** A line on standard error, sanitized: it may name files and quote options. */
export function complain(text: string): void {
  process.stderr.write(`oopsreplay: ${sanitize(text)}\n`);
}

/** Says what ended a command, or kept an input from being judged (`of`), and with which status: what the machine lacks is no defect. */
export function complainOfFailure(error: unknown, of: string | null = null): ExitStatus {
  const lack = lackOf(error);
  if (lack === null) {
    complainOfDefect(error, of);
    return EXIT.defect;
  }
  complain(of === null ? lack : `${of}: ${lack}`);
  return EXIT.usage;
}

/**
 * Says that something is wrong with the program, not with its input. The stack is of use to us only, so it is printed only on demand.
 * `of` names the input at hand, if any.
 */
export function complainOfDefect(error: unknown, of: string | null = null): void {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  complain(`defect in oopsreplay${of === null ? '' : ` while reading ${of}`}: ${message}`);
  if (process.env.OOPSREPLAY_DEBUG && error instanceof Error && error.stack !== undefined) {
    for (const line of error.stack.split('\n')) complain(line);
    return;
  }
  complain('this is not the fault of your log. Please report it with the command and, if you may share it, the log;');
  complain('OOPSREPLAY_DEBUG=1 in the environment adds a stack trace to the message');
}
