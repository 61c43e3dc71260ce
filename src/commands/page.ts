/** `oopsreplay page`: the page to paste a log into, for who has a browser and nothing installed. */
import type { Command } from 'commander';
import { EXIT, UsageError } from '../exit.ts';
import { type Destination, openPrint, withOutput } from './destination.ts';

export function register(program: Command): void {
  const command = program
    .command('page')
    .description('the page to paste a log into: one file for a browser, which judges there and asks for nothing');
  withOutput(command).action(async (options: Destination) => {
    const out = await openPrint(options);
    const { page } = await import('./whole-page.ts');
    const text = await page();
    if (text === null) throw new UsageError('this build has no page; npm run page makes it');
    out.write(text);
    out.end();
    process.exitCode = EXIT.ok;
  });
}
