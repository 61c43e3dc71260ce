/** What a worker sent back, looked at before it is believed: it came through a queue that others may write to, and goes into the journal as it is. */

import { wrongWith } from './shape.ts';
import { headOf } from './store.ts';
import type { Outcome } from './task.ts';
import type { Said } from './types.ts';
import { RECORD_SCHEMA } from './types.ts';

/** Texts of a result's diagnostics are shown; nobody writes longer ones. */
const LONGEST = 1000;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST;

function isSaid(value: unknown): value is readonly Said[] {
  return (
    Array.isArray(value) &&
    value.every(({ code, text } = {}) => typeof code === 'string' && /^OR[1-9]\d\d$/.test(code) && isText(text))
  );
}

/** What is wrong with a line of the journal as a worker made it, or null. `asked`: the hash of what was sent, where that is known. */
function wrongLine(line: unknown, content: string, model: string, asked: string | null): string | null {
  if (typeof line !== 'string' || !line.endsWith('\n') || line.indexOf('\n') !== line.length - 1)
    return 'a line of it is not one line';
  try {
    const whole = wrongWith(JSON.parse(line), RECORD_SCHEMA);
    if (whole !== null) return `a line of it ${whole}`;
    const head = headOf(line.slice(0, -1));
    if (head.content !== content || (asked !== null && content !== asked)) return 'it is about another content';
    return head.model === model ? null : 'it is of another model';
  } catch {
    return 'a line of it is no JSON';
  }
}

function wrongOutcome(value: unknown, model: string, asked: string | null): string | null {
  const { is, content, lines, said } = (value ?? {}) as Record<string, unknown>;
  if (is === 'archive') return null;
  if (!isSaid(said)) return 'its diagnostics are none';
  if (is === 'unreadable' || is === 'defect') return said.length > 0 ? null : 'it does not say why';
  if (is !== 'judged' || typeof content !== 'string' || !/^[0-9a-f]{64}$/.test(content) || !Array.isArray(lines))
    return 'it is of no known shape';
  if (lines.length === 0) return 'it has no line';
  for (const line of lines) {
    const wrong = wrongLine(line, content, model, asked);
    if (wrong !== null) return wrong;
  }
  return null;
}

/**
 * The outcomes of a job's items, each as it came or, where it is none, a defect that says so: an input is never lost with a bad result. `asked`: for each item
 * the SHA-256 of the log that was sent, or null where only its place was.
 */
export function checkedOutcomes(value: unknown, model: string, asked: readonly (string | null)[]): readonly Outcome[] {
  const came = Array.isArray(value) && value.length === asked.length ? (value as unknown[]) : null;
  return asked.map((content, i): Outcome => {
    const wrong = came === null ? 'it is not one for each input' : wrongOutcome(came[i], model, content);
    if (wrong === null) return came![i] as Outcome;
    return { is: 'defect', said: [{ code: 'OR302', text: `the worker's result was not taken: ${wrong}` }] };
  });
}
