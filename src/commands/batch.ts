/** `oopsreplay batch PATH...`: many logs at once. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { BATCH_FORMATS, type BatchOptions } from '../batch/options.ts';
import { ARCHES, FAIL_ON } from '../options.ts';
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
      process.exitCode = await batch(paths, options, source);
    });
}
