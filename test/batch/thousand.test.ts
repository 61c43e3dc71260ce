/**
 * A thousand inputs, twenty of them bombs, cut, unreadable or hostile, in any order: a thousand lines, the same bytes with any number of workers, and the status
 * of such a run. Three seeds in the exhaustive run, which alone has this file; SEEDS=4,5 for others.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { freshFolder } from '../cli/folder.ts';
import { bomb, manyDevices, SAMPLES, variant, write } from './make.ts';

const INPUTS = 1000;
const SEEDS = (process.env.SEEDS ?? '1,2,3').split(',').map(Number);

const at = freshFolder();

const packed = (kind: 'zst' | 'xz' | 'bz2') => readFileSync(`test/fixtures/compressed/log.${kind}`);
const cut = (bytes: Buffer, share: number) => bytes.subarray(0, Math.floor(bytes.length * share));

/** A stream of xz that unfolds to a gigabyte of one character; a gzip where there is no xz. */
function xzBomb(): Buffer {
  const { status, stdout } = spawnSync('xz', ['-9c'], { input: Buffer.alloc(1 << 28, 'x'), maxBuffer: 1 << 28 });
  return status === 0 ? Buffer.concat([stdout, stdout, stdout, stdout]) : bomb(1 << 30);
}

/** What each of them comes to, 'cut': what can be read of a cut one, if anything; null: a link to nowhere. */
const HOSTILE: readonly (readonly [status: string, content: () => Buffer | string | null])[] = [
  ['judged', () => bomb(1 << 30)],
  ['judged', () => bomb(1 << 29)],
  ['judged', xzBomb],
  ['judged', xzBomb],
  ['cut', () => cut(gzipSync(readFileSync(SAMPLES[0]!)), 0.5)],
  ['cut', () => cut(packed('xz'), 0.9)],
  ['cut', () => cut(packed('bz2'), 0.9)],
  ['cut', () => cut(packed('zst'), 0.9)],
  ['unreadable', () => cut(gzipSync(readFileSync(SAMPLES[1]!)), 0.004)],
  ['unreadable', () => cut(packed('xz'), 0.01)],
  ['unreadable', () => null],
  ['unreadable', () => null],
  ['judged', () => ''],
  ['judged', () => Buffer.from(Array.from({ length: 1 << 16 }, (_, i) => (i * 7919) % 251))],
  ['judged', () => 'x'.repeat(5 << 20)],
  ['judged', () => '\n'.repeat(3 << 20)],
  ['judged', () => `[    1.000000] ${'\u001b[2J'.repeat(20_000)}`],
  ['judged', () => manyDevices(5000)],
  ['judged', () => `${'<0>BUG: unable to handle page fault for address: '.repeat(5000)}\n`],
  ['judged', () => Buffer.concat([packed('xz'), packed('xz')])],
];

function randomOf(seed: number): (n: number) => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % n;
  };
}

/** Writes them; the status of each by its name. */
function inputs(folder: string, seed: number): ReadonlyMap<string, string> {
  const random = randomOf(seed);
  const order = Array.from({ length: INPUTS }, (_, i) => i);
  for (let i = INPUTS - 1; i > 0; i--) {
    const j = random(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const expected = new Map<string, string>();
  order.forEach((which, place) => {
    const name = `${String(place).padStart(4, '0')}.log`;
    const hostile = HOSTILE[which];
    const content = hostile ? hostile[1]() : variant(SAMPLES[which % SAMPLES.length]!, random(400));
    if (content === null) symlinkSync('nowhere', join(folder, name));
    else write(join(folder, name), content);
    expected.set(name, hostile?.[0] ?? 'judged');
  });
  return expected;
}

describe.each(SEEDS)('a thousand inputs (seed %i)', (seed) => {
  it('have a thousand lines, the same with 0, 1 and 2 workers, and the right status', () => {
    const folder = at(`logs-${seed}`);
    write(join(folder, '0000.log'), '');
    const expected = inputs(folder, seed);
    const runs = [0, 1, 2].map((workers) =>
      spawnSync(process.execPath, ['dist/cli.js', 'batch', folder, '--format', 'ndjson', '--workers', `${workers}`], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      }),
    );
    const [first] = runs;
    const lines = first!.stdout
      .trimEnd()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            readonly kind: string;
            readonly path: string;
            readonly status: string;
            readonly diagnostics: unknown;
          },
      )
      .filter((line) => line.kind === 'input');
    expect(lines).toHaveLength(INPUTS);
    const got = lines.map(({ path, ...rest }) => ({ name: path.slice(folder.length + 1), ...rest }));
    const wrong = got.filter(({ name, status }) => {
      const wanted = expected.get(name)!;
      return wanted === 'cut' ? !/^(?:judged|unreadable)$/.test(status) : status !== wanted;
    });
    expect(wrong.map(({ name, status, diagnostics }) => [name, status, expected.get(name), diagnostics])).toEqual([]);
    expect(new Set(got.map(({ name }) => name)).size).toBe(INPUTS);
    for (const run of runs) {
      // Some could not be read; nothing was a defect.
      expect(run.status).toBe(2);
      expect(run.stdout === first!.stdout).toBe(true);
    }
  }, 1_800_000);
});
