/**
 * `--git DIR`: does the tree that crashed carry a commit? Looked up in the user's own clone, which is only read: nothing is fetched, no hook, pager, file system
 * monitor or external diff of its configuration runs, and of the log only hexadecimal digits and version numbers reach git's arguments.
 */
import { execFileSync } from 'node:child_process';
import { UsageError } from '../exit.ts';
import { lackOf } from '../lacking.ts';
import { readSource } from '../reconstruct/kernel/source/reading.ts';
import type { FileText, SourceReading } from '../reconstruct/kernel/source/types.ts';
import { parseVersion, versionText } from '../reconstruct/kernel/version.ts';
import type { TreeAnswer, TreeLookup } from '../reconstruct/types.ts';
import { FIX, type FixCommit, LOCK } from '../sim/eras/releases.ts';

/** Walking the history of a kernel takes seconds; a network file system may hang. */
const TIMEOUT_MS = 120_000;
const MOST_OUTPUT = 16 << 20;
/** The older of the two commits was written in November 2022: no tree has it before that. */
const SINCE = '2022-11-01';
const READ_ONLY = [
  '--no-pager',
  '--no-replace-objects',
  '--no-optional-locks',
  ...['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'protocol.allow=never'].flatMap((c) => ['-c', c]),
];

type Run = { readonly status: number; readonly out: string };

function git(dir: string, ...args: readonly string[]): Run {
  const { status, out } = whole(dir, ...args);
  return { status, out: out.trim() };
}

/**
 * The environment without git's own variables: GIT_DIR, GIT_OBJECT_DIRECTORY and the like would have another repository answer than the one that was named, and
 * GIT_CONFIG_* or GIT_EXTERNAL_DIFF run what that one never asked for. GIT_ALLOW_PROTOCOL comes before any configuration, a protocol.ext.allow of the repository's too.
 */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name)));
}

/** What git prints, untouched. */
function whole(dir: string, ...args: readonly string[]): Run {
  try {
    const out = execFileSync('git', ['-C', dir, ...READ_ONLY, ...args], {
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      maxBuffer: MOST_OUTPUT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...inherited(),
        GIT_TERMINAL_PROMPT: '0',
        GIT_NO_LAZY_FETCH: '1',
        GIT_ALLOW_PROTOCOL: 'none',
        LC_ALL: 'C',
      },
    });
    return { status: 0, out };
  } catch (error) {
    const { code, status, stderr } = error as { code?: string; status?: number | null; stderr?: string };
    if (code === 'ENOENT') throw new UsageError('--git: there is no git on this machine');
    if (typeof status !== 'number' && code === undefined) throw error;
    if (typeof status !== 'number') throw new UsageError(`--git ${dir}: git did not answer (${lackOf(error) ?? code})`);
    return { status, out: String(stderr ?? '') };
  }
}

/** A lookup of `commits` in `dir`. Throws UsageError where that is no git repository. The answers of one release are kept. */
export function treeLookup(dir: string, commits: readonly FixCommit[] = [LOCK, FIX]): TreeLookup {
  const { shallow } = checkRepository(dir);
  const known = new Map<string, readonly TreeAnswer[]>();
  return (release) => {
    let answers = known.get(release);
    if (!answers) {
      answers = orUnanswered(commits, () => answersOf(dir, release, shallow, commits));
      known.set(release, answers);
    }
    return answers;
  };
}

/** Throws UsageError where `dir` is no git repository. */
function checkRepository(dir: string): { readonly shallow: boolean } {
  const shallow = git(dir, 'rev-parse', '--is-shallow-repository');
  if (shallow.status !== 0)
    throw new UsageError(`--git ${dir}: not a git repository (${shallow.out.split('\n')[0] ?? 'git refuses it'})`);
  return { shallow: shallow.out === 'true' };
}

/** The code at a release's commit or tag, or why it cannot be read. */
export type SourceAt =
  | { readonly is: 'read'; readonly reading: SourceReading }
  | { readonly is: 'not read'; readonly why: string };

