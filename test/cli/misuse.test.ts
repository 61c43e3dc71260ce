/** What is asked for wrongly is answered with what was meant. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const QCOM = 'samples/dmesg/qcom-null-priv-5.10.log';
const FRAGMENT = 'samples/dmesg/fragment.log';
const run = (...args: string[]) => spawnSync('node', ['dist/cli.js', ...args], { encoding: 'utf8' });

describe('misuse', () => {
  it.each([
    [['tirage'], 'did you mean oopsreplay triage?'],
    [['explian'], 'did you mean oopsreplay explain?'],
    [['samples'], 'oopsreplay batch DIR'],
    [['report', QCOM, FRAGMENT], 'oopsreplay triage --format markdown PATH...'],
    [['report', '-o', 'nowhere/at/all.md', FRAGMENT], 'nowhere/at/all.md: no such file'],
    [['simulate', '--kernel', '6.1'], 'simulate needs --driver NAME, one of apple-dart, arm-smmu, '],
    [['explain', 'nothing-of-the-kind'], 'oopsreplay explain lists all of them'],
  ])('%j: %s', (args, says) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
  });

  it('has one list of drivers wherever it lists them', () => {
    const lists = [run('simulate', '--kernel', '6.1').stderr, run('--driver', 'x', FRAGMENT).stderr];
    const names = lists.map((text) => /(apple-dart, [\w, -]+?)(?: are)?\n/.exec(text)?.[1]);
    expect(names[0]).toBeDefined();
    expect(names[1]).toBe(names[0]);
  });

  it('says of a kernel newer than any that was read that it is', () => {
    expect(run('--kernel', '99.1', FRAGMENT).stderr).toMatch(
      /--kernel 99\.1: beyond \d+\.\d+, the newest kernel that was read/,
    );
    expect(run('affected', '99.1').stderr).toMatch(/affected 99\.1: beyond \d+\.\d+, the newest kernel that was read/);
    expect(run('affected', '6.1.50', 'rockchip').stderr).toBe('');
    expect(run('--kernel', '6.1.50', FRAGMENT).stderr).not.toContain('beyond');
  });

  it('judges nothing before it knows that the result can be kept', () => {
    const out = join(mkdtempSync(join(tmpdir(), 'oopsreplay-')), 'no', 'report.md');
    expect(run('report', '-o', out, QCOM).status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });
});

describe('short answers', () => {
  it('--brief: a line a log that begins as those of compilers do', () => {
    const { stdout } = run('--brief', QCOM, FRAGMENT, 'samples/dmesg/no-crash-6.12.log');
    expect(stdout.split('\n')).toEqual([
      `${QCOM}:91: CONFIRMED BUG: unable to handle kernel NULL pointer dereference in qcom_iommu_of_xlate; fix absent; go to 6.1.68`,
      `${FRAGMENT}:1: INSUFFICIENT too little is left to judge`,
      'samples/dmesg/no-crash-6.12.log:1: NO CRASH nothing in this log is a crash',
      '',
    ]);
  });

  it('--quiet: nothing but the status', () => {
    expect(run('--quiet', '--fail-on', 'confirmed', QCOM)).toMatchObject({ status: 1, stdout: '', stderr: '' });
    expect(run('--quiet', FRAGMENT)).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('report has --fail-on, too', () => {
    expect(run('report', '--fail-on', 'confirmed', QCOM).status).toBe(1);
    expect(run('report', '--fail-on', 'confirmed', FRAGMENT).status).toBe(0);
  });

  it.each(['kernels', 'drivers', 'hypotheses', 'explain'])('%s as JSON', (command) => {
    const { status, stdout } = run(command, '--format', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).length).toBeGreaterThan(5);
  });

  it('JUnit has the suite that was named, and how long the boot took to its crash', () => {
    const { stdout } = run('--format', 'junit', '--junit-suite', 'boot "a" <b>', QCOM);
    expect(stdout).toContain('<testsuite name="boot &quot;a&quot; &lt;b&gt;" tests="1"');
    expect(stdout).toMatch(/<testcase [^>]* time="[1-9]\d*\.\d+">/);
  });

  it('KCIDB has the origin, the build and the test that were named', () => {
    const { stdout } = run(
      '--format',
      'kcidb',
      '--kcidb-origin',
      'lab',
      '--kcidb-build-id',
      'lab:1',
      '--kcidb-test-id',
      'lab:2',
      QCOM,
    );
    const { issues, incidents } = JSON.parse(stdout);
    expect(issues[0]).toMatchObject({ id: 'lab:xlate-vs-probe-free', origin: 'lab' });
    expect(incidents[0]).toMatchObject({ origin: 'lab', build_id: 'lab:1', test_id: 'lab:2', issue_id: issues[0].id });
  });
});
