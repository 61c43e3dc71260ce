/** What a bucket's own view shows besides its counts: the clearest log's verdict and the lines to quote, and where its logs are. */
import { join } from 'node:path';
import type { Ledger } from './ledger.ts';
import type { Bucket, Statistics } from './statistics.ts';
import { headOf, JOURNAL, linesOf } from './store.ts';
import type { InputLine, Quoted } from './types.ts';

export interface Detail {
  readonly sentence: string | null;
  readonly because: readonly string[];
  readonly witness: string | null;
  readonly quote: readonly Quoted[];
}

interface Whole {
  readonly triage?: {
    readonly verdict: {
      readonly sentence?: string;
      readonly because: readonly { readonly text: string; readonly lines: readonly number[] }[];
      readonly witness: string | null;
    };
  };
  readonly quote?: readonly Quoted[];
}

const MOST_CLAIMS = 5;

/** Of a whole line of the journal. */
export function detailOf(line: string): Detail {
  const { triage, quote = [] } = JSON.parse(line) as Whole;
  const { verdict } = triage ?? {};
  return {
    sentence: verdict?.sentence ?? null,
    because: (verdict?.because ?? []).slice(0, MOST_CLAIMS).map(({ text, lines }) => {
      const at = lines.length === 0 ? '' : ` (line${lines.length > 1 ? 's' : ''} ${lines.slice(0, 6).join(', ')})`;
      return `${text.replaceAll('`', '')}${at}`;
    }),
    witness: verdict?.witness ?? null,
    quote,
  };
}

/** Keeps the clearest line of each id as lines go by, where no store does. */
export class Clearest {
  private readonly best = new Map<
    string,
    { readonly score: number; readonly content: string; readonly detail: Detail }
  >();

  offer(line: string): void {
    const { clarity, bytes, content, buckets } = headOf(line.trimEnd());
    // As the ledger chooses its examples.
    const score = clarity * 2 ** 40 - Math.min(bytes, 2 ** 40 - 1);
    const id = buckets[0]!;
    const had = this.best.get(id);
    if (had !== undefined && (had.score > score || (had.score === score && had.content <= content))) return;
    this.best.set(id, { score, content, detail: detailOf(line) });
  }

  of({ id, aliases, example }: Bucket): Detail | null {
    const all = [id, ...aliases].flatMap((one) => this.best.get(one) ?? []);
    return (all.find((one) => one.content === example.content) ?? all[0])?.detail ?? null;
  }
}

/** By the bucket's id, from a store's journal: read once, and only what is shown is parsed. */
export function detailsIn(folder: string, { model, buckets }: Statistics): ReadonlyMap<string, Detail> {
  const wanted = new Map<string, Bucket[]>();
  for (const b of buckets) wanted.set(b.example.content, [...(wanted.get(b.example.content) ?? []), b]);
  const details = new Map<string, Detail>();
  for (const line of linesOf(join(folder, JOURNAL))) {
    const head = headOf(line);
    if (head.model !== model) continue;
    for (const bucket of wanted.get(head.content) ?? []) {
      const ids = [bucket.id, ...bucket.aliases];
      if (!details.has(bucket.id) && head.buckets.some((id) => ids.includes(id)))
        details.set(bucket.id, detailOf(line.toString()));
    }
  }
  return details;
}

/** Paths of a bucket's logs that are named on a page. */
const MOST_PATHS = 8;

/** By the bucket's id: where its logs are, the example's first. */
export function pathsIn(
  ledger: Ledger,
  { buckets }: Statistics,
  inputs: Iterable<Pick<InputLine, 'path' | 'content'>>,
): ReadonlyMap<string, readonly string[]> {
  const byId = new Map(buckets.flatMap((b) => [b.id, ...b.aliases].map((id) => [id, b] as const)));
  const paths = new Map<string, { readonly first: Set<string>; readonly others: Set<string> }>();
  for (const { path, content } of inputs) {
    if (content === null || !ledger.holds(path, content)) continue;
    for (const id of ledger.idsOf(content)) {
      const bucket = byId.get(id);
      if (bucket === undefined) continue;
      const known = paths.get(bucket.id) ?? { first: new Set<string>(), others: new Set<string>() };
      paths.set(bucket.id, known);
      const set = content === bucket.example.content ? known.first : known.others;
      if (set.size < MOST_PATHS) set.add(path);
    }
  }
  return new Map(
    [...paths].map(([id, { first, others }]) => [id, [...[...first].sort(), ...others].slice(0, MOST_PATHS)]),
  );
}
