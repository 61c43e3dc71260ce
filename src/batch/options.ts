/** What `batch` and `worker` are asked for; src/commands fills it from the command line. */
import type { ARCHES, FailOn } from '../options.ts';
import type { VerdictClass } from '../reconstruct/types.ts';

export const BATCH_FORMATS = ['table', 'json', 'ndjson', 'csv', 'markdown', 'github', 'html'] as const;
export type BatchFormat = (typeof BATCH_FORMATS)[number];

export interface BatchOptions {
  readonly store?: string;
  readonly format: BatchFormat;
  readonly bucket?: string;
  readonly baseline?: string;
  /** Buckets of these classes only. */
  readonly class?: readonly VerdictClass[];
  /** Boots of that time or later only, in milliseconds since 1970. */
  readonly since?: number;
  /** Boots of that branch, version or release only. */
  readonly release?: string;
  readonly top?: number;
  /** Three lines for a comment on a change. */
  readonly comment?: boolean;
  /** Where the HTML page of this batch is published. */
  readonly page?: string;
  readonly known?: string;
  /** The id of a bucket, what is to be noted of it, and behind them paths that stood there. */
  readonly note?: readonly string[];
  readonly ticket?: string;
  readonly status?: string;
  readonly new?: boolean;
  readonly all?: boolean;
  readonly workers?: number;
  readonly queue?: string;
  readonly contents?: boolean;
  readonly failOn?: FailOn;
  readonly kernel?: string;
  readonly driver?: string;
  readonly arch?: (typeof ARCHES)[number];
  readonly fixed?: readonly string[];
  readonly notFixed?: readonly string[];
  readonly source?: string;
  readonly ascii?: boolean;
  readonly output?: string;
  readonly force?: boolean;
}

export interface WorkerOptions {
  readonly queue: string;
  readonly workers?: number;
  readonly lease: number;
  /** Folder below which jobs may name files; without it only logs that come with the job are judged. */
  readonly root?: string;
}
