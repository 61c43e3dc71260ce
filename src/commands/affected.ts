/** `oopsreplay affected RELEASE [DRIVER]`: can this kernel crash so? No log is needed. */
import { type Command, Option } from 'commander';
import type { AffectedOptions } from '../answers/affected.ts';
import { EXIT } from '../exit.ts';
import { type Destination, print, withOutput } from './destination.ts';
import { commits, complainBeyond, driverName } from './log-options.ts';
import type { TreeOptions } from './reading.ts';

export function register(program: Command): void {
  const command = program
    .command('affected')
    .description('can this kernel crash so? by its release, or by what its source tree has')
    .argument('[release]', 'as uname -r prints it; not needed with --source')
    .argument('[driver]', 'the IOMMU driver; all of them unless you say otherwise')
    .option('--source <dir>', "the kernel's source tree: which code does it have? (read-only)")
    .option('--git <dir>', 'a clone of it: the code at the commit or tag that the release names, else at HEAD')
    .addOption(new Option('--driver <name>', 'the same as DRIVER').argParser(driverName))
    .addOption(new Option('--fixed <commit>', 'the kernel carries this commit (repeatable)').argParser(commits))
    .addOption(new Option('--not-fixed <commit>', 'the kernel lacks this commit (repeatable)').argParser(commits))
    .addOption(new Option('--format <name>', 'how to print it').choices(['text', 'json']).default('text'));
  withOutput(command).action(
    async (
      release: string | undefined,
      driver: string | undefined,
      options: AffectedOptions & TreeOptions & Destination,
    ) => {
      if (release !== undefined && options.source === undefined) complainBeyond('affected', release);
      const { printAffected } = await import('./affected-answer.ts');
      await print(options, () => printAffected(release ?? null, driver ?? null, options));
      process.exitCode = EXIT.ok;
    },
  );
}
