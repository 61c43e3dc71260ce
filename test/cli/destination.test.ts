/** Every command that prints an answer takes --output and --force alike, and --format text and json. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandLine } from '../../src/program.ts';
import { commandsOf, optionsOf } from '../../src/reference/commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-destination-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8' });

const LOG = 'samples/dmesg/dart-ftrace-6.1.log';
/** A call of each. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  triage: [LOG],
  report: [LOG],
  affected: ['6.1.50', 'apple-dart'],
  simulate: ['--kernel', '6.1.50', '--driver', 'apple-dart'],
  replay: ['1.E.apple-dart.deferred-retry.kasan.compiled.static.0x6,1x13,0,1'],
  conform: ['--not-fixed', 'a2e7e59a9426', LOG],
  kernels: [],
  drivers: [],
  hypotheses: [],
  explain: ['era-c'],
};

describe.each(Object.entries(CALLS))('oopsreplay %s', (command, args) => {
  it.each(['text', 'json'])(
    '--format %s -o FILE writes what it would print, and replaces nothing unasked',
    (format) => {
      const file = join(folder, `${command}.${format}`);
      const call = [command, ...args, '--format', format];
      const printed = run(...call);
      const timed = (text: string) => text.replace(/"milliseconds": \d+|\d+ ms/g, '');
      const to = run(...call, '-o', file);
      expect([to.status, to.stdout]).toEqual([printed.status, '']);
      expect(printed.stdout.length).toBeGreaterThan(10);
      expect(timed(readFileSync(file, 'utf8'))).toBe(timed(printed.stdout));
      if (format === 'json') expect(() => JSON.parse(printed.stdout)).not.toThrow();
      writeFileSync(file, 'mine');
      const again = run(...call, '-o', file);
      expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('exists; use --force to replace it')]);
      expect(readFileSync(file, 'utf8')).toBe('mine');
      expect(run(...call, '--force', '-o', file).stdout).toBe('');
      expect(timed(readFileSync(file, 'utf8'))).toBe(timed(printed.stdout));
    },
  );
});

describe('a command that fails', () => {
  it('writes no file', () => {
    const file = join(folder, 'none');
    expect(run('replay', 'nonsense', '-o', file).status).toBe(2);
    expect(existsSync(file)).toBe(false);
  });

  it('says that the place cannot be written before it works', () => {
    expect(run('simulate', '--era', 'E', '--driver', 'apple-dart', '-o', folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is a directory'),
    });
  });
});

describe('every command with --format', () => {
  const answers = commandsOf(commandLine()).filter((c) => optionsOf(c).some((o) => o.long === '--format'));

  it('has -o, --output and --force', () => {
    for (const command of answers)
      expect([command.name(), optionsOf(command).map((o) => o.flags.replace('<dir>', '<file>'))]).toEqual([
        command.name(),
        expect.arrayContaining(['-o, --output <file>', '--force']),
      ]);
  });
});
