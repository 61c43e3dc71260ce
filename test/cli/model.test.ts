/** simulate, replay and the lists, as the built command. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8', input: '' });
}

const schema = JSON.parse(readFileSync('schema/simulate.schema.json', 'utf8'));
const validate = new Ajv({ strict: true, allErrors: true, strictTypes: false }).compile(schema);

interface Simulated {
  readonly era: string;
  readonly reduction: boolean;
  readonly exhaustive: boolean;
  readonly interleavings: string;
  readonly outcomes: readonly {
    outcome: string;
    crash: boolean;
    serial: boolean;
    preemptions: number;
    witness: string;
  }[];
}

function simulated(...args: readonly string[]): Simulated {
  const { status, stdout, stderr } = run('simulate', '--format', 'json', ...args);
  expect([status, stderr]).toEqual([0, '']);
  const value = JSON.parse(stdout);
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
  return value;
}

describe('simulate', () => {
  it('reaches the seed crash on 6.5.6 with apple-dart, and by no serial run', () => {
    const { era, exhaustive, reduction, outcomes } = simulated('--kernel', '6.5.6', '--driver', 'apple-dart');
    expect({ era, exhaustive, reduction }).toEqual({ era: 'E', exhaustive: true, reduction: false });
    expect(outcomes.find((o) => o.outcome === 'null-write dev_iommu.priv in apple_dart_of_xlate')).toMatchObject({
      crash: true,
      serial: false,
      preemptions: 2,
    });
    expect(outcomes.filter((o) => o.crash && o.serial)).toEqual([]);
  });

  it('reaches no crash on 6.1.192, and does once told that the fix is not in', () => {
    const fixed = simulated('--kernel', '6.1.192', '--driver', 'apple-dart');
    expect([fixed.era, fixed.outcomes.some((o) => o.crash)]).toEqual(['F61', false]);
    const reverted = simulated('--kernel', '6.1.192', '--driver', 'apple-dart', '--not-fixed', 'a2e7e59a9426');
    expect([reverted.era, reverted.outcomes.some((o) => o.crash)]).toEqual(['E', true]);
  });

  it('shows the crashes of one hypothesis, each in the scenario where it is at home', () => {
    const of = (era: string, driver: string, hypothesis: string) =>
      simulated('--era', era, '--driver', driver, '--hypothesis', hypothesis)
        .outcomes.filter((o) => o.crash)
        .map((o) => o.outcome);
    expect(of('E', 'apple-dart', 'xlate-vs-probe-free')).toContain('null-write dev_iommu.priv in apple_dart_of_xlate');
    expect(of('F61', 'apple-dart', 'xlate-vs-probe-free')).toEqual([]);
    expect(of('D', 'rockchip', 'probe-vs-probe')).toContain('null-read dev_iommu.fwspec in dev_iommu_free');
    expect(of('E', 'rockchip', 'probe-vs-probe')).toEqual([]);
    expect(of('F', 'rockchip', 'driver-data-after-registration')).toEqual([
      'null-read device.devres_lock in rk_iommu_of_xlate',
    ]);
    expect(of('E', 'sprd', 'priv-without-fwspec')).toEqual([
      'null-write dev_iommu.priv in caller_of_dev_iommu_priv_set',
    ]);
    const unexplored = run('simulate', '--era', 'E', '--driver', 'sprd', '--hypothesis', 'default-domain');
    expect([unexplored.status, unexplored.stderr]).toEqual([
      2,
      expect.stringContaining('judged by place and era only'),
    ]);
  });

  it('says what was counted: everything within the budget, nothing with reduction, and what is missing without it', () => {
    const model = ['--era', 'E', '--driver', 'apple-dart'];
    const names = (s: Simulated) => s.outcomes.map((o) => o.outcome);
    const whole = simulated(...model);
    expect(whole).toMatchObject({ exhaustive: true, reduction: false, countsExact: true, budget: 4_000_000 });
    for (const more of [['--reduction'], ['--budget', '1500']]) {
      const reduced = simulated(...model, ...more);
      expect(reduced).toMatchObject({ exhaustive: true, reduction: true, countsExact: false });
      expect(names(reduced)).toEqual(names(whole));
    }
    const cut = simulated(...model, '--budget', '100', '--no-reduction');
    expect(cut).toMatchObject({ exhaustive: false, reduction: false, countsExact: false, budget: 100 });
    const table = run('simulate', ...model, '--budget', '100', '--no-reduction').stdout;
    expect(table).toContain('NOT exhaustive: ended at its budget of 100 states');
    expect(run('simulate', ...model, '--reduction').stdout).toContain('exhaustive, with partial-order reduction');
    expect(run('simulate', ...model, '--budget', '0').status).toBe(2);
  });

  it('prints a table, with the exact count in JSON only', () => {
    const { status, stdout } = run('simulate', '--era', 'E', '--driver', 'dart', '--scenario', 'first-probe');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^era E, apple-dart, first-probe, memory kasan, granularity compiled\n2 threads, 1 client device/,
    );
    expect(stdout).toContain('│ null-write dev_iommu.priv in apple_dart_of_xlate ');
  });

  it('prints the model itself, for SPIN, with the lock where the tree has it', () => {
    const args = ['simulate', '--driver', 'apple-dart', '--format', 'promela', '--kernel'];
    const { status, stdout, stderr } = run(...args, '6.5.6');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\/\*\n \* Era E, apple-dart, deferred-retry: /);
    expect(stdout).toContain('/* apple_dart_of_xlate: iommu->priv = priv */');
    expect(stdout).toContain('printf("crash: null-write dev_iommu.priv in apple_dart_of_xlate\\n"); assert(false)');
    expect(stdout.match(/^proctype \w+/gm)).toEqual(['proctype thread0', 'proctype thread1', 'proctype observer']);
    const locks = (text: string) => text.match(/mutex_lock\(&iommu_probe_device_lock\)/g)?.length;
    expect(locks(run(...args, '6.6.17').stdout)).toBeGreaterThan(locks(stdout)!);
  });

  it('ends with 2 and says what there is when asked for something that is not in the model', () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['--era', 'Z', '--driver', 'apple-dart'], /no era Z; it has B1, C, D, E, E2, F, F61/],
      [['--era', 'E', '--driver', 'nvidia'], /no driver nvidia; it has apple-dart, /],
      [['--era', 'E', '--driver', 'apple-dart', '--scenario', 'tea'], /no scenario tea; it has deferred-retry, /],
      [['--kernel', '6.16.1', '--driver', 'apple-dart'], /no era H; it has /],
      [['--kernel', '6.5.0-14-generic', '--driver', 'apple-dart'], /E or F.*--era/],
      [['--kernel', '6.5.6', '--era', 'E', '--driver', 'apple-dart'], /give one/],
      [['--driver', 'apple-dart'], /needs --kernel VERSION or --era ID/],
      [['--kernel', '6.5.6'], /--driver/],
      [['--kernel', 'newest', '--driver', 'apple-dart'], /begins like 6\.5/],
      [['--era', 'E', '--driver', 'apple-dart', '--memory', 'swap'], /Allowed choices are kasan, plain/],
      [['--era', 'E', '--driver', 'apple-dart', '--not-fixed', 'HEAD'], /A commit is/],
    ];
    for (const [args, says] of wrong) {
      const { status, stdout, stderr } = run('simulate', ...args);
      expect([args, status, stdout]).toEqual([args, 2, '']);
      expect(stderr).toMatch(says);
    }
  });
});

