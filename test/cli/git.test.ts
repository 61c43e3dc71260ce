import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { treeLookup } from '../../src/commands/git.ts';
import { identifyKernel } from '../../src/reconstruct/kernel/kernel.ts';
import { triage } from '../../src/reconstruct/triage.ts';
import { FIX } from '../../src/sim/eras/releases.ts';
import { freshFolder } from './folder.ts';

const at = freshFolder();
const SUBJECT = FIX.subject;

/** A repository whose commits have these messages, oldest first, and their hashes. */
function repository(name: string, ...messages: readonly string[]): { readonly dir: string; readonly hashes: string[] } {
  const dir = at(name);
  mkdirSync(dir);
  const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8', env: ENV }).trim();
  git('init', '-q', '-b', 'main');
  const hashes = messages.map((message) => {
    git('commit', '-q', '--allow-empty', '-m', message);
    return git('rev-parse', 'HEAD');
  });
  return { dir, hashes };
}
const ENV = {
  ...process.env,
  ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b.c', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b.c' },
  ...{
    GIT_AUTHOR_DATE: '2024-01-02T03:04:05Z',
    GIT_COMMITTER_DATE: '2024-01-02T03:04:05Z',
    GIT_CONFIG_GLOBAL: '/dev/null',
  },
};
const release = (hash: string | undefined) => `6.1.55-vendor-g${hash!.slice(0, 12)}`;
const answer = (dir: string, of: string, hash = FIX.hash) => treeLookup(dir, [{ ...FIX, hash }])(of)[0]!;

