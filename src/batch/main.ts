/** `oopsreplay batch`: from the command's options to what it prints and the status it ends with. */

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isatty } from 'node:tty';
import { complain, EXIT, type ExitStatus, UsageError } from '../exit.ts';
import { useAnswers } from '../io/answers.ts';
import { checkOutput, writeOutput } from '../io/output.ts';
import { checkOptions, type FailOn, triageOptions } from '../options.ts';
import type { SourceReading } from '../reconstruct/kernel/source/types.ts';
import type { TriageOptions } from '../reconstruct/types.ts';
import { sanitize } from '../report/safe/sanitize.ts';
import { plural } from '../words.ts';
import { compare } from './compare.ts';
import { Clearest, detailsIn, pathsIn } from './details.ts';
import { type Interruption, interruptible } from './interruption.ts';
import { type KnownFile, knownOf, readKnown, writeNote } from './known.ts';
import { Ledger } from './ledger.ts';
import { namesOn } from './list.ts';
import type { BatchOptions } from './options.ts';
import { type Pool, poolOf } from './pool.ts';
import { progressOn } from './progress.ts';
import { Batch } from './run.ts';
import { renderBucket, renderBucketJson, viewOf } from './show/bucket.ts';
import { renderComment, runAddress } from './show/comment.ts';
import { memberLines, resultLine } from './show/json.ts';
import type { Page } from './show/page.ts';
import { render } from './show/render.ts';
import { complainOf, type Result } from './slot.ts';
import { type Bucket, type Counted, type Statistics, statisticsOf } from './statistics.ts';
import { inputsOf, isStore, lastModel, load, Store } from './store.ts';
import { modelWith } from './version.ts';
import { type Step, walk } from './walk.ts';
import { knownWords, rowWords } from './words.ts';

async function* steps(paths: readonly string[], skip: string | null): AsyncGenerator<Step> {
  for (const path of paths) {
    if (path !== '-') yield* walk(path, { skip });
    else for await (const name of namesOn(process.stdin)) yield* walk(name, { skip });
  }
}

/** Where the text goes: standard output at once, or a file at the end. */
class Out {
  private readonly kept: string[] = [];

  constructor(
    private readonly file: string | null,
    private readonly force: boolean,
  ) {
    if (file !== null) checkOutput(file, force, []);
  }

  write(text: string): void {
    if (this.file === null) process.stdout.write(text);
    else this.kept.push(text);
  }

  end(): void {
    if (this.file !== null) writeOutput(this.file, this.kept.join(''), this.force);
  }
}

/** Which boots count. A store that is only looked at has no log that lacks its release: there --kernel names the ones to see. */
function countedBy({ since, release, kernel }: BatchOptions, viewed: boolean): Counted {
  const named = release ?? (viewed ? kernel : undefined);
  return { ...(since === undefined ? {} : { since }), ...(named === undefined ? {} : { release: named }) };
}

/** The counts of a store, by the model that judged last in it. */
function counted(folder: string, by: Counted = {}): { readonly ledger: Ledger; readonly statistics: Statistics } {
  if (!isStore(folder))
    throw new UsageError(`${folder}: is no store; oopsreplay batch --store ${folder} PATH makes one`);
  const ledger = new Ledger(lastModel(folder));
  load(folder, ledger);
  return { ledger, statistics: statisticsOf(ledger, by) };
}

/** Paths of the examples: the first by name of those that hold the content. */
function examplesIn(
  inputs: Iterable<{ readonly path: string; readonly content: string | null }>,
  statistics: Statistics,
) {
  const wanted = new Map(statistics.buckets.map((b) => [b.example.content, '']));
  for (const { path, content } of inputs) {
    const best = content === null ? undefined : wanted.get(content);
    if (best === '' || (best !== undefined && path < best)) wanted.set(content!, path);
  }
  return new Map(statistics.buckets.map((b) => [b.id, wanted.get(b.example.content)!]));
}

