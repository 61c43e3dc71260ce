/** `oopsreplay simulate`: explore the model without a log. */
import { type Command, Option } from 'commander';
import { EXIT } from '../exit.ts';

export interface SimulateOptions {
  readonly kernel?: string;
  readonly era?: string;
  readonly driver: string;
  readonly scenario: string;
  readonly memory: 'kasan' | 'plain';
  readonly granularity: 'compiled' | 'source';
  readonly fixed?: readonly string[];
  readonly notFixed?: readonly string[];
  readonly format: 'table' | 'json';
}

export function register(program: Command): void {
  const collect = (value: string, before: readonly string[] = []) => [...before, value];
  program
    .command('simulate')
    .description('explore the model: which outcomes can a kernel and driver reach, how, and how easily')
    .option('--kernel <version>', 'the kernel, as its release string')
    .option('--era <id>', 'the era of its code (see oopsreplay kernels), instead of --kernel')
    .requiredOption('--driver <name>', 'the IOMMU driver (see oopsreplay drivers)')
    .option('--scenario <name>', 'deferred-retry, first-probe, two-walks or walks-only', 'deferred-retry')
    .addOption(
      new Option(
        '--memory <mode>',
        'kasan: a path ends at its first memory error; plain: use-after-free goes on silently',
      )
        .choices(['kasan', 'plain'])
        .default('kasan'),
    )
    .addOption(
      new Option('--granularity <level>', 'compiled: an accessor loads dev->iommu once; source: every load is a step')
        .choices(['compiled', 'source'])
        .default('compiled'),
    )
    .option('--fixed <commit>', 'the tree has this commit', collect)
    .option('--not-fixed <commit>', 'the tree does not have this commit', collect)
    .addOption(new Option('--format <name>', 'how to print it').choices(['table', 'json']).default('table'))
    .action(async (options: SimulateOptions) => {
      const { printSimulation } = await import('./model.ts');
      process.stdout.write(await printSimulation(options));
      process.exitCode = EXIT.ok;
    });
}
