/** The built command as a user meets it: exit status, what goes to which stream, and the ways a shell can be unkind. */

import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import { FORMATS } from '../../src/report/render.ts';
import { rendered } from '../report/samples.ts';
import { freshFolder } from './folder.ts';

const at = freshFolder();
const CLI = 'dist/cli.js';

const OOPS = `[    5.000000] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000040
[    5.000100] Mem abort info:
[    5.000200]   ESR = 0x0000000096000044
[    5.000300] Data abort info:
[    5.000400]   CM = 0, WnR = 1
[    5.000500] Internal error: Oops: 0000000096000044 [#1] SMP
[    5.000600] CPU: 2 PID: 12 Comm: kworker/u16:1 Not tainted 6.5.6 #1
[    5.000700] pc : apple_dart_of_xlate+0x54/0x1f8 [apple_dart]
[    5.000800] lr : apple_dart_of_xlate+0x154/0x1f8 [apple_dart]
[    5.000900] Call trace:
[    5.001000]  apple_dart_of_xlate+0x54/0x1f8 [apple_dart]
[    5.001100]  of_iommu_xlate+0xa4/0xe8
[    5.001200]  of_iommu_configure+0x190/0x1f8
[    5.001300]  of_dma_configure_id+0x13c/0x348
[    5.001400] ---[ end trace 0000000000000000 ]---
`;
writeFileSync(at('oops.log'), OOPS);
writeFileSync(at('quiet.log'), '[    1.000000] Booting Linux on physical CPU 0x0\n');

describe('a crash that was typed off a screen', () => {
  const typed = ['triage', '--pc', 'qcom_iommu_of_xlate+0xb4', '--lr', 'of_iommu_xlate+0xb0', '--kernel', '5.10.150'];
  it('is judged as the fragment that it is', () => {
    const { status, stdout } = run([...typed, '--address', '0x38']);
    expect(status).toBe(0);
    const text = stdout.replace(/\s+/g, ' ');
    for (const said of ['INSUFFICIENT', 'qcom_iommu_of_xlate', '5.10.150', 'dev_iommu.priv'])
      expect(text).toContain(said);
  });
  it('needs a place that can be read, and no log beside it', () => {
    expect(run(['triage', '--pc', 'nonsense']).stderr).toContain('--pc nonsense');
    expect(run(['triage', '--lr', 'f+0x1']).stderr).toContain('need --pc');
    expect(run([...typed, '--address', 'zz']).stderr).toContain('--address zz');
    expect(run([...typed, at('oops.log')]).stderr).toContain('--pc stands for a log');
  });
});

function run(
  args: readonly string[],
  input: string | Buffer = '',
  env: NodeJS.ProcessEnv = {},
): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [CLI, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '', ...env },
  });
}

const stackTrace = /^\s+at .+:\d+:\d+\)?$/m;

describe('usage', () => {
  it('prints help and version on standard output and ends with 0', () => {
    for (const args of [['--help'], ['help'], ['triage', '--help'], ['report', '--help']]) {
      const { status, stdout, stderr } = run(args);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('Usage: oopsreplay');
    }
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(run(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(`^${version} \\(model \\d+, kernels 4\\.20 to \\d+\\.\\d+\\.\\d+\\)\n$`),
    });
  });

  it('ends with 2 on wrong usage and says what is wrong', () => {
    const wrong: [string[], string][] = [
      [['--fromat', 'json'], 'unknown option'],
      [['--format', 'yaml', 'x'], 'Allowed choices are text, json, ndjson, markdown'],
      [['--kernel', 'newest', 'x'], 'A kernel release begins like 6.5'],
      [['--fixed', 'HEAD', 'x'], 'A commit is'],
      [['--driver', 'nvidia', at('oops.log')], 'not a driver that is known; apple-dart, arm-smmu, '],
      [['--git', at('nowhere'), at('oops.log')], 'not a git repository'],
      [['--baseline', '-', at('oops.log')], '--baseline cannot be standard input'],
      [['--baseline', at('nowhere'), at('oops.log')], 'nowhere: '],
      [['--baseline', at('oops.log'), at('oops.log')], 'each boot in it has a crash report'],
      [['--fail-on', 'never', 'x'], 'Allowed choices are confirmed, possible, insufficient, crash'],
      [['report', 'a', 'b'], 'report is of one log'],
      [['--fixed', 'a2e7e59a9426', '--not-fixed', 'a2e7e59a9426', 'x'], 'both name'],
    ];
    for (const [args, text] of wrong) {
      const { status, stdout, stderr } = run(args);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain(text);
      expect(stderr).not.toMatch(stackTrace);
    }
  });

  it('shows escapes in arguments instead of sending them to the terminal', () => {
    const { stderr } = run(['--format', '\x1b[31m', 'x\x1b]0;t\x07']);
    expect(stderr).toContain('\\x1b[31m');
    expect(stderr).not.toContain('\x1b');
    expect(run([at('no\x1b[2Jsuch')]).stderr).toContain('no\\x1b[2Jsuch: no such file');
  });
});

