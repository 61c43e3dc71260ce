/** `oopsreplay reproduce LOG|WITNESS`: a kernel module and steps that force the crash on a real kernel. */
import { type Command, Option } from 'commander';
import { EXIT } from '../exit.ts';
import { ARCHES } from '../options.ts';
import { commits, driverName, kernelVersion } from './log-options.ts';
import type { ReproduceOptions } from './reproduction.ts';

export function register(program: Command): void {
  program
    .command('reproduce')
    .description('a kernel module and steps that force the crash of a log, or of a witness, on a real kernel')
    .argument(
      '<log|witness>',
      'a kernel log (- is standard input), or the replay string that a report or simulate printed',
    )
    .option('-o, --output <dir>', 'write module, Kbuild and page into this new folder; else the page is printed')
    .option('--force', 'let --output write into a folder that is there')
    .option('--device <name>', 'the client device, as in /sys/bus/platform/devices')
    .addOption(new Option('--kernel <release>', 'kernel release, where the log does not say').argParser(kernelVersion))
    .addOption(new Option('--driver <name>', 'IOMMU driver, where the log does not say').argParser(driverName))
    .addOption(new Option('--arch <name>', 'architecture').choices(ARCHES))
    .addOption(new Option('--fixed <commit>', 'the kernel carries this commit (repeatable)').argParser(commits))
    .addOption(new Option('--not-fixed <commit>', 'the kernel lacks this commit (repeatable)').argParser(commits))
    .option('--source <dir>', "the kernel's source tree: the same delays as a patch against it, beside the module")
    .option('--nolock', 'FOR A LAB ONLY: on a kernel that has the fix, the module takes its lock out at run time')
    .addOption(
      new Option('--format <name>', 'json: the plan alone, for programs').choices(['text', 'json']).default('text'),
    )
    .action(async (what: string, options: ReproduceOptions) => {
      const { reproduce } = await import('./reproduction.ts');
      process.stdout.write(await reproduce(what, options));
      process.exitCode = EXIT.ok;
    });
}
