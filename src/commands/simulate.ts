/** `oopsreplay simulate`: explore the model without a log. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SimulateOptions } from '../answers/simulation.ts';
import { EXIT, UsageError } from '../exit.ts';
import { type Destination, print, withOutput } from './destination.ts';
import { commits, kernelVersion } from './log-options.ts';

/** What a search keeps in memory at most: about 100 bytes a state. */
const MOST = 100_000_000;

function states(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > MOST)
    throw new InvalidArgumentError(`A number of states from 1 to ${MOST}.`);
  return number;
}

export function register(program: Command): void {
  const command = program
    .command('simulate')
    .description('explore the model: which outcomes can a kernel and driver reach, how, and how easily')
    .addOption(new Option('--kernel <version>', 'the kernel, as its release string').argParser(kernelVersion))
    .option('--era <id>', 'the era of its code (see oopsreplay kernels), instead of --kernel')
    .option('--code <file>', 'the code itself: a JSON file with its features (see docs/MODEL.md), instead of --kernel')
    .option('--source <dir>', "the code that the kernel's source tree has, instead of --kernel or beside it")
    .option('--git <dir>', 'the same in a clone, at the commit or tag that --kernel names, else at HEAD')
    .option(
      '--set <feature=value,...>',
      'the code with these features too: both tables, and which outcomes the change closes, leaves and opens',
    )
    .option('--driver <name>', 'the IOMMU driver (see oopsreplay drivers)')
    .option(
      '--scenario <name>',
      'deferred-retry (unless you say otherwise), first-probe, two-walks, walks-only, device-add, two-clients, ...',
    )
    .addOption(new Option('--iommus <entries>', 'entries in the client\'s "iommus"').choices(['1', '2']).default('1'))
    .addOption(
      new Option('--earlier <instances>', 'an instance of the driver that had registered before; any: both starts')
        .choices(['none', 'one', 'any'])
        .default('any'),
    )
    .option('--hypothesis <name>', 'only the crashes that belong to it (see oopsreplay hypotheses)')
    .addOption(
      new Option(
        '--memory <mode>',
        'kasan: a path ends at its first memory error; plain: use-after-free goes on silently',
      )
        .choices(['kasan', 'plain'])
        .default('kasan'),
    )
    .addOption(
      new Option(
        '--granularity <level>',
        'compiled: an accessor loads dev->iommu once; source: every load is a step; merged: loads in a row are one',
      )
        .choices(['compiled', 'source', 'merged'])
        .default('compiled'),
    )
    .addOption(new Option('--fixed <commit>', 'the tree has this commit (repeatable)').argParser(commits))
    .addOption(new Option('--not-fixed <commit>', 'the tree lacks this commit (repeatable)').argParser(commits))
    .option('--reduction', 'reduce at once: every outcome, but no counts (unless you say otherwise: beyond the budget)')
    .option('--no-reduction', 'never reduce: beyond the budget outcomes may be missing')
    .addOption(new Option('--budget <states>', 'states of one search at most (4000000)').argParser(states))
    .addOption(
      new Option(
        '--format <name>',
        'how to print it; dot: the ways to each end, for Graphviz; promela: the model itself, for SPIN; table: as text',
      )
        .choices(['text', 'json', 'dot', 'promela', 'table'])
        .default('text'),
    );
  withOutput(command).action(async (options: SimulateOptions & Destination) => {
    if (options.driver === undefined) {
      const { driverList } = await import('../sim/drivers/names.ts');
      throw new UsageError(`simulate needs --driver NAME, one of ${driverList()}`);
    }
    const { printSimulation } = await import('./exploration.ts');
    await print(options, () => printSimulation(options));
    process.exitCode = EXIT.ok;
  });
}
