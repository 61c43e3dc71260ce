/** A record of code in a file (`--code`): JSON with the features by name (src/sim/eras/record.ts). */
import { readFileSync } from 'node:fs';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../io/input.ts';
import type { GivenCode } from '../reconstruct/types.ts';
import { readCode } from '../sim/eras/record.ts';

/** A record has some dozen short words. */
const MOST_BYTES = 65_536;

/** The record that a file holds. Throws UsageError where it cannot be read, is no record, or one that no tree can have. */
export function codeInFile(path: string): GivenCode {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--code ${path}: ${reasonOf(error)}`);
  }
  if (text.length > MOST_BYTES)
    throw new UsageError(`--code ${path}: more than ${MOST_BYTES} characters are no record`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`--code ${path}: not JSON`);
  }
  const made = readCode(value);
  if (!made.ok) throw new UsageError(`--code ${path}: ${made.why}`);
  return { code: made.code, because: [{ text: `--code ${path}`, lines: [] }] };
}
