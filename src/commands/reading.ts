/** The tree that --source or --git names, read: for commands that ask about code without a log. */
import { UsageError } from '../exit.ts';
import type { SourceReading } from '../reconstruct/kernel/source/types.ts';
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
