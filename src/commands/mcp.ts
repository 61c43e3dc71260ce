/** `oopsreplay mcp`: what this program can tell, for assistants, over the Model Context Protocol. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { files } from './log-options.ts';

/** Characters of an answer: some ten thousand words, which is room for a verdict in full. */
const MOST = 60_000;

function characters(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 10_000 || number > 10_000_000)
    throw new InvalidArgumentError('A number of characters from 10000 to 10000000.');
  return number;
}

export function register(program: Command): void {
  program
    .command('mcp')
    .description(
      'a Model Context Protocol server on standard input and output, for assistants: verdicts instead of guesses',
    )
    .addOption(
      new Option(
        '--root <dir>',
        'logs below it may be named by their path (repeatable); without it only text is judged',
      ).argParser(files),
    )
    .addOption(
      new Option('--most <characters>', 'an answer is shortened to so many').argParser(characters).default(MOST),
    )
    .action(async (options: { root?: readonly string[]; most: number }) => {
      const { mcp } = await import('./mcp/server.ts');
      process.exitCode = await mcp(options);
    });
}
