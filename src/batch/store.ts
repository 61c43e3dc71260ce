/**
 * The store: a folder with two files that only ever grow, and a number. `journal.ndjson` has a line for each boot judged, `inputs.ndjson` one for each input, or each
 * change of it. A line is written behind what it rests on (a content's boots, then the inputs that hold it), so whenever a run is killed, the next one
 * knows what is missing; a last line that was torn is taken away. One process writes at a time.
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../io/input.ts';
import type { Ledger } from './ledger.ts';
import { lock } from './lock.ts';
import { wrongWith } from './shape.ts';
import { type Head, INPUT_SCHEMA, type InputLine, RECORD_SCHEMA } from './types.ts';

export const JOURNAL = 'journal.ndjson';
export const INPUTS = 'inputs.ndjson';
/** How many lines the journal had at the end of the last run that came to its end: what is new in a run that was killed is so in the one that goes on with it. */
export const ENDED = 'ended';

/** Between a head and the verdict in full. In a JSON string its quotes would have backslashes, so it stands nowhere else. */
const FULL = ',"triage":{';
const CHUNK = 1 << 22;

function* linesFrom(fd: number): Generator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; ; ) {
    const got = readSync(fd, chunk, 0, CHUNK, at);
    if (got === 0) return;
    at += got;
    const bytes = rest.length === 0 ? chunk.subarray(0, got) : Buffer.concat([rest, chunk.subarray(0, got)]);
    let from = 0;
    for (let to = bytes.indexOf(10); to >= 0; to = bytes.indexOf(10, from)) {
      yield bytes.subarray(from, to);
      from = to + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
  }
}

/** Whole lines of a file, line feeds cut off; what was torn at its end is left out. Nothing where there is no file. */
export function* linesOf(path: string): Generator<Buffer> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
    throw new UsageError(`${path}: ${reasonOf(error)}`);
  }
  try {
    yield* linesFrom(fd);
  } finally {
    closeSync(fd);
  }
}

/** `number`: the line's in its file, from 1; null where it comes from nowhere yet. Throws UsageError where it is not of the schema. */
function parsed(line: string, path: string, number: number | null, schema: typeof RECORD_SCHEMA | typeof INPUT_SCHEMA) {
  let wrong: string | null;
  try {
    const value: unknown = JSON.parse(line);
    wrong = wrongWith(value, schema);
    if (wrong === null) return value as object;
  } catch {
    // A disk that lost power leaves NULs.
    wrong = line.includes('\0') ? 'holds a NUL' : 'is no JSON';
  }
  const at = number === null ? path : `${path}:${number}`;
  throw new UsageError(`${at}: ${wrong}: ${line.slice(0, 60)}; take the line out, and what it held is judged again`);
}

/** The head of a journal's line. Throws UsageError where it is none. */
export function headOf(line: Buffer | string, path = JOURNAL, number: number | null = null): Head {
  const end = line.indexOf(FULL);
  const head = end < 0 ? line.toString() : `${line.slice(0, end).toString()}}`;
  return parsed(head, path, number, RECORD_SCHEMA) as Head;
}

export function* headsOf(folder: string): Generator<Head> {
  const path = join(folder, JOURNAL);
  let number = 0;
  for (const line of linesOf(path)) {
    number++;
    // The verdict in full is read when it is shown; a NUL in it is seen at once.
    yield line.includes(0)
      ? (parsed(line.toString(), path, number, RECORD_SCHEMA) as Head)
      : headOf(line, path, number);
  }
}

/** Each line of the inputs, and its bytes. */
function* inputLinesOf(folder: string): Generator<readonly [InputLine, Buffer]> {
  const path = join(folder, INPUTS);
  let number = 0;
  for (const line of linesOf(path)) yield [parsed(line.toString(), path, ++number, INPUT_SCHEMA) as InputLine, line];
}

export function* inputsOf(folder: string): Generator<InputLine> {
  for (const [line] of inputLinesOf(folder)) yield line;
}

/** True for a folder that holds a journal. */
export function isStore(folder: string): boolean {
  for (const line of linesOf(join(folder, JOURNAL))) return line.includes(RECORD_SCHEMA);
  return false;
}

