/** `oopsreplay parse [PATH...]`: what stands in a log, unjudged, a JSON object a line. */

import type { Command } from 'commander';
import { complain, EXIT } from '../exit.ts';

export function register(program: Command): void {
  program
    .command('parse')
    .description('events, crashes, fragments and losses of kernel logs as NDJSON, with their lines and bytes')
    .argument('[path...]', 'kernel logs; - or nothing is standard input')
    .action(async (paths: string[]) => {
      const [{ readInput }, { parseLog }, { parsedLines }] = await Promise.all([
        import('../input.ts'),
        import('../parser/parse.ts'),
        import('../report/parsed.ts'),
      ]);
      for (const path of paths.length === 0 ? ['-'] : paths) {
        const input = readInput(path);
        if (input.is === 'unreadable') {
          complain(`${path === '-' ? 'standard input' : path}: ${input.reason}`);
          process.exitCode = EXIT.usage;
          continue;
        }
        for (const { code, text } of input.diagnostics) complain(`warning ${code}: ${text} (${path})`);
        for (const log of parseLog(input.bytes, { name: path }))
          for (const line of parsedLines(log)) process.stdout.write(line);
      }
    });
}
