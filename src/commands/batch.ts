/** `oopsreplay batch PATH...`: many logs at once. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { BATCH_FORMATS, type BatchOptions } from '../batch/options.ts';
import { releasesOfStatus } from '../batch/status.ts';
import { ARCHES, FAIL_ON } from '../options.ts';
import type { VerdictClass } from '../reconstruct/types.ts';
import { commits, driverName, kernelVersion } from './log-options.ts';

/** More threads than anyone has processors. */
const MOST_WORKERS = 256;

export function workers(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > MOST_WORKERS)
    throw new InvalidArgumentError(`A number of threads from 0 (none but its own) to ${MOST_WORKERS}.`);
  return number;
}

export function redis(value: string): string {
  if (!/^rediss?:\/\/./.test(value)) throw new InvalidArgumentError('An address such as redis://localhost:6379.');
  return value;
}

const CLASSES = [
  'confirmed',
  'possible',
  'insufficient',
  'excluded',
  'no-crash',
] as const satisfies readonly VerdictClass[];

export function classes(value: string, before: readonly VerdictClass[] = []): readonly VerdictClass[] {
  const named = value.split(',').map((name) => CLASSES.find((c) => c === name.trim()));
  if (named.includes(undefined)) throw new InvalidArgumentError(`Allowed choices are ${CLASSES.join(', ')}.`);
  return [...before, ...(named as VerdictClass[])];
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };
const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?$/;

/** A date (UTC) or so long before now, in milliseconds since 1970. */
export function since(value: string, _before?: number, now = Date.now()): number {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(value) ?? [];
  if (unit !== undefined) return now - Number(count) * UNITS[unit]!;
  const text = value.replace(' ', 'T');
  const time = DATE.test(value) ? Date.parse(text.length > 10 && !text.endsWith('Z') ? `${text}Z` : text) : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('A date such as 2026-11-20, or a time such as 12h, 7d or 2w.');
  return time;
}

export function top(value: string): number {
  if (!/^\d{1,9}$/.test(value) || Number(value) === 0) throw new InvalidArgumentError('A number of buckets from 1.');
  return Number(value);
}

export function register(program: Command): void {
  program
    .command('batch')
    .description('many logs at once: what is going on, how often, since when')
    .argument(
      '[path...]',
      'logs, folders, globs, archives (tar, zip), or a store; - or nothing: names on standard input',
    )
    .option('--store <folder>', 'keep the results there; a second run judges only what is new')
    .option('--bucket <id>', 'show one bucket: its logs, and the clearest of them')
    .option('--baseline <store>', 'what is new, gone, more or less than there')
    .addOption(new Option('--class <names>', 'only buckets of these classes, commas between').argParser(classes))
    .addOption(
      new Option(
        '--since <date>',
        'count only boots of that day or later: 2026-11-20, or 7d, 12h before now',
      ).argParser(since),
    )
    .option('--release <release>', 'count only boots of that branch or release: 6.6, 6.6.9; on a store also --kernel')
    .addOption(new Option('--top <n>', 'list so many buckets').argParser(top))
    .option('--new', 'only buckets that are new: against the baseline, or in this run')
    .option('--all', 'list every bucket, single crashes of other kinds one by one')
    .option('--comment', '--format github or markdown: three lines for a comment on a change, beside --baseline')
    .addOption(
      new Option('--page <url>', '--comment: where the HTML page of this batch is published, to be linked').argParser(
        (value) => {
          if (!/^https?:\/\/[^\s<>"'()]+$/.test(value))
            throw new InvalidArgumentError('An address such as https://ci/batch.html.');
          return value;
        },
      ),
    )
    .option('--known <file>', 'what is known of buckets: JSON of ids to ticket, note and status')
    .option(
      '--note <id text...>',
      '--known: write a note of this bucket into the file, which is made if it is not there',
    )
    .option('--ticket <name>', '--note: the ticket or its address')
    .addOption(
      new Option('--status <status>', '--note: open, ignore, or "fixed-in 6.6.5"').argParser((value) => {
        if (releasesOfStatus(value) === null)
          throw new InvalidArgumentError(
            'Allowed are open, ignore, and "fixed-in" with a release, such as "fixed-in 6.6.5".',
          );
        return value;
      }),
    )
    .addOption(new Option('--format <name>', 'output').choices(BATCH_FORMATS).default('table'))
    .addOption(new Option('--workers <n>', 'threads (as many as there are processors)').argParser(workers))
    .addOption(new Option('--queue <url>', 'have workers elsewhere judge, over Redis').argParser(redis))
    .option('--contents', '--queue: send the logs themselves, not where they are')
    .addOption(new Option('--fail-on <level>', 'exit with 1 if a verdict is at or above it').choices(FAIL_ON))
    .addOption(new Option('--kernel <release>', 'kernel release, where a log does not say').argParser(kernelVersion))
    .addOption(new Option('--driver <name>', 'IOMMU driver, such as apple-dart').argParser(driverName))
    .addOption(new Option('--arch <name>', 'architecture').choices(ARCHES))
    .addOption(new Option('--fixed <commit>', 'the kernels carry this commit (repeatable)').argParser(commits))
    .addOption(new Option('--not-fixed <commit>', 'the kernels lack this commit (repeatable)').argParser(commits))
    .option('--source <dir>', 'the source tree of these kernels: which code it has is read there')
    .option('--ascii', 'no character outside ASCII in text')
    .option('-o, --output <file>', 'write to a new file instead of standard output')
    .option('--force', 'let --output replace a file')
    .action(async (paths: string[], options: BatchOptions) => {
      const { batch } = await import('../batch/main.ts');
      const source = options.source === undefined ? null : (await import('./source-tree.ts')).sourceIn(options.source);
      // `--note ID TEXT PATH` leaves the path to the note.
      const [id, text, ...rest] = options.note ?? [];
      const noted = id === undefined ? {} : { note: text === undefined ? [id] : [id, text] };
      process.exitCode = await batch([...rest, ...paths], { ...options, ...noted }, source);
    });
}
