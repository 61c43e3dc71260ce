/** What `triage` and `report` share: read each input, judge it, print it, and sum up the exit status. Loaded only when a command runs. */

import { complain, complainOfFailure, EXIT, type ExitStatus, UsageError } from '../exit.ts';
import { isColoured } from '../io/colour.ts';
import { openInput, whyUnread } from '../io/input.ts';
import { checkOptions, type FailOn, isAtLeast, type LogOptions, triageOptions } from '../options.ts';
import type { Diagnostic } from '../parser/types.ts';
import type { Triage, TriageOptions } from '../reconstruct/types.ts';
import { rendererFor } from '../report/render.ts';

/** The pipeline: all boots of one input, judged, each as soon as it was read. */
export type Pipeline = (
  chunks: AsyncIterable<Uint8Array>,
  source: { readonly name: string },
  options: TriageOptions,
) => AsyncIterable<Triage> | Iterable<Triage>;

const DIAGNOSTICS_SHOWN = 20;
const MOST_DIAGNOSTICS = 1000;
/** Logs of which a terminal shows each in full. */
const MOST_SCREENS = 3;

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
export async function loadPipeline(): Promise<Pipeline> {
  return (await import('../reconstruct/triage.ts')).triageChunks;
}

/** An input that stands on the command line. */
function typedInput(bytes: Uint8Array) {
  return { is: 'open' as const, chunks: once(bytes), diagnostics: [] };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  yield bytes;
  return undefined;
}

/** Judges one input and hands on each boot's result. False where the input cannot be read, which has been said then. */
async function judgeOne(
  name: string,
  load: () => Promise<Pipeline>,
  options: TriageOptions,
  take: (triage: Triage) => Promise<void>,
  typed: Uint8Array | null,
): Promise<boolean> {
  const input = typed === null ? openInput(name) : typedInput(typed);
  const unreadable = (reason: string) => complain(`${name === '-' ? 'standard input' : name}: ${reason}`);
  if (input.is === 'unreadable') {
    unreadable(input.reason);
    return false;
  }
  try {
    const pipeline = await load();
    // One is held back: what reading found wrong is known behind the last.
    let held: Triage | null = null;
    for await (const triage of pipeline(input.chunks, { name }, options)) {
      if (held !== null) await take(held);
      held = triage;
    }
    if (held === null) return true;
    const { diagnostics } = input;
    await take(diagnostics.length === 0 ? held : { ...held, diagnostics: [...diagnostics, ...held.diagnostics] });
    return true;
  } catch (error) {
    const why = whyUnread(error);
    if (why === null) throw error;
    unreadable(why);
    return false;
  } finally {
    await input.chunks.return(undefined);
  }
}

/** With the user's tree, clone, build, record of code and good boot, where they are named. Throws UsageError where one is none. */
async function asked(given: LogOptions): Promise<TriageOptions> {
  const own = (['code', 'source'] as const).filter((name) => given[name] !== undefined);
  if (own.length > 1) throw new UsageError('--code and --source both name the code; give one');
  const images = given.vmlinux !== undefined || given.btf !== undefined;
  return {
    ...triageOptions(given),
    ...(given.code === undefined ? {} : { code: (await import('./code-file.ts')).codeInFile(given.code) }),
    ...(given.source === undefined ? {} : { source: (await import('./source-tree.ts')).sourceIn(given.source) }),
    ...(given.git === undefined ? {} : await inClone(given.git)),
    ...(images ? { images: await (await import('./vmlinux.ts')).openImages(given.vmlinux ?? [], given.btf) } : {}),
    ...(given.baseline === undefined
      ? {}
      : { baseline: await (await import('./baseline.ts')).readBaseline(given.baseline) }),
  };
}

/** The commits, and the code itself where the release's commit can be read. HEAD is no release's: without one nothing is read. */
async function inClone(dir: string): Promise<Pick<TriageOptions, 'tree' | 'sourceAt'>> {
  const { treeLookup, sourceLookup } = await import('./git.ts');
  const at = sourceLookup(dir);
  return {
    tree: treeLookup(dir),
    sourceAt: (release) => {
      const answer = release === null ? null : at(release);
      return answer?.is === 'read' ? answer.reading : null;
    },
  };
}

function columnsOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY && stream.columns > 0 ? stream.columns : 80;
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
  typed: Uint8Array | null = null,
): Promise<ExitStatus> {
  await checkOptions(options);
  const pipelineOptions = await asked(options);
  const file = options.output ?? null;
  const force = options.force ?? false;
  const output = file === null ? null : await import('../io/output.ts');
  if (file !== null) output!.checkOutput(file, force, paths);

  const renderer = await rendererFor(options.format, {
    columns: file === null ? columnsOf(process.stdout) : 80,
    // A file is read by whoever opens it, and by what.
    colour:
      file === null && isColoured({ asked: options.color, terminal: process.stdout.isTTY === true, env: process.env }),
    ascii: options.ascii ?? false,
    several: paths.length > 1,
    brief: options.brief ?? (file === null && process.stdout.isTTY === true && paths.length > MOST_SCREENS),
    ci: {
      ...(options.junitSuite === undefined ? {} : { suite: options.junitSuite }),
      ...(options.kcidbOrigin === undefined ? {} : { origin: options.kcidbOrigin }),
      ...(options.kcidbBuildId === undefined ? {} : { buildId: options.kcidbBuildId }),
      ...(options.kcidbTestId === undefined ? {} : { testId: options.kcidbTestId }),
    },
  });
  const redactor = options.redact ? new (await import('../report/safe/redact.ts')).Redactor() : null;
  const kept: string[] = [];
  const emit = (text: string) => {
    if (file !== null) kept.push(text);
    else if (text !== '' && !options.quiet) process.stdout.write(text);
  };
  let status: ExitStatus = EXIT.ok;
  const worsen = (to: ExitStatus) => {
    if (to > status) status = to;
  };
  let count = 0;
  for (const path of paths) {
    try {
      const diagnostics: Diagnostic[] = [];
      const read = await judgeOne(
        path,
        load,
        pipelineOptions,
        async (judged) => {
          const one = redactor === null ? judged : redactor.triage(judged);
          emit(await renderer.add(one));
          count++;
          if (failOn !== null && isAtLeast(one, failOn)) worsen(EXIT.found);
          // Boots without end repeat themselves.
          if (diagnostics.length < MOST_DIAGNOSTICS) diagnostics.push(...one.diagnostics);
        },
        typed,
      );
      if (!read) worsen(EXIT.usage);
      else if (options.format !== 'json' && options.format !== 'ndjson' && !options.quiet)
        printDiagnostics(redactor?.text(path) ?? path, diagnostics);
    } catch (error) {
      worsen(complainOfFailure(error, path === '-' ? 'standard input' : path));
    }
  }
  emit(renderer.end());
  if (file !== null && count > 0) output!.writeOutput(file, kept.join(''), force);
  return status;
}

/** `--follow`: each report of a log that goes on, as it comes; text, brief or ndjson, since the other formats have an end. */
export async function judgeLive(
  path: string,
  options: LogOptions & { readonly failOn?: FailOn; readonly timeout?: number },
): Promise<ExitStatus> {
  if (options.format !== 'text' && options.format !== 'ndjson')
    throw new UsageError('--follow prints text (also --brief) or ndjson: the other formats have an end');
  if (options.output !== undefined)
    throw new UsageError('--follow prints as it comes; redirect it instead of --output');
  await checkOptions(options);
  const asOptions = await asked(options);
  const renderer = await rendererFor(options.format, {
    columns: columnsOf(process.stdout),
    colour: isColoured({ asked: options.color, terminal: process.stdout.isTTY === true, env: process.env }),
    ascii: options.ascii ?? false,
    several: false,
    brief: options.brief ?? false,
  });
  const redactor = options.redact ? new (await import('../report/safe/redact.ts')).Redactor() : null;
  const { followLog } = await import('./follow.ts');
  return followLog(path, options, asOptions, async (judged) => {
    const text = await renderer.add(redactor === null ? judged : redactor.triage(judged));
    if (!options.quiet) process.stdout.write(text);
  });
}