function pageOf(
  statistics: Statistics,
  examples: ReadonlyMap<string, string>,
  options: BatchOptions,
  {
    stopped,
    ran,
    viewed,
    known: file,
  }: { readonly stopped: boolean; readonly ran: boolean; readonly viewed: boolean; readonly known: KnownFile | null },
): Page {
  const differences =
    options.baseline === undefined
      ? null
      : compare(counted(options.baseline, countedBy(options, viewed)).statistics, statistics);
  if (options.new && differences === null && (viewed || options.store === undefined))
    throw new UsageError('--new: against what? Name a --baseline, or judge with a --store that holds earlier runs');
  const known = new Map(
    file === null
      ? []
      : statistics.buckets.flatMap((b) => {
          const is = knownOf(b, file);
          return is === null ? [] : [[b.id, is] as const];
        }),
  );
  return {
    ...{ statistics, examples, differences, stopped, ran, known },
    selection: {
      classes: options.class ?? [],
      onlyNew: options.new ?? false,
      top: options.top ?? null,
      all: options.all ?? false,
    },
  };
}

/** What the HTML page shows of each bucket by itself; nothing for the other formats, which leave it out. */
function ownViews(
  { format, output, bucket, note: noted }: BatchOptions,
  { statistics }: Page,
  ledger: Ledger,
  inputs: Iterable<{ readonly path: string; readonly content: string | null }>,
  folder: string | null,
  clearest: Clearest | null,
): Pick<Page, 'details' | 'paths' | 'file'> {
  if (format !== 'html' || bucket !== undefined || noted !== undefined) return {};
  const kept = folder === null ? null : detailsIn(folder, statistics);
  return {
    details: (b) => kept?.get(b.id) ?? clearest?.of(b) ?? null,
    paths: pathsIn(ledger, statistics, inputs),
    file: output ?? null,
  };
}

/** The one bucket that an id, or its beginning, names. Throws UsageError where there is none, or several. */
function bucketNamed({ buckets }: Statistics, id: string, option: string): Bucket {
  const of = buckets.filter((b) => [b.id, ...b.aliases].some((one) => one.startsWith(id)));
  const exact = of.filter((b) => b.id === id);
  const [bucket, ...others] = exact.length > 0 ? exact : of;
  if (bucket === undefined || others.length > 0)
    throw new UsageError(`${option}: ${bucket === undefined ? 'no bucket' : `${of.length} buckets`} of that id here`);
  return bucket;
}

