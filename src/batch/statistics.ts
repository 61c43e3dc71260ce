/** The table of what is going on, from the ledger: buckets with their counts, what was cut while which IOMMU registered, and totals. */
import type { VerdictClass } from '../reconstruct/types.ts';
import { isPlausible } from './dates.ts';
import { DATED_BY, type DatedBy, dateOf } from './dating.ts';
import { type Share, shareOf } from './interval.ts';
import { APART, CLASSES, type Facts, type Ledger, NONE, STATUSES, YEARLESS } from './ledger.ts';
import { compareReleases, isOfRelease } from './releases.ts';
import type { InputStatus } from './types.ts';

/** A word (a release, a day) and how many logs. The most first, or days in order. */
export type Count = readonly [word: string, logs: number];

export interface Bucket extends Omit<Facts, 'content'> {
  readonly id: string;
  /** Ids that stand for the same bucket: of its frames with, and without, the unreliable ones, and those that earlier versions gave its logs. */
  readonly aliases: readonly string[];
  /** Boots, each content counted once. */
  readonly logs: number;
  /** Further inputs with a content that was counted. */
  readonly duplicates: number;
  readonly share: Share;
  readonly releases: readonly Count[];
  readonly hardware: readonly Count[];
  readonly drivers: readonly Count[];
  readonly days: readonly Count[];
  readonly first: string | null;
  readonly last: string | null;
  /** What says so, of the first and of the last. */
  readonly datedBy: readonly [first: DatedBy, last: DatedBy];
  /** None of its logs was judged before this run, and no earlier id of it is known. */
  readonly fresh: boolean;
  /** Content of the clearest log, and of those the smallest; its path is looked up where it is shown. */
  readonly example: { readonly content: string; readonly bytes: number };
}

/** Boots of a hardware that were cut while an IOMMU instance registered. */
export interface CutRow {
  readonly hardware: string | null;
  readonly instance: string;
  readonly drivers: readonly string[];
  /** Of all boots of that hardware. */
  readonly share: Share;
}

export interface Statistics {
  readonly model: string;
  readonly inputs: Readonly<Record<InputStatus, number>> & { readonly all: number; readonly duplicates: number };
  readonly contents: number;
  readonly logs: number;
  /** Inputs in which nothing is a kernel's line: in no class, bucket or rate. */
  readonly noKernelLog: number;
  /** Boots by what says when they were. */
  readonly dates: Readonly<Record<DatedBy, number>>;
  /** Contents that only another model judged; they are in no count. */
  readonly stale: number;
  readonly classes: Readonly<Record<VerdictClass, number>>;
  readonly buckets: readonly Bucket[];
  readonly cuts: readonly CutRow[];
  readonly days: readonly { readonly day: string; readonly classes: readonly number[] }[];
  /** In the order of their versions. */
  readonly releases: readonly { readonly release: string; readonly classes: readonly number[] }[];
}

/** Which boots count at all, in every number and rate. */
export interface Counted {
  /** Milliseconds since 1970: boots of that time or later. */
  readonly since?: number;
  /** Kernels of that branch, version or release. */
  readonly release?: string;
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

/** For each content: how many inputs hold it, and when the earliest of them was written. */
function inputsByContent(ledger: Ledger) {
  const { inputs, contents } = ledger;
  const held = new Uint32Array(contents.have.length);
  const first = new Float64Array(held.length).fill(Number.NaN);
  const member = new Uint8Array(held.length);
  for (let slot = 0; slot < inputs.content.length; slot++) {
    if (STATUSES[inputs.status.at(slot)] !== 'judged') continue;
    const content = inputs.content.at(slot);
    held[content]!++;
    const modified = inputs.modified.at(slot);
    // A member of an archive and a file may hold the same: the earlier one is nearer to the boot. 1970 is no date.
    if (!isPlausible(modified) || first[content]! <= modified) continue;
    first[content] = modified;
    member[content] = inputs.member.at(slot);
  }
  return { held, first, member };
}

/** For each key, the key that stands for its bucket: the one with the lowest id of those that some log joins. */
function united(ledger: Ledger): readonly number[] {
  const { keys } = ledger;
  const parent = keys.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const [a, b] of ledger.same.values()) {
    const [x, y] = [root(a), root(b)];
    if (x === y) continue;
    if (keys[x]!.id < keys[y]!.id) parent[y] = x;
    else parent[x] = y;
  }
  return keys.map((_, i) => root(i));
}

class Tally {
  private readonly counts = new Map<number | string, number>();

