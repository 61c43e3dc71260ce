/** Whatever a folder holds: every input its line, the good ones judged, and the status of what went wrong. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { walk } from '../../src/batch/walk.ts';
import { reasonOf } from '../../src/io/input.ts';
import { freshFolder } from '../cli/folder.ts';
import { childrensTime, processorTime } from '../processor-time.ts';
import { hostileFolder, SAMPLES, tarOf, write } from './make.ts';

const at = freshFolder();

function batch(args: readonly string[], input: string | Buffer = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', 'batch', ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

interface Line {
  readonly kind: string;
  readonly path: string;
  readonly status: string;
  readonly known: boolean;
  readonly class: string | null;
  readonly content: string;
  readonly diagnostics: readonly { readonly code: string }[];
}

const linesOf = (stdout: string): Line[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((l) => JSON.parse(l) as Line)
    .filter((l) => l.kind === 'input');

describe('a folder that means no good', () => {
  it('gives every input its line, and judges the good ones, in seconds', async () => {
    const { folder, expected } = await hostileFolder(at('hostile'));
    let ran: ReturnType<typeof batch>;
    const took = childrensTime(() => {
      ran = batch([folder, '--format', 'ndjson', '--workers', '2', '--store', at('hostile-store')]);
    });
    expect(took).toBeLessThan(20_000);
    const { status, stdout, stderr } = ran!;
    const lines = linesOf(stdout);
    const got = Object.fromEntries(
      lines.map((l) => [l.path.slice(folder.length + 1), [l.status, ...l.diagnostics.map((d) => d.code)].join(' ')]),
    );
    expect(got).toEqual(expected);
    expect(lines).toHaveLength(Object.keys(expected).length);
    // The dangling link and the members that end early could not be read.
    expect(status).toBe(2);
    expect(stderr).toContain('OR110');
    const of = (name: string) => lines.find((l) => l.path === join(folder, name))!;
    expect(of('many.log').class).toBe('confirmed');
    expect(of('in.log').content).toBe(of('good-1.log').content);
    expect(of('a.tar!b.log.gz').content).toBe(of('good-3.log').content);
    // A second run knows what it saw, tries again what failed, and adds no line.
    const files = ['journal.ndjson', 'inputs.ndjson'].map((f) => join(at('hostile-store'), f));
    const before = files.map((f) => readFileSync(f, 'utf8'));
    const again = batch([folder, '--format', 'ndjson', '--workers', '1', '--store', at('hostile-store')]);
    expect(
      linesOf(again.stdout)
        .map((l) => [l.path, l.status, l.class])
        .sort(),
    ).toEqual(lines.map((l) => [l.path, l.status, l.class]).sort());
    expect(linesOf(again.stdout).filter((l) => l.status === 'judged' && !l.known)).toEqual([]);
    expect(files.map((f) => readFileSync(f, 'utf8'))).toEqual(before);
  });
});

describe('inputs', () => {
  const folder = at('tree');
  for (const [i, sample] of SAMPLES.slice(0, 3).entries())
    write(join(folder, `${i}`, `log-${i}.txt`), readFileSync(sample));
  write(join(folder, 'note.md'), 'nothing');
  const paths = (stdout: string) => linesOf(stdout).map((l) => relative(folder, l.path));

  it('may be globs, which no shell need know', () => {
    expect(paths(batch([join(folder, '**/*.txt'), '--format', 'ndjson', '--workers', '0']).stdout)).toEqual([
      '0/log-0.txt',
      '1/log-1.txt',
      '2/log-2.txt',
    ]);
    expect(paths(batch([join(folder, '*/*-[12].txt'), '--format', 'ndjson', '--workers', '0']).stdout)).toEqual([
      '1/log-1.txt',
      '2/log-2.txt',
    ]);
    expect(batch([join(folder, '*.none'), '--workers', '0'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no file matches'),
    });
  });

  it('may be a list of names on standard input, ended by line feeds or NULs', () => {
    const names = ['2/log-2.txt', '0/log-0.txt'].map((f) => join(folder, f));
    for (const input of [names.join('\n'), `${names.join('\n')}\n`, `${names.join('\0')}\0`])
      expect(paths(batch(['-', '--format', 'ndjson', '--workers', '0'], input).stdout)).toEqual([
        '2/log-2.txt',
        '0/log-0.txt',
      ]);
  });

  it('may lie in a compressed archive, whose members are judged as streams', async () => {
    const members = SAMPLES.slice(0, 3).map((name) => ({ name, content: readFileSync(name) }));
    write(at('all.tgz'), gzipSync(await tarOf(members)));
    const { status, stdout } = batch([at('all.tgz'), '--format', 'ndjson', '--workers', '0']);
    expect(status).toBe(0);
    expect(linesOf(stdout).map((l) => l.path)).toEqual([
      ...members.map((m) => `${at('all.tgz')}!${m.name}`),
      at('all.tgz'),
    ]);
  });

  it('may be a link where the user named it, and is refused where he named what is no file', () => {
    mkdirSync(at('links'), { recursive: true });
    symlinkSync(join(folder, '0/log-0.txt'), at('links/mine.log'));
    expect(batch([at('links/mine.log'), '--workers', '0']).status).toBe(0);
    expect(batch(['/dev/null', '--workers', '0'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is a device'),
    });
    expect(batch([at('nowhere'), join(folder, '0')])).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('1 boot in 1 log'),
    });
  });
});

