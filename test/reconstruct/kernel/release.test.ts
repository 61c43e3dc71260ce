import { describe, expect, it } from 'vitest';
import { fixAdvice, identifyRelease } from '../../../src/reconstruct/kernel/release.ts';
import {
  compareVersions,
  nextCandidate,
  parseVersion,
  versionOf,
  versionText,
} from '../../../src/reconstruct/kernel/version.ts';
import { processorTime } from '../../processor-time.ts';

type Row = readonly [
  release: string,
  build: string | null,
  era: string,
  fix: string,
  lock: string,
  vendor: string | null,
];

/** `era` is the era, or the candidates joined by "|". */
const TABLE: readonly Row[] = [
  // mainline, every boundary from both sides
  ['5.6.19', null, 'A', 'absent', 'absent', null],
  ['4.20.0', null, 'A', 'absent', 'absent', null],
  ['5.7.0-rc1', null, 'B', 'absent', 'absent', null],
  ['5.7.19', null, 'B', 'absent', 'absent', null],
  ['5.8.0-rc1', null, 'B1', 'absent', 'absent', null],
  ['5.9.16', null, 'B1', 'absent', 'absent', null],
  ['5.10.0', null, 'B1', 'absent', 'absent', null],
  ['5.10.100', null, 'B1', 'absent', 'absent', null],
  ['5.10.101', null, 'C', 'absent', 'absent', null],
  ['5.10.262', null, 'C', 'absent', 'absent', null],
  ['5.11.22', null, 'B1', 'absent', 'absent', null],
  ['5.14.21', null, 'B1', 'absent', 'absent', null],
  ['5.15.23', null, 'B1', 'absent', 'absent', null],
  ['5.15.24', null, 'C', 'absent', 'absent', null],
  ['5.15.190', null, 'C', 'absent', 'absent', null],
  ['5.16.9', null, 'B1', 'absent', 'absent', null],
  ['5.16.10', null, 'C', 'absent', 'absent', null],
  ['5.17.0-rc1', null, 'B1', 'absent', 'absent', null],
  ['5.17.0-rc2', null, 'B1', 'absent', 'absent', null],
  ['5.17.0-rc3', null, 'C', 'absent', 'absent', null],
  ['5.17.0-rc5', null, 'C', 'absent', 'absent', null],
  ['5.19.17', null, 'C', 'absent', 'absent', null],
  ['6.0.15', null, 'C', 'absent', 'absent', null],
  ['6.0.16', null, 'C', 'absent', 'absent', null],
  ['6.0.19', null, 'C', 'absent', 'absent', null],
  ['6.1.0-rc1', null, 'D', 'absent', 'absent', null],
  ['6.1.0', null, 'D', 'absent', 'absent', null],
  ['6.1.1', null, 'D', 'absent', 'absent', null],
  ['6.1.2', null, 'E', 'absent', 'present', null],
  ['6.1.67', null, 'E', 'absent', 'present', null],
  ['6.1.68', null, 'F61', 'present', 'present', null],
  ['6.1.192', null, 'F61', 'present', 'present', null],
  ['6.2.0-rc1', null, 'E', 'absent', 'present', null],
  ['6.4.16', null, 'E', 'absent', 'present', null],
  ['6.5.13', null, 'E', 'absent', 'present', null],
  ['6.6.0-rc1', null, 'E2', 'absent', 'present', null],
  ['6.6.4', null, 'E2', 'absent', 'present', null],
  ['6.6.5', null, 'F', 'present', 'present', null],
  ['6.6.17', null, 'F', 'present', 'present', null],
  ['6.7.0-rc1', null, 'E2', 'absent', 'present', null],
  ['6.7.0-rc3', null, 'E2', 'absent', 'present', null],
  ['6.7.0-rc4', null, 'F', 'present', 'present', null],
  ['6.7.12', null, 'F', 'present', 'present', null],
  ['6.8.0-rc1', null, 'F2', 'present', 'present', null],
  ['6.10.14', null, 'F2', 'present', 'present', null],
  ['6.11.0-rc1', null, 'F3', 'present', 'present', null],
  ['6.12.95', null, 'F3', 'present', 'present', null],
  ['6.14.11', null, 'F3', 'present', 'present', null],
  ['6.15.0-rc1', null, 'G', 'present', 'present', null],
  ['6.15.0', null, 'G', 'present', 'present', null],
  ['6.15.1', null, 'H', 'present', 'present', null],
  ['6.16.0-rc1', null, 'H', 'present', 'present', null],
  ['7.3.4', null, 'H', 'present', 'present', null],
  // spellings
  ['v6.7-rc3', null, 'E2', 'absent', 'present', null],
  ['v6.1', null, 'D', 'absent', 'absent', null],
  ['6.1', null, 'D|E|F61', 'unknown', 'unknown', null],
  ['6.5', null, 'E', 'absent', 'present', null],
  ['5.9.0-RC2', null, 'B1', 'absent', 'absent', null],
  ['6.6.5-rc1', null, 'F', 'present', 'present', null],
  // somebody's own tree: it may be ahead of its tag
  ['6.6.17-dirty', null, 'F', 'present', 'present', null],
  ['6.1.43-00012-gabcdef012345', null, 'E', 'unknown', 'present', null],
  ['6.1.67+', null, 'E|F61', 'unknown', 'present', null],
  ['6.7.0-rc3-00123-g0123456789ab', null, 'E2|F|F2', 'unknown', 'present', null],
  ['6.1.0+', null, 'D|E', 'unknown', 'unknown', null],
  ['6.5.0-rc6-next-20230817', null, 'E|E2', 'absent', 'present', null],
  ['6.14.0-rc3+', null, 'F3|G', 'present', 'present', null],
  ['6.14.0-05877-g1a9239bb4253', null, 'F3|G', 'present', 'present', null],
  ['5.10.0-rc1-mainline-00025-g272a618fc36-dirty', null, 'B1', 'unknown', 'unknown', null],
  ['5.19.0-rc6-next-20220715', null, 'C', 'absent', 'absent', null],
  // distributions
  ['6.1.0-18-arm64', '#1 SMP Debian 6.1.76-1 (2024-02-01)', 'F61', 'present', 'present', 'Debian'],
  ['6.1.0-13-arm64', '#1 SMP Debian 6.1.55-1 (2023-09-29)', 'E', 'absent', 'present', 'Debian'],
  ['6.1.0-18-arm64', null, 'D|E|F61', 'unknown', 'unknown', 'Debian'],
  ['5.10.0-8-arm64', null, 'B1|C', 'absent', 'absent', 'Debian'],
  ['6.1.0-0.deb11.13-arm64', '#1  Debian 6.1.55-1~bpo11+1', 'E', 'absent', 'present', 'Debian'],
  ['6.12.38+deb13-arm64', null, 'F3', 'present', 'present', 'Debian'],
  ['6.6.15-arm64', null, 'F', 'present', 'present', 'Debian'],
  ['6.1.0-rpi7-rpi-v8', '#1 SMP PREEMPT Debian 1:6.1.63-1+rpt1 (2023-11-24)', 'E', 'absent', 'present', 'Raspberry Pi'],
  ['6.1.21-v8+', null, 'E', 'absent', 'present', 'Raspberry Pi'],
  ['6.6.31+rpt-rpi-v8', null, 'F', 'present', 'present', 'Raspberry Pi'],
  ['6.5.6-200.fc38.aarch64', null, 'E', 'absent', 'present', 'Fedora'],
  ['6.7.0-0.rc3.20231129git18d46e76d7c2.29.fc40.aarch64', null, 'E2', 'absent', 'present', 'Fedora'],
  ['6.5.6-403.asahi.fc39.aarch64+16k', null, 'E', 'absent', 'present', 'Asahi'],
  ['6.6.0-asahi-00780-g62806c2c6f29', null, 'E2', 'absent', 'present', 'Asahi'],
  ['6.5.0-14-generic', '#14-Ubuntu SMP PREEMPT_DYNAMIC', 'E|F61', 'unknown', 'present', 'Ubuntu'],
  ['5.15.0-1034-raspi', null, 'B1|C', 'unknown', 'unknown', 'Ubuntu'],
  ['6.8.0-31-generic', null, 'F2', 'present', 'present', 'Ubuntu'],
  ['6.5.6-060506-generic', null, 'E', 'absent', 'present', 'Ubuntu mainline build'],
  [
    '5.14.0-362.8.1.el9_3.aarch64',
    null,
    'B1|C|D|E|E2|F61|F|F2|F3|G|H',
    'unknown',
    'unknown',
    'RHEL or a rebuild of it',
  ],
  ['6.12.0-55.9.1.el10_0.aarch64', null, 'F3|G|H', 'present', 'present', 'RHEL or a rebuild of it'],
  ['5.14.21-150500.55.36-default', null, 'B1|C|D|E|E2|F61|F|F2|F3|G|H', 'unknown', 'unknown', 'SUSE'],
  ['6.6.3-1-default', null, 'E2', 'absent', 'present', 'openSUSE Tumbleweed'],
  ['6.1.25-android14-11-g34fde9ec08a3-ab10675345', null, 'E', 'unknown', 'present', 'Android'],
  ['5.15.94-android13-8-00002-gabcdef012345', null, 'C', 'absent', 'present', 'Android'],
  ['6.1.75-android14-11-maybe-dirty', null, 'F61', 'present', 'present', 'Android'],
  ['6.5.9-arch2-1', null, 'E', 'absent', 'present', 'Arch'],
  ['6.1.72-96.166.amzn2023.aarch64', null, 'F61', 'present', 'present', 'Amazon Linux'],
  ['5.10.120-tegra', null, 'C', 'absent', 'absent', 'NVIDIA Tegra'],
];

