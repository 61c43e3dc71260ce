/** simulate, replay and the lists, as the built command. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { thinned } from '../size.ts';
import { freshFolder } from './folder.ts';

const fresh = freshFolder();

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8', input: '' });
}

const schema = JSON.parse(readFileSync('schema/simulate.schema.json', 'utf8'));
const validate = new Ajv({ strict: true, allErrors: true, strictTypes: false }).compile(schema);

/** The seed's crash. */
const SEED = '1.E.apple-dart.deferred-retry.kasan.compiled.static.1x9,0x15,1x9,0x3';

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
    hypothesis: string | null;
  }[];
  readonly kernel: object | null;
  readonly iommus: number;
  readonly earlier: string;
  readonly code: string | null;
  readonly set?: {
    readonly simulation: Pick<Simulated, 'outcomes'>;
    readonly closes: readonly string[];
    readonly leaves: readonly string[];
    readonly opens: readonly string[];
  };
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
    expect(of('G', 'apple-dart', 'dma-configure-toctou')).toEqual([
      'null-read amba_driver.driver_managed_dma in amba_dma_configure',
    ]);
    expect(of('F', 'sprd', 'release-vs-xlate')).toContain('uaf-read dev_iommu.fwspec in of_iommu_configure');
    const quiet = (era: string, hypothesis: string) =>
      simulated('--era', era, '--driver', 'apple-dart', '--hypothesis', hypothesis).outcomes.map((o) => o.outcome);
    expect(quiet('F', 'default-domain')).toEqual(['bound-default-domain-missing']);
    expect(quiet('H', 'default-domain')).toEqual([]);
    expect(quiet('H', 'replay-vs-registration')).toEqual(['late-probe-warning', 'late-probe-warning-in-replay']);
    const none = run('simulate', '--era', 'E', '--driver', 'sprd', '--hypothesis', 'tea');
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('no hypothesis tea; it has xlate-vs-')]);
  });

  it('says what was counted: everything within the budget, nothing with reduction, and what is missing without it', () => {
    const model = ['--era', 'E', '--driver', 'apple-dart'];
    const names = (s: Simulated) => s.outcomes.map((o) => o.outcome);
    const whole = simulated(...model);
    expect(whole).toMatchObject({ exhaustive: true, reduction: false, countsExact: true, budget: 4_000_000 });
    for (const more of [['--reduction'], ['--budget', '1700']]) {
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

  it('answers for a kernel: which crashes are the race, why, and which release cannot', () => {
    const of = (kernel: string, ...more: readonly string[]) =>
      run('simulate', '--driver', 'apple-dart', '--kernel', kernel, ...more).stdout.replace(/\s+/g, ' ');
    const affected = of('6.1.50');
    expect(affected).toContain(
      'kernel 6.1.50: era E. 6.1.50 has 01657bc14a39, which came into 6.1.y with 6.1.2 fix absent',
    );
    expect(affected).toContain('16 crashes can be reached');
    expect(affected).toContain('all of them belong to xlate-vs-probe-free (closed by a2e7e59a9426)');
    expect(affected).toMatch(/the first of them: cause: `kfree\(fwspec\)` .* before `kfree\(param->fwspec\)`/);
    expect(affected).toMatch(
      /the first release of 6\.1\.y that cannot: 6\.1\.68 \(a2e7e59a9426\); with its code \(era F61\) the model reaches none of them $/,
    );
    expect(of('6.5.6')).toMatch(
      /no release of 6\.5\.y has a2e7e59a9426; .*; the next release that has it: 6\.6\.5; with/,
    );
    expect(of('5.10.200')).toMatch(/\d+ crashes of probe-vs-probe .*; the next release that has it: 6\.1\.68;/);
    expect(of('6.6.5')).toMatch(/cannot crash by the race xlate-vs-probe-free \(it has a2e7e59a9426\) $/);
    expect(of('6.5.6', '--scenario', 'walks-only')).toMatch(
      /cannot crash by the race xlate-vs-probe-free in this scenario $/,
    );
  });

  it('gives the same answer as data', () => {
    const { kernel, outcomes } = simulated('--kernel', '6.5.6', '--driver', 'apple-dart');
    const race = outcomes.filter((o) => o.hypothesis === 'xlate-vs-probe-free').map((o) => o.outcome);
    expect(kernel).toMatchObject({
      era: 'E',
      affected: true,
      race,
      firstFixed: { branch: '6.5.y', ofBranch: false, release: '6.6.5', era: 'F', reaches: [] },
    });
    expect(race.length).toBe(16);
    expect(simulated('--era', 'E', '--driver', 'apple-dart').kernel).toBeNull();
  });

  it('says of kernels older than v5.7 that they are not affected, and why', () => {
    const old = run('simulate', '--kernel', '5.4.100', '--driver', 'apple-dart');
    expect([old.status, old.stderr]).toEqual([0, '']);
    expect(old.stdout).toMatch(/^5\.4\.100 is not affected: 5\.4\.y is older than v5\.7: dev->iommu, which/);
    expect(run('simulate', '--era', 'A', '--driver', 'dart').stdout).toMatch(/^era A is not affected: /);
    const data = simulated('--kernel', '5.4.100', '--driver', 'apple-dart');
    expect(data).toMatchObject({ era: 'A', outcomes: [], kernel: { affected: false, race: [], firstFixed: null } });
    const none = run('simulate', '--kernel', '5.4.100', '--driver', 'apple-dart', '--format', 'promela');
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('no model of era A')]);
  });

  it('prints the model itself, for SPIN, with the lock where the tree has it', () => {
    const args = ['simulate', '--driver', 'apple-dart', '--format', 'promela', '--kernel'];
    const { status, stdout, stderr } = run(...args, '6.5.6');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\/\*\n \* Era E, apple-dart, deferred-retry: /);
    expect(stdout).toContain('/* apple_dart_of_xlate: iommu->priv = priv */');
    expect(stdout).toMatch(/printf\("crash: null-write dev_iommu\.priv in apple_dart_of_xlate\\n"\).*assert\(false\)/);
    expect(stdout.match(/^proctype \w+/gm)).toEqual(['proctype thread0', 'proctype thread1', 'proctype observer']);
    const locks = (text: string) => text.match(/mutex_lock\(&iommu_probe_device_lock\)/g)?.length;
    expect(locks(run(...args, '6.6.17').stdout)).toBeGreaterThan(locks(stdout)!);
  });

  it("explores a vendor's tree by its features, and says what it is called", () => {
    const file = fresh('code.json');
    writeFileSync(file, '{ "era": "C", "lock": "static" }');
    const args = ['--code', file, '--driver', 'apple-dart'];
    const found = simulated(...args);
    expect(found).toMatchObject({ era: 'C', code: "5.10's code plus the lock of 01657bc14a39" });
    expect(found.outcomes.map((o) => o.outcome)).not.toContain('null-read dev_iommu.fwspec in dev_iommu_free');
    expect(run('simulate', ...args).stdout).toMatch(/^5\.10's code plus the lock of 01657bc14a39, apple-dart, /);
    const first = found.outcomes[0]!;
    expect(run('replay', first.witness, '--expect', first.outcome).status).toBe(0);
  });

  it('says what a change of the code closes, leaves and opens: both tables and the difference', () => {
    const args = ['--era', 'E', '--set', 'lock=global', '--driver', 'apple-dart'];
    const { set, outcomes } = simulated(...args);
    const crashes = outcomes.filter((o) => o.crash).map((o) => o.outcome);
    expect(set).toMatchObject({ features: 'lock=global', closes: [...crashes, 'leak'], opens: [], exhaustive: true });
    expect(set!.leaves).toContain('bound-with-iommu');
    expect(set!.simulation.outcomes.filter((o) => o.crash)).toEqual([]);
    const { stdout } = run('simulate', ...args);
    expect(stdout).toContain('with lock=global (a2e7e59a9426, since 6.7, 6.6.5, 6.1.68)');
    expect(stdout).toMatch(/the change closes:\n {2}double-free fwspec/);
    expect(stdout).toMatch(/it leaves:\n {2}bound-/);
    expect(stdout).toMatch(/it opens nothing\n$/);
  });

  it('answers whether of_xlate inside the probe would have been the fix', () => {
    // bcb81ac6ae3c alone, on code that has the lock: what the race does is gone, and siblings come.
    const { set } = simulated(
      '--era',
      'F3',
      '--set',
      'shape=6.15,replay=if-absent,undo=all-it-made',
      '--driver',
      'apple-dart',
    );
    expect(set!.opens).toContain('late-probe-warning');
  });

  it('explores two entries, and starts with an instance that was there before', () => {
    const two = simulated('--era', 'E', '--driver', 'arm-smmu', '--iommus', '2');
    expect(two).toMatchObject({ iommus: 2, earlier: 'none' });
    const second = two.outcomes.find((o) => o.outcome === 'null-write dev_iommu.fwspec in iommu_fwspec_add_ids')!;
    expect(second).toMatchObject({ hypothesis: 'xlate-vs-probe-free' });
    expect(run('replay', second.witness, '--expect', second.outcome).status).toBe(0);
    const of = (earlier: string) => simulated('--era', 'E', '--driver', 'rockchip', '--earlier', earlier);
    const names = (s: Simulated) => s.outcomes.map((o) => o.outcome);
    const [none, one, any] = ['none', 'one', 'any'].map(of) as [Simulated, Simulated, Simulated];
    expect(any.earlier).toBe('any');
    expect(new Set(names(any))).toEqual(new Set([...names(none), ...names(one)]));
    expect(run('simulate', '--era', 'E', '--driver', 'rockchip').stdout).toContain(
      'with an instance up before and without',
    );
    expect(run('simulate', '--era', 'E', '--driver', 'sprd', '--scenario', 'foreign', '--iommus', '2').status).toBe(2);
  });

  it('ends with 2 and says what there is when asked for something that is not in the model', () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['--era', 'Z', '--driver', 'apple-dart'], /no era Z; it has B, B1, C, D, E, E2, F, F61, F2, F3, G, H/],
      [['--era', 'E', '--driver', 'nvidia'], /no driver nvidia; it has apple-dart, /],
      [['--era', 'E', '--driver', 'apple-dart', '--scenario', 'tea'], /no scenario tea; it has deferred-retry, /],
      [['--kernel', '6.5.0-14-generic', '--driver', 'apple-dart'], /E or F.*--era/],
      [['--kernel', '6.5.6', '--era', 'E', '--driver', 'apple-dart'], /give one/],
      [['--driver', 'apple-dart'], /needs --kernel VERSION, --era ID, --code FILE, --source DIR or --git DIR/],
      [['--kernel', '6.5.6'], /--driver/],
      [['--era', 'E', '--code', 'code.json', '--driver', 'apple-dart'], /--era and --code both name the code/],
      [['--code', 'no-such.json', '--driver', 'apple-dart'], /no-such\.json: /],
      [['--code', 'README.md', '--driver', 'apple-dart'], /README\.md: not JSON/],
      [['--code', 'package.json', '--driver', 'apple-dart'], /package\.json: /],
      [['--era', 'E', '--set', 'undo=fwspec', '--driver', 'apple-dart'], /undo needs shape 6\.11/],
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
    const { outcomes } = simulated('--era', 'E', '--driver', 'sprd');
    for (const { outcome, preemptions, witness } of thinned(outcomes, 9)) {
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

  it('prints the value of dev->iommu after every step, what each load read, and why the run crashes', () => {
    const { stdout } = run('replay', SEED);
    expect(stdout.match(/^ {9}dev->iommu=/gm)?.length).toBe(stdout.match(/^ {0,2}\d+ {2}thread/gm)?.length);
    expect(stdout).toContain('       iommu = dev->iommu  (reads NULL)\n');
    const cause =
      /^cause: `dev->iommu = NULL` in dev_iommu_free .* before .*apple_dart_of_xlate .*; reversed, no interleaving of the scenario ends in this crash forcing points: .* 0\. thread 1, before dev->iommu = NULL in dev_iommu_free\(\): store 1 of dev->iommu in dev_iommu_free 1\. thread 0, /;
    expect(stdout.slice(stdout.indexOf('cause:')).replace(/\s+/g, ' ').trim()).toMatch(cause);
  });

  it('shows the nearest passing run beside a crash, in 80 columns', () => {
    const { status, stdout } = run('replay', SEED, '--diff');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^nearest passing run: the first \d+ steps in common, then the fewest preemptions$/m);
    expect(stdout.match(/^.{38} !(?: |$)/gm)?.length).toBe(1);
    expect(stdout).toMatch(/null-write dev_iommu\.priv +\|/);
    const lines = stdout.split('\n').filter((line) => !line.includes('oopsreplay replay '));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const passing = /oopsreplay replay (\S+)/.exec(stdout)![1]!;
    expect(run('replay', passing).stdout).toMatch(/^ends in: bound-/m);
    expect(run('replay', passing, '--diff')).toMatchObject({ status: 2, stdout: '' });
  });

  it('prints JSON that its schema holds, with and without a crash, a difference and an end', () => {
    const check = new Ajv({ strict: true, allErrors: true, strictTypes: false, allowUnionTypes: true }).compile(
      JSON.parse(readFileSync('schema/replay.schema.json', 'utf8')),
    );
    const json = (...args: readonly string[]) => {
      const value = JSON.parse(run('replay', '--format', 'json', ...args).stdout);
      check(value);
      expect(check.errors ?? []).toEqual([]);
      return value;
    };
    const crash = json(SEED, '--diff');
    expect(crash).toMatchObject({
      crash: true,
      complete: true,
      ends: ['null-write dev_iommu.priv in apple_dart_of_xlate'],
    });
    expect(crash.nearest.steps.slice(0, crash.nearest.common)).toEqual(crash.steps.slice(0, crash.nearest.common));
    expect(json(crash.nearest.witness)).toMatchObject({ crash: false, complete: true, cause: null, nearest: null });
    expect(json(SEED.replace(/,[^,]*$/, ''))).toMatchObject({ crash: false, complete: false, ends: [] });
  });

  it('says of a string that was cut that the run comes to no outcome, and checks the expected one', () => {
    const cut = run('replay', SEED.replace(/,[^,]*$/, ''));
    expect(cut.status).toBe(2);
    expect(cut.stdout).toMatch(/^ends in: no outcome: the schedule is over, and thread 0 could go on;/m);
    expect(cut.stderr).toMatch(/no whole run/);
    const outcome = 'null-write dev_iommu.priv in apple_dart_of_xlate';
    expect(run('replay', SEED, '--expect', outcome).status).toBe(0);
    const other = run('replay', SEED, '--expect', 'deferred');
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining(`ends in ${outcome}, not in deferred`)]);
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
    expect(run('hypotheses').stdout).toMatch(/│ probe-vs-probe +│ B B1 C D G +│ 01657bc14a39, +│ walks-only/);
    for (const list of ['kernels', 'drivers', 'hypotheses']) expect(run(list)).toMatchObject({ status: 0, stderr: '' });
  });
});
