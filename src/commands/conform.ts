/** `oopsreplay conform [PATH...]`: is the function trace in a log a behaviour of the model? */

import { isatty } from 'node:tty';
import { type Command, Option } from 'commander';
import { complain, complainOfFailure, EXIT, type ExitStatus } from '../exit.ts';
import { readInput } from '../io/input.ts';
import { checkOptions, type LogOptions, triageOptions } from '../options.ts';
import type { Conformity, TraceOptions } from '../reconstruct/verdict/conform.ts';
import { jsonText, sanitize } from '../report/safe/sanitize.ts';
import { openPrint, withOutput } from './destination.ts';
import { commits, kernelVersion } from './log-options.ts';

export type ConformOptions = Pick<LogOptions, 'kernel' | 'driver' | 'fixed' | 'notFixed' | 'output' | 'force'> & {
  readonly format: 'text' | 'json';
  readonly traced?: string;
};

export function register(program: Command): void {
  const command = program
    .command('conform')
    .description('is the function trace in this log a behaviour of the model? (ftrace dumps, trace files, trace-cmd)')
    .argument('[path...]', 'kernel logs or traces; - or nothing is standard input')
    .addOption(new Option('--format <name>', 'output').choices(['text', 'json']).default('text'))
    .addOption(new Option('--kernel <release>', 'kernel release, where the log does not say').argParser(kernelVersion))
    .option('--driver <name>', 'IOMMU driver, such as apple-dart')
    .addOption(new Option('--fixed <commit>', 'the kernel carries this commit (repeatable)').argParser(commits))
    .addOption(new Option('--not-fixed <commit>', 'the kernel lacks this commit (repeatable)').argParser(commits))
    .option('--traced <functions>', 'what was traced, as ftrace_filter= takes it, where no command line is in the log');
  withOutput(command).action(async (paths: string[], options: ConformOptions) => {
    if (paths.length === 0 && isatty(0)) {
      command.outputHelp();
      return;
    }
    process.exitCode = await printConformity(paths.length === 0 ? ['-'] : paths, options);
  });
}

/** Judges each boot of each input and prints the answers: an array of JSON where there are several. */
export async function printConformity(paths: readonly string[], options: ConformOptions): Promise<ExitStatus> {
  await checkOptions(options);
  // The pipeline is the largest part of the program, and --help need not wait for it.
  const [{ parseLog }, { judgeTrace }, { BOOT_WITH, conformJson, conformText }] = await Promise.all([
    import('../parser/parse.ts'),
    import('../reconstruct/verdict/conform.ts'),
    import('../report/text/conform.ts'),
  ]);
  const out = await openPrint(options, paths);
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
        if (options.format === 'text') out.write(heading(answer, paths.length, all.length) + conformText(answer));
        else if (answer.entries === 0) complain(`${path}: no function trace is in this log; boot with ${BOOT_WITH}`);
        all.push(answer);
      }
    } catch (error) {
      const failed = complainOfFailure(error, path === '-' ? 'standard input' : path);
      status = status > failed ? status : failed;
    }
  }
  if (options.format === 'json' && (all.length > 0 || paths.length > 1)) {
    const objects = all.map(conformJson);
    out.write(`${jsonText(objects.length === 1 && paths.length === 1 ? objects[0] : objects, 2)}\n`);
  }
  out.end();
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
