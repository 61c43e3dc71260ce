/** What asks the registry or takes long: every TypeScript from 5.4 on, an installation as a user makes it, and the files of a release. */

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiled, type Installed, install, NOTHING_SAID, packagesIn } from './install.ts';

const SAMPLE = resolve('samples/dmesg/qcom-null-priv-5.10.log');
/** The last of each minor version. */
const COMPILERS = ['5.4.5', '5.5.4', '5.6.3', '5.7.3', '5.8.3', '5.9.3', '6.0.3'] as const;

const reached =
  spawnSync('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=5000'], { stdio: 'ignore' }).status === 0;
const online = reached ? describe : describe.skip;
const unless = reached ? '' : ' (skipped, as the npm registry cannot be reached from here)';

online(`with the registry${unless}`, () => {
  let installed: Installed;
  let compilers: string;
  beforeAll(() => {
    installed = install([]);
    compilers = mkdtempSync(join(tmpdir(), 'oopsreplay-compilers-'));
    const aliases = COMPILERS.map((version) => `ts-${version}@npm:typescript@${version}`);
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-save', '--prefix', compilers, ...aliases], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
  afterAll(() => {
    installed?.remove();
    if (compilers !== undefined) rmSync(compilers, { recursive: true, force: true });
  });

  it.each(COMPILERS)('TypeScript %s compiles a strict consumer in every module system', (version) => {
    expect(compiled(installed, join(compilers, `node_modules/ts-${version}/bin/tsc`))).toEqual(NOTHING_SAID);
  });

  it('brings piscina and what that asks for, no more, and judges a batch in threads', () => {
    expect(packagesIn(installed.folder).filter((name) => !name.startsWith('@napi-rs/'))).toEqual([
      'oopsreplay',
      'piscina',
    ]);
    const { stderr } = installed.run('node_modules/.bin/oopsreplay', ['batch', SAMPLE, '--workers', '2']);
    expect(stderr).toBe('');
  });

  it('runs by npx from the tarball, from an empty home', () => {
    const command = ['--yes', '--package', installed.tarball, 'oopsreplay', '--brief', SAMPLE];
    const { status, stdout } = installed.run('npx', command);
    expect(stdout).toContain('CONFIRMED BUG');
    expect(status).toBe(0);
  });
});

describe('the single file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-single-'));
  const file = join(folder, 'oopsreplay.cjs');
  const run = (args: readonly string[]) =>
    spawnSync(process.execPath, [file, ...args], { cwd: folder, encoding: 'utf8', env: {}, input: '' });
  beforeAll(() => {
    execFileSync(process.execPath, ['scripts/release.mjs', '--single', file], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is one file of less than two megabytes, with the licences of what is in it', () => {
    expect(statSync(file).size).toBeLessThan(2 << 20);
    expect(readFileSync(file, 'utf8')).toMatch(/ohm-js \d[\s\S]*MIT/);
  });

  it.each(['--format json', 'report', 'batch --format json', 'explain era-c'])(
    'prints what the command prints: %s',
    (command) => {
      const args = command.split(' ');
      const log = join(folder, 'boot.log');
      if (!existsSync(log)) copyFileSync(SAMPLE, log);
      const from = args[0] === 'explain' ? [] : ['boot.log'];
      const built = spawnSync(process.execPath, [resolve('dist/cli.js'), ...args, ...from], {
        cwd: folder,
        encoding: 'utf8',
        input: '',
      });
      const { status, stdout, stderr } = run([...args, ...from]);
      expect(stdout).toBe(built.stdout);
      expect(status).toBe(built.status);
      expect(stderr).toBe(
        args[0] === 'batch'
          ? 'oopsreplay: the single file has no threads: logs are judged one after another, without threads\n'
          : '',
      );
    },
  );
});

describe('the Dockerfile', () => {
  const lines = readFileSync('Dockerfile', 'utf8').split('\n');
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

  it('ends as a user who is not root, with the command as what is run', () => {
    expect(last.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    expect(last.findIndex((line) => line.startsWith('USER '))).toBeGreaterThan(
      last.findIndex((line) => line.startsWith('RUN ')),
    );
    expect(last.find((line) => line.startsWith('ENTRYPOINT'))).toBe('ENTRYPOINT ["oopsreplay"]');
  });

  it('runs no script of a package', () => {
    for (const line of lines.filter((one) => /npm (?:ci|install)/.test(one)))
      expect(line).toContain('--ignore-scripts');
  });
});
