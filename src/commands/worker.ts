/** `oopsreplay worker`: judges what `oopsreplay batch --queue` hands in. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { WorkerOptions } from '../batch/options.ts';
import { redis, workers } from './batch.ts';

function seconds(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 3600)
    throw new InvalidArgumentError('A number of seconds from 1 to 3600.');
  return number;
}

export function register(program: Command): void {
  program
    .command('worker')
    .description('judge what oopsreplay batch --queue hands in, on this machine, until it is ended')
    .addOption(
      new Option('--queue <url>', 'Redis, such as redis://localhost:6379').argParser(redis).makeOptionMandatory(),
    )
    .addOption(new Option('--workers <n>', 'threads (as many as there are processors)').argParser(workers))
    .addOption(
      new Option(
        '--lease <seconds>',
        'a worker that is silent for so long is taken for dead, and another gets its jobs',
      )
        .argParser(seconds)
        .default(30),
    )
    .option(
      '--root <dir>',
      'jobs may name files below it; without it only logs that come with a job (--contents) are judged',
    )
    .action(async (options: WorkerOptions) => {
      const { worker } = await import('../batch/worker.ts');
      process.exitCode = await worker(options);
    });
}
