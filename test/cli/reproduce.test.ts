/** `oopsreplay reproduce`: the folder, the plan as JSON, and a sentence where there is nothing to force. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { freshFolder } from './folder.ts';

const fresh = freshFolder();
const WITNESS = '1.E.sprd.deferred-retry.plain.compiled.static.1x10,0x15,1x8,0x3';

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, ['dist/cli.js', 'reproduce', ...args], { encoding: 'utf8', input: '' });
}

const validate = new Ajv({ strict: true, allErrors: true, strictTypes: false }).compile(
  JSON.parse(readFileSync('schema/reproduce.schema.json', 'utf8')),
);

describe('reproduce', () => {
  it('writes a folder from a log, and not over one that is there', () => {
    const dir = fresh('qcom');
    const log = 'samples/dmesg/qcom-null-priv-5.10.log';
    const made = run(log, '-o', dir, '--device', '5e000000.dma');
    expect([made.status, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toContain('forces null-write dev_iommu.priv in qcom_iommu_of_xlate');
    expect(readdirSync(dir).sort()).toEqual(['Kbuild', 'README.md', 'oopsreplay_force.c', 'plan.h']);
    expect(readFileSync(`${dir}/plan.h`, 'utf8')).toContain('"5e000000.dma"');
    expect(run(log, '-o', dir)).toMatchObject({ status: 2, stderr: expect.stringContaining('is not empty') });
    expect(run(log, '-o', dir, '--force').status).toBe(0);
  });

  it('prints the page where no folder is named', () => {
    const { status, stdout } = run(WITNESS);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^# Null-write dev_iommu\.priv in sprd_iommu_of_xlate, forced\n/);
  });

  it('hands programs the plan', () => {
    const plan = JSON.parse(run(WITNESS, '--format', 'json').stdout);
    expect(validate(plan), JSON.stringify(validate.errors)).toBe(true);
    expect(plan).toMatchObject({ outcome: plan.wanted, turns: [1, 0, 1, 0] });
  });

  it('says where a crash comes only of a load that compilers leave out', () => {
    const witness = '1.C.rockchip.deferred-retry.plain.compiled.none.1x10,0x28,1x7,0x2';
    expect(run(witness).stdout).toMatch(
      /needs `dev->iommu` to be loaded twice.*not forceable where the compiler merged/s,
    );
    expect(JSON.parse(run(witness, '--format', 'json').stdout)).toMatchObject({ reloads: true });
    expect(run(WITNESS).stdout).not.toContain('loaded twice');
    const { stdout } = run(witness, '-o', fresh('reload'));
    expect(stdout).toContain('not forceable where the compiler merged the loads of dev->iommu that it needs');
  });

  it.each([
    ['a log without a crash', ['samples/dmesg/no-crash-6.12.log'], /nothing in this log is a crash/],
    ['another bug', ['samples/dmesg/hung-task-6.1.log'], /not the race.*another bug/],
    ['another bug that looks alike', ['samples/dmesg/priv-without-fwspec-6.1.log'], /another bug/],
    ['a fragment', ['samples/dmesg/fragment.log'], /does not say what to force/],
    [
      'a fixed kernel',
      ['samples/dmesg/dart-null-priv-6.1.log'],
      /6\.1\.192 has a2e7e59a9426.*cannot come.*IN A LAB, AND THERE ONLY/,
    ],
    ['a fixed kernel that a witness is for', [WITNESS, '--kernel', '6.1.192'], /6\.1\.192 has a2e7e59a9426/],
    ['a kernel of other code', [WITNESS, '--kernel', '6.12.1', '--nolock'], /has that of 6\.11/],
    ['a run without a crash', ['1.E.sprd.deferred-retry.plain.compiled.static.1x3'], /ends in no crash/],
    ['a broken witness', ['1.E.sprd'], /not a witness: /],
    ['a file that is not there', ['no-such.log'], /no-such\.log: /],
    ['a device that is none', [WITNESS, '--device', 'a b'], /--device a b/],
  ])('refuses %s with a sentence', (_, args, reason) => {
    const { status, stderr, stdout } = run(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(reason);
  });

  it('takes the lock out only where it is told to, and says so in capitals', () => {
    const { status, stdout } = run('samples/dmesg/dart-null-priv-6.1.log', '--nolock');
    expect(status).toBe(0);
    expect(stdout).toContain('FOR A LAB ONLY. THIS KERNEL HAS THE FIX');
    expect(stdout).toContain('nolock=1');
    expect(run(WITNESS, '--kernel', '6.1.192', '--nolock').status).toBe(0);
  });

  it('writes no release that a shell would read otherwise', () => {
    const log = fresh('hostile.log');
    const text = readFileSync('samples/dmesg/qcom-null-priv-5.10.log', 'utf8');
    writeFileSync(log, text.replaceAll('5.10.262', '5.10.262-$(id)'));
    expect(run(log).stdout).not.toContain('$(id)');
  });
});