describe('release strings', () => {
  it('has a table of at least 60 of them', () => {
    expect(TABLE.length).toBeGreaterThanOrEqual(60);
  });

  it.each(TABLE)('%s (%s) is era %s, the fix %s, the lock %s, by %s', (release, build, era, fix, lock, vendor) => {
    const said = identifyRelease(release, build);
    expect({
      era: said.eras.join('|'),
      alone: said.era,
      fix: said.fix,
      lock: said.lock,
      vendor: said.vendor,
    }).toEqual({ era, alone: era.includes('|') ? null : era, fix, lock, vendor });
    expect(said.because).toMatch(/a2e7e59a9426/);
  });

  it('names the stable release that brought the fix, or the one that did not', () => {
    expect(identifyRelease('6.1.55').because).toContain('6.1.68');
    expect(identifyRelease('6.6.17').because).toContain('6.6.5');
    expect(identifyRelease('6.5.6').because).toContain('6.5.13');
    expect(identifyRelease('5.10.262').because).toContain('5.10.y never had it');
  });

  it('warns where the number does not tell everything', () => {
    expect(identifyRelease('6.1.25-android14-11-g34fde9ec08a3').caveat).toContain('picked');
    expect(identifyRelease('6.5.0-14-generic').caveat).toContain('ABI');
    expect(identifyRelease('6.1.0-18-arm64').caveat).toContain('build string');
    expect(identifyRelease('7.4.1').caveat).toContain('7.3.4');
    expect(identifyRelease('6.5.6-myboard').caveat).toContain('-myboard');
    expect(identifyRelease('6.5.6').caveat).toBeNull();
    expect(identifyRelease('6.5.6-200.fc38.x86_64').caveat).toBeNull();
  });

  it('leaves everything open where no version stands', () => {
    for (const text of ['', 'unknown', '-rc1', 'linux-6']) {
      expect(identifyRelease(text)).toMatchObject({
        version: null,
        era: null,
        eras: [],
        fix: 'unknown',
        lock: 'unknown',
      });
    }
  });

  it('takes no time over a hostile string', () => {
    const took = processorTime(() => {
      identifyRelease(`6.1.0-${'0.deb'.repeat(20_000)}`, `Debian ${'1'.repeat(100_000)}`);
      identifyRelease(`6.1.0-${'1.'.repeat(50_000)}`);
      identifyRelease(`6.1.0-current-${'a-'.repeat(50_000)}!`);
    });
    expect(took).toBeLessThan(500);
  });
});