describe('a name that is no UTF-8', () => {
  it('is read by its bytes and shown escaped, in folders of such names and through links', () => {
    const folder = at('latin1');
    mkdirSync(folder);
    const bytes = (...parts: (string | number)[]) =>
      Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));
    const log = readFileSync(SAMPLES[0]!);
    writeFileSync(bytes(folder, '/caf', 0xe9, '.log'), log);
    mkdirSync(bytes(folder, '/d', 0xff));
    writeFileSync(bytes(folder, '/d', 0xff, '/ä.log'), readFileSync(SAMPLES[1]!));
    symlinkSync(bytes('d', 0xff, '/ä.log'), join(folder, 'link.log'));
    write(join(folder, 'plain.log'), 'x');
    for (const workers of ['0', '1']) {
      const { status, stdout } = batch([folder, '--format', 'ndjson', '--workers', workers]);
      const lines = linesOf(stdout).map((l) => [l.path.slice(folder.length + 1), l.status]);
      expect(lines.sort()).toEqual([
        ['caf\\xe9.log', 'judged'],
        ['d\\xff/ä.log', 'judged'],
        ['link.log', 'judged'],
        ['plain.log', 'judged'],
      ]);
      expect(status).toBe(0);
    }
  });
});

describe('what the system says', () => {
  it('is said in words', () => {
    for (const [errno, words] of [
      [-28, 'no space left on device'],
      [-24, 'too many open files'],
      [-30, 'read-only file system'],
      [-111, 'connection refused'],
    ] as const) {
      const code = getSystemErrorMap().get(errno)![0];
      expect(reasonOf(Object.assign(new Error('x'), { errno, code, syscall: 'x' }))).toBe(words);
    }
  });
});

describe('folders in folders', () => {
  it('are walked a thousand deep, at a cost that is not its cube', () => {
    const folder = at('deep');
    let path = folder;
    for (let level = 0; level < 1000; level++) path = join(path, `d${level % 2}`);
    mkdirSync(path, { recursive: true });
    write(join(path, 'log'), 'x');
    let found: readonly string[] = [];
    const took = processorTime(() => {
      found = [...walk(folder, { skip: null })].map((step) => (step.is === 'file' ? step.found.path : step.said.text));
    });
    expect(found).toEqual([join(path, 'log')]);
    // A quarter of a second; looking at every folder on the way to each takes twenty.
    expect(took).toBeLessThan(5000);
    rmSync(folder, { recursive: true });
  });
});
