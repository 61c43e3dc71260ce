/** What of a batch is shown: releases in order, boots by date and kernel, buckets by class and news, and files that are no logs in no count. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAboutALog } from '../../src/batch/document.ts';
import { compareReleases, isOfRelease } from '../../src/batch/releases.ts';
import { listed } from '../../src/batch/select.ts';
import { renderTable } from '../../src/batch/show/table.ts';
import { statisticsOf } from '../../src/batch/statistics.ts';
import { since } from '../../src/commands/batch.ts';
import { widthOf } from '../../src/report/text/layout.ts';
import { freshFolder } from '../cli/folder.ts';
import { SEED } from '../report/attacks.ts';
import { crashes, ledgerOf } from './heads.ts';
import { variant, write } from './make.ts';

const at = freshFolder();
const RACE = 'samples/dmesg/qcom-null-priv-5.10.log';
const QUIET = 'samples/dmesg/no-crash-6.12.log';

function batch(...args: string[]) {
  return spawnSync(process.execPath, ['dist/cli.js', 'batch', '--workers', '0', ...args], { encoding: 'utf8' });
}
const json = (...args: string[]) => JSON.parse(batch(...args, '--format', 'json').stdout);

describe('releases', () => {
  it('stand in the order of their versions, candidates before their release, what is no version last', () => {
    const right = ['4.19.300', '5.4.1', '5.10.9', '5.10.262', '6.1-rc3', '6.1.0-56-arm64', '6.6.9', '6.6.10', '6.10.0'];
    const all = [...right, '(others)', 'vendor-tree'];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
        expect([...order].sort(compareReleases)).toEqual(all);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });

  it('are named by branch, by version, or by how they begin', () => {
    expect(['6.6', '6.6.9', '6.6.9-403'].map((named) => isOfRelease('6.6.9-403.asahi', named))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['6.60', '6.6.90', '6.5', '6.6.9-1'].map((named) => isOfRelease('6.6.9-403.asahi', named))).toEqual(
      Array(4).fill(false),
    );
    expect(isOfRelease('vendor-tree-7', 'vendor')).toBe(true);
  });
});

describe('--since', () => {
  it('takes a day, a minute, or so long before now', () => {
    const now = Date.parse('2026-11-26T12:00:00Z');
    const of = (value: string) => new Date(since(value, undefined, now)).toISOString();
    expect(of('2026-11-20')).toBe('2026-11-20T00:00:00.000Z');
    expect(of('2026-11-20 08:30')).toBe('2026-11-20T08:30:00.000Z');
    expect(of('7d')).toBe('2026-11-19T12:00:00.000Z');
    expect(of('12h')).toBe('2026-11-26T00:00:00.000Z');
    for (const wrong of ['yesterday', '2026-13-01', '7', '-7d', '1e9d']) expect(() => since(wrong)).toThrow();
  });
});

describe('what is shown', () => {
  it('counts boots since a day, of a kernel, and lists buckets of a class', () => {
    write(at('logs/old.log'), readFileSync(RACE), new Date('2026-11-10T00:00:00Z'));
    write(at('logs/new.log'), variant(RACE, 3), new Date('2026-12-20T00:00:00Z'));
    write(at('logs/quiet.log'), readFileSync(QUIET), new Date('2026-12-21T00:00:00Z'));
    expect(json(at('logs'), '--store', at('store'))).toMatchObject({ logs: 3, classes: { confirmed: 2 } });
    expect(json(at('store'), '--since', '2026-12-20')).toMatchObject({ logs: 2, classes: { confirmed: 1 } });
    expect(json(at('store'), '--kernel', '6.12')).toMatchObject({ logs: 1, classes: { 'no-crash': 1 } });
    expect(json(at('store'), '--release', '5.10')).toMatchObject({ logs: 2 });
    const confirmed = json(at('store'), '--class', 'confirmed,possible');
    expect([confirmed.logs, confirmed.buckets.map((b: { class: string }) => b.class)]).toEqual([3, ['confirmed']]);
    expect(json(at('store'), '--top', '1').buckets).toHaveLength(1);
    expect(batch(at('store'), '--class', 'excluded').stdout).toContain('no bucket is of what was asked for');
    expect(batch(at('store'), '--class', 'sure')).toMatchObject({ status: 2 });
  });

  it('is new in a run where no log of it was judged before', () => {
    expect(batch(at('store'), '--new')).toMatchObject({ status: 2, stderr: expect.stringContaining('against what?') });
    write(at('logs/other.log'), readFileSync('samples/dmesg/dart-null-priv-6.1.log'));
    const { buckets, news } = json(at('logs'), '--store', at('store'), '--new');
    expect(buckets).toHaveLength(1);
    expect(buckets[0].outcome).toContain('apple_dart_of_xlate');
    expect(news).toContainEqual({
      kind: 'new',
      text: '1 bucket of crashes is new in this run, 1 of them confirmed or possible',
      buckets: [buckets[0].id],
    });
    expect(json(at('logs'), '--store', at('store'), '--new').buckets).toEqual([]);
  });
});

describe('the table', () => {
  const page = (n: number) => ({
    statistics: statisticsOf(ledgerOf(crashes(n))),
    examples: new Map<string, string>(),
    differences: null,
    stopped: false,
  });
  const table = (n: number, columns = 80) => renderTable(page(n), { columns, ascii: false }).split('\n');

  it('has a line for each bucket, fifteen of them, and says how many more there are', () => {
    const lines = table(40);
    expect(lines.filter((l) => /^[0-9a-f]{12} /.test(l))).toHaveLength(15);
    expect(lines).toContain('5 more: --all');
    expect(lines).toContain('20 single crashes of other kinds, each in a bucket of its own: --all');
    const all = renderTable(
      { ...page(40), selection: { classes: [], onlyNew: false, top: null, all: true } },
      { columns: 80, ascii: false },
    );
    expect(all.match(/^[0-9a-f]{12} /gm)).toHaveLength(40);
    expect(all).not.toContain('--all');
    expect(listed(page(40).statistics.buckets, { classes: [], onlyNew: false, top: 3, all: false }, 15)).toMatchObject({
      more: 17,
    });
  });

  it('fits whatever the terminal has, and breaks no path', () => {
    const base = page(40);
    const path = `/var/lib/logs/${'deep/'.repeat(8)}x.log`;
    const examples = new Map(base.statistics.buckets.map((b) => [b.id, path]));
    for (const columns of [72, 80, 100, 131, 160, 200, 240]) {
      const text = renderTable({ ...base, examples }, { columns, ascii: false });
      for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      expect(text.replaceAll(path, '')).not.toContain('/var/lib');
    }
    expect(renderTable({ ...base, examples }, { columns: 240, ascii: false })).toContain(path);
  });
});

describe('a JSON document about a log', () => {
  const record = (observed: readonly string[]) =>
    Buffer.from(
      JSON.stringify({ label: 'other-crash', expected: 'x'.repeat(600), banner: 'Linux version 6.1', observed }),
    );
  const crash = '[    1.218250] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000';

  it('is told from a log that is carried in JSON', () => {
    expect(isAboutALog(record([crash]), ['plain'])).toBe(true);
    expect(isAboutALog(Buffer.from(JSON.stringify({ log: `${crash}\n`.repeat(9) })), ['json-line'])).toBe(false);
    expect(isAboutALog(record(Array(50).fill(crash)), ['plain'])).toBe(false);
    expect(isAboutALog(record([crash]), ['journal-json'])).toBe(false);
    expect(isAboutALog(Buffer.from('[    0.000000] Linux version 6.1'), ['dmesg'])).toBe(false);
    expect(isAboutALog(Buffer.from('['.repeat(100_000)), ['plain'])).toBe(false);
  });

  it('is in no count, and neither is any other file that is no log, nor a copy of it', () => {
    const log = readFileSync(RACE, 'latin1')
      .split('\n')
      .find((l) => l.includes('Unable to handle') || l.includes('NULL pointer'))!;
    for (const name of ['a.json', 'b.json']) write(at(`lab/${name}`), record([log]));
    write(at('lab/README.md'), '# Logs\n\nOf the lab.\n');
    write(at('lab/race.log'), readFileSync(RACE));
    const { stdout, stderr, status } = batch(at('lab'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('1 boot in 1 log, from 4 inputs\n');
    expect(stdout).toContain('3 inputs without a kernel log, in no count');
    expect(stdout).toContain('1 of 1 boot hit the race');
    expect(json(at('lab'))).toMatchObject({ logs: 1, contents: 1, noKernelLog: 3, inputs: { duplicates: 0 } });
    const lines = batch(at('lab'), '--format', 'ndjson')
      .stdout.split('\n')
      .filter((l) => l.includes('OR111'));
    expect(lines.map((l) => JSON.parse(l).path)).toEqual(
      ['README.md', 'a.json', 'b.json'].map((f) => join(at('lab'), f)),
    );
  });
});
