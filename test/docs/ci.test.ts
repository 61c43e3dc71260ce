/** The steps of docs/CI.md and of action.yml are run as their systems would run them, with stand-ins for what is not here. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const PAGE = readFileSync('docs/CI.md', 'utf8');
const ACTION = readFileSync('action.yml', 'utf8');
const CONFIRMED = resolve('samples/dmesg/qcom-null-priv-5.10.log');
const CONTRADICTED = resolve('samples/dmesg/dart-ftrace-6.1.log');

/** The blocks under a heading, in order. */
function blocks(heading: string): readonly string[] {
  const section = PAGE.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  return [...section.matchAll(/^```(?:yaml|groovy|sh)\n([\s\S]*?)^```$/gm)].map((m) => m[1]!);
}

const root = mkdtempSync(join(tmpdir(), 'oopsreplay-ci-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = root;
function program(name: string, script: string): void {
  writeFileSync(join(folder, 'bin', name), script);
  chmodSync(join(folder, 'bin', name), 0o755);
}

beforeEach(() => {
  folder = mkdtempSync(join(root, 'job-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'ci'));
  copyFileSync('ci/problem-matcher.json', join(folder, 'ci/problem-matcher.json'));
  copyFileSync(CONFIRMED, join(folder, 'boot.log'));
  program('oopsreplay', `#!/bin/sh\nexec "${process.execPath}" "${resolve('dist/cli.js')}" "$@"\n`);
});

const env = () => ({
  ...process.env,
  PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
  GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
  GITHUB_OUTPUT: join(folder, 'output'),
  GITHUB_ACTION_PATH: resolve('.'),
  RUNNER_TEMP: folder,
});

/** A step as a runner runs it: the shell ends at the first command that fails. */
function step(script: string, more: Record<string, string> = {}) {
  return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env(), ...more },
  });
}

const written = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('GitHub Actions', () => {
  const action = parse(ACTION);
  const [ours, own, matcher] = blocks('GitHub Actions').map((text) => parse(text));

  /** The steps of the action with these inputs, as the runner would have them. */
  function act(given: Record<string, string>) {
    const inputs = Object.fromEntries(
      Object.entries<{ default?: string }>(action.inputs).map(([name, of]) => [name, given[name] ?? of.default ?? '']),
    );
    const filled = (text: string) => text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name) => inputs[name]!);
    let last = { status: 0 as number | null, stdout: '', stderr: '' };
    for (const { run, shell, env: variables = {} } of action.runs.steps) {
      expect(shell).toBe('bash');
      // Text of an input reaches a script as a variable only, so that nothing in it is run.
      expect(run).not.toContain('${{');
      last = step(run, Object.fromEntries(Object.entries<string>(variables).map(([k, v]) => [k, filled(v)])));
      if (last.status !== 0) return last;
    }
    return last;
  }

  it('has an action with the inputs and outputs that the page uses', () => {
    const [job] = ours.jobs.boot.steps;
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(job.with)));
    expect(action.runs.using).toBe('composite');
    expect(ours.jobs.boot.steps[1].with.sarif_file).toBe(`\${{ steps.${job.id}.outputs.sarif }}`);
    expect(action.outputs.sarif.value).toBe(`\${{ steps.${action.runs.steps[1].id}.outputs.sarif }}`);
  });

  it('fails the step, annotates the line, fills the summary and leaves SARIF', () => {
    const { status, stdout } = act(ours.jobs.boot.steps[0].with);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=boot\.log,line=91,/m);
    expect(written('summary.md')).toContain('qcom_iommu_of_xlate');
    const [, sarif] = /^sarif=(.*)$/m.exec(written('output'))!;
    expect(JSON.parse(readFileSync(sarif!, 'utf8')).runs[0].results).toHaveLength(1);
  });

  it('takes several logs, patterns and options, and fails only where it is asked to', () => {
    copyFileSync(CONTRADICTED, join(folder, 'two logs.log'));
    const logs = 'boot.log\ntwo*.log\n';
    expect(act({ logs, 'fail-on': '' })).toMatchObject({ status: 0, stdout: expect.stringMatching(/^::warning /m) });
    const fixed = act({ logs, 'fail-on': '', options: '--not-fixed a2e7e59a9426' });
    expect(fixed.stdout).not.toMatch(/^::warning /m);
    expect(act({ logs: 'none.log' }).status).toBe(2);
    act({ logs: '$(touch hacked)\n`touch hacked`', options: '' });
    expect(existsSync(join(folder, 'hacked'))).toBe(false);
  });

  it('has a step without the action', () => {
    const { status, stdout } = step(own[0].run);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^::error file=boot\.log,line=91,/m)]);
    expect(written('summary.md')).toMatch(/^# /m);
  });

  it('has a problem matcher that reads each brief line as what it is', () => {
    const { stdout } = step(matcher[0].run);
    const [added, ...lines] = stdout.trim().split('\n');
    expect(added).toBe('::add-matcher::ci/problem-matcher.json');
    const { problemMatcher } = JSON.parse(readFileSync('ci/problem-matcher.json', 'utf8'));
    const read = (line: string) =>
      problemMatcher.flatMap((m: { severity: string; pattern: { regexp: string; file: number; line: number }[] }) => {
        const [{ regexp, file, line: number }] = m.pattern as [{ regexp: string; file: number; line: number }];
        const match = new RegExp(regexp).exec(line);
        return match === null ? [] : [[m.severity, match[file], match[number]]];
      });
    expect(read(lines[0]!)).toEqual([['error', 'boot.log', '91']]);
    const all = spawnSync('sh', ['-c', `"${process.execPath}" dist/cli.js --brief samples/dmesg/*.log`], {
      encoding: 'utf8',
    });
    const severities = { CONFIRMED: 'error', POSSIBLE: 'warning', INSUFFICIENT: 'notice', 'NOT THIS RACE': 'notice' };
    for (const line of all.stdout.trim().split('\n')) {
      const [, word] = /:\d+: (CONFIRMED|POSSIBLE|INSUFFICIENT|NOT THIS RACE|NO CRASH) /.exec(line)!;
      expect(read(line).map(([severity]: string[]) => severity)).toEqual(
        word === 'NO CRASH' ? [] : [severities[word as keyof typeof severities]],
      );
    }
  });
});

