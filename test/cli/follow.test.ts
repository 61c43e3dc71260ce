/** `--follow`: a verdict for each report of a log that goes on, soon after its last line, in bounded memory. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LiveLog } from '../../src/parser/live.ts';

const QCOM = readFileSync('samples/dmesg/qcom-null-priv-5.10.log');
const HUNG = readFileSync('samples/dmesg/hung-task-6.1.log');
const running: ChildProcessWithoutNullStreams[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill();
});

function start(...args: string[]) {
  const child = spawn('node', ['dist/cli.js', ...args]);
  running.push(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  const ended = new Promise<number | null>((done) => child.on('exit', done));
  const prints = async (what: RegExp, from = 0) => {
    for (let i = 0; i < 200 && !what.test(out.slice(from)); i++) await new Promise((done) => setTimeout(done, 50));
    return out.slice(from);
  };
  return { child, ended, prints, out: () => out, err: () => err };
}

describe('--follow', () => {
  it('judges a report in a pipe that stays open, by its end mark', async () => {
    const { child, prints } = start('--follow', '--brief');
    child.stdin.write(QCOM);
    expect(await prints(/\n/)).toMatch(/^-:91: CONFIRMED .*qcom_iommu_of_xlate/);
  });

  it('judges a report without an end mark after two seconds of silence, and each once', async () => {
    const { child, ended, out, prints } = start('--follow', '--format', 'ndjson');
    child.stdin.write(HUNG);
    await prints(/hang2.*\n.*hang2.*\n/s);
    child.stdin.end();
    expect(await ended).toBe(0);
    const results = out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(results.map(({ crashes }) => crashes[0].line)).toEqual([97, 112, 127, 142]);
  });

  it('ends at the first hit of --fail-on with 1, and at --timeout with 0', async () => {
    const hit = start('--follow', '--brief', '--fail-on', 'confirmed');
    hit.child.stdin.write(QCOM);
    expect(await hit.ended).toBe(1);
    const none = start('--follow', '--brief', '--timeout', '1');
    expect(await none.ended).toBe(0);
  });

  it('follows a file by its name over rotation and truncation', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-follow-'));
    const log = join(folder, 'console.log');
    writeFileSync(log, '');
    const { out, prints } = start('--follow', '--brief', log);
    appendFileSync(log, QCOM);
    await prints(/CONFIRMED.*\n/);
    let seen = out().length;
    renameSync(log, `${log}.1`);
    writeFileSync(log, QCOM);
    expect(await prints(/CONFIRMED.*\n/, seen)).toContain('CONFIRMED');
    seen = out().length;
    truncateSync(log, 0);
    await new Promise((done) => setTimeout(done, 500));
    appendFileSync(log, QCOM);
    expect(await prints(/CONFIRMED.*\n/, seen)).toContain('CONFIRMED');
  });

  it('never waits in a read of a device: a silent FIFO is left at --timeout, one that speaks is judged', async () => {
    const fifo = join(mkdtempSync(join(tmpdir(), 'oopsreplay-follow-')), 'console');
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
    const silent = start('--follow', fifo, '--brief', '--timeout', '1');
    expect(await silent.ended).toBe(0);
    const { child, ended, prints } = start('--follow', fifo, '--brief', '--fail-on', 'confirmed');
    const writer = spawn('sh', ['-c', `sleep 1; cat samples/dmesg/qcom-null-priv-5.10.log; sleep 30`], {
      stdio: ['ignore', openSync(fifo, constants.O_RDWR), 'ignore'],
    });
    expect(await prints(/CONFIRMED.*\n/)).toContain('qcom_iommu_of_xlate');
    // The writer holds it open and says nothing more.
    expect(await ended).toBe(1);
    expect(child.killed).toBe(false);
    writer.kill();
  });

  it('without it, a standard input that stays open says what it is waiting for', async () => {
    // A shell's pipe, which Node's own to a child is not.
    const line = 'printf "[    1.0] usb 1-1: new device\\n"; sleep 4';
    const { stderr } = spawnSync('sh', ['-c', `(${line}) | node dist/cli.js --brief`], { encoding: 'utf8' });
    expect(stderr).toMatch(/waiting for the end of standard input.*--follow/);
  });
});

describe('what is kept of a live log', () => {
  it('is bounded, and has the beginning of the boot', () => {
    const live = new LiveLog();
    live.take(Buffer.from('[    0.000000] Linux version 6.6.17 (b@h) (gcc) #1\n'), () => 0);
    const noise = Buffer.from('[    1.000000] usb 1-1: new device\n'.repeat(5000));
    let kept = Buffer.alloc(0);
    for (let i = 0; i < 200; i++) live.take(noise, () => 0);
    live.settle((log) => {
      kept = Buffer.from(log);
      return 0;
    });
    expect(live.bytes).toBeLessThan(3 << 20);
    expect(kept.toString('latin1')).toMatch(/^\[ {4}0\.000000\] Linux version 6\.6\.17/);
  });

  it('begins anew with the next boot', () => {
    const live = new LiveLog();
    const told: number[] = [];
    const judge = (log: Uint8Array, from: number) => {
      told.push(log.length);
      return from;
    };
    live.take(QCOM, judge);
    live.take(QCOM, judge);
    expect(live.bytes).toBeLessThan(QCOM.length * 1.5);
    expect(told.length).toBeGreaterThanOrEqual(2);
  });
});