  add(what: number | string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** The most first, those of one count by name. */
  named(words: readonly (string | null)[]): Count[] {
    return [...this.counts]
      .flatMap(([n, logs]): Count[] => (words[n as number] == null ? [] : [[words[n as number]!, logs]]))
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }

  ordered(): Count[] {
    return [...this.counts].map(([w, n]): Count => [String(w), n]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  }
}

interface Growing {
  logs: number;
  duplicates: number;
  readonly releases: Tally;
  readonly hardware: Tally;
  readonly drivers: Tally;
  readonly days: Tally;
  first: number;
  last: number;
  firstBy: DatedBy;
  lastBy: DatedBy;
  example: number;
  fresh: boolean;
}

const growing = (): Growing => ({
  logs: 0,
  duplicates: 0,
  releases: new Tally(),
  hardware: new Tally(),
  drivers: new Tally(),
  days: new Tally(),
  first: Number.POSITIVE_INFINITY,
  last: Number.NEGATIVE_INFINITY,
  firstBy: 'none',
  lastBy: 'none',
  example: -1,
  fresh: true,
});

/** The numbers of the releases that count; null where all do, those that are not known among them. */
function releasesOf(ledger: Ledger, named: string | undefined): ReadonlySet<number> | null {
  if (named === undefined) return null;
  return new Set(ledger.releases.words.flatMap((word, n) => (word !== null && isOfRelease(word, named) ? [n] : [])));
}

/** Counts every boot of a content that some input holds now. */
export function statisticsOf(ledger: Ledger, { since, release }: Counted = {}): Statistics {
  const { records, contents } = ledger;
  const { held, first, member } = inputsByContent(ledger);
  const of = united(ledger);
  const buckets = new Map<number, Growing>();
  const classes = CLASSES.map(() => 0);
  const byDay = new Map<string, number[]>();
  const byRelease = new Map<number, number[]>();
  const hardware = new Map<number, number>();
  const cuts = new Map<string, number>();
  const isBetter = (row: number, than: number) =>
    than < 0 ||
    records.score.at(row) > records.score.at(than) ||
    (records.score.at(row) === records.score.at(than) &&
      ledger.hashOf(records.content.at(row)) < ledger.hashOf(records.content.at(than)));
  const into = <K>(map: Map<K, number[]>, key: K, index: number) => {
    const row = map.get(key) ?? CLASSES.map(() => 0);
    map.set(key, row);
    row[index]!++;
  };
  const judgedBefore = new Uint8Array(held.length);
  for (let i = 0; i < ledger.earlier.content.length; i++) judgedBefore[ledger.earlier.content.at(i)] = 1;
  const ofRelease = releasesOf(ledger, release);
  /** By content: an input in which nothing is a kernel's line is no log. */
  const apart = new Uint8Array(held.length);
  const dates = Object.fromEntries(DATED_BY.map((by) => [by, 0])) as Record<DatedBy, number>;
  let logs = 0;
  let noKernelLog = 0;
  for (let row = 0; row < records.content.length; row++) {
    const content = records.content.at(row);
    if (held[content] === 0) continue;
    if (records.class.at(row) === APART) {
      if (apart[content] === 0) noKernelLog += held[content]!;
      apart[content] = 1;
      continue;
    }
    const told = records.datedBy.at(row);
    const { time, by } = dateOf({
      date: records.date.at(row),
      by: DATED_BY[told & ~YEARLESS]!,
      yearless: (told & YEARLESS) !== 0,
      built: records.built.at(row),
      modified: first[content]!,
      member: member[content] === 1,
    });
    if (since !== undefined && !(Number.isFinite(time) && time >= since)) continue;
    if (ofRelease !== null && !ofRelease.has(records.release.at(row))) continue;
    logs++;
    dates[by]++;
    const key = records.key.at(row);
    const bucket = buckets.get(of[key]!) ?? growing();
    buckets.set(of[key]!, bucket);
    const verdict = records.class.at(row);
    classes[verdict]!++;
    bucket.logs++;
    bucket.duplicates += held[content]! - 1;
    bucket.releases.add(records.release.at(row));
    bucket.hardware.add(records.hardware.at(row));
    bucket.drivers.add(records.driver.at(row));
    if (row < ledger.before || judgedBefore[content] === 1) bucket.fresh = false;
    if (Number.isFinite(time)) {
      const day = dayOf(time);
      bucket.days.add(day);
      into(byDay, day, verdict);
      // Of two boots of one time the surer date, whichever came first.
      const surer = (than: DatedBy) => DATED_BY.indexOf(by) < DATED_BY.indexOf(than);
      if (time < bucket.first || (time === bucket.first && surer(bucket.firstBy)))
        [bucket.first, bucket.firstBy] = [time, by];
      if (time > bucket.last || (time === bucket.last && surer(bucket.lastBy)))
        [bucket.last, bucket.lastBy] = [time, by];
    }
    into(byRelease, records.release.at(row), verdict);
    if (isBetter(row, bucket.example)) bucket.example = row;
    const machine = records.hardware.at(row);
    hardware.set(machine, (hardware.get(machine) ?? 0) + 1);
    if (records.cut.at(row) !== NONE) {
      const cut = `${machine} ${records.cut.at(row)}`;
      cuts.set(cut, (cuts.get(cut) ?? 0) + 1);
    }
  }
  const ids = idsOf(ledger, of);
  const earlier = earlierIds(ledger, of);
  const iso = (time: number) => (Number.isFinite(time) ? new Date(time).toISOString() : null);
  const rows = [...buckets].map(([root, b]): Bucket => {
    const { content: _, ...facts } = ledger.keys[root]!.facts;
    const { id } = ledger.keys[root]!;
    return {
      id,
      aliases: [...(ids.get(root) ?? []), ...(earlier.get(root) ?? [])].filter((alias) => alias !== id),
      ...facts,
      logs: b.logs,
      duplicates: b.duplicates,
      share: shareOf(b.logs, logs),
      releases: b.releases.named(ledger.releases.words),
      hardware: b.hardware.named(ledger.hardware.words),
      drivers: b.drivers.named(ledger.drivers.words),
      days: b.days.ordered(),
      first: iso(b.first),
      last: iso(b.last),
      datedBy: [b.firstBy, b.lastBy],
      fresh: b.fresh,
      example: {
        content: ledger.hashOf(records.content.at(b.example)),
        bytes: records.bytes.at(b.example),
      },
    };
  });
  let judged = 0;
  for (let content = 0; content < held.length; content++)
    if (held[content]! > 0 && apart[content] === 0 && contents.have.at(content) === contents.boots.at(content))
      judged++;
  return {
    model: ledger.model,
    inputs: countInputs(ledger, held, apart),
    contents: judged,
    logs,
    noKernelLog,
    dates,
    stale: ledger.stale(),
    classes: Object.fromEntries(CLASSES.map((c, i) => [c, classes[i]!])) as Record<VerdictClass, number>,
    buckets: rows.sort(
      (a, b) =>
        CLASSES.indexOf(a.class) - CLASSES.indexOf(b.class) ||
        Number(a.contradiction) - Number(b.contradiction) ||
        b.logs - a.logs ||
        (a.id < b.id ? -1 : 1),
    ),
    cuts: [...cuts]
      .map(([key, count]): CutRow => {
        const [machine, cut] = key.split(' ').map(Number) as [number, number];
        return {
          hardware: ledger.hardware.words[machine] ?? null,
          ...ledger.cuts[cut]!,
          share: shareOf(count, hardware.get(machine)!),
        };
      })
      .sort((a, b) => b.share.count - a.share.count || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    days: [...byDay].map(([day, c]) => ({ day, classes: c })).sort((a, b) => (a.day < b.day ? -1 : 1)),
    releases: [...byRelease]
      .flatMap(([n, c]) => (n === 0 ? [] : [{ release: ledger.releases.words[n]!, classes: c }]))
      .sort((a, b) => compareReleases(a.release, b.release)),
  };
}

/** Every id of each bucket. */
function idsOf(ledger: Ledger, of: readonly number[]): ReadonlyMap<number, readonly string[]> {
  const ids = new Map<number, string[]>();
  for (const { id, i } of ledger.keys.map((key, i) => ({ id: key.id, i })).sort((a, b) => (a.id < b.id ? -1 : 1)))
    ids.set(of[i]!, [...(ids.get(of[i]!) ?? []), id]);
  return ids;
}

/**
 * The ids that other versions gave the logs of a bucket, where no bucket has them now: titles get better, and what was noted of the old id still holds. An
 * id whose logs are in several buckets now goes with most of them.
 */
function earlierIds(ledger: Ledger, of: readonly number[]): ReadonlyMap<number, readonly string[]> {
  const { earlier, records, keys } = ledger;
  const now = new Set(keys.map((key) => key.id));
  const votes = new Map<number, Map<number, number>>();
  for (let i = 0; i < earlier.id.length; i++) {
    const id = earlier.id.at(i);
    const rows = ledger.rowsOfContent(earlier.content.at(i));
    const row = rows[rows.length - 1 - earlier.boot.at(i)];
    if (row === undefined || records.class.at(row) === APART || now.has(ledger.earlierIds.words[id]!)) continue;
    const root = of[records.key.at(row)]!;
    const vote = votes.get(id) ?? new Map<number, number>();
    votes.set(id, vote.set(root, (vote.get(root) ?? 0) + 1));
  }
  const ids = new Map<number, string[]>();
  for (const [id, vote] of votes) {
    const [[root]] = [...vote].sort((a, b) => b[1] - a[1] || (keys[a[0]]!.id < keys[b[0]]!.id ? -1 : 1)) as [
      [number, number],
    ];
    ids.set(root, [...(ids.get(root) ?? []), ledger.earlierIds.words[id]!].sort());
  }
  return ids;
}

function countInputs({ inputs }: Ledger, held: Uint32Array, apart: Uint8Array): Statistics['inputs'] {
  const counts: Record<InputStatus, number> = { judged: 0, archive: 0, refused: 0, unreadable: 0, defect: 0 };
  for (let slot = 0; slot < inputs.status.length; slot++) counts[STATUSES[inputs.status.at(slot)]!]++;
  const duplicates = held.reduce((sum, n, content) => sum + (apart[content] === 0 ? Math.max(0, n - 1) : 0), 0);
  return { all: inputs.status.length, ...counts, duplicates };
}
