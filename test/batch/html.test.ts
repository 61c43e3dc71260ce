/** The page of batch: the news first, every release in order, each bucket with a view of its own; valid, and nothing in it acts that a log said. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { HtmlValidate } from 'html-validate';
import { describe, expect, it } from 'vitest';
import { timeOf } from '../../src/batch/show/charts.ts';
import { renderBatchHtml } from '../../src/batch/show/html.ts';
import { hrefOf } from '../../src/batch/show/links.ts';
import { statisticsOf } from '../../src/batch/statistics.ts';
import { freshFolder } from '../cli/folder.ts';
import { hostileOwn, pageOf } from './batch-page.ts';
import { headOf, ledgerOf, race } from './heads.ts';
import { variant, write } from './make.ts';

const at = freshFolder();

describe('the page of batch', () => {
  // An id of a bucket is its address, and may begin with a digit (HTML allows it since 5).
  const validator = new HtmlValidate({
    root: true,
    extends: ['html-validate:recommended', 'html-validate:document'],
    rules: { 'valid-id': ['error', { relaxed: true }] },
  });
  const wrongIn = async (html: string) => {
    const report = await validator.validateString(html);
    return report.results.flatMap((r) => r.messages.map((m) => `${m.line}: ${m.message} (${m.ruleId})`));
  };

  it('is valid HTML, with five hundred buckets, with none, and whatever a log says', async () => {
    expect(await wrongIn(renderBatchHtml(pageOf(500)))).toEqual([]);
    expect(await wrongIn(renderBatchHtml(pageOf(0)))).toEqual([]);
    expect(
      await wrongIn(renderBatchHtml(hostileOwn('"><script>alert(1)</script><img src=x onerror=alert(1)>'))),
    ).toEqual([]);
  });

  it('tells the news first, with links to the buckets', () => {
    const facts = { ...race, mechanism: 'ffffffffffff', release: '6.1.50' };
    const statistics = statisticsOf(ledgerOf([headOf(1, 'BUG: a', facts), headOf(2, 'BUG: b')]));
    const html = renderBatchHtml({ ...pageOf(0), statistics });
    const { id } = statistics.buckets[0]!;
    expect(html).toContain(`1 of 2 boots hit the race, in 1 bucket <small>(<a href="#${id}">${id}</a>)</small>`);
    expect(html.indexOf('News')).toBeLessThan(html.indexOf('Buckets'));
    expect(html).toContain(`<tr id="${id}"`);
  });

  it('has every release in the order of its version, branches with the race first, and in them the releases with it', () => {
    const facts = { ...race, mechanism: 'ffffffffffff' };
    const heads = Array.from({ length: 300 }, (_, i) => headOf(i, 'BUG: a', { release: `6.${10 + (i % 9)}.${i}` }));
    const html = renderBatchHtml({
      ...pageOf(0),
      statistics: statisticsOf(ledgerOf([...heads, headOf(900, 'BUG: r', { ...facts, release: '6.16.1000' })])),
    });
    const branches = [...html.matchAll(/<summary><b>(.*?)<\/b>/g)].map((m) => m[1]);
    expect(branches).toEqual(['6.16', '6.10', '6.11', '6.12', '6.13', '6.14', '6.15', '6.17', '6.18']);
    const releases = [...html.matchAll(/<li class="release"><code>(.*?)<\/code>/g)].map((m) => m[1]!);
    expect(releases).toHaveLength(301);
    expect(releases.slice(0, 4)).toEqual(['6.16.1000', '6.16.6', '6.16.15', '6.16.24']);
    // 33 of 6.16 would hide it; those of a branch without the race are not folded twice.
    expect(html.match(/<summary>\d+ releases without confirmed or possible<\/summary>/g)).toEqual([
      '<summary>33 releases without confirmed or possible</summary>',
    ]);
    expect(html.match(/<details class="branch" open>/g)).toHaveLength(1);
  });

  it('has bars of the same time, as many as can be told apart, and leaves no boot out', () => {
    const days = (from: string, n: number, step: number) =>
      Array.from({ length: n }, (_, i) => ({
        day: new Date(Date.parse(from) + i * step * 86_400_000).toISOString().slice(0, 10),
        classes: [1, 0, 0, 0, 1],
      }));
    for (const [n, step, unit] of [
      [1, 1, 'day'],
      [40, 1, 'day'],
      [100, 1, 'week'],
      [40, 30, 'month'],
      [100, 30, 'quarter'],
      [300, 100, 'year'],
    ] as const) {
      const time = timeOf({ days: days('2001-01-31', n, step) });
      expect(time.unit).toBe(unit);
      expect(time.bars.reduce((sum, b) => sum + b.classes[0]!, 0)).toBe(n);
      expect(new Set(time.bars.map((b) => b.name)).size).toBe(time.bars.length);
      if (unit !== 'year') expect(time.bars.length).toBeLessThanOrEqual(57);
    }
  });

  it('links to the logs from where it is written, and never to anything but a file', () => {
    expect(hrefOf('/var/logs/a b.log', '/var/out/page.html')).toBe('./../logs/a%20b.log');
    expect(hrefOf('/var/logs/x.tar.gz!dir/m.log', '/var/logs/page.html')).toBe('./x.tar.gz');
    expect(hrefOf('javascript:alert(1)', null)).toBe('./javascript%3Aalert(1)');
    expect(hrefOf('http://x/y"onclick=1', null)).toBe('./http%3A/x/y%22onclick%3D1');
  });

  it("shows the clearest log's lines, from a run as from a store", () => {
    write(at('logs/a.log'), readFileSync('samples/dmesg/qcom-null-priv-5.10.log'));
    write(at('logs/b.log'), variant('samples/dmesg/qcom-null-priv-5.10.log', 4));
    const batch = (...args: string[]) =>
      spawnSync(process.execPath, ['dist/cli.js', 'batch', '--workers', '0', '--format', 'html', ...args], {
        encoding: 'utf8',
      });
    expect(batch(at('logs'), '-o', at('run.html')).stderr).toBe('');
    batch(at('logs'), '--store', at('store'), '-o', at('store.html'));
    batch(at('store'), '-o', at('view.html'));
    const pages = ['run', 'store', 'view'].map((name) =>
      readFileSync(at(`${name}.html`), 'utf8').replaceAll(/dated: .*?</g, '<'),
    );
    const own = pages.map((page) =>
      JSON.parse(/<script type="application\/json" id="own">(.*?)<\/script>/s.exec(page)![1]!),
    );
    const [only] = Object.values(own[0]) as { quote: [number, string][]; logs: [string, string][]; sentence: string }[];
    expect(only!.quote.map(([, text]) => text).join('\n')).toMatch(
      /NULL pointer dereference[\s\S]*qcom_iommu_of_xlate\+0x/,
    );
    expect(only!.logs.map(([, href]) => href).sort()).toEqual(['./logs/a.log', './logs/b.log']);
    expect(only!.sentence).toContain('This crash is the race');
    expect(own[1]).toEqual(own[0]);
    expect(own[2]).toEqual(own[0]);
  });
});
