/** Lines of a journal as a test needs them, and a ledger of them. */
import { bucketIds, tellingFrames } from '../../src/batch/bucket.ts';
import { Ledger } from '../../src/batch/ledger.ts';
import { type Head, INPUT_SCHEMA, RECORD_SCHEMA } from '../../src/batch/types.ts';

export const excluded = {
  class: 'excluded',
  hypothesis: null,
  outcome: null,
  contradiction: false,
  driver: null,
  era: null,
} as const;

export const race = {
  class: 'confirmed',
  hypothesis: 'xlate-vs-probe-free',
  outcome: 'null-write dev_iommu.priv in apple_dart_of_xlate',
  contradiction: false,
  driver: 'apple-dart',
  era: 'E',
} as const;

/** The n-th content, a crash called `title`; `extra` has what else is to be said. */
export function headOf(n: number, title: string, extra: Partial<Head> = {}): Head {
  const frames = [{ symbol: `${title}_fn`, offset: 1, size: 2, module: null, reliable: true, line: 1 }];
  const facts = { ...excluded, ...extra };
  return {
    schema: RECORD_SCHEMA,
    content: n.toString(16).padStart(8, '0').repeat(8),
    model: 'm',
    boot: 0,
    boots: 1,
    bytes: 10 + n,
    buckets: bucketIds(facts, { title, frames }, null),
    mechanism: null,
    ...excluded,
    release: `6.6.${n % 5}`,
    arch: 'arm64',
    hardware: 'board',
    title,
    type: 'BUG',
    frames: tellingFrames(frames, true),
    crashes: 1,
    clarity: 3,
    cut: null,
    ...extra,
  };
}

/** So many buckets: the first half with two logs each, the others with one. */
export function crashes(buckets: number): readonly Head[] {
  return Array.from({ length: buckets }, (_, i) => [
    headOf(i, `BUG: t${i}`),
    ...(i < buckets / 2 ? [headOf(1000 + i, `BUG: t${i}`)] : []),
  ]).flat();
}

/** A ledger of lines, each content in one input of its own. `modified` of the i-th input. */
export function ledgerOf(
  heads: readonly Head[],
  {
    model = 'm',
    modified = () => '2026-12-01T00:00:00.000Z',
    path = (i: number) => `p${i}`,
  }: {
    readonly model?: string;
    readonly modified?: (i: number) => string | null;
    readonly path?: (i: number) => string;
  } = {},
): Ledger {
  const ledger = new Ledger(model);
  for (const one of heads) ledger.record(one);
  [...new Set(heads.map((h) => h.content))].forEach((content, i) => {
    const line = {
      schema: INPUT_SCHEMA,
      path: path(i),
      status: 'judged',
      bytes: 1,
      modified: modified(i),
      content,
      model: null,
      diagnostics: [],
    } as const;
    ledger.input(line, JSON.stringify(line));
  });
  return ledger;
}
