import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const LOG = resolve('samples/dmesg/qcom-null-priv-5.10.log');
let folder: string;

function run(cli: string): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [cli, LOG], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oopsreplay-start-'));
  for (const file of ['cli.js', 'program.cjs', 'program.v8']) cpSync(`dist/${file}`, join(folder, file));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the command', () => {
  it.each([
    ['of another V8', (file: string) => writeFileSync(file, Buffer.alloc(4096, 0x5a))],
    ['that is empty', (file: string) => writeFileSync(file, '')],
    ['that is not there', (file: string) => rmSync(file)],
  ])('prints the same with bytecode %s', (_, spoil) => {
    const right = run('dist/cli.js');
    spoil(join(folder, 'program.v8'));
    expect(run(join(folder, 'cli.js'))).toBe(right);
  });
});