describe('replay', () => {
  it('takes every witness of a simulation to the end that it is a witness of', () => {
    for (const { outcome, preemptions, witness } of simulated('--era', 'E', '--driver', 'sprd').outcomes) {
      const { status, stdout } = run('replay', witness);
      expect(status).toBe(0);
      const end = /^ends in: (.*); (\d+) preemptions?$/m.exec(stdout);
      expect(end?.[1]).toContain(outcome);
      expect(Number(end?.[2])).toBe(preemptions);
    }
  });

  it('prints every step with its thread, function and file', () => {
    const { stdout } = run('replay', '1.E.apple-dart.deferred-retry.kasan.compiled.static.0x6,1x13,0,1');
    expect(stdout).toMatch(/^era E \(lock: static\), apple-dart, deferred-retry, memory kasan, granularity compiled\n/);
    expect(stdout.match(/^ {0,2}\d+ {2}thread [01] {2}\w+\(\) {2}drivers\//gm)?.length).toBe(21);
    expect(stdout).toContain('*** double-free fwspec in dev_iommu_free');
  });

  it('ends with 2 and the reason on a string that is none, or that the model cannot follow', () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['nonsense', /eight parts/],
      ['2.E.apple-dart.deferred-retry.kasan.compiled.static.0', /version 1 only/],
      ['1.Z.apple-dart.deferred-retry.kasan.compiled.static.0', /no era Z/],
      ['1.E.apple-dart.deferred-retry.kasan.compiled.static.0y3', /not a run of steps/],
      ['1.E.apple-dart.deferred-retry.kasan.compiled.static.7', /step 1 .* cannot be taken/],
      ['1.E.apple-dart.deferred-retry.kasan.compiled.static.0x999', /step \d+ .* cannot be taken/],
      ['1.E.apple-dart.deferred-retry.kasan.compiled.static.', /no step/],
    ];
    for (const [text, says] of wrong) {
      const { status, stdout, stderr } = run('replay', text);
      expect([text, status, stdout]).toEqual([text, 2, '']);
      expect(stderr).toMatch(says);
    }
  });
});

describe('kernels, drivers, hypotheses', () => {
  it('list what the model knows, with sources', () => {
    expect(run('kernels').stdout).toMatch(
      /│ E +│ v6\.2-rc1, 6\.1\.2 +│ inside __iommu_probe_device\(\) +│ yes +│ 01657bc14a39/,
    );
    expect(run('drivers').stdout).toMatch(/│ apple-dart +│ priv +│ drivers\/iommu\/apple-dart\.c/);
    expect(run('hypotheses').stdout).toMatch(/│ probe-vs-probe +│ B B1 C D +│ 01657bc14a39 +│ in the model/);
    for (const list of ['kernels', 'drivers', 'hypotheses']) expect(run(list)).toMatchObject({ status: 0, stderr: '' });
  });
});
