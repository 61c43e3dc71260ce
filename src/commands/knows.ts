/** `oopsreplay kernels | drivers | hypotheses`: what the model knows, with sources. */
import { type Command, Option } from 'commander';
import { type Destination, print, withOutput } from './destination.ts';

export function register(program: Command): void {
  const list = (name: 'kernels' | 'drivers' | 'hypotheses', description: string) =>
    withOutput(program.command(name))
      .description(description)
      .addOption(new Option('--format <name>', 'output').choices(['text', 'json']).default('text'))
      .action(async (options: Destination & { format: 'text' | 'json' }) => {
        const { driverRows, eraRows, hypothesisRows, knownJson } = await import('../report/model/model.ts');
        const rows = { kernels: eraRows, drivers: driverRows, hypotheses: hypothesisRows };
        await print(options, () =>
          options.format === 'json' ? `${JSON.stringify(knownJson(name), null, 2)}\n` : rows[name](),
        );
      });
  list('kernels', 'eras of the kernel code that the model knows, and the releases in each');
  list('drivers', 'IOMMU drivers that the model knows');
  list('hypotheses', 'the race and its rivals');
}