/**
 * A lookup of the code that the tree in `dir` has at the commit or tag of a release, without a checkout; `null` asks for HEAD. Throws UsageError where that is
 * no git repository. The answers of one release are kept.
 */
export function sourceLookup(dir: string): (release: string | null) => SourceAt {
  checkRepository(dir);
  const known = new Map<string | null, SourceAt>();
  return (release) => {
    let answer = known.get(release);
    if (!answer) {
      try {
        answer = sourceAt(dir, release);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        answer = { is: 'not read', why: error.message };
      }
      known.set(release, answer);
    }
    return answer;
  };
}

function sourceAt(dir: string, release: string | null): SourceAt {
  const at = release === null ? resolve(dir, 'HEAD', 'HEAD') : revisionOf(dir, release);
  if (at === null)
    return {
      is: 'not read',
      why: `--git ${dir}: ${release === null ? 'it has no commit' : `no commit or tag of it is the one that "${release}" names`}`,
    };
  const roots = rootsAt(dir, at.hash);
  const common = roots.filter((root) => /(?:^|\/)common\/$/.test(root));
  const root = roots.length === 1 ? roots[0] : common.length === 1 ? common[0] : undefined;
  if (root === undefined)
    return {
      is: 'not read',
      why: `--git ${dir} at ${at.name}: ${roots.length === 0 ? 'no kernel is in it (drivers/iommu)' : `${roots.length} kernels are in it (${roots.slice(0, 5).join(', ')})`}`,
    };
  const read = (path: string): FileText => {
    // Plumbing: no filter and no text conversion of the repository's configuration runs.
    const { status, out } = whole(dir, 'cat-file', 'blob', `${at.hash}:${root}${path}`);
    return status === 0 ? { is: 'text', text: out } : { is: 'not seen', why: `is not in the clone at ${at.name}` };
  };
  return {
    is: 'read',
    reading: readSource(`--git ${dir} at ${at.name}${root === '' ? '' : ` (${root.slice(0, -1)})`}`, read),
  };
}

/** Folders of a commit in which a kernel lies: "" or "common/". */
function rootsAt(dir: string, hash: string): readonly string[] {
  if (git(dir, 'cat-file', '-t', `${hash}:drivers/iommu`).out === 'tree') return [''];
  const { status, out } = git(dir, 'ls-tree', '-r', '-z', '--name-only', hash);
  if (status !== 0) return [];
  const roots = out.split('\0').flatMap((path) => /^(.*\/)drivers\/iommu\/(?:of_)?iommu\.c$/.exec(path)?.[1] ?? []);
  return [...new Set(roots)];
}

/** A git that hangs or fails in the middle of a run leaves the commits open; the logs are judged all the same. */
function orUnanswered(commits: readonly FixCommit[], ask: () => readonly TreeAnswer[]): readonly TreeAnswer[] {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return commits.map(({ commit }) => ({ commit, has: null, because: error.message }));
  }
}

function answersOf(
  dir: string,
  release: string,
  shallow: boolean,
  commits: readonly FixCommit[],
): readonly TreeAnswer[] {
  const at = revisionOf(dir, release);
  return commits.map((fix): TreeAnswer => {
    const unknown = (why: string): TreeAnswer => ({ commit: fix.commit, has: null, because: `--git ${dir}: ${why}` });
    if (at === null) return unknown(`no commit or tag of it is the one that "${release}" names`);
    const answer = carriedBy(dir, at, fix);
    if (!answer.has && shallow)
      return unknown(`the clone is shallow, so that ${fix.commit} may lie before its first commit`);
    return { commit: fix.commit, has: answer.has, because: `--git ${dir}: ${answer.because}` };
  });
}

interface Revision {
  readonly hash: string;
  /** How it was found: "g1a2b3c4d5e6f" or "v6.1.55". */
  readonly name: string;
}