/** The model of the last line. */
export function lastModel(folder: string): string {
  const path = join(folder, JOURNAL);
  let last: Buffer | null = null;
  let number = 0;
  for (const line of linesOf(path)) {
    last = line;
    number++;
  }
  return last === null ? '' : headOf(last, path, number).model;
}

/** Tells a ledger what a store holds; gives the number of the journal's lines. `before`: is called with the number of those that stand before each. */
export function load(folder: string, ledger: Ledger, before?: (lines: number) => void): number {
  let lines = 0;
  for (const head of headsOf(folder)) {
    before?.(lines);
    lines++;
    ledger.record(head);
  }
  for (const [line, bytes] of inputLinesOf(folder)) ledger.input(line, `${bytes.toString()}\n`);
  return lines;
}

/** Lines that the journal had when a run last came to its end; null where the store is older than that is kept, or somebody took it away. */
function endedAt(folder: string): number | null {
  let text: string;
  try {
    text = readFileSync(join(folder, ENDED), 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UsageError(`${folder}: ${reasonOf(error)}`);
  }
  return /^\d{1,15}\n$/.test(text) ? Number(text) : null;
}

/** Opens a file to append to, its torn last line taken away. */
function appending(path: string): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o644);
  const { size } = fstatSync(fd);
  const chunk = Buffer.allocUnsafe(1 << 16);
  let end = size;
  while (end > 0) {
    const from = Math.max(0, end - chunk.length);
    const got = readSync(fd, chunk, 0, end - from, from);
    const feed = chunk.subarray(0, got).lastIndexOf(10);
    if (feed >= 0) {
      end = from + feed + 1;
      break;
    }
    end = from;
  }
  if (end < size) ftruncateSync(fd, end);
  return fd;
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/** The store, open to be written to by this process alone. */
export class Store {
  private readonly journal: number;
  private readonly inputs: number;
  private readonly unlock: () => void;
  private synced = performance.now();
  private lines = 0;

  /** Throws UsageError where the folder cannot be made, or another process writes to it. */
  constructor(readonly folder: string) {
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw new UsageError(
        `${folder}: ${(error as NodeJS.ErrnoException).code === 'EEXIST' ? 'is not a folder' : reasonOf(error)}`,
      );
    }
    this.unlock = lock(folder);
    try {
      this.journal = appending(join(folder, JOURNAL));
      this.inputs = appending(join(folder, INPUTS));
      if (fstatSync(this.journal).size === 0) this.keepEnded();
    } catch (error) {
      this.unlock();
      throw new UsageError(`${folder}: ${reasonOf(error)}`);
    }
  }

  /** Tells a ledger what is there, and where this run begins: behind the last that came to its end. */
  load(ledger: Ledger): void {
    const ended = endedAt(this.folder);
    this.lines = load(this.folder, ledger, (lines) => {
      if (lines === ended) ledger.begin();
    });
    if (ended === null || this.lines <= ended) ledger.begin();
  }

  /** The run came to its end. */
  ended(): void {
    try {
      this.keepEnded();
    } catch (error) {
      throw new UsageError(`${this.folder}: ${reasonOf(error)}`);
    }
  }

  private keepEnded(): void {
    const path = join(this.folder, ENDED);
    writeFileSync(`${path}.new`, `${this.lines}\n`);
    renameSync(`${path}.new`, path);
  }

  /** Lines of the journal, then those of the inputs that rest on them. */
  append(records: readonly string[], inputs: readonly string[]): void {
    try {
      if (records.length > 0) writeAll(this.journal, records.join(''));
      this.lines += records.length;
      if (inputs.length > 0) writeAll(this.inputs, inputs.join(''));
      if (performance.now() - this.synced > 5000) this.sync();
    } catch (error) {
      throw new UsageError(`${this.folder}: ${reasonOf(error)}`);
    }
  }

  /** Against a loss of power; a kill needs none. */
  private sync(): void {
    fdatasyncSync(this.journal);
    fdatasyncSync(this.inputs);
    this.synced = performance.now();
  }

  close(): void {
    try {
      this.sync();
    } catch (error) {
      throw new UsageError(`${this.folder}: ${reasonOf(error)}`);
    } finally {
      closeSync(this.journal);
      closeSync(this.inputs);
      this.unlock();
    }
  }
}