describe('--git', () => {
  it('takes an ancestor as it is, and only for commits behind it', () => {
    const { dir, hashes } = repository('mainline', 'before', SUBJECT, 'after');
    expect(answer(dir, release(hashes[2]), hashes[1])).toMatchObject({
      has: true,
      because: expect.stringMatching(/is an ancestor of g/),
    });
    expect(answer(dir, release(hashes[0]), hashes[1])).toMatchObject({ has: false });
  });

  it.each([
    ['stable', `${SUBJECT}\n\ncommit ${FIX.hash} upstream.`],
    ['android', `UPSTREAM: ${SUBJECT}\n\n(cherry picked from commit ${FIX.hash})`],
    ['squashed', `vendor: update the IOMMU core\n\n[ Upstream commit ${FIX.hash} ]`],
  ])('knows a pick by what its message says (%s)', (name, message) => {
    const { dir, hashes } = repository(name, 'base', message, 'head');
    expect(answer(dir, release(hashes[2]))).toMatchObject({
      has: true,
      because: expect.stringMatching(/is a pick of/),
    });
    expect(answer(dir, release(hashes[0]))).toMatchObject({ has: false });
  });

  it('does not take a commit that only mentions it for it', () => {
    const { dir, hashes } = repository(
      'mentions',
      'base',
      `iommu: other\n\nFixes: ${FIX.hash.slice(0, 12)} ("${SUBJECT}")`,
    );
    expect(answer(dir, release(hashes[1]))).toMatchObject({ has: false });
  });

  it('sees a revert, and a pick after the revert', () => {
    const { dir, hashes } = repository('reverted', SUBJECT, `Revert "${SUBJECT}"\n\nThis reverts commit 1.`, SUBJECT);
    expect(answer(dir, release(hashes[1]), hashes[0])).toMatchObject({
      has: false,
      because: expect.stringMatching(/reverts/),
    });
    expect(answer(dir, release(hashes[2]), hashes[0])).toMatchObject({ has: true });
  });

  it('finds the tag of a plain release, and nothing for a name that has no commit in it', () => {
    const { dir } = repository('tags', 'base');
    execFileSync('git', ['-C', dir, 'tag', 'v6.1.55']);
    expect(answer(dir, '6.1.55')).toMatchObject({
      has: false,
      because: expect.stringMatching(/ancestor of v6\.1\.55/),
    });
    for (const other of ['6.1.56', '6.1.55-vendor', '6.1.55-gdeadbeefcafe'])
      expect(answer(dir, other)).toMatchObject({ has: null });
  });

  it('does not conclude from a shallow clone that a commit is not there', () => {
    const { dir } = repository('deep', SUBJECT, 'head');
    const clone = at('shallow');
    execFileSync('git', ['clone', '-q', '--depth=1', `file://${dir}`, clone], { env: ENV });
    const head = execFileSync('git', ['-C', clone, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
    expect(answer(clone, release(head))).toMatchObject({ has: null, because: expect.stringMatching(/shallow/) });
  });

  it('refuses a folder that is no repository, by name', () => {
    mkdirSync(at('plain'));
    writeFileSync(at('plain/.git'), 'gitdir: /nowhere\n');
    expect(() => treeLookup(at('plain'))).toThrow(/--git .*plain: not a git repository/);
    expect(() => treeLookup(at('missing'))).toThrow(/not a git repository/);
  });

  it('runs nothing that the repository is configured to run', () => {
    const { dir, hashes } = repository('trap', 'base');
    const trap = at('trap-ran');
    writeFileSync(at('trap.sh'), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    for (const key of ['core.fsmonitor', 'core.pager', 'pager.log', 'gpg.program', 'diff.external'])
      execFileSync('git', ['-C', dir, 'config', key, at('trap.sh')]);
    execFileSync('git', ['-C', dir, 'config', 'log.showSignature', 'true']);
    expect(answer(dir, release(hashes[0]))).toMatchObject({ has: false });
    expect(() => readFileSync(trap)).toThrow(/ENOENT/);
  });

  it('asks the repository that was named, whatever the environment says of others', () => {
    const named = repository('named', 'base', SUBJECT);
    const other = repository('other', 'nothing of it');
    const astray = {
      GIT_DIR: `${other.dir}/.git`,
      GIT_WORK_TREE: other.dir,
      GIT_OBJECT_DIRECTORY: `${other.dir}/.git/objects`,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: `${other.dir}/.git/objects`,
      GIT_NAMESPACE: 'astray',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.bare',
      GIT_CONFIG_VALUE_0: 'nonsense',
    };
    for (const [name, value] of Object.entries(astray)) vi.stubEnv(name, value);
    try {
      expect(answer(named.dir, release(named.hashes[1]), named.hashes[1])).toMatchObject({ has: true });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('fetches nothing that is missing, by whatever protocol the repository allows itself', () => {
    const { dir, hashes } = repository('promises', 'base', SUBJECT);
    const trap = at('promises-ran');
    const script = at('promises.sh');
    writeFileSync(script, `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    const config = (key: string, value: string) => execFileSync('git', ['-C', dir, 'config', key, value], { env: ENV });
    config('core.repositoryformatversion', '1');
    config('protocol.ext.allow', 'always');
    config('remote.origin.url', `ext::${script}`);
    config('remote.origin.promisor', 'true');
    config('extensions.partialClone', 'origin');
    // The parent is not there: a clone that promises it would ask its origin.
    const parent = hashes[0]!;
    rmSync(`${dir}/.git/objects/${parent.slice(0, 2)}/${parent.slice(2)}`);
    answer(dir, release(hashes[1]), FIX.hash);
    expect(existsSync(trap)).toBe(false);
  });

  it('hands git an environment of its own, in which no protocol is allowed', () => {
    mkdirSync(at('bin'));
    const kept = at('environment');
    writeFileSync(at('bin/git'), `#!/bin/sh\nenv | grep ^GIT_ | sort > ${kept}\necho false\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${at('bin')}:${process.env.PATH}`);
    vi.stubEnv('GIT_EXTERNAL_DIFF', '/bin/false');
    vi.stubEnv('GIT_ALLOW_PROTOCOL', 'ext');
    try {
      treeLookup('/anywhere');
    } finally {
      vi.unstubAllEnvs();
    }
    expect(readFileSync(kept, 'utf8').trim().split('\n')).toEqual([
      'GIT_ALLOW_PROTOCOL=none',
      'GIT_NO_LAZY_FETCH=1',
      'GIT_TERMINAL_PROMPT=0',
    ]);
  });

  it('takes a hash for a commit, never for a branch of that name', () => {
    const { dir, hashes } = repository('named-like-it', SUBJECT, 'after');
    const stranger = 'feedfacecafe';
    execFileSync('git', ['-C', dir, 'branch', stranger, hashes[1]!], { env: ENV });
    execFileSync('git', ['-C', dir, 'branch', hashes[0]!.slice(0, 12), hashes[1]!], { env: ENV });
    expect(answer(dir, `6.1.55-g${stranger}`)).toMatchObject({
      has: null,
      because: expect.stringContaining('no commit or tag'),
    });
    // 'after' is no ancestor of the commit that the release names.
    expect(answer(dir, release(hashes[0]), hashes[1])).toMatchObject({
      because: expect.not.stringContaining('ancestor of v'),
    });
    expect(answer(dir, release(hashes[0]), hashes[0])).toMatchObject({ has: true });
  });
});

describe('what a tree says', () => {
  const DART = readFileSync('samples/dmesg/dart-null-priv-6.1.log');
  const says = (has: boolean | null) => ({
    tree: () => [{ commit: FIX.commit, has, because: '--git linux: said so' }],
  });

  it('settles what the release leaves to --fixed and --not-fixed', () => {
    const [lacks] = triage(DART, { name: 'x' }, says(false));
    expect(lacks!.verdict.class).toBe('confirmed');
    expect(lacks!.kernel.fix).toMatchObject({ status: 'absent', because: expect.stringMatching(/--git linux/) });
    const [has] = triage(DART, { name: 'x' }, says(true));
    expect(has!.verdict.class).toBe('possible');
    expect(has!.diagnostics.map((d) => d.code)).toContain('OR401');
  });

  it('changes nothing where it cannot tell, and says so', () => {
    const log = triage(DART, { name: 'x' })[0]!.log;
    const asked = identifyKernel(log, null, says(null));
    expect(asked).toMatchObject({ era: identifyKernel(log, null, {}).era });
    expect(asked.because.at(-1)!.text).toBe('--git linux: said so');
  });

  it('goes after what the user says', () => {
    const [result] = triage(DART, { name: 'x' }, { ...says(true), notFixed: ['a2e7e59a9426'] });
    expect(result!.verdict.class).toBe('confirmed');
  });
});
