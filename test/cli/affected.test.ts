/** `oopsreplay affected`: the answer first, by release or by what the tree has, on disk or in a clone without a checkout. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { printAffected } from '../../src/commands/affected-answer.ts';
import { kernelRoot, readText } from '../../src/commands/source-tree.ts';
import { type Files, filesOf, HYBRIDS, PLAIN } from '../reconstruct/kernel/source/make-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-tree-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const makefile = (version: string) => {
  const [major, minor, patch] = version.split('.');
  return { Makefile: `VERSION = ${major}\nPATCHLEVEL = ${minor}\nSUBLEVEL = ${patch}\nEXTRAVERSION =\n` };
};

function tree(name: string, files: Files): string {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return join(folder, name);
}

const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync('schema/affected.schema.json', 'utf8')));
const ask = (release: string | null, driver: string | null, options: { source?: string; git?: string } = {}) => {
  const text = printAffected(release, driver, { ...options, format: 'text' });
  const json = JSON.parse(printAffected(release, driver, { ...options, format: 'json' }));
  expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
  return { text, json };
};

describe('by release', () => {
  it.each([
    ['6.1.50', 'apple-dart', 'affected'],
    ['6.1.68', 'apple-dart', 'not-affected'],
    ['5.10.262', 'qcom_iommu', 'affected'],
    ['6.12.117', null, 'not-affected'],
    ['6.5', null, 'affected'],
    ['5.4.100', null, 'not-affected'],
    // An ABI name: the version behind it is not known.
    ['6.1.0-13-arm64', 'apple-dart', 'unknown'],
  ])('%s with %s is %s', (release, driver, answer) => {
    const { text, json } = ask(release, driver);
    expect(json.answer).toBe(answer);
    expect(text).toMatch(
      answer === 'affected' ? /^AFFECTED / : answer === 'unknown' ? /^NOT KNOWN / : /^NOT AFFECTED /,
    );
  });

  it('says why, and what to do', () => {
    const { text, json } = ask('6.1.50', 'apple-dart');
    expect(json.fix).toMatchObject({ commit: 'a2e7e59a9426', status: 'absent' });
    expect(json.lock).toMatchObject({ commit: '01657bc14a39', status: 'present' });
    expect(text).toMatch(/6\.1\.68/);
    expect(json.drivers).toHaveLength(1);
  });

  it('a driver that is not one of the model is wrong usage', () => {
    expect(() => ask('6.1.50', 'nvidia')).toThrow(/the model has no driver nvidia/);
    expect(() => printAffected(null, null, { format: 'text' })).toThrow(/needs a release/);
  });
});

describe('--source', () => {
  it('tells whether the fix is really in, whatever the number', () => {
    const dir = tree('reverted', { ...filesOf(PLAIN.E!), ...makefile('6.1.100') });
    const { text, json } = ask(null, 'apple-dart', { source: dir });
    expect(json).toMatchObject({ answer: 'affected', release: '6.1.100', fix: { status: 'absent' } });
    expect(json.source.features.lock).toMatchObject({ values: ['static'], seen: true });
    expect(text).toMatch(/drivers\/iommu\/of_iommu\.c:\d+/);
  });

  it.each(Object.entries(HYBRIDS))('%s', (name, made) => {
    const { json } = ask(null, null, { source: tree(name.replace(/\W/g, ''), filesOf(made)) });
    expect(json.answer).toBe(made.lock === 'global' ? 'not-affected' : 'affected');
  });

  it('names a release that the tree contradicts', () => {
    const dir = tree('other', { ...filesOf(PLAIN.F61!), ...makefile('6.1.192') });
    expect(ask('6.1.50', null, { source: dir }).json.contradictions).toEqual([
      expect.stringMatching(/is of 6\.1\.192 by its Makefile, and the release is 6\.1\.50/),
      expect.stringMatching(/by its release 6\.1\.50 has lock static, and --source .* has global/),
    ]);
    expect(ask('6.1.192', null, { source: dir }).json.contradictions).toEqual([]);
  });

  it('what was not seen leaves the answer open', () => {
    const { 'drivers/iommu/of_iommu.c': _, ...rest } = filesOf(PLAIN.F61!);
    const { json, text } = ask(null, 'apple-dart', { source: tree('partial', rest) });
    expect(json.answer).toBe('unknown');
    expect(json.fix.status).toBe('unknown');
    expect(text).toContain('drivers/iommu/of_iommu.c is missing');
  });

  it('finds the kernel in a subfolder, of two the one that makes the image', () => {
    const one = tree('vendor', {});
    tree('vendor/source/kernel/kernel-5.10', filesOf(PLAIN.C!));
    expect(kernelRoot(one)).toBe(join(one, 'source/kernel/kernel-5.10'));
    const two = tree('gki/common', filesOf(PLAIN.C!));
    tree('gki/msm-kernel', filesOf(PLAIN.C!));
    expect(kernelRoot(dirname(two))).toBe(two);
    const many = tree('many/kernel-a', filesOf(PLAIN.C!));
    tree('many/kernel-b', filesOf(PLAIN.C!));
    expect(() => kernelRoot(dirname(many))).toThrow(/2 kernels are in it \(kernel-a, kernel-b\)/);
    expect(() => kernelRoot(tree('empty', { 'a/b': '' }))).toThrow(/no kernel is in it/);
    expect(() => kernelRoot(join(folder, 'nowhere'))).toThrow(/not a folder/);
  });

  it('does not follow a link, hang at a FIFO, or read what is no source', () => {
    const dir = tree('odd', { 'a.c': 'x' });
    symlinkSync('/etc/passwd', join(dir, 'link'));
    execFileSync('mkfifo', [join(dir, 'fifo')]);
    execFileSync('truncate', ['-s', '10G', join(dir, 'huge')]);
    expect(readText(join(dir, 'link'))).toEqual({ is: 'not seen', why: 'is a link' });
    expect(readText(join(dir, 'fifo'))).toEqual({ is: 'not seen', why: 'is no regular file' });
    expect(readText(join(dir, 'huge'))).toEqual({ is: 'not seen', why: 'is larger than 4 MB' });
    expect(readText(dir)).toEqual({ is: 'not seen', why: 'is no regular file' });
    expect(readText(join(dir, 'a.c'))).toEqual({ is: 'text', text: 'x' });
  });
});

describe('--git', () => {
  const env = {
    ...process.env,
    ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b.c', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b.c' },
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  const git = (dir: string, ...args: string[]) =>
    execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8', env }).trim();

  it('reads the code at the tag or commit that the release names, not the one that is checked out', () => {
    const dir = tree('clone', { ...filesOf(PLAIN.E!), ...makefile('6.1.50') });
    git(dir, 'init', '-q', '-b', 'main');
    git(dir, 'add', '.');
    git(dir, 'commit', '-q', '-m', 'one');
    git(dir, 'tag', 'v6.1.50');
    const hash = git(dir, 'rev-parse', 'HEAD').slice(0, 12);
    tree('clone', { ...filesOf(PLAIN.F61!), ...makefile('6.1.68') });
    git(dir, 'commit', '-q', '-a', '-m', 'two');
    expect(ask('6.1.50', 'apple-dart', { git: dir }).json).toMatchObject({
      answer: 'affected',
      fix: { status: 'absent' },
    });
    expect(ask(`6.1.50-vendor-g${hash}`, 'apple-dart', { git: dir }).json.answer).toBe('affected');
    const head = ask(null, 'apple-dart', { git: dir }).json;
    expect(head).toMatchObject({ answer: 'not-affected', release: '6.1.68' });
    expect(head.source.tree).toBe(`--git ${dir} at HEAD`);
    expect(() => ask('6.1.99', 'apple-dart', { git: dir })).toThrow(
      /no commit or tag of it is the one that "6\.1\.99" names/,
    );
  });

  it('finds a kernel that lies in a folder of the repository', () => {
    const dir = tree('manifest', {});
    tree('manifest/kernel/common', filesOf(PLAIN.C!));
    git(dir, 'init', '-q', '-b', 'main');
    git(dir, 'add', '.');
    git(dir, 'commit', '-q', '-m', 'one');
    expect(ask(null, null, { git: dir }).json.source.tree).toBe(`--git ${dir} at HEAD (kernel/common)`);
  });
});
