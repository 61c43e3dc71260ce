/** The tree that --source or --git names, read: for commands that ask about code without a log. */
import { UsageError } from '../exit.ts';
import { codesOf } from '../reconstruct/kernel/source/codes.ts';
import type { SourceReading } from '../reconstruct/kernel/source/types.ts';
import type { EraCode } from '../sim/procedures/code.ts';
import { sourceLookup } from './git.ts';
import { sourceIn } from './source-tree.ts';

export interface TreeOptions {
  readonly source?: string;
  readonly git?: string;
}

/** Null where neither is given. `release` names the commit or tag of a clone; null: HEAD. Throws UsageError where it cannot be read, or both are given. */
export function readingNamed({ source, git }: TreeOptions, release: string | null): SourceReading | null {
  if (source !== undefined && git !== undefined)
    throw new UsageError('--source and --git both name the code; give one');
  if (source !== undefined) return sourceIn(source);
  if (git === undefined) return null;
  const at = sourceLookup(git)(release);
  if (at.is === 'not read') throw new UsageError(at.why);
  return at.reading;
}

/** The code of a tree that showed all of it. Throws UsageError, with what is not seen, where it did not. */
export function codeRead(reading: SourceReading): EraCode {
  const { codes, why } = codesOf(reading);
  if (codes.length === 1) return codes[0]!;
  const open = reading.features.flatMap((f) => (f.why === null ? [] : [`${f.feature} (${f.why})`]));
  throw new UsageError(
    `${reading.tree}: ${why ?? `it may be ${codes.length} codes, as this is not seen: ${open.join('; ')}`}`,
  );
}
