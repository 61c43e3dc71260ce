/** Known buckets: what a file says of them, what comes back although it is fixed, and ids that outlive better titles. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasTheFix, knownOf, readKnown } from '../../src/batch/known.ts';
import { newsOf } from '../../src/batch/news.ts';
import { statisticsOf } from '../../src/batch/statistics.ts';
import { releasesOfStatus } from '../../src/batch/status.ts';
import { freshFolder } from '../cli/folder.ts';
import { headOf, ledgerOf, race } from './heads.ts';
import { variant, write } from './make.ts';

const at = freshFolder();
const DART = 'samples/dmesg/dart-null-priv-6.1.log';

function batch(...args: string[]) {
  return spawnSync(process.execPath, ['dist/cli.js', 'batch', '--workers', '0', ...args], { encoding: 'utf8' });
}
const json = (...args: string[]) => JSON.parse(batch(...args, '--format', 'json').stdout);

describe('a release', () => {
  it.each([
    ['6.6.9', '6.6.5', true],
    ['6.6.5-403.asahi', '6.6.5', true],
    ['6.6.4', '6.6.5', false],
    ['6.7.1', '6.6.5', true],
    ['6.5.9', '6.6.5', false],
    ['6.1.68', '6.1.68, 6.6.5', true],
    ['6.1.67', '6.1.68, 6.6.5', false],
    // Its branch never had the fix.
    ['6.5.13', '6.1.68, 6.6.5', false],
    ['6.7-rc3', '6.7-rc4', false],
    ['6.7.0', '6.7-rc4', true],
    ['vendor-tree', '6.6.5', false],
  ])('%s has what is fixed in %s: %s', (release, fixed, has) => {
    expect(hasTheFix(release, releasesOfStatus(`fixed-in ${fixed}`)!)).toBe(has);
  });
});

describe('the file of known buckets', () => {
  const file = (text: string) => {
    writeFileSync(at('known.json'), text);
    return at('known.json');
  };
  const A = '0123456789ab';

  it('is read by id and alias, with or without a schema around', () => {
    const entry = { status: 'ignore', aliases: ['ba9876543210'] };
    for (const text of [{ [A]: entry }, { schema: 'oopsreplay/batch-known/1', buckets: { [A]: entry } }])
      expect([...readKnown(file(JSON.stringify(text))).keys()].sort()).toEqual([A, 'ba9876543210'].sort());
  });

  it.each([
    ['{', 'is no JSON'],
    ['[]', 'is no object'],
    [`{"schema":"x"}`, 'has no "buckets"'],
    [`{"zz":{}}`, 'is no id of a bucket'],
    [`{"${A}":3}`, 'is no object'],
    [`{"${A}":{"status":"closed"}}`, 'open, ignore, or fixed-in and a release are possible'],
    [`{"${A}":{"status":"fixed-in soon"}}`, 'open, ignore, or fixed-in'],
    [`{"${A}":{"note":3}}`, 'is no text'],
    [`{"${A}":{"aliases":["x"]}}`, 'aliases that are no ids'],
  ])('says what is wrong with %s', (text, wrong) => {
    expect(() => readKnown(file(text))).toThrow(wrong);
    expect(batch('samples/dmesg/fragment.log', '--known', at('known.json'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(wrong),
    });
  });
});

describe('a bucket that is known', () => {
  const release = (text: string) => readFileSync(DART, 'latin1').replaceAll('6.1.192', text);
  // Two runs over a folder that fills: the fix is noted after the first, and the crash comes back on a release that has it.
  it('is news when it is fixed, and comes back', () => {
    write(at('logs/a.log'), release('6.1.50'));
    const [bucket] = json(at('logs'), '--store', at('store')).buckets;
    const noted = batch(
      at('store'),
      '--known',
      at('k.json'),
      '--ticket',
      'BUG-7',
      '--status',
      'fixed-in 6.1.60',
      '--note',
      bucket.id.slice(0, 6),
      'a text',
    );
    expect([noted.status, noted.stderr]).toEqual([0, '']);
    expect(noted.stdout).toContain(`${bucket.id} null-write dev_iommu.priv in apple_dart_of_xlate`);
    expect(noted.stdout).toContain('k.json: fixed in 6.1.60, BUG-7: a text');
    expect(JSON.parse(readFileSync(at('k.json'), 'utf8'))).toMatchObject({
      schema: 'oopsreplay/batch-known/1',
      buckets: { [bucket.id]: { status: 'fixed-in 6.1.60', ticket: 'BUG-7', note: 'a text' } },
    });
    const fixed = batch(at('store'), '--known', at('k.json')).stdout;
    expect(fixed).toMatch(/fixed BUG-7 /);
    expect(fixed).toContain('* 1 in 1 known bucket: 0 open, 1 said to be fixed\n');
    expect(fixed).not.toContain('is back');
    write(at('logs/b.log'), release('6.1.61'));
    const back = batch(at('logs'), '--store', at('store'), '--known', at('k.json')).stdout;
    expect(back).toContain(`* ${bucket.id} (BUG-7) is back: fixed in 6.1.60, seen on 6.1.61 in 1 boot:`);
    expect(back).toMatch(new RegExp(`${bucket.id} +2 +\\S+ +REOPENED BUG-7 `));
    const { buckets, news } = json(at('store'), '--known', at('k.json'));
    expect(news[0]).toMatchObject({ kind: 'reopened', buckets: [bucket.id] });
    expect(buckets[0].known).toMatchObject({ status: 'reopened', seenOn: ['6.1.61'], fixedIn: ['6.1.60'] });
    expect(batch(at('store'), '--known', at('k.json'), '--bucket', bucket.id).stdout).toContain(
      'REOPENED: fixed in 6.1.60, seen on',
    );
    // A later note leaves what was said before.
    batch('--known', at('k.json'), '--note', bucket.id, 'another', at('store'));
    expect(JSON.parse(readFileSync(at('k.json'), 'utf8')).buckets[bucket.id]).toMatchObject({
      ticket: 'BUG-7',
      note: 'another',
    });
  });

  it('is counted apart where it is ignored, and fails nothing', () => {
    write(at('ignored/a.log'), variant('samples/dmesg/qcom-null-priv-5.10.log', 3));
    const [bucket] = json(at('ignored'), '--store', at('s2')).buckets;
    expect(batch(at('s2'), '--fail-on', 'confirmed').status).toBe(1);
    batch(at('s2'), '--known', at('k2.json'), '--status', 'ignore', '--note', bucket.id);
    const { status, stdout } = batch(at('s2'), '--known', at('k2.json'), '--fail-on', 'crash');
    expect(status).toBe(0);
    expect(stdout).toContain('* none of 1 boot is confirmed to hit the race\n* 1 in 1 bucket that is ignored\n');
    expect(stdout).toContain('1 ignored bucket: --all\n');
    expect(batch(at('s2'), '--known', at('k2.json'), '--all').stdout).toMatch(/confirmed +ignored +null-write/);
  });

  it('is written where it is meant to', () => {
    for (const [args, text] of [
      [['--note', 'abc', 'x'], 'into which file?'],
      [['--known', at('k3.json'), '--note', 'ffff', 'x'], 'no bucket of that id'],
      [['--known', at('k3.json'), '--ticket', 'x'], 'go with --note'],
      [['--known', at('none.json')], 'none.json'],
      [['--known', at('k3.json'), '--status', 'soon', '--note', 'ffff', 'x'], 'fixed-in 6.6.5'],
    ] as const)
      expect([args, batch(at('store'), ...args)]).toMatchObject([
        args,
        { status: 2, stderr: expect.stringContaining(text) },
      ]);
  });
});

describe('an id', () => {
  const of = (n: number, title: string, model: string) => headOf(n, title, { model });

  it('that another version gave stays, where most of its logs went', () => {
    const old = [1, 2, 3].map((n) => of(n, 'BUG: worse title', 'before'));
    const now = [of(1, 'BUG: better', 'm'), of(2, 'BUG: better', 'm'), of(3, 'BUG: other', 'm')];
    const { buckets } = statisticsOf(ledgerOf([...old, ...now]));
    const better = buckets.find((b) => b.title === 'BUG: better')!;
    expect(better.aliases).toEqual(old[0]!.buckets);
    expect(buckets.find((b) => b.title === 'BUG: other')!.aliases).toEqual([]);
    expect(buckets.map((b) => b.fresh)).toEqual([false, false]);
    const known = knownOf(better, new Map([[old[0]!.buckets[0]!, { ticket: 'BUG-1' }]]));
    expect(known).toMatchObject({ id: old[0]!.buckets[0], ticket: 'BUG-1', status: 'open' });
  });

  it('that a bucket still has is no alias of another one', () => {
    const old = [1, 2].map((n) => of(n, 'BUG: t', 'before'));
    const { buckets } = statisticsOf(ledgerOf([...old, of(1, 'BUG: t', 'm'), of(2, 'BUG: u', 'm')]));
    expect(buckets.map((b) => b.aliases)).toEqual([[], []]);
  });

  it('of a log that is in no count is lost, and of one that is not judged again not yet given', () => {
    const { buckets } = statisticsOf(ledgerOf([of(1, 'BUG: a', 'before'), of(2, 'BUG: b', 'm')]));
    expect(buckets.map((b) => [b.title, b.aliases])).toEqual([['BUG: b', []]]);
  });
});

describe('the news', () => {
  it('count the race without what is ignored', () => {
    const facts = { ...race, mechanism: 'ffffffffffff', release: '6.1.50' };
    const statistics = statisticsOf(ledgerOf([headOf(1, 'BUG: a', facts), headOf(2, 'BUG: b')]));
    const [bucket] = statistics.buckets;
    expect(newsOf(statistics, null, false)[0]!.text).toBe('1 of 2 boots hit the race, in 1 bucket');
    const ignored = new Map([[bucket!.id, knownOf(bucket!, new Map([[bucket!.id, { status: 'ignore' }]]))!]]);
    expect(newsOf(statistics, null, false, ignored).map((n) => n.kind)).toEqual(['quiet', 'ignored']);
  });
});
