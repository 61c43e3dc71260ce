/** What `batch` prints and ends with; and that a thread's death costs one log, not sixty-four. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/batch/ledger.ts';
import { type Pool, poolOf } from '../../src/batch/pool.ts';
import { Batch } from '../../src/batch/run.ts';
import type { Result } from '../../src/batch/slot.ts';
import { statisticsOf } from '../../src/batch/statistics.ts';
import { walk } from '../../src/batch/walk.ts';
import { freshFolder } from '../cli/folder.ts';
import { variant, write } from './make.ts';

const at = freshFolder();
const RACE = 'samples/dmesg/qcom-null-priv-5.10.log';
const QUIET = 'samples/dmesg/no-crash-6.12.log';

function batch(...args: string[]) {
  return spawnSync(process.execPath, ['dist/cli.js', 'batch', '--workers', '0', ...args], { encoding: 'utf8' });
}

describe('batch', () => {
  it('ends with 1 where a verdict is at or above --fail-on', () => {
    expect(batch(RACE, '--fail-on', 'confirmed').status).toBe(1);
    expect(batch(QUIET, '--fail-on', 'crash').status).toBe(0);
    expect(batch('samples/dmesg/fragment.log', '--fail-on', 'possible').status).toBe(0);
  });

  it('ends with 2 on wrong usage, and says what is wrong', () => {
    const wrong: [string[], string][] = [
      [[RACE, '--bucket', 'abc'], 'its logs are in a store'],
      [[RACE, '--baseline', at('none')], 'is no store'],
      [[RACE, '--queue', 'http://x'], 'redis://localhost:6379'],
      [[RACE, '--workers', '-1'], 'A number of threads'],
      [[RACE, '--format', 'yaml'], 'Allowed choices are table, json, ndjson, csv, markdown, github, html'],
      [[RACE, '--driver', 'nvidia'], 'not a driver that is known'],
    ];
    for (const [args, text] of wrong)
      expect([args, batch(...args)]).toMatchObject([args, { status: 2, stderr: expect.stringContaining(text) }]);
  });

  it('shows the bucket, its mechanism, the count with its interval, and where to look', () => {
    const { stdout, stderr, status } = batch(RACE, QUIET, '--store', at('store'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('2 boots in 2 logs, from 2 inputs\n1 confirmed, 1 no-crash\n');
    expect(stdout).toContain('\n* 1 of 2 boots hit the race, in 1 bucket\n');
    expect(stdout).toMatch(
      /\nbucket {8}n {2}class {6}title\n[0-9a-f]{12} {2}1 {2}confirmed {2}null-write dev_iommu\.priv in qcom_iommu_of_xlate/,
    );
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const id = /[0-9a-f]{12}/.exec(stdout)![0];
    const opened = batch(at('store'), '--bucket', id.slice(0, 6));
    expect(opened.stdout).toContain('(9.45 to 90.5 %)');
    expect(opened.stdout).toContain('5.10.262 (1)');
    expect(opened.stdout).toContain('null-write dev_iommu.priv in qcom_iommu_of_xlate');
    expect(opened.stdout).toContain(`    ${RACE}\n`);
    expect(opened.stdout).toContain('oopsreplay replay');
    expect(batch(at('store'), '--bucket', 'ffffffffffff')).toMatchObject({ status: 2 });
  });

  it('shows a contradiction right behind what is possible, however many there are, with the option that would judge it anew', () => {
    const dart = readFileSync('samples/dmesg/dart-null-priv-6.1.log', 'latin1');
    const logs = ['6.1.100', '6.1.101', '6.1.102', 'vendor-tree'].map((release) => dart.replaceAll('6.1.192', release));
    for (const [i, text] of logs.entries()) write(join(at('contradictions'), `${i}.log`), text);
    const { stdout } = batch(at('contradictions'), QUIET, '--format', 'markdown');
    const rows = stdout.split('\n').filter((line) => /possible/i.test(line) && line.includes('apple_dart_of_xlate'));
    expect(rows.length).toBeGreaterThan(1);
    expect(rows[0]).not.toContain('although the release carries the fix');
    for (const row of rows.slice(1))
      expect(row).toMatch(/although the release carries the fix.*--not-fixed a2e7e59a9426/);
  });

  it('writes a page that needs nothing from elsewhere, and csv, markdown and a comparison', () => {
    const page = batch(at('store'), '--format', 'html', '-o', at('page.html'));
    expect([page.status, page.stdout]).toEqual([0, '']);
    const html = readFileSync(at('page.html'), 'utf8');
    expect(html).toContain('<svg');
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/https?:|<link|url\(|@import|\ssrc=/);
    expect(batch(at('store'), '-o', at('page.html'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('exists'),
    });
    const csv = batch(at('store'), '--format', 'csv').stdout.split('\r\n');
    expect(csv[0]!.split(',').slice(0, 3)).toEqual(['bucket', 'class', 'hypothesis']);
    expect(csv).toHaveLength(4);
    expect(batch(at('store'), '--format', 'markdown').stdout).toContain('| `');
    const other = batch(QUIET, '--baseline', at('store')).stdout;
    expect(other).toContain('against the baseline (');
    expect(other).toMatch(/gone +[0-9a-f]{12} confirmed/);
    expect(batch(at('store'), '--ascii').stdout).toMatch(/^[\x20-\x7e\n]*$/);
  });
});

describe('a task whose thread dies', () => {
  it('loses the one log that it died of', async () => {
    const folder = at('deadly');
    for (let i = 0; i < 9; i++) write(join(folder, `${i}.log`), i === 4 ? 'deadly' : variant(QUIET, i % 8));
    const here = poolOf(0);
    const pool: Pool = {
      run: async (task, ask) => {
        const outcomes = await here.run(task, ask);
        if (task.items.some((item) => item.path.endsWith('4.log'))) throw new Error('out of memory');
        return outcomes;
      },
      close: async () => {},
    };
    const ledger = new Ledger('m');
    const results: Result[] = [];
    const run = {
      ledger,
      pool,
      store: null,
      options: {},
      window: 4,
      stopped: () => false,
      result: (r: Result) => results.push(r),
    };
    await new Batch(run).all(walk(folder, { skip: null }));
    expect(results.map((r) => r.line.status)).toEqual([
      ...Array(4).fill('judged'),
      'defect',
      ...Array(4).fill('judged'),
    ]);
    expect(results[4]!.line.diagnostics).toEqual([
      { code: 'OR302', text: 'the thread that judged it ended: out of memory' },
    ]);
    const { logs, inputs } = statisticsOf(ledger);
    expect([logs, inputs.duplicates, inputs.defect]).toEqual([7, 1, 1]);
  });
});
