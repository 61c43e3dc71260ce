/** conform, as the built command. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { freshFolder } from './folder.ts';

const inFolder = freshFolder();
const SAMPLE = 'samples/dmesg/dart-ftrace-6.1.log';
const WITHOUT = 'samples/dmesg/no-crash-6.12.log';
const REVERTED = ['--not-fixed', 'a2e7e59a9426'];

function run(args: readonly string[], input: string | Uint8Array = '') {
  return spawnSync(process.execPath, ['dist/cli.js', 'conform', ...args], { encoding: 'utf8', input });
}

const schema = JSON.parse(readFileSync('schema/conform.schema.json', 'utf8'));
const validate = new Ajv({ strict: true, allErrors: true, strictTypes: false, allowUnionTypes: true }).compile(schema);

function json(...args: readonly string[]) {
  const { status, stdout } = run(['--format', 'json', ...args]);
  expect(status).toBe(0);
  const value = JSON.parse(stdout);
  for (const one of Array.isArray(value) ? value : [value]) {
    validate(one);
    expect(validate.errors ?? []).toEqual([]);
  }
  return value;
}

describe('conform', () => {
  it('says that a real trace is a behaviour, which task was which thread, and how it ends in the crash', () => {
    const { status, stdout, stderr } = run([...REVERTED, SAMPLE]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('CONFORMS  the trace is a behaviour of the model (explained 42 of 42)');
    expect(stdout).toMatch(/insmod-51 +│ IOMMU registration +│ 7 +│ 142 to 182/);
    expect(stdout).toMatch(/kworker\/-36 +│ client probe, attempt 2/);
    expect(stdout).toContain('null-write dev_iommu.priv in');
    expect(json(...REVERTED, SAMPLE)).toMatchObject({
      accepted: true,
      explained: { k: 42, n: 42 },
      firstUnexplained: null,
      era: 'E',
      driver: 'apple-dart',
      crash: 113,
      outcome: 'null-write dev_iommu.priv in apple_dart_of_xlate',
    });
  });

  it('quotes the first call that does not fit, and what would have', () => {
    const lines = readFileSync(SAMPLE, 'utf8').split('\n');
    const at = lines.findLastIndex((line) => line.includes('of_iommu_xlate <-of_iommu_configure'));
    const changed = inFolder('changed.log');
    writeFileSync(changed, lines.toSpliced(at, 1).join('\n'));
    const { status, stdout } = run([...REVERTED, changed]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^DOES NOT CONFORM {2}the trace is no behaviour of the model \(explained 30 of 41/);
    expect(stdout).toMatch(/^ {4}168\| kworker\/-36 .*iommu_fwspec_init <-of_iommu_xlate$/m);
    expect(stdout).toContain('this task could have gone on with of_iommu_xlate <-of_iommu_configure');
    expect(json(...REVERTED, changed)).toMatchObject({ accepted: false, firstUnexplained: 168, outcome: null });
  });

  it('reads a trace file from standard input, where options say what it does not', () => {
    const calls = readFileSync(SAMPLE, 'utf8').match(/^\[[^\]]+\] +\S+-\d+ .*<-\w+$/gm)!;
    const rows = calls.map((line) => {
      const [, task, cpu, micros, text] = /\] +(\S+) +(\d)\S* (\d+)us : (.*)$/.exec(line)!;
      return `${task!.padStart(20)}   [00${cpu}] ..... ${(Number(micros) / 1e6).toFixed(6)}: ${text}`;
    });
    expect(rows).toHaveLength(41);
    const options = ['--kernel', '6.1.60', '--driver', 'apple-dart'];
    const { status, stdout } = run(options, `# tracer: function\n#\n${rows.join('\n')}\n`);
    expect(status).toBe(0);
    expect(stdout).toContain('explained 41 of 41');
    // Nobody says that what is missing would have been traced; with --traced somebody does.
    const less = rows.filter((row) => !row.includes(': __iommu_probe_device <-')).join('\n');
    expect(run(options, less).stdout).toMatch(/^CONFORMS /);
    expect(run([...options, '--traced', 'iommu_fwspec_init,__iommu_*'], less).stdout).toMatch(/^DOES NOT CONFORM /);
  });

  it('says what to boot with where there is no trace', () => {
    const { status, stdout, stderr } = run([WITHOUT]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('NOT JUDGED  no function trace is in this log');
    expect(stdout).toMatch(/^ {4}ftrace=function ftrace_filter=\S+ ftrace_dump_on_oops trace_buf_size=64K$/m);
    const machine = run(['--format', 'json', WITHOUT]);
    expect(machine.stderr).toContain('boot with ftrace=function');
    expect(json(WITHOUT)).toMatchObject({ judged: false, accepted: false, explained: { k: 0, n: 0 } });
  });

  it('answers for each input and boot in turn', () => {
    const { stdout } = run([...REVERTED, SAMPLE, WITHOUT]);
    expect(stdout.match(/^== .*$/gm)).toEqual([`== ${SAMPLE}`, `== ${WITHOUT}`]);
    expect(json(...REVERTED, SAMPLE, WITHOUT).map((c: { judged: boolean }) => c.judged)).toEqual([true, false]);
  });

  it('ends with 2 on an input that cannot be read, and on options that cannot be meant', () => {
    const { status, stdout, stderr } = run([...REVERTED, 'no/such/file', SAMPLE]);
    expect(status).toBe(2);
    expect(stderr).toContain('no/such/file: no such file');
    expect(stdout).toContain('CONFORMS');
    for (const [args, says] of [
      [['--driver', 'nvidia', SAMPLE], /not a driver that is known/],
      [['--kernel', 'newest', SAMPLE], /begins like 6\.5/],
      [['--fixed', 'a2e7e59a9426', ...REVERTED, SAMPLE], /both name a2e7e59a9426/],
      [['--format', 'html', SAMPLE], /Allowed choices are text, json/],
    ] as const) {
      const wrong = run(args);
      expect([args, wrong.status, wrong.stdout]).toEqual([args, 2, '']);
      expect(wrong.stderr).toMatch(says);
    }
  });

  it('prints nothing that a terminal obeys', () => {
    const hostile = `   a\u001b[2J-7   [000] ..... 1.000000: really_probe <-__driver_probe_device\n  b\u202e-8   [000] ..... 1.1: iommu_device_register <-\u009bx\n`;
    const { stdout } = run(['--kernel', '6.1.60', '--driver', 'apple-dart'], hostile.repeat(3));
    expect(stdout).toMatch(/CONFORM/);
    for (const char of ['\u001b', '\u009b', '\u202e']) expect(stdout).not.toContain(char);
  });
});
