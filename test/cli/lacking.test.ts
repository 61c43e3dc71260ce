/** What the machine does not give is no defect: one sentence with what to do, status 2, and no result lost for it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lock } from '../../src/batch/lock.ts';
import { poolOf } from '../../src/batch/pool.ts';
import { threadsWithin } from '../../src/batch/room.ts';
import { walk } from '../../src/batch/walk.ts';
import { UsageError } from '../../src/exit.ts';
import { lackOf } from '../../src/lacking.ts';
import { freshFolder } from './folder.ts';

const QCOM = 'samples/dmesg/qcom-null-priv-5.10.log';
const at = freshFolder();

/** Runs it with these limits of bash's ulimit. */
const limited = (limits: string, ...args: readonly string[]) =>
  spawnSync('bash', ['-c', `ulimit ${limits} && exec "$0" "$@"`, process.execPath, 'dist/cli.js', ...args], {
    encoding: 'utf8',
    input: '',
    timeout: 60_000,
  });

describe('too few descriptors', () => {
  it.each([
    ['batch', '--workers', '0', QCOM],
    ['batch', '--workers', '2', 'samples/dmesg'],
    ['mcp'],
    ['worker', '--queue', 'redis://127.0.0.1:1'],
  ])('%s says which limit, and is no defect', (...args) => {
    const { status, stdout, stderr } = limited('-n 28', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'oopsreplay: too many open files for the limit that it runs under; raise it (ulimit -n 1024) and run it again\n',
    );
  });

  it('is judged with, where that is possible', () => {
    const { status, stdout } = limited('-n 28', '--brief', QCOM);
    expect([status, stdout]).toEqual([0, expect.stringContaining('CONFIRMED')]);
  });
});

describe('an installation that is not whole', () => {
  it('is said to be so', () => {
    const dist = at('dist');
    cpSync('dist', dist, { recursive: true });
    rmSync(join(dist, 'batch.js'));
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, 'cli.js'), 'batch', resolve(QCOM)], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^oopsreplay: a part of its installation cannot be read \(.*batch\.js: .*\); install it again\n$/,
    );
  });
});

describe('threads that the machine does not give', () => {
  const files = readdirSync('samples/dmesg').filter((name) => name.endsWith('.log'));

  it('leave the judging to this one: too little address space', () => {
    const args = ['batch', '--workers', '2', '--format', 'ndjson', 'samples/dmesg'];
    const whole = spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8' });
    const { status, stdout, stderr } = limited('-v 1600000', ...args);
    expect([status, stdout]).toEqual([0, whole.stdout]);
    expect(stderr).toContain('not enough address space for a thread (ulimit -v)');
  });

  it('are as many as there is room for', () => {
    const limits = (bytes: string) =>
      `Max processes 9\nMax address space         ${bytes}            unlimited            bytes\n`;
    const statm = `${(800 << 20) / 4096} 1 1`;
    expect(threadsWithin(8, limits('unlimited'), statm)).toBe(8);
    expect(threadsWithin(8, limits(String(3 * 2 ** 30)), statm)).toBe(2);
    expect(threadsWithin(8, limits(String(2 ** 30)), statm)).toBe(0);
    expect(threadsWithin(8, '', '')).toBe(8);
  });

  it('leave the judging to this one: a thread that cannot open its parts', async () => {
    const pool = poolOf(2, { thread: pathToFileURL('test/cli/no-descriptors.mjs').href });
    const items = [...walk('samples/dmesg', { skip: null })].flatMap((step) =>
      step.is === 'file' ? [step.found] : [],
    );
    try {
      // Twice: one that was sent before it showed, one after.
      for (let time = 0; time < 2; time++) {
        const outcomes = await pool.run({ items, model: 'm', options: {} }, async (contents) =>
          contents.map(() => true),
        );
        expect(outcomes.map(({ is }) => is)).toEqual(items.map(() => 'judged'));
      }
    } finally {
      await pool.close();
    }
    expect(items.length).toBeGreaterThanOrEqual(files.length);
  });
});

describe('what is said of an error', () => {
  it('is what is lacking and what to do, and nothing where something else is wrong', () => {
    expect(lackOf(Object.assign(new Error('x'), { code: 'ENFILE' }))).toMatch(/on this machine; /);
    expect(lackOf(Object.assign(new Error('x'), { code: 'EAGAIN', syscall: 'spawnSync git' }))).toMatch(/ulimit -u/);
    expect(lackOf(new RangeError('Array buffer allocation failed'))).toMatch(/^not enough memory; /);
    expect(lackOf(new RangeError('Invalid array length'))).toBe(null);
    expect(lackOf(new TypeError('x is not a function'))).toBe(null);
    expect(lackOf(Object.assign(new Error('x'), { code: 'ENOENT', path: '/somebody/elses' }))).toBe(null);
  });
});

describe('a store', () => {
  it('whose lock cannot be read is not taken from whoever has it', () => {
    const store = at('locked');
    mkdirSync(join(store, 'lock'), { recursive: true });
    expect(() => lock(store)).toThrow(UsageError);
    expect(existsSync(join(store, 'lock'))).toBe(true);
  });
});

describe('--follow', () => {
  it('says so where the file comes to be unreadable', async () => {
    const path = at('boot.log');
    cpSync(QCOM, path);
    const child = spawn(process.execPath, ['dist/cli.js', '--follow', '--brief', '--timeout', '30', path]);
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    await once(child.stdout, 'data');
    rmSync(path);
    mkdirSync(path);
    const [status] = await once(child, 'close');
    expect([status, said]).toEqual([2, `oopsreplay: ${path}: is a directory; all logs in it: oopsreplay batch DIR\n`]);
  });
});
