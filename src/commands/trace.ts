/** What `conform` does once it is asked; loaded only then. */
import { complain, complainOfDefect, EXIT, type ExitStatus } from '../exit.ts';
import { readInput } from '../input.ts';
import { parseLog } from '../parser/parse.ts';
import { type Conformity, judgeTrace, type TraceOptions } from '../reconstruct/conform.ts';
import { BOOT_WITH, conformJson, conformText } from '../report/conform.ts';
import { jsonText, sanitize } from '../report/sanitize.ts';
import type { ConformOptions } from './conform.ts';
import { checkOptions } from './judge.ts';
import { triageOptions } from './log-options.ts';

/** Judges each boot of each input and prints the answers: an array of JSON where there are several. */
export async function printConformity(paths: readonly string[], options: ConformOptions): Promise<ExitStatus> {
  await checkOptions(options);
  let status: ExitStatus = EXIT.ok;
  const all: Conformity[] = [];
  for (const path of paths) {
    const input = readInput(path);
    if (input.is === 'unreadable') {
      complain(`${path === '-' ? 'standard input' : path}: ${input.reason}`);
      status = status > EXIT.usage ? status : EXIT.usage;
      continue;
    }
    try {
      for (const log of parseLog(input.bytes, { name: path })) {
        const answer = judgeTrace(log, traceOptions(options));
        if (options.format === 'text')
          process.stdout.write(heading(answer, paths.length, all.length) + conformText(answer));
        else if (answer.entries === 0) complain(`${path}: no function trace is in this log; boot with ${BOOT_WITH}`);
        all.push(answer);
      }
    } catch (error) {
      complainOfDefect(error, path === '-' ? 'standard input' : path);
      status = EXIT.defect;
    }
  }
  if (options.format === 'json' && (all.length > 0 || paths.length > 1)) {
    const objects = all.map(conformJson);
    process.stdout.write(`${jsonText(objects.length === 1 && paths.length === 1 ? objects[0] : objects, 2)}\n`);
  }
  return status;
}

function traceOptions(options: ConformOptions): TraceOptions {
  const { traced } = options;
  return { ...triageOptions({ ...options, format: 'text' }), ...(traced === undefined ? {} : { traced }) };
}

function heading({ log: { source } }: Conformity, inputs: number, before: number): string {
  const space = before === 0 ? '' : '\n';
  if (inputs === 1 && source.boots === 1) return space;
  const boot = source.boots === 1 ? '' : `, boot ${source.boot + 1} of ${source.boots}`;
  return `${space}== ${sanitize(source.name)}${boot}\n`;
}
