/** What to pick for which tree: by its release alone, as the tables have it. */
import { describe, expect, it } from 'vitest';
import { identifyRelease } from '../../src/reconstruct/kernel/release.ts';
import type { Triage } from '../../src/reconstruct/types.ts';
import { backportFor, backportNotes, cherryPicks } from '../../src/report/story/backport.ts';
import { confirmedTriage, excludedTriage } from './fixture.ts';

/** A confirmed crash of a kernel of this release. */
function on(release: string, like: Triage = confirmedTriage): Triage {
  const { version, era, eras, fix, because } = identifyRelease(release);
  const kernel = { ...like.kernel, release, version, era, eras, fix: { ...like.kernel.fix, status: fix, because } };
  return { ...like, kernel };
}

const picks = (release: string) => backportFor(on(release))?.picks.map((p) => p.commit) ?? null;

describe('backportFor', () => {
  it('picks both locks in their order where neither is there', () => {
    for (const release of ['5.10.50', '5.10.262', '5.15.100', '5.19.3', '6.0.10', '6.0.17', '6.1.1'])
      expect(picks(release), release).toEqual(['01657bc14a39', 'a2e7e59a9426']);
  });

  it('picks the second alone where the first is there', () => {
    for (const release of ['6.1.2', '6.1.67', '6.2.5', '6.5.13', '6.6.4', '6.7.0-rc2'])
      expect(picks(release), release).toEqual(['a2e7e59a9426']);
  });

  it('picks nothing where both are, and where there is nothing to close', () => {
    for (const release of ['6.1.68', '6.6.5', '6.7.1', '6.12.4', '7.3.4', '5.4.200'])
      expect(picks(release), release).toBeNull();
    expect(backportFor({ ...on('5.10.262'), verdict: excludedTriage.verdict })).toBeNull();
  });

  it('starts from the release where that is all there is, and from the tree that was built elsewhere', () => {
    expect(cherryPicks(backportFor(on('5.10.262'))!)[0]).toBe('git switch --create iommu-probe-race v5.10.262');
    const asahi = backportFor(on('6.5.6-403.asahi.fc39.aarch64+16k'))!;
    expect(cherryPicks(asahi)[0]).toMatch(/^git cherry-pick -x a2e7e59a94269484a83386972ca07c22fd188854/);
    expect(backportNotes(asahi).join('; ')).toContain('apply them to the tree that was built');
  });

  it('says what may be there already, and which release of the branch has it', () => {
    const ubuntu = backportFor(on('5.15.0-91-generic'))!;
    expect(ubuntu.perhaps.map((p) => p.commit)).toContain('a2e7e59a9426');
    expect(backportNotes(ubuntu)[0]).toContain('may be in the tree already');
    expect(backportNotes(backportFor(on('6.1.40'))!)[0]).toBe(
      'the branch has a2e7e59a9426 since 6.1.68: its commit there is the one that fits this branch',
    );
    expect(backportFor(on('5.10.262'))!.release).toBeNull();
  });
});
