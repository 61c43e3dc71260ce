/** What a change did, in three lines of a comment and in annotations; and nothing of a log acts in either. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderComment, renderGithub, runAddress } from '../../src/batch/show/comment.ts';
import { freshFolder } from '../cli/folder.ts';
import { ATTACKS } from '../report/attacks.ts';
import { hostileOwn } from './batch-page.ts';
import { write } from './make.ts';

const at = freshFolder();

function batch(...args: string[]) {
  const env = {
    ...process.env,
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_RUN_ID: '7',
  };
  return spawnSync(process.execPath, ['dist/cli.js', 'batch', '--workers', '0', ...args], { encoding: 'utf8', env });
}

describe('batch --comment', () => {
  it('says in three lines what is new, where, and where to look', () => {
    write(at('base/quiet.log'), readFileSync('samples/dmesg/no-crash-6.12.log'));
    batch(at('base'), '--store', at('store'));
    write(at('change/quiet.log'), readFileSync('samples/dmesg/no-crash-6.12.log'));
    write(at('change/race.log'), readFileSync('samples/dmesg/qcom-null-priv-5.10.log'));
    const of = (...args: string[]) => batch(at('change'), '--baseline', at('store'), ...args);
    for (const format of ['github', 'markdown']) {
      const { stdout, stderr } = of('--format', format, '--comment', '--page', 'https://ci.example/page.html');
      expect(stderr).toBe('');
      const lines = stdout.trimEnd().split('\n');
      expect(lines).toHaveLength(3);
      expect(lines[0]).toContain(
        '**oopsreplay**: 1 bucket of crashes is new against the base branch (1 confirmed or possible); 1 of 2 boots hit the race, in 1 bucket.',
      );
      expect(lines[1]).toMatch(
        /^\[`[0-9a-f]{12}`\]\(<https:\/\/ci\.example\/page\.html#[0-9a-f]{12}>\) confirmed in 1 boot: null-write/,
      );
      expect(lines[2]).toContain('[logs of the job](<https://github.example/o/r/actions/runs/7>)');
    }
    expect(of('--format', 'github').stdout).toMatch(
      /^::error file=.*race\.log,title=new%3A confirmed [0-9a-f]{12}::1 boot: null-write/,
    );
    const same = batch(at('base'), '--baseline', at('store'), '--format', 'github', '--comment').stdout;
    expect(same).toContain('No crash is new against the base branch; none of 1 boot is confirmed to hit the race.');
    expect(batch(at('base'), '--comment')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('goes with --format'),
    });
    expect(batch(at('base'), '--format', 'github', '--comment', '--page', 'javascript:x')).toMatchObject({ status: 2 });
  });

  it('stays three lines, and one command a line, whatever a log says', () => {
    for (const evil of [...Object.values(ATTACKS), '](javascript:alert(1))', '%0A::error::x', '\n::error::x']) {
      const page = hostileOwn(evil);
      const comment = renderComment({ ...page, statistics: { ...page.statistics } }, { page: null, run: null });
      expect(comment.trimEnd().split('\n')).toHaveLength(3);
      for (const line of renderGithub(page).trimEnd().split('\n')) expect(line).toMatch(/^::(?:error|warning|notice) /);
    }
  });

  it('links the job that the environment names, and nothing else', () => {
    expect(runAddress({ CI_JOB_URL: 'https://gitlab.example/g/p/-/jobs/9' })).toBe(
      'https://gitlab.example/g/p/-/jobs/9',
    );
    expect(runAddress({})).toBe(null);
    expect(runAddress({ CI_JOB_URL: 'javascript:alert(1)' })).toBe(null);
    expect(runAddress({ CI_JOB_URL: 'https://x/)](y' })).toBe(null);
  });
});