describe('versions', () => {
  it('orders candidates before their release and releases by number', () => {
    const order = ['5.19.17', '6.0-rc1', '6.0.0', '6.0.16', '6.1-rc2', '6.1-rc10', '6.1.0', '6.1.2', '6.1.10'].map(
      versionOf,
    );
    for (const [i, a] of order.entries()) {
      for (const [j, b] of order.entries()) expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(i - j));
    }
  });

  it('prints and reads back', () => {
    for (const text of ['6.7-rc3', '6.7.0', '6.1.55', '6.6.5-rc1']) expect(versionText(versionOf(text))).toBe(text);
    expect(versionText(nextCandidate(versionOf('5.19.0')))).toBe('6.0-rc1');
    expect(versionText(nextCandidate(versionOf('4.20.0')))).toBe('5.0-rc1');
    expect(versionText(nextCandidate(versionOf('6.7-rc3')))).toBe('6.8-rc1');
  });

  it('keeps what follows the number', () => {
    expect(parseVersion('6.5.6-403.asahi.fc39.aarch64+16k')?.suffix).toBe('-403.asahi.fc39.aarch64+16k');
    expect(parseVersion('7.0.0-rc2-debug-next-20260303')?.suffix).toBe('-debug-next-20260303');
    expect(parseVersion('6.12~rc3')?.version.rc).toBe(3);
  });
});

describe('where the fix is', () => {
  it.each([
    ['6.1.55', '6.1.68', false],
    ['6.1.192', '6.1.68', true],
    ['6.6.2', '6.6.5', false],
    ['6.7-rc2', '6.7-rc4', false],
    ['6.7.3', '6.7-rc4', true],
    ['6.12.9', '6.12.0', true],
    ['6.5.6', null, false],
    ['6.0.16', null, false],
    ['5.15.190', null, false],
    ['5.4.200', null, false],
  ])('%s: in this branch since %s, there already: %s', (text, fixedIn, fixed) => {
    const advice = fixAdvice(versionOf(text));
    expect(advice).toMatchObject({ fixedIn, fixed });
    expect(advice.suggestion === null).toBe(fixed || text === '5.4.200');
  });

  it('says which commits to backport, in order, where a branch has neither', () => {
    const old = fixAdvice(versionOf('5.15.120'));
    expect(old.fact).toContain('01657bc14a39');
    expect(old.suggestion).toMatch(/6\.6\.5.*backport 01657bc14a39 first and then a2e7e59a9426/);
    const ended = fixAdvice(versionOf('6.5.6'));
    expect(ended.fact).toContain('ended at 6.5.13');
    expect(ended.suggestion).toMatch(/backport a2e7e59a9426$/);
  });
});