describe('GitLab', () => {
  const [text] = blocks('GitLab');
  const { race } = parse(text!);

  it('has a job whose artifacts are there, and whose last command says how it ends', () => {
    const statuses = race.script.map((line: string) => step(line).status);
    expect(statuses).toEqual([0, 0, 1]);
    expect(written(race.artifacts.reports.junit)).toMatch(/<testsuite name="boot"[^>]* failures="1"/);
    for (const name of race.artifacts.paths) expect(written(name)).toMatch(/^<!DOCTYPE html>/i);
    const [entry] = JSON.parse(written(race.artifacts.reports.codequality));
    expect(entry).toMatchObject({ severity: 'critical', location: { path: 'boot.log', lines: { begin: 91 } } });
  });
});

describe('Jenkins', () => {
  it('has steps that leave what its plugins read', () => {
    const [text] = blocks('Jenkins');
    const commands = [...text!.matchAll(/\bsh '([^']+)'/g)].map((m) => m[1]!);
    expect(commands.map((command) => step(command).status)).toEqual([0, 0]);
    for (const [, name] of text!.matchAll(/(?:junit|pattern:) '([^']+)'/g))
      expect(written(name!).length).toBeGreaterThan(500);
  });
});

describe('LAVA', () => {
  it('has a test definition whose case is told by the exit status', () => {
    // As lava-test-case of lava-test-shell does: --shell runs the rest of the line.
    program(
      'lava-test-case',
      '#!/bin/sh\nname=$1; shift 2\nif "$@"; then echo "$name: pass"; else echo "$name: fail"; fi\n',
    );
    program('dmesg', '#!/bin/sh\ncat saved.log\n');
    copyFileSync(CONFIRMED, join(folder, 'saved.log'));
    rmSync(join(folder, 'boot.log'));
    const [text] = blocks('LAVA');
    const { metadata, run } = parse(text!);
    expect(metadata).toMatchObject({ format: 'Lava-Test Test Definition 1.0', name: 'oopsreplay' });
    const { stdout } = spawnSync('sh', ['-c', run.steps.join('\n')], { cwd: folder, encoding: 'utf8', env: env() });
    expect(stdout).toMatch(/^boot\.log:91: CONFIRMED .*\nno-race: fail\n$/);
  });
});

describe('KCIDB', () => {
  it('has commands that hand its own tools a file of its own', () => {
    program('kcidb-validate', '#!/bin/sh\ncat > validated.json\n');
    program('kcidb-submit', '#!/bin/sh\necho "$@" > submitted.args; cat > submitted.json\n');
    const { status, stderr } = step(blocks('KCIDB')[0]!, { KCIDB_PROJECT: 'p', KCIDB_TOPIC: 't' });
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(written('validated.json'))).toMatchObject({ version: { major: 5 } });
    expect(written('submitted.json')).toBe(written('validated.json'));
    expect(written('submitted.args')).toBe('-p p -t t\n');
  });
});
