/** What users can say beside a log, in every command that judges logs: shapes, checks, and the pipeline's part. commander fills them (src/commands). */

import type { Arch } from './parser/types.ts';
import type { Triage, TriageOptions } from './reconstruct/types.ts';
import type { Format } from './report/render.ts';
import { UsageError } from './usage.ts';

export interface LogOptions {
  readonly format: Format;
  readonly kernel?: string;
  readonly driver?: string;
  readonly arch?: Arch;
  readonly fixed?: readonly string[];
  readonly notFixed?: readonly string[];
  readonly git?: string;
  readonly code?: string;
  readonly source?: string;
  readonly vmlinux?: readonly string[];
  readonly btf?: string;
  readonly baseline?: string;
  readonly ascii?: boolean;
  readonly redact?: boolean;
  readonly color?: boolean;
  readonly output?: string;
  readonly force?: boolean;
  readonly brief?: boolean;
  readonly quiet?: boolean;
  readonly junitSuite?: string;
  readonly kcidbOrigin?: string;
  readonly kcidbBuildId?: string;
  readonly kcidbTestId?: string;
}

/** Levels of --fail-on, the strictest first. */
export const FAIL_ON = ['confirmed', 'possible', 'insufficient', 'crash'] as const;
export type FailOn = (typeof FAIL_ON)[number];

export const ARCHES = [
  'arm64',
  'arm',
  'x86_64',
  'x86',
  'riscv',
  'powerpc',
  's390',
  'mips',
] as const satisfies readonly Arch[];

/** The pipeline's part of the options. */
export function triageOptions(options: LogOptions): TriageOptions {
  return {
    ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
    ...(options.driver === undefined ? {} : { driver: options.driver }),
    ...(options.arch === undefined ? {} : { arch: options.arch }),
    ...(options.fixed === undefined ? {} : { fixed: options.fixed }),
    ...(options.notFixed === undefined ? {} : { notFixed: options.notFixed }),
  };
}

/** Throws UsageError where the options cannot be meant. */
export async function checkOptions(
  options: Pick<LogOptions, 'fixed' | 'notFixed' | 'driver' | 'source'>,
): Promise<void> {
  if (options.source !== undefined && (options.fixed ?? options.notFixed) !== undefined)
    throw new UsageError('--source says itself which commits the tree has; leave --fixed and --not-fixed out');
  const both = options.fixed?.find((commit) => options.notFixed?.includes(commit));
  if (both !== undefined) throw new UsageError(`--fixed and --not-fixed both name ${both}`);
  await checkDriver(options.driver);
}

/** A misspelt name would be judged as a stranger's driver, and the verdict weaker for it. */
async function checkDriver(name: string | undefined): Promise<void> {
  if (name === undefined) return;
  const { driverByName } = await import('./reconstruct/kernel/driver.ts');
  if (driverByName(name) !== null) return;
  const { driverList } = await import('./sim/drivers/names.ts');
  throw new UsageError(`--driver ${name}: not a driver that is known; ${driverList()} are`);
}

/** Is this result at or above the level that --fail-on names? */
export function isAtLeast(triage: Triage, level: FailOn): boolean {
  switch (level) {
    case 'confirmed':
      return triage.verdict.class === 'confirmed';
    case 'possible':
      return triage.verdict.class === 'confirmed' || triage.verdict.class === 'possible';
    case 'insufficient':
      return ['confirmed', 'possible', 'insufficient'].includes(triage.verdict.class);
    case 'crash':
      return triage.crashes.length > 0;
  }
}
