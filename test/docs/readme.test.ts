/** The README is run: every block marked for it prints what stands there, and what it says of commands and files is so. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { blocksOf, patternOf, sessionsOf } from './blocks.ts';
import { folderOf } from './folder.ts';

const README = readFileSync('README.md', 'utf8');
const blocks = blocksOf(README);

const { shell, remove } = folderOf('readme');
afterAll(remove);

describe('the README', () => {
  const sessions = blocks.filter((b) => b.language === 'console').flatMap((b) => sessionsOf(b.text));

  it('has sessions to run', () => {
    expect(sessions.length).toBeGreaterThanOrEqual(6);
  });

  it.each(sessions)('shows what is printed: $command', ({ command, output }) => {
    expect(shell(command).stdout).toMatch(patternOf(output));
  });

  it('has a library example that runs as it stands', () => {
    const code = blocks.find((b) => b.language === 'js')!.text;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toBe(blocks.find((b) => b.mark === 'prints')!.text);
  });

  it('names two commands for a fresh machine, and what follows npm ci in them works', () => {
    const commands = [...README.matchAll(/^npm ci && (npm .*)$/gm)].map((m) => m[1]!);
    expect(commands).toEqual(['npm start -- samples/dmesg/qcom-null-priv-5.10.log', 'npm test']);
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(scripts).toMatchObject({ start: 'node scripts/start.mjs', test: 'vitest run' });
    const { status, stdout } = spawnSync('sh', ['-c', commands[0]!], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('CONFIRMED  BUG: unable to handle kernel NULL pointer dereference');
  });

  it('names commands, options and files that are there', () => {
    const help = [
      '--help',
      'batch --help',
      'worker --help',
      'triage --help',
      'report --help',
      'affected --help',
      'simulate --help',
      'replay --help',
      'conform --help',
    ].map((args) => shell(`oopsreplay ${args}`).stdout);
    for (const option of new Set(README.match(/--[a-z]+(?:-[a-z]+)*/g))) expect(help.join('')).toContain(option);
    for (const command of [
      'affected',
      'batch',
      'worker',
      'triage',
      'report',
      'simulate',
      'replay',
      'conform',
      'kernels',
      'drivers',
      'hypotheses',
    ])
      expect(help[0]).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    for (const file of README.match(/\b(?:samples|schema|src)\/[\w/.-]*\w/g)!)
      expect(existsSync(file), file).toBe(true);
  });

  it('counts what the model has', () => {
    expect(README).toContain('in twelve eras');
    expect(ERAS.size).toBe(12);
    expect(README).toContain('Eighteen are modelled');
    expect(DRIVERS.size).toBe(18);
    const samples = JSON.parse(readFileSync('samples/dmesg/index.json', 'utf8')) as unknown[];
    expect(README).toContain('holds nineteen');
    expect(samples).toHaveLength(19);
  });
});