/** Writes what --note says, and what was written; the table is left out. */
function note(page: Page, options: BatchOptions, out: Out): void {
  const [id, text] = options.note!;
  const bucket = bucketNamed(page.statistics, id!, `--note ${id}`);
  const { ticket, status, known } = options;
  if (text === undefined && ticket === undefined && status === undefined)
    throw new UsageError(`--note ${id}: what is to be noted? --note ${id} "TEXT", --ticket NAME or --status STATUS`);
  const said = {
    ...(text === undefined ? {} : { note: text }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(status === undefined ? {} : { status }),
  };
  writeNote(known!, bucket, rowWords(bucket), said);
  const is = knownOf(bucket, readKnown(known!))!;
  out.write(`${sanitize(`${bucket.id} ${rowWords(bucket)}\n`.trim())}\n${sanitize(`${known}: ${knownWords(is)}`)}\n`);
}

/** What --known says. A file that is to be written need not be there. */
function knownIn({ known, note: noted, ticket, status }: BatchOptions): KnownFile | null {
  if (noted === undefined && (ticket !== undefined || status !== undefined))
    throw new UsageError('--ticket and --status go with --note ID');
  if (noted !== undefined && known === undefined) throw new UsageError('--note: into which file? Name it with --known');
  if (known === undefined || (noted !== undefined && !existsSync(known))) return null;
  return readKnown(known);
}

function show(page: Page, options: BatchOptions, out: Out, folder: string | null): void {
  const { bucket: id, format } = options;
  const view = { columns: process.stdout.columns ?? 80, ascii: options.ascii ?? false };
  if (options.note !== undefined) {
    note(page, options, out);
    return;
  }
  if (id === undefined) {
    out.write(
      options.comment
        ? renderComment(page, { page: options.page ?? null, run: runAddress(process.env) })
        : render(format, page, view),
    );
    return;
  }
  if (folder === null) throw new UsageError('--bucket: its logs are in a store; name one, or use --store');
  const bucket = bucketNamed(page.statistics, id, `--bucket ${id}`);
  const opened = viewOf(folder, page.statistics.model, bucket, page.known?.get(bucket.id) ?? null);
  out.write(format === 'json' ? renderBucketJson(opened) : renderBucket(opened, view.columns, view.ascii));
}

/** What is ignored fails nothing. */
function isAtLeast({ statistics: { buckets }, known }: Page, level: FailOn): boolean {
  const counted = buckets.filter((b) => known?.get(b.id)?.status !== 'ignore');
  if (level === 'crash') return counted.some((b) => b.title !== null);
  const classes = new Set(counted.map((b) => b.class));
  if (level === 'insufficient' && classes.has('insufficient')) return true;
  return classes.has('confirmed') || (level !== 'confirmed' && classes.has('possible'));
}

/** As many as the user cares to see before the table. */
const COMPLAINTS = 20;

interface Running {
  /** What the page of --format html shows of each bucket, where no store keeps it. */
  readonly clearest: Clearest | null;
  readonly ledger: Ledger;
  readonly store: Store | null;
  readonly judging: TriageOptions;
  readonly out: Out;
  readonly interruption: Interruption;
}

interface Ran {
  readonly status: ExitStatus;
  readonly stopped: boolean;
  /** Inputs by content, where no store keeps them. */
  readonly paths: readonly { readonly path: string; readonly content: string | null }[];
}

async function run(
  paths: readonly string[],
  options: BatchOptions,
  { ledger, store, judging, out, clearest, interruption }: Running,
): Promise<Ran> {
  let status: ExitStatus = EXIT.ok;
  let complaints = 0;
  const held: { path: string; content: string | null }[] = [];
  const progress = await progressOn(process.stderr);
  const { stopped } = interruption;
  interruption.saidOn(progress);
  const result = (one: Result) => {
    const { line, known, given } = one;
    if (line.status === 'defect') status = EXIT.defect;
    else if (status === EXIT.ok && (line.status === 'unreadable' || (given && line.status === 'refused')))
      status = EXIT.usage;
    // Files beside the logs are told by their number.
    const worth = line.diagnostics.filter(({ code }) => code !== 'OR111');
    if (worth.length > 0 && ++complaints <= COMPLAINTS)
      progress.say(() => complainOf({ ...one, line: { ...line, diagnostics: worth } }));
    if (store === null && line.content !== null) held.push({ path: line.path, content: line.content });
    if (options.format === 'ndjson') {
      if (known && line.status === 'archive')
        for (const text of memberLines(ledger, store!.folder, line.path)) out.write(text);
      out.write(resultLine(ledger, one));
    }
    progress.done();
  };
  const threads = options.workers ?? availableParallelism();
  let pool: Pool | null = null;
  try {
    pool =
      options.queue === undefined
        ? poolOf(threads)
        : await (await import('./queue.ts')).queuePool(options.queue, options.contents ?? false);
    const window = options.queue === undefined ? Math.max(16, threads * 8) : 256;
    const judged = clearest === null ? {} : { judged: (line: string) => clearest.offer(line) };
    const work = new Batch({ ledger, pool, store, options: judging, window, stopped, result, ...judged });
    if (process.stderr.isTTY && !paths.includes('-')) progress.found(countOf(paths, options.store ?? null));
    await work.all(steps(paths, options.store ?? null));
    if (work.missing > 0 && !stopped()) {
      complain(`defect OR302: ${plural(work.missing, 'input')} of this run ended without a result`);
      status = EXIT.defect;
    }
  } finally {
    progress.stop();
    await pool?.close();
  }
  if (complaints > COMPLAINTS)
    complain(`${complaints - COMPLAINTS} more inputs with diagnostics; --format ndjson names all`);
  return { status, stopped: stopped(), paths: held };
}

/** How many inputs there are, for whoever watches; cheap beside judging them. */
function countOf(paths: readonly string[], skip: string | null): number {
  let count = 0;
  for (const path of paths) for (const _ of walk(path, { skip })) count++;
  return count;
}

/** True if a store is only to be looked at. */
function isView(paths: readonly string[], options: BatchOptions): boolean {
  if (options.store !== undefined) return paths.length === 0 && (isatty(0) || options.bucket !== undefined);
  return paths.length === 1 && paths[0] !== '-' && isStore(paths[0]!);
}

/** `source`: what the tree of --source shows, read by whoever asks. */
export async function batch(
  paths: readonly string[],
  options: BatchOptions,
  source: SourceReading | null = null,
): Promise<ExitStatus> {
  useAnswers();
  try {
    return await judged(paths, options, source);
  } catch (error) {
    // The program beside which this is loaded has another class of that name.
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return EXIT.usage;
  }
}

/** Throws UsageError for what cannot be meant. */
async function judged(
  paths: readonly string[],
  options: BatchOptions,
  source: SourceReading | null,
): Promise<ExitStatus> {
  await checkOptions(options);
  if (options.comment && options.format !== 'markdown' && options.format !== 'github')
    throw new UsageError('--comment: goes with --format github or --format markdown');
  if (options.page !== undefined && !options.comment) throw new UsageError('--page goes with --comment');
  const known = knownIn(options);
  const out = new Out(options.output ?? null, options.force ?? false);
  const finish = (page: Page, status: ExitStatus): ExitStatus => {
    out.end();
    return status === EXIT.ok && options.failOn !== undefined && isAtLeast(page, options.failOn) ? EXIT.found : status;
  };
  if (isView(paths, options)) {
    const folder = options.store ?? paths[0]!;
    const { statistics, ledger } = counted(folder, countedBy(options, true));
    const page = pageOf(statistics, examplesIn(inputsOf(folder), statistics), options, {
      stopped: false,
      ran: false,
      viewed: true,
      known,
    });
    show({ ...page, ...ownViews(options, page, ledger, inputsOf(folder), folder, null) }, options, out, folder);
    return finish(page, EXIT.ok);
  }
  if (paths.length === 0 && isatty(0))
    throw new UsageError('batch: which logs? Name files, folders, globs or archives; see oopsreplay batch --help');
  const judging: TriageOptions = {
    ...triageOptions({ ...options, format: 'text' }),
    ...(source === null ? {} : { source }),
  };
  const ledger = new Ledger(modelWith(judging));
  const clearest = options.store === undefined && options.format === 'html' ? new Clearest() : null;
  const interruption = interruptible();
  let store: Store | null = null;
  let ran: Ran;
  try {
    store = options.store === undefined ? null : new Store(options.store);
    store?.load(ledger);
    const running = { ledger, store, judging, out, clearest, interruption };
    ran = await run(paths.length === 0 ? ['-'] : paths, options, running);
    if (!ran.stopped) store?.ended();
  } finally {
    interruption.forget();
    store?.close();
  }
  const statistics = statisticsOf(ledger, countedBy(options, false));
  const examples = examplesIn(store === null ? ran.paths : inputsOf(store.folder), statistics);
  const page = pageOf(statistics, examples, options, {
    stopped: ran.stopped,
    ran: ledger.before > 0,
    viewed: false,
    known,
  });
  const own = ownViews(
    options,
    page,
    ledger,
    store === null ? ran.paths : inputsOf(store.folder),
    store?.folder ?? null,
    clearest,
  );
  show({ ...page, ...own }, options, out, store?.folder ?? null);
  const status = finish(page, ran.status);
  return ran.stopped ? EXIT.interrupted : status;
}
