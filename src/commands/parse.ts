/** `oopsreplay parse [PATH...]`: what stands in a log, unjudged, a JSON object a line. */

import type { Command } from 'commander';
import { complain, EXIT } from '../exit.ts';

export function register(program: Command): void {
  program
    .command('parse')
    .description('events, crashes, fragments and losses of kernel logs as NDJSON, with their lines and bytes')
    .argument('[path...]', 'kernel logs; - or nothing is standard input')
    .action(async (paths: string[]) => {
      const [{ openInput, whyUnread }, { parse }, { parsedLines }] = await Promise.all([
        import('../io/input.ts'),
        import('../parser/stream.ts'),
        import('../report/text/parsed.ts'),
      ]);
      for (const path of paths.length === 0 ? ['-'] : paths) {
        const input = openInput(path);
        const unreadable = (reason: string) => {
          complain(`${path === '-' ? 'standard input' : path}: ${reason}`);
          process.exitCode = EXIT.usage;
        };
        if (input.is === 'unreadable') {
          unreadable(input.reason);
          continue;
        }
        try {
          // Who reads slowly shall not make us hold it all.
          for await (const log of parse(input.chunks, { name: path }))
            for (const line of parsedLines(log))
              if (!process.stdout.write(line)) await new Promise<void>((done) => process.stdout.once('drain', done));
        } catch (error) {
          const why = whyUnread(error);
          if (why === null) throw error;
          unreadable(why);
        }
        for (const { code, text } of input.diagnostics) complain(`warning ${code}: ${text} (${path})`);
      }
    });
}
