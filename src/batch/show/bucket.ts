/** One bucket opened: what it is, where and when, which logs, and the clearest of them in full. */
import { join } from 'node:path';
import { jsonText, sanitize, sanitizeAscii } from '../../report/safe/sanitize.ts';
import { hang } from '../../report/text/layout.ts';
import type { KnownBucket } from '../known.ts';
import type { Bucket } from '../statistics.ts';
import { headOf, inputsOf, JOURNAL, linesOf } from '../store.ts';
import {
  countsWords,
  datedWords,
  knownWords,
  number,
  plural,
  seenWords,
  shareWords,
  whatWords,
  whereWords,
} from '../words.ts';
import { bucketJson } from './json.ts';

export const OPENED_SCHEMA = 'oopsreplay/batch-bucket/1';

/** Logs named on a terminal; --format json names as many as there are. */
const MOST = 20;

interface Verdict {
  readonly sentence: string;
  readonly because: readonly { readonly text: string; readonly lines: readonly number[] }[];
  readonly witness: string | null;
}

export interface BucketView {
  readonly known: KnownBucket | null;
  readonly bucket: Bucket;
  /** Paths of its logs, as the inputs name them, the example's first. */
  readonly paths: readonly string[];
  /** The example's line of the journal, the verdict in full. */
  readonly example: { readonly verdict: Verdict } | null;
}

/** Reads the store again for what the counts leave out. */
export function viewOf(folder: string, model: string, bucket: Bucket, known: KnownBucket | null = null): BucketView {
  const ids = new Set([bucket.id, ...bucket.aliases]);
  const contents = new Set<string>();
  let example: BucketView['example'] = null;
  for (const line of linesOf(join(folder, JOURNAL))) {
    const head = headOf(line);
    if (head.model !== model || !head.buckets.some((id) => ids.has(id))) continue;
    contents.add(head.content);
    if (example === null && head.content === bucket.example.content)
      example = (JSON.parse(line.toString()) as { triage: NonNullable<BucketView['example']> }).triage;
  }
  const paths = new Map<string, string>();
  for (const { path, content } of inputsOf(folder)) {
    if (content !== null && contents.has(content)) paths.set(path, content);
    else paths.delete(path);
  }
  const first = ([, content]: [string, string]) => (content === bucket.example.content ? 0 : 1);
  const sorted = [...paths].sort((a, b) => first(a) - first(b) || (a[0] < b[0] ? -1 : 1));
  return { bucket, known, example, paths: sorted.map(([path]) => path) };
}

export function renderBucketJson({ bucket, known, paths, example }: BucketView): string {
  return `${jsonText({ schema: OPENED_SCHEMA, ...bucketJson(paths[0] ?? null, bucket, known), paths, triage: example }, 2)}\n`;
}

export function renderBucket({ bucket, known, paths, example }: BucketView, columns: number, ascii: boolean): string {
  const width = Math.min(120, Math.max(72, columns));
  const clean = ascii ? sanitizeAscii : sanitize;
  const out = [...hang(`${bucket.class.toUpperCase()}  `, clean(whatWords(bucket)), width)];
  const say = (label: string, text: string) => {
    if (text !== '') out.push(...hang(`  ${label.padEnd(10)}`, clean(text.replaceAll('`', '')), width));
  };
  say('bucket', [bucket.id, ...bucket.aliases].join(', also '));
  if (known !== null) say('known', knownWords(known));
  say('where', whereWords(bucket));
  say(
    'boots',
    `${shareWords(bucket.share)}${bucket.duplicates > 0 ? `, and ${plural(bucket.duplicates, 'duplicate')}` : ''}`,
  );
  say('seen', [seenWords(bucket), datedWords(bucket)].filter((w) => w !== '').join(', '));
  say('days', countsWords(bucket.days, 10));
  say('kernels', countsWords(bucket.releases, 10));
  say('hardware', countsWords(bucket.hardware, 10));
  say('drivers', countsWords(bucket.drivers, 10));
  if (example !== null) {
    const { sentence, because, witness } = example.verdict;
    out.push('', ...hang('  ', clean(sentence.replaceAll('`', '')), width));
    for (const { text, lines } of because.slice(0, 6))
      out.push(
        ...hang(
          '  - ',
          clean(`${text.replaceAll('`', '')}${lines.length > 0 ? ` (line ${lines.join(', ')})` : ''}`),
          width,
        ),
      );
    if (witness !== null) out.push(...hang('  ', clean(`oopsreplay replay ${witness}`), width));
  }
  out.push('', `  ${plural(paths.length, 'log')}, the clearest first:`);
  for (const path of paths.slice(0, MOST)) out.push(`    ${clean(path)}`);
  if (paths.length > MOST) out.push(`    ${number(paths.length - MOST)} more; --format json has all`);
  return `${out.join('\n')}\n`;
}
