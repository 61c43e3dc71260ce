/** For programs: the statistics as one object, or lines of which each says what kind it is. Shapes: schema/batch.schema.json. */
import { jsonText } from '../../report/safe/sanitize.ts';
import type { KnownBucket } from '../known.ts';
import type { Ledger } from '../ledger.ts';
import { APART, CLASSES } from '../ledger.ts';
import type { Result } from '../slot.ts';
import type { Bucket } from '../statistics.ts';
import { inputsOf } from '../store.ts';
import type { InputLine } from '../types.ts';
import { allOf, exampleOf, knownOf, newsIn, type Page } from './page.ts';

export const SUMMARY_SCHEMA = 'oopsreplay/batch-summary/1';
export const RESULT_SCHEMA = 'oopsreplay/batch-result/1';

export function bucketJson(path: string | null, bucket: Bucket, known: KnownBucket | null = null) {
  const named = (counts: Bucket['days']) => counts.map(([name, logs]) => ({ name, logs }));
  const { releases, hardware, drivers, days, example, ...rest } = bucket;
  return {
    ...rest,
    releases: named(releases),
    hardware: named(hardware),
    drivers: named(drivers),
    days: named(days),
    example: { path, ...example },
    known,
  };
}

const byClass = (classes: readonly number[]) => Object.fromEntries(CLASSES.map((c, i) => [c, classes[i]!]));

function totals(page: Page) {
  const { statistics, differences, stopped } = page;
  const { buckets: _, days, releases, ...rest } = statistics;
  return {
    ...rest,
    stopped,
    news: newsIn(page).map(({ kind, text, ids }) => ({ kind, text, buckets: ids })),
    days: days.map(({ day, classes }) => ({ day, classes: byClass(classes) })),
    releases: releases.map(({ release, classes }) => ({ release, classes: byClass(classes) })),
    baseline:
      differences?.map(({ id, change, bucket, before, now, p }) => ({
        ...{ bucket: id, change, class: bucket.class, hypothesis: bucket.hypothesis, outcome: bucket.outcome },
        ...{ title: bucket.title, before, now, p },
      })) ?? null,
  };
}

export function renderJson(page: Page): string {
  const buckets = allOf(page);
  return `${jsonText({ schema: SUMMARY_SCHEMA, ...totals(page), buckets: buckets.map((b) => bucketJson(exampleOf(page, b), b, knownOf(page, b))) }, 2)}\n`;
}

/** What came of one input: a line, as soon as it is known. `bucket` and `class` are of its strongest boot. */
export function resultLine(ledger: Ledger, { line, known }: Result): string {
  const rows = ledger.rowsOf(line.path);
  const best = rows.sort((a, b) => ledger.records.class.at(a) - ledger.records.class.at(b) || a - b)[0];
  const { path, status, bytes, modified, content, diagnostics } = line;
  const judged = best !== undefined && status === 'judged';
  const counts = judged && ledger.records.class.at(best) !== APART;
  return `${jsonText({
    schema: RESULT_SCHEMA,
    kind: 'input',
    ...{ path, status, bytes, modified, content, known },
    boots: judged ? rows.length : 0,
    class: counts ? CLASSES[ledger.records.class.at(best)]! : null,
    bucket: counts ? ledger.keys[ledger.records.key.at(best)]!.id : null,
    diagnostics,
  })}\n`;
}

/** The members of an archive that was not read again, as the store has them. */
export function* memberLines(ledger: Ledger, folder: string, archive: string): Generator<string> {
  const last = new Map<string, InputLine>();
  for (const line of inputsOf(folder)) if (line.path.startsWith(`${archive}!`)) last.set(line.path, line);
  for (const line of last.values()) yield resultLine(ledger, { line, known: true, given: false });
}

/** Behind the inputs' lines: the buckets, then the rest. */
export function renderNdjson(page: Page): string {
  const lines = [
    ...allOf(page).map((b) => ({
      schema: RESULT_SCHEMA,
      kind: 'bucket',
      ...bucketJson(exampleOf(page, b), b, knownOf(page, b)),
    })),
    { schema: RESULT_SCHEMA, kind: 'summary', ...totals(page) },
  ];
  return lines.map((line) => `${jsonText(line)}\n`).join('');
}