describe('reading inputs', () => {
  it('judges standard input by default, and for -', () => {
    for (const args of [[], ['-'], ['triage'], ['triage', '-']]) {
      const { status, stdout, stderr } = run([...args, '--format', 'json'], OOPS);
      expect([status, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toMatchObject({ schema: 'oopsreplay/triage/1', source: { name: '-' } });
    }
  });

  it('names the file and the reason where one cannot be read, judges the others, and ends with 2', () => {
    const { status, stdout, stderr } = run([at('oops.log'), at('missing.log'), at(''), '/dev/null', at('quiet.log')]);
    expect(status).toBe(2);
    expect(stdout).toContain(`== ${at('oops.log')}`.slice(0, 60));
    expect(stdout).toContain('NO CRASH');
    expect(stderr).toContain(`${at('missing.log')}: no such file`);
    expect(stderr).toContain('is a directory');
    expect(stderr).toContain('/dev/null: is a device');
    expect(stderr).not.toMatch(stackTrace);
  });

  it('takes an empty log, a binary file and a log without a crash calmly', () => {
    for (const input of ['', '\n', readFileSync('/bin/true'), Buffer.alloc(100_000), 'hello\n']) {
      const { status, stdout, stderr } = run([], input);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^INSUFFICIENT {2}no kernel log is in this input/);
      expect(stderr).not.toMatch(stackTrace);
    }
    expect(run([], '').stderr).toContain('OR103');
  });

  it('survives one line of 64 MB', () => {
    const { status, stderr } = run([], Buffer.alloc(64 << 20, 'x'));
    expect(status).toBe(0);
    expect(stderr).toContain('OR101');
    expect(stderr.length).toBeLessThan(1000);
  });
});

describe('output', () => {
  it.each(FORMATS)('is the same bytes for the same bytes, wherever and whenever: %s', async (format) => {
    const logs = ['samples/dmesg/qcom-null-priv-5.10.log', 'samples/dmesg/fragment.log'];
    const args = ['--format', format, ...logs];
    const [first, second] = [
      run(args, '', { TZ: 'UTC', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' }),
      run(args, '', { TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', COLUMNS: '200', LINES: '10' }),
    ];
    expect(first.status).toBe(0);
    expect(first.stdout).not.toBe('');
    expect(second.stdout).toBe(first.stdout);
    // The bundle is read as ASCII: what it says must be what the sources say.
    const judged = logs.flatMap((name) => triage(readFileSync(name), { name }));
    expect(first.stdout).toBe(await rendered(format, judged));
  });

  it('colours in a pipe only where --color says so, and never with NO_COLOR', () => {
    const colours = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      run([...args, 'samples/dmesg/no-crash-6.12.log'], '', env).stdout.includes('\x1b[');
    expect(colours(['--color'])).toBe(true);
    expect(colours(['--color'], { NO_COLOR: '1' })).toBe(false);
    expect(colours([])).toBe(false);
  });

  it('has no colour and 80 columns where it is not a terminal', () => {
    const { stdout } = run([at('oops.log')], '', { FORCE_COLOR: '1', COLUMNS: '200' });
    expect(stdout).not.toContain('\x1b');
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .filter((line) => !/^ {8}\S/.test(line))
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
  });

  it('ends with 1 only if --fail-on asks and the verdict is there', () => {
    expect(run(['--fail-on', 'crash', at('oops.log')]).status).toBe(1);
    expect(run(['--fail-on', 'crash', at('quiet.log')]).status).toBe(0);
    expect(run([at('oops.log')]).status).toBe(0);
  });

  it('writes a report to a new file and refuses to overwrite one without --force', () => {
    const args = ['report', at('oops.log'), '-o', at('report.md')];
    expect(run(args)).toMatchObject({ status: 0, stdout: '' });
    const first = readFileSync(at('report.md'), 'utf8');
    expect(first).toMatch(/^# [A-Z ]+: /);
    const again = run(args);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('exists; use --force to replace it');
    expect(run([...args, '--force']).status).toBe(0);
    expect(readFileSync(at('report.md'), 'utf8')).toBe(first);
    expect(run(['report', at('oops.log'), '-o', at('oops.log'), '--force']).status).toBe(2);
    expect(readFileSync(at('oops.log'), 'utf8')).toBe(OOPS);
  });

  it('is quiet when the reader of the pipe goes away', async () => {
    writeFileSync(at('many.log'), OOPS);
    const child = spawn(process.execPath, [CLI, '--format', 'json', ...Array(50).fill(at('many.log'))], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, stderr]).toEqual([0, '']);
  });

  it('is interrupted by SIGINT while it waits for input, without a word', async () => {
    const child = spawn(process.execPath, [CLI], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    setTimeout(() => child.kill('SIGINT'), 1500);
    const [status, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      child.on('close', (code, name) => resolve([code, name])),
    );
    // A shell shows death by SIGINT as 130.
    expect(status === 130 || signal === 'SIGINT').toBe(true);
    expect(stderr).toBe('');
  });
});
