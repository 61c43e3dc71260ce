/** `--baseline LOG`: reads and prepares the good boot. Loaded only where one is named. */
import { UsageError } from '../exit.ts';
import { openInput, whyUnread } from '../io/input.ts';
import { parse } from '../parser/stream.ts';
import type { ParsedLog } from '../parser/types.ts';
import { baselineOf } from '../reconstruct/evidence/baseline.ts';
import type { Baseline } from '../reconstruct/types.ts';

/** Throws UsageError where it cannot be read, or every boot in it has a crash report. */
export async function readBaseline(path: string): Promise<Baseline> {
  if (path === '-') throw new UsageError('--baseline cannot be standard input');
  const input = openInput(path);
  if (input.is === 'unreadable') throw new UsageError(`--baseline ${path}: ${input.reason}`);
  const boots: ParsedLog[] = [];
  try {
    for await (const boot of parse(input.chunks, { name: path })) boots.push(boot);
  } catch (error) {
    const why = whyUnread(error);
    if (why === null) throw error;
    throw new UsageError(`--baseline ${path}: ${why}`);
  } finally {
    await input.chunks.return(undefined);
  }
  const good = baselineOf(boots);
  if (good === null || good.lines.length === 0)
    throw new UsageError(
      `--baseline ${path}: ${boots.length === 0 || good !== null ? 'it is empty' : 'each boot in it has a crash report'}`,
    );
  return good;
}