/** "-g1a2b3c4d5e6f", as scripts/setlocalversion writes it; without one the tag of the version, if nothing stands behind that. */
function revisionOf(dir: string, release: string): Revision | null {
  const commit = /(?:^|[-._+])g([0-9a-f]{7,40})(?=[-._+]|$)/i.exec(release)?.[1];
  if (commit !== undefined) return byHash(dir, commit.toLowerCase());
  const parsed = parseVersion(release);
  if (parsed === null || parsed.suffix !== '') return null;
  const { version } = parsed;
  const tag = `v${version.patch === 0 && version.rc === null ? `${version.major}.${version.minor}` : versionText(version)}`;
  return resolve(dir, `refs/tags/${tag}`, tag);
}

/** The one commit whose hash begins so. rev-parse would take a branch of that name first, and whoever wrote the repository chose its branches' names. */
function byHash(dir: string, digits: string): Revision | null {
  const { status, out } = git(dir, 'rev-parse', `--disambiguate=${digits}`);
  if (status !== 0) return null;
  const commits = out
    .split('\n')
    .filter((hash) => /^[0-9a-f]{40,64}$/.test(hash) && git(dir, 'cat-file', '-t', hash).out === 'commit');
  return commits.length === 1 ? { hash: commits[0]!, name: `g${digits}` } : null;
}

function resolve(dir: string, revision: string, name: string): Revision | null {
  const found = git(dir, 'rev-parse', '--verify', '--quiet', `${revision}^{commit}`);
  return found.status === 0 && /^[0-9a-f]{40,64}$/.test(found.out) ? { hash: found.out, name } : null;
}

/** An ancestor, or picked under another hash, which its message says; a later revert takes it out again. */
function carriedBy(dir: string, at: Revision, fix: FixCommit): { readonly has: boolean; readonly because: string } {
  const ancestor = git(dir, 'merge-base', '--is-ancestor', fix.hash, at.hash).status === 0;
  const logged = git(
    dir,
    ...['log', '--no-merges', `--since=${SINCE}`, '--no-show-signature', '--format=%H%x00%s%x00%b%x01', '-F'],
    ...[`--grep=${fix.subject}`, `--grep=${fix.hash}`, at.hash, '--'],
  );
  const newest = (logged.status === 0 ? logged.out : '')
    .split('\x01')
    .map((entry) => entry.trim().split('\0'))
    .find(([, subject = '', body = '']) => isAbout(subject, body, fix));
  if (newest === undefined)
    return ancestor
      ? { has: true, because: `${fix.commit} is an ancestor of ${at.name}` }
      : {
          has: false,
          because: `${fix.commit} is no ancestor of ${at.name}, and no commit there says that it is a pick of it`,
        };
  const [hash = '', subject = ''] = newest;
  const short = hash.slice(0, 12);
  if (subject.startsWith('Revert "')) return { has: false, because: `${short} in ${at.name} reverts ${fix.commit}` };
  return {
    has: true,
    because: ancestor
      ? `${fix.commit} is an ancestor of ${at.name}`
      : `${short} in ${at.name} is a pick of ${fix.commit}`,
  };
}

/** The commit itself, a pick of it ("UPSTREAM: ...", "commit ... upstream.", "cherry picked from commit ...") or its revert; not one that only mentions it. */
function isAbout(subject: string, body: string, fix: FixCommit): boolean {
  const plain = subject
    .replace(/^Revert "/, '')
    .replace(/"$/, '')
    .replace(/^(?:[A-Z]{2,16}(?: \w+)?: )+/, '');
  if (plain === fix.subject) return true;
  const picked = new RegExp(`(?:^|[(\\[\\s])(?:upstream )?commit ${fix.hash}[0-9a-f]*(?: upstream)?\\b`, 'i');
  return /upstream|cherry[ -]picked/i.test(body) && picked.test(body) && !subject.startsWith('Revert');
}
