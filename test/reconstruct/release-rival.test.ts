import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import type { Rival, Verdict } from '../../src/reconstruct/types.ts';

const OPTIONS = { notFixed: ['a2e7e59a9426'] };
const DART = readFileSync('samples/dmesg/dart-null-priv-6.1.log', 'latin1');
/** Era E2, in which the model reaches this very access by an unregistration, too. */
const DART66 = readFileSync('samples/dmesg/dart-release-says-fixed-6.6.log', 'latin1');
const KASAN = readFileSync('samples/dmesg/smmuv3-kasan-uaf-6.6.log', 'latin1');
const CRASH = /^.*Unable to handle kernel NULL.*$/m;

function judged(text: string): { readonly verdict: Verdict; readonly rival: Rival } {
  const verdict = triage(Buffer.from(text, 'latin1'), { name: 'test' }, OPTIONS)[0]!.verdict;
  return { verdict, rival: verdict.rivals.find((r) => r.hypothesis === 'release-vs-xlate')! };
}

const beforeCrash = (text: string, line: string) => text.replace(CRASH, (crash) => `${line}\n${crash}`);
const lineOf = (text: string, part: string | RegExp) => text.split('\n').findIndex((l) => l.search(part) >= 0) + 1;

describe('an unregistration that frees dev->iommu', () => {
  it('is refuted by the model where it does not end in the access (era D)', () => {
    const { verdict, rival } = judged(DART);
    expect(verdict.class).toBe('confirmed');
    expect(rival).toMatchObject({ status: 'refuted', because: expect.stringMatching(/the model explores/) });
  });

  it('is refuted by a log that is whole from its first line and shows no device in a group', () => {
    const { verdict, rival } = judged(DART66);
    expect(verdict.class).toBe('confirmed');
    expect(rival).toMatchObject({ status: 'refuted', because: expect.stringMatching(/no "Adding to iommu group"/) });
    expect(rival.lines).toEqual([lineOf(DART66, 'Linux version'), lineOf(DART66, CRASH)]);
  });

  it('stays open, and the race is not confirmed, where a device was in a group before', () => {
    const text = beforeCrash(DART66, '[    5.000000][   T33] platform 5f100000.client: Adding to iommu group 0');
    const { verdict, rival } = judged(text);
    expect(rival).toMatchObject({ status: 'open', because: expect.stringMatching(/5f100000\.client/) });
    expect(rival.lines).toEqual([lineOf(text, 'Adding to iommu group')]);
    expect(verdict.class).toBe('possible');
  });

  it('stays open where the log does not begin at the boot, or lost lines', () => {
    for (const text of [
      DART66.replace(/^.*Linux version.*\n/m, ''),
      beforeCrash(DART66, '[    5.000000][   T33] ** 12 printk messages dropped **'),
    ]) {
      const { rival } = judged(text);
      expect(rival).toMatchObject({ status: 'open', because: expect.stringMatching(/what is left of the log/) });
    }
  });

  it('is refuted by a registration that the log shows under way, whatever is left of the rest', () => {
    const line = '[    6.700000][   T33] apple-dart 5f000000.iommu: DART [pagesize 1000, 16 streams] initialized';
    const cut = `${DART66.slice(DART66.search(CRASH)).trimEnd()}\n${line}\n`;
    expect(judged(cut.replace(line, '')).rival.status).toBe('open');
    const { rival } = judged(cut);
    expect(rival).toMatchObject({ status: 'refuted', because: expect.stringMatching(/registration was under way/) });
    expect(rival.lines).toEqual([lineOf(cut, ' initialized')]);
  });

  it('is refuted or named by the stack that freed the object', () => {
    expect(judged(KASAN).rival).toMatchObject({
      status: 'refuted',
      because: expect.stringMatching(/was not freed by iommu_release_device/),
    });
    const at = KASAN.indexOf('Freed by task');
    const end = KASAN.indexOf('probe_iommu_group', at);
    expect(end).toBeGreaterThan(at);
    const released = `${KASAN.slice(0, at)}${KASAN.slice(at)
      .replace('__iommu_probe_device', 'iommu_deinit_device')
      .replace('probe_iommu_group', 'remove_iommu_group')
      .replace('bus_iommu_probe', 'bus_for_each_dev')
      .replace('iommu_device_register', 'iommu_device_unregister')}`;
    const { verdict, rival } = judged(released);
    expect(rival.status).toBe('explains');
    expect(verdict.class).not.toBe('confirmed');
  });
});
