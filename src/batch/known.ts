/**
 * What is known of buckets, in a JSON file that people and programs write: a ticket, a note, and whether it is still open. A bucket that is fixed in a release
 * and yet seen on one that has the fix is news.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../io/input.ts';
import { compareVersions, type KernelVersion, parseVersion } from '../reconstruct/kernel/version.ts';
import { jsonText } from '../report/safe/sanitize.ts';
import type { Bucket } from './statistics.ts';
import { releasesOfStatus } from './status.ts';

export const KNOWN_SCHEMA = 'oopsreplay/batch-known/1';

/** What a file says of a bucket. */
export interface Known {
  /** "BUG-123", or an address. */
  readonly ticket?: string;
  readonly note?: string;
  /** open, ignore, or "fixed-in 6.6.5" (several releases with commas between, one a branch). */
  readonly status?: string;
  /** Other ids of the same bucket. */
  readonly aliases?: readonly string[];
  /** What it was called when the note was written; for readers. */
  readonly title?: string;
}

/** By id: what the file says, all of its keys and of their aliases. */
export type KnownFile = ReadonlyMap<string, Known>;

export type KnownStatus = 'open' | 'ignore' | 'fixed-in' | 'reopened';

/** What is known of one bucket, held against what was seen. */
export interface KnownBucket {
  readonly id: string;
  readonly ticket: string | null;
  readonly note: string | null;
  /** reopened: fixed in a release, and seen on one that has the fix. */
  readonly status: KnownStatus;
  readonly fixedIn: readonly string[];
  /** Releases on which it was seen although they have the fix. */
  readonly seenOn: readonly string[];
}

const ID = /^[0-9a-f]{4,12}$/;

const isText = (value: unknown) => value === undefined || (typeof value === 'string' && value.length <= 10_000);

function wrongWith(id: string, value: unknown): string | null {
  if (!ID.test(id)) return 'is no id of a bucket';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no object';
  const { ticket, note, status, aliases, title } = value as Record<string, unknown>;
  if (![ticket, note, title, status].every(isText)) return 'has a ticket, note, title or status that is no text';
  if (aliases !== undefined && !(Array.isArray(aliases) && aliases.every((a) => typeof a === 'string' && ID.test(a))))
    return 'has aliases that are no ids';
  if (status !== undefined && releasesOfStatus(status as string) === null)
    return `has the status ${JSON.stringify(status)}: open, ignore, or fixed-in and a release are possible`;
  return null;
}

interface Document {
  readonly schema: typeof KNOWN_SCHEMA;
  readonly buckets: Readonly<Record<string, Known>>;
}

function documentIn(path: string, absent: boolean): Document {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (absent && (error as NodeJS.ErrnoException).code === 'ENOENT') return { schema: KNOWN_SCHEMA, buckets: {} };
    throw new UsageError(`--known ${path}: ${reasonOf(error)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--known ${path}: is no JSON (${(error as Error).message})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`--known ${path}: is no object`);
  // The buckets alone, as one would write them by hand, are as good.
  const { buckets, schema } = value as Record<string, unknown>;
  const entries = (schema === undefined && buckets === undefined ? value : buckets) as unknown;
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries))
    throw new UsageError(`--known ${path}: has no "buckets"`);
  for (const [id, entry] of Object.entries(entries)) {
    const wrong = wrongWith(id, entry);
    if (wrong !== null) throw new UsageError(`--known ${path}: ${JSON.stringify(id)} ${wrong}`);
  }
  return { schema: KNOWN_SCHEMA, buckets: entries as Document['buckets'] };
}

/** Reads what is known. Throws UsageError where the file is not of its shape, and says what is wrong. */
export function readKnown(path: string): KnownFile {
  const known = new Map<string, Known>();
  const { buckets } = documentIn(path, false);
  for (const entry of Object.values(buckets)) for (const alias of entry.aliases ?? []) known.set(alias, entry);
  // A key is meant more than an alias.
  for (const [id, entry] of Object.entries(buckets)) known.set(id, entry);
  return known;
}

export interface Noted {
  readonly note?: string;
  readonly ticket?: string;
  readonly status?: string;
}

/** Writes what is said of a bucket into the file, beside what it says of others; the file is made where there is none. Throws UsageError. */
export function writeNote(path: string, bucket: Bucket, title: string, said: Noted): void {
  const { buckets } = documentIn(path, true);
  const ids = [bucket.id, ...bucket.aliases];
  const key = Object.keys(buckets).find(
    (one) => ids.includes(one) || buckets[one]!.aliases?.some((alias) => ids.includes(alias)),
  );
  const before = key === undefined ? {} : buckets[key]!;
  const own = key ?? bucket.id;
  const aliases = [...new Set([...(before.aliases ?? []), ...ids])].filter((id) => id !== own).sort();
  const entry: Known = {
    status: 'open',
    ...before,
    ...said,
    title,
    ...(aliases.length > 0 ? { aliases } : {}),
  };
  const sorted = Object.entries({ ...buckets, [own]: entry }).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = `${jsonText({ schema: KNOWN_SCHEMA, buckets: Object.fromEntries(sorted) }, 2)}\n`;
  try {
    // Whole or not at all: somebody else may read it.
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new UsageError(`--known ${path}: ${reasonOf(error)}`);
  }
}

const isOfBranch = (a: KernelVersion, b: KernelVersion) => a.major === b.major && a.minor === b.minor;

/**
 * Does a release have what is fixed in these? In its own branch from that release on; beside that, whatever is newer than all of them, since a fix that
 * went into a stable branch is in every later mainline.
 */
export function hasTheFix(release: string, fixedIn: readonly string[]): boolean {
  const seen = parseVersion(release)?.version;
  if (seen === undefined) return false;
  const fixes = fixedIn.map((r) => parseVersion(r)!.version);
  const own = fixes.filter((fix) => isOfBranch(fix, seen));
  const held = own.length > 0 ? own : fixes;
  return held.every((fix) => compareVersions(seen, fix) >= 0);
}

/** What is known of a bucket, by any of its ids; its own counts before earlier ones. */
export function knownOf(bucket: Bucket, known: KnownFile): KnownBucket | null {
  const id = [bucket.id, ...bucket.aliases].find((one) => known.has(one));
  if (id === undefined) return null;
  const { ticket = null, note = null, status = 'open' } = known.get(id)!;
  const fixedIn = releasesOfStatus(status)!;
  const seenOn = bucket.releases
    .map(([release]) => release)
    .filter((release) => fixedIn.length > 0 && hasTheFix(release, fixedIn));
  const is = fixedIn.length === 0 ? (status as KnownStatus) : seenOn.length > 0 ? 'reopened' : 'fixed-in';
  return { id, ticket, note, status: is, fixedIn, seenOn };
}
