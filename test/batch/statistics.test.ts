/** Intervals and tests against published values; buckets that either kind of frames joins; counts that do not depend on the order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketIds, mechanismId, tellingFrames } from '../../src/batch/bucket.ts';
import { compare } from '../../src/batch/compare.ts';
import { fisher, holm, shareOf } from '../../src/batch/interval.ts';
import { Ledger } from '../../src/batch/ledger.ts';
import { cell } from '../../src/batch/show/csv.ts';
import { renderBatchHtml } from '../../src/batch/show/html.ts';
import { renderBatchMarkdown } from '../../src/batch/show/markdown.ts';
import { renderTable } from '../../src/batch/show/table.ts';
import { statisticsOf } from '../../src/batch/statistics.ts';
import { Table128 } from '../../src/batch/table128.ts';
import { type Head, INPUT_SCHEMA, RECORD_SCHEMA } from '../../src/batch/types.ts';
import { activeIn, hostile, SEED } from '../report/attacks.ts';

describe('shareOf', () => {
  it("gives Wilson's interval (Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29)", () => {
    const bounds = (count: number, of: number) =>
      [shareOf(count, of).low, shareOf(count, of).high].map((b) => b.toFixed(4));
    expect(bounds(81, 263)).toEqual(['0.2553', '0.3662']);
    expect(bounds(15, 148)).toEqual(['0.0624', '0.1605']);
    expect(bounds(0, 20)).toEqual(['0.0000', '0.1611']);
    expect(bounds(1, 29)).toEqual(['0.0061', '0.1718']);
  });
});

describe('fisher', () => {
  it("gives what R's fisher.test gives", () => {
    // fisher.test(matrix(c(3,1,1,3),2)), (c(10,2,3,15),2), (c(0,10,5,5),2), (c(1,9,11,3),2)
    expect(fisher(3, 4, 1, 4)).toBeCloseTo(0.4857142857, 9);
    expect(fisher(10, 12, 3, 18)).toBeCloseTo(0.0005367241, 9);
    expect(fisher(0, 10, 5, 10)).toBeCloseTo(0.0325077399, 9);
    expect(fisher(1, 10, 11, 14)).toBeCloseTo(0.002759456, 8);
  });

  it(`is symmetric and a probability, also for many (seed ${SEED})`, () => {
    const n = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(
        n,
        n,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, x, y) => {
          const [k, l] = [Math.floor(a * x), Math.floor(b * y)];
          const p = fisher(k, a, l, b);
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
          expect(fisher(l, b, k, a)).toBeCloseTo(p, 6);
        },
      ),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('is corrected as Holm does', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  });
});

const frame = (symbol: string, reliable = true) => ({ symbol, offset: 1, size: 2, module: null, reliable, line: 1 });
const excluded = {
  class: 'excluded',
  hypothesis: null,
  outcome: null,
  contradiction: false,
  driver: null,
  era: null,
} as const;
const race = {
  ...excluded,
  class: 'confirmed',
  hypothesis: 'xlate-vs-probe-free',
  driver: 'apple-dart',
  era: 'E',
} as const;

describe('buckets', () => {
  it('are by mechanism first, whatever the stack; a proof is not a suspicion', () => {
    const of = (outcome: string, verdict: 'confirmed' | 'possible', symbol: string) =>
      bucketIds({ ...race, outcome, class: verdict }, { title: 'BUG', frames: [frame(symbol)] }, null);
    expect(of('a', 'confirmed', 'x')).toEqual(of('a', 'confirmed', 'y'));
    expect(of('a', 'confirmed', 'x')).not.toEqual(of('b', 'confirmed', 'x'));
    expect(of('a', 'confirmed', 'x')).not.toEqual(of('a', 'possible', 'x'));
    expect(mechanismId({ ...race, outcome: 'a' })).toBe(mechanismId({ ...race, outcome: 'b', class: 'possible' }));
    expect(mechanismId({ ...race, outcome: 'a' })).not.toBe(mechanismId({ ...race, outcome: 'a', era: 'D' }));
    expect(mechanismId(excluded)).toBe(null);
  });

  it('keep their ids for ever', () => {
    expect(bucketIds(excluded, { title: 'BUG: x', frames: [frame('a'), frame('b')] }, null)).toEqual(IDS.title);
    expect(bucketIds({ ...race, outcome: 'null-write dev_iommu.priv in x' }, null, null)).toEqual(IDS.race);
  });

  it('leave out functions that are never to blame', () => {
    expect(
      tellingFrames(
        ['dump_stack', 'kasan_report', 'a', '? b', 'c', 'd'].map((s) => frame(s.replace('? ', ''), !s.startsWith('?'))),
        false,
      ),
    ).toEqual(['a', 'c', 'd']);
  });

  const head = (n: number, frames: readonly ReturnType<typeof frame>[], extra: Partial<Head> = {}): Head => ({
    ...{
      schema: RECORD_SCHEMA,
      content: n.toString(16).padStart(8, '0').repeat(8),
      model: 'm',
      boot: 0,
      boots: 1,
      bytes: 10 + n,
    },
    ...{
      buckets: bucketIds(excluded, { title: 'BUG: t', frames }, null),
      mechanism: null,
      ...excluded,
      release: `6.${n % 3}`,
    },
    ...{
      arch: null,
      hardware: n % 2 ? 'board' : null,
      title: 'BUG: t',
      type: 'BUG',
      frames: tellingFrames(frames, true),
    },
    ...{ crashes: 1, clarity: 3, cut: n % 4 ? null : { instance: '1.iommu', drivers: ['apple-dart'] } },
    ...extra,
  });
  const ledgerOf = (heads: readonly Head[], inputs = heads.map((h) => h.content)) => {
    const ledger = new Ledger('m');
    for (const one of heads) ledger.record(one);
    inputs.forEach((content, i) => {
      const line = {
        schema: INPUT_SCHEMA,
        path: `p${i}`,
        status: 'judged',
        bytes: 1,
        modified: '2026-01-01T00:00:00.000Z',
        content,
        model: null,
        diagnostics: [],
      } as const;
      expect(ledger.input(line, JSON.stringify(line))).toBe(true);
      expect(ledger.input(line, JSON.stringify(line))).toBe(false);
    });
    return ledger;
  };
  const [certain, guess, other] = [
    [frame('a'), frame('guess', false), frame('b')],
    [frame('a'), frame('guess'), frame('b')],
    [frame('z')],
  ];

  it('take a log whose frames are those of another one with, or without, the guesses', () => {
    const { buckets } = statisticsOf(
      ledgerOf([head(1, certain), head(2, guess), head(3, [frame('a'), frame('b')]), head(4, other)]),
    );
    expect(buckets.map((b) => b.logs)).toEqual([3, 1]);
    expect(buckets[0]!.aliases).toHaveLength(1);
  });

  it(`count the same in any order (seed ${SEED})`, () => {
    const heads = Array.from({ length: 40 }, (_, i) =>
      head(i, [certain, guess, other][i % 3]!, i % 5 ? {} : { clarity: 9 }),
    );
    const right = statisticsOf(ledgerOf(heads));
    expect(right.logs).toBe(40);
    expect(right.buckets[0]!.example.bytes).toBe(10);
    fc.assert(
      fc.property(fc.shuffledSubarray(heads, { minLength: heads.length }), (order) => {
        expect(statisticsOf(ledgerOf(order))).toEqual(right);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });

  it('count a content once, further inputs with it as duplicates, and what is gone from its path not at all', () => {
    const heads = [head(1, certain), head(2, other)];
    const ledger = ledgerOf(heads, [heads[0]!.content, heads[0]!.content, heads[1]!.content]);
    const line = {
      schema: INPUT_SCHEMA,
      path: 'p2',
      status: 'judged',
      bytes: 2,
      modified: '2026-01-02T00:00:00.000Z',
      content: heads[0]!.content,
      model: null,
      diagnostics: [],
    } as const;
    ledger.input(line, JSON.stringify(line));
    const { logs, inputs, buckets } = statisticsOf(ledger);
    expect([logs, inputs.all, inputs.duplicates, buckets.length, buckets[0]!.duplicates]).toEqual([1, 3, 2, 1, 2]);
  });

  it('that are new, gone, more or less are told by a test', () => {
    const times = (n: number, from: number, frames: readonly ReturnType<typeof frame>[], title: string) =>
      Array.from({ length: n }, (_, i) =>
        head(from + i, frames, { title, buckets: bucketIds(excluded, { title, frames }, null) }),
      );
    const before = statisticsOf(
      ledgerOf([
        ...times(100, 1, other, 'same'),
        ...times(40, 200, other, 'less'),
        ...times(1, 300, other, 'gone'),
        ...times(10, 400, other, 'more'),
      ]),
    );
    const now = statisticsOf(
      ledgerOf([
        ...times(100, 1, other, 'same'),
        ...times(5, 200, other, 'less'),
        ...times(1, 300, other, 'new'),
        ...times(45, 400, other, 'more'),
      ]),
    );
    expect(Object.fromEntries(compare(before, now).map((d) => [d.bucket.title, d.change]))).toEqual({
      new: 'new',
      gone: 'gone',
      more: 'more',
      less: 'less',
      same: 'same',
    });
  });

  const hostilePage = (text: string) => {
    const statistics = statisticsOf(
      ledgerOf([
        head(4, [frame(text)], { title: text, hardware: text, release: text, cut: { instance: text, drivers: [] } }),
      ]),
    );
    return {
      statistics,
      examples: new Map(statistics.buckets.map((b) => [b.id, text])),
      differences: compare(statistics, statistics),
      stopped: false,
    };
  };

  it(`let no text of a log act on a page (seed ${SEED})`, () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const html = renderBatchHtml(hostilePage(text));
        const bare = html.replace(/(<(script|style)\b[^>]*>).*?(?=<\/\2>)/gs, '$1');
        expect(bare.match(/<(?:img|iframe|link|object|form|base)\b/gi)).toBe(null);
        // The page's own script, and its data.
        expect(bare.match(/<script\b[^>]*>/gi)).toEqual(['<script>', '<script type="application/json" id="own">']);
        expect(bare.match(/<[^>]*\s(?:src|on\w+)=/gi)).toBe(null);
        for (const [, href] of bare.matchAll(/<[^>]*\shref="([^"]*)"/gi))
          expect(href).toMatch(/^(?:#[0-9a-f]{12}$|\.\/)/);
        expect([activeIn(bare), activeIn(renderBatchMarkdown(hostilePage(text)))]).toEqual([null, null]);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it(`let no text of a log act on a terminal (seed ${SEED})`, () => {
    // The library's own measure of text, which the build leaves out, is slow here.
    const shown = (text: string) => activeIn(renderTable(hostilePage(text), { columns: 80, ascii: false }));
    fc.assert(
      fc.property(hostile, (text) => shown(text) === null),
      { seed: SEED, numRuns: 6 },
    );
  });

  it('write no formula into a spreadsheet', () => {
    for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =cmd|x', '%0a', '|x'])
      expect(cell(text)).toMatch(/^"'/);
    expect(cell('a "b", c\n')).toBe('"a ""b"", c\\x0a"');
    expect(cell(3)).toBe('3');
  });
});

const IDS = { title: ['69cbe8a3c24c'], race: ['f2be27c58e66'] };

describe('Table128', () => {
  it(`finds what was put in, and nothing else (seed ${SEED})`, () => {
    const table = new Table128();
    const key = (n: number) => {
      const bytes = Buffer.alloc(16);
      bytes.writeUInt32LE(Math.imul(n, 2654435761) >>> 0, 0);
      bytes.writeUInt32LE(n, 12);
      return bytes;
    };
    for (let i = 0; i < 20_000; i++) expect(table.getOrAdd(key(i), i)).toBe(i);
    for (let i = 0; i < 20_000; i++) expect(table.getOrAdd(key(i), 7)).toBe(i);
    expect(table.get(key(20_001))).toBe(null);
    expect(table.size).toBe(20_000);
  });
});
