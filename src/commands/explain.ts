/** `oopsreplay explain [TERM]`: what a word, an era, a class, a scenario, a hypothesis or a code means. */
import { type Command, Option } from 'commander';
import { UsageError } from '../exit.ts';
import { type Destination, print, withOutput } from './destination.ts';

export function register(program: Command): void {
  withOutput(program.command('explain'))
    .description('what a word of a report means: eras, classes, scenarios, hypotheses, codes such as OR401')
    .argument('[term...]', 'such as era-c, OR401, deferred-retry, witness; nothing lists them')
    .addOption(new Option('--format <name>', 'output').choices(['text', 'json']).default('text'))
    .action(async (asked: string[], options: Destination & { format: 'text' | 'json' }) => {
      const { indexText, terms, termsFor, termText } = await import('../report/model/glossary.ts');
      const word = asked.join(' ');
      const found = asked.length === 0 ? terms() : termsFor(word);
      if (found.length === 0)
        throw new UsageError(`explain ${word}: no such term; oopsreplay explain lists all of them`);
      await print(options, () => {
        if (options.format === 'json') return `${JSON.stringify(found, null, 2)}\n`;
        return asked.length === 0 ? indexText() : found.map(termText).join('\n');
      });
    });
}
