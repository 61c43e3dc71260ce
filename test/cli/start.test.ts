import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

  it('runs the program that is there, not one of the same length that the bytecode was made of', () => {
    const program = readFileSync('dist/program.cjs', 'latin1');
    // Of a function that runs at every start: those that the bytecode leaves out are compiled from the program anyway.
    const [is, other] = ['many logs at once: what is', 'MANY logs at once: what is'];
    expect(program).toContain(is);
    writeFileSync(join(folder, 'program.cjs'), program.replace(is, other), 'latin1');
    cpSync('dist/program.v8', join(folder, 'program.v8'));
    const { stdout } = spawnSync(process.execPath, [join(folder, 'cli.js'), '--help'], { encoding: 'utf8' });
    expect(stdout).toContain(other);
  });

  it('never ends with status 0 where something that was asked for did not come', () => {
    const program = readFileSync('dist/program.cjs', 'latin1');
    const never = 'async function judgeOne(';
    expect(program).toContain(never);
    const [head, tail] = program.split(never) as [string, string];
    const body = tail.indexOf('{') + 1;
    writeFileSync(
      join(folder, 'program.cjs'),
      `${head}${never}${tail.slice(0, body)}await new Promise(() => {});${tail.slice(body)}`,
      'latin1',
    );
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'cli.js'), LOG], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('ended before all') });
  });

  it('of a Node that is too old says so in a line', () => {
    const cli = join(folder, 'cli.js');
    const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.4' });`;
    writeFileSync(join(folder, 'old.cjs'), old);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', join(folder, 'old.cjs'), cli, LOG], {
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: 'oopsreplay: needs Node.js 20.19 or later, this is 18.20.4\n',
    });
  });

  it.each(['index.js', 'index.cjs'])('so does the library to who loads it: %s', (file) => {
    const old = join(folder, 'old-node.cjs');
    writeFileSync(old, `Object.defineProperty(process.versions, 'node', { value: '20.18.3' });`);
    const load = `import(${JSON.stringify(join(process.cwd(), 'dist', file))}).catch(({ message }) => console.log(message))`;
    const { stdout } = spawnSync(process.execPath, ['-r', old, '-e', load], { encoding: 'utf8' });
    expect(stdout).toBe('oopsreplay: needs Node.js 20.19 or later, this is 20.18.3\n');
  });
});
