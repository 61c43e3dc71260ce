import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { triage } from '../../../src/reconstruct/triage.ts';
import type { Rival, Verdict } from '../../../src/reconstruct/types.ts';

const OPTIONS = { notFixed: ['a2e7e59a9426'] };
const DART = readFileSync('samples/dmesg/dart-null-priv-6.1.log', 'latin1');
/** Era E2, in which the model reaches this very access by an unregistration, too. */
const DART66 = readFileSync('samples/dmesg/dart-release-says-fixed-6.6.log', 'latin1');
/** The same crash in a driver that can be unregistered: its probe has an error exit behind iommu_device_register(). */
const SPRD66 = DART66.replaceAll('apple_dart_of_xlate', 'sprd_iommu_of_xlate').replaceAll('apple-dart', 'sprd-iommu');
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
    const { verdict, rival } = judged(SPRD66);
    expect(verdict.class).toBe('confirmed');
    expect(rival).toMatchObject({ status: 'refuted', because: expect.stringMatching(/no "Adding to iommu group"/) });
    expect(rival.lines).toEqual([lineOf(SPRD66, 'Linux version'), lineOf(SPRD66, CRASH)]);
  });

  it('stays open, and the race is not confirmed, where a device was in a group before', () => {
    const text = beforeCrash(SPRD66, '[    5.000000][   T33] platform 5f100000.client: Adding to iommu group 0');
    const { verdict, rival } = judged(text);
    expect(rival).toMatchObject({ status: 'open', because: expect.stringMatching(/1 device had been put into one/) });
    expect(rival.lines).toEqual([lineOf(text, 'Adding to iommu group')]);
    expect(verdict.class).toBe('possible');
  });

  it('stays open where the log does not begin at the boot, or lost lines', () => {
    for (const text of [
      SPRD66.replace(/^.*Linux version.*\n/m, ''),
      beforeCrash(SPRD66, '[    5.000000][   T33] ** 12 printk messages dropped **'),
    ]) {
      const { rival } = judged(text);
      expect(rival).toMatchObject({ status: 'open', because: expect.stringMatching(/what is left of the log/) });
    }
  });

  it('is refuted by a registration that the log shows under way, whatever is left of the rest', () => {
    const cut = SPRD66.slice(SPRD66.search(CRASH));
    expect(judged(cut).rival.status).toBe('open');
    const loading = cut.replace('Modules linked in:', 'Modules linked in: sprd_iommu(+)');
    const { rival } = judged(loading);
    expect(rival).toMatchObject({ status: 'refuted', because: expect.stringMatching(/registering thread was alive/) });
    expect(rival.lines).toEqual([lineOf(loading, 'Modules linked in')]);
  });

  it('is refuted by a driver that stays registered, whatever is left of the log', () => {
    const { rival } = judged(DART66.slice(DART66.search(CRASH)));
    expect(rival).toMatchObject({ status: 'refuted', because: expect.stringMatching(/suppress_bind_attrs/) });
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
