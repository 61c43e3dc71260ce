/** What `triage` and `report` share: read each input, judge it, print it, and sum up the exit status. Loaded only when a command runs. */

import { complain, complainOfDefect, EXIT, type ExitStatus, UsageError } from '../exit.ts';
import { readInput } from '../input.ts';
import type { Diagnostic } from '../parser/types.ts';
import type { Triage, TriageOptions } from '../reconstruct/types.ts';
import { rendererFor } from '../report/render.ts';
import { type FailOn, type LogOptions, triageOptions } from './log-options.ts';

/** The pipeline: all boots of one input, judged. */
export type Pipeline = (bytes: Uint8Array, source: { readonly name: string }, options: TriageOptions) => Triage[];

const DIAGNOSTICS_SHOWN = 20;

/** Is this result at or above the level that --fail-on names? */
export function isAtLeast(triage: Triage, level: FailOn): boolean {
  switch (level) {
    case 'confirmed':
      return triage.verdict.class === 'confirmed';
    case 'possible':
      return triage.verdict.class === 'confirmed' || triage.verdict.class === 'possible';
    case 'crash':
      return triage.crashes.length > 0;
  }
}

function printDiagnostics(name: string, diagnostics: readonly Diagnostic[]): void {
  const texts = diagnostics.map(
    ({ code, text, line }) => `warning ${code}: ${text} (${name}${line === null ? '' : `:${line}`})`,
  );
  // Several boots of one file repeat what is said of the whole file.
  const unique = [...new Set(texts)];
  for (const text of unique.slice(0, DIAGNOSTICS_SHOWN)) complain(text);
  if (unique.length > DIAGNOSTICS_SHOWN)
    complain(`${unique.length - DIAGNOSTICS_SHOWN} more warnings (${name}); --format json has all`);
}

/** The pipeline is the largest part of the program; an input that cannot be read should not wait for it. */
async function loadPipeline(): Promise<Pipeline> {
  return (await import('../reconstruct/triage.ts')).triage;
}

/** Judges one input. Null where it cannot be read, which has been said then. */
async function judgeOne(name: string, load: () => Promise<Pipeline>, options: TriageOptions): Promise<Triage[] | null> {
  const input = readInput(name);
  if (input.is === 'unreadable') {
    complain(`${input.name === '-' ? 'standard input' : input.name}: ${input.reason}`);
    return null;
  }
  const pipeline = await load();
  const triages = pipeline(input.bytes, { name }, options);
  if (input.diagnostics.length === 0) return triages;
  return triages.map((triage, i) =>
    i === 0 ? { ...triage, diagnostics: [...input.diagnostics, ...triage.diagnostics] } : triage,
  );
}

/** Throws UsageError where the options cannot be meant. */
export async function checkOptions(options: Pick<LogOptions, 'fixed' | 'notFixed' | 'driver'>): Promise<void> {
  const both = options.fixed?.find((commit) => options.notFixed?.includes(commit));
  if (both !== undefined) throw new UsageError(`--fixed and --not-fixed both name ${both}`);
  await checkDriver(options.driver);
}

/** A misspelt name would be judged as a stranger's driver, and the verdict weaker for it. */
async function checkDriver(name: string | undefined): Promise<void> {
  if (name === undefined) return;
  const { driverByName } = await import('../reconstruct/driver.ts');
  if (driverByName(name) !== null) return;
  const { DRIVER_NAMES } = await import('../sim/drivers/names.ts');
  throw new UsageError(
    `--driver ${name}: not a driver that is known; ${DRIVER_NAMES.map((d) => d.name).join(', ')} are`,
  );
}

function columnsOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY && stream.columns > 0 ? stream.columns : 80;
}

function coloured(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

/**
 * Judges `paths` in order and prints each result. An input that cannot be read, or that finds a defect of ours, does not keep the others from being judged.
 * Throws UsageError if --driver names none that is known, or if --output names a place that cannot be written. `load` is for tests.
 */
export async function judge(
  paths: readonly string[],
  options: LogOptions,
  failOn: FailOn | null,
  load: () => Promise<Pipeline> = loadPipeline,
): Promise<ExitStatus> {
  await checkOptions(options);
  const file = options.output ?? null;
  const force = options.force ?? false;
  const output = file === null ? null : await import('../output.ts');
  if (file !== null) output!.checkOutput(file, force, paths);

  const renderer = await rendererFor(options.format, {
    columns: file === null ? columnsOf(process.stdout) : 80,
    colour: file === null && coloured(process.stdout),
    ascii: options.ascii ?? false,
    several: paths.length > 1,
  });
  const kept: string[] = [];
  const emit = (text: string) => {
    if (file !== null) kept.push(text);
    else if (text !== '') process.stdout.write(text);
  };
  let status: ExitStatus = EXIT.ok;
  const worsen = (to: ExitStatus) => {
    if (to > status) status = to;
  };
  let judged = 0;
  for (const path of paths) {
    try {
      const triages = await judgeOne(path, load, triageOptions(options));
      if (triages === null) {
        worsen(EXIT.usage);
        continue;
      }
      for (const one of triages) {
        emit(await renderer.add(one));
        judged++;
        if (failOn !== null && isAtLeast(one, failOn)) worsen(EXIT.found);
      }
      if (options.format === 'text' || options.format === 'markdown')
        printDiagnostics(
          path,
          triages.flatMap((one) => one.diagnostics),
        );
    } catch (error) {
      complainOfDefect(error, path === '-' ? 'standard input' : path);
      worsen(EXIT.defect);
    }
  }
  emit(renderer.end());
  if (file !== null && judged > 0) output!.writeOutput(file, kept.join(''), force);
  return status;
}
