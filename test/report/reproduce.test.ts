/** What reproduce writes: C that says what the plan says, a page with every step, a patch that git takes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOf, type Reproduction } from '../../src/report/reproduce/folder.ts';
import { headerOf } from '../../src/report/reproduce/header.ts';
import { patchOf } from '../../src/report/reproduce/patch.ts';
import { delaysFor } from '../../src/sim/explain/delays.ts';
import { forcingPlan } from '../../src/sim/force/plan.ts';
import { freshFolder } from '../cli/folder.ts';

const fresh = freshFolder();
const WITNESS = '1.E.sprd.deferred-retry.plain.compiled.static.1x10,0x15,1x8,0x3';

function planOf(witness: string) {
  const planned = forcingPlan(witness);
  if (!planned.ok) throw new Error(planned.why);
  return planned.plan;
}

const FACTS: Reproduction['facts'] = {
  plan: planOf(WITNESS),
  ...{ release: '6.1.0-1-arm64', arch: 'arm64', device: '5e000000.dma', nolock: false, others: [] },
  fix: { commit: 'a2e7e59a9426', subject: 'iommu: Avoid more races around device probe' },
};

describe('plan.h', () => {
  it('has the turns', () => {
    const header = headerOf(FACTS.plan, { device: '5e000000.dma' });
    expect(header).toMatch(/^\/\* SPDX-License-Identifier: GPL-2\.0 \*\//);
    for (const line of [
      '#define CLIENT_DEVICE "5e000000.dma"',
      '#define GATES 3',
      '#define CLIENT_STARTS 1',
      '#define WALK_STARTS 0',
      '#define WALK_ENDS 1',
      '{ .fn = "@of_xlate", .event = LOAD, .nth = 1, .offset = offsetof(struct device, iommu) }',
    ])
      expect(header).toContain(line);
  });

  it('means the second registration where an instance is up', () => {
    const plan = planOf('1.E.rockchip.deferred-retry~earlier.plain.compiled.static.1x9,0x15,1x9,0x3');
    expect(headerOf(plan, { device: null })).toContain('#define INSTANCE 2');
  });
});

describe('the page', () => {
  const page = (facts: Partial<Reproduction['facts']> = {}) =>
    filesOf({ facts: { ...FACTS, ...facts }, patch: null }).get('README.md')!;

  it('says what to load when, what will be seen, and how to take it away', () => {
    const text = page();
    for (const part of [
      '## Build',
      '## Run',
      '## What will be seen',
      '## What else can come',
      '## The fix',
      '## Take it away',
    ])
      expect(text).toContain(part);
    expect(text).toContain('/lib/modules/6.1.0-1-arm64/build');
    expect(text).toContain('echo 5e000000.dma > /sys/bus/platform/drivers_probe');
    expect(text).toContain(`oopsreplay replay ${FACTS.plan.replay}`);
    expect(text).not.toContain('FOR A LAB ONLY');
  });

  it('warns in capitals where the lock is taken out', () => {
    expect(page({ nolock: true })).toMatch(/FOR A LAB ONLY.*TAKES IT OUT OF THE RUNNING KERNEL/);
  });

  it('asks for the device where none was given', () => {
    expect(page({ device: null })).toContain('client=<client device>');
  });
});

describe('the module', () => {
  const c = filesOf({ facts: FACTS, patch: null }).get('oopsreplay_force.c')!;

  it('says whose it is, and has no line of a template left in it', () => {
    expect(c.split('\n')[0]).toBe('// SPDX-License-Identifier: GPL-2.0');
    expect(c).not.toMatch(/\$\{|undefined/);
    expect(c.match(/\{/g)!.length).toBe(c.match(/\}/g)!.length);
  });
});

/** Functions in the shape of a kernel's, written anew: declarations, an if without braces, a call over two lines. */
const IOMMU_C = `// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/iommu.h>

static void dev_iommu_free(struct device *dev);

static void dev_iommu_free(struct device *dev)
{
	struct dev_iommu *param = dev->iommu;

	if (param->ready)
		dev->iommu = NULL;
	kfree(param);
}
`;
const SPRD_C = `// SPDX-License-Identifier: GPL-2.0
#include <linux/iommu.h>

static int sprd_iommu_of_xlate(struct device *dev,
			       struct of_phandle_args *args)
{
	struct sprd_iommu_device *sdev = dev_iommu_priv_get(dev);
	int ret = 0;

	if (!sdev)
		dev_iommu_priv_set(dev, args);
	return ret;
}
`;

describe('the patch', () => {
  const tree: Record<string, string> = { 'drivers/iommu/iommu.c': IOMMU_C, 'drivers/iommu/sprd-iommu.c': SPRD_C };
  const delays = delaysFor(WITNESS)!;
  const patch = patchOf(delays, (path) => tree[path] ?? null, '5e000000.dma');

  it('is one that git applies, and takes back', () => {
    const folder = fresh('tree');
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const git = (...args: string[]) => spawnSync('git', args, { cwd: folder, encoding: 'utf8', input: patch.text });
    expect(git('init', '-q').status).toBe(0);
    expect(git('apply', '--check', '-')).toMatchObject({ status: 0, stderr: '' });
    expect(git('apply', '-').status).toBe(0);
    expect(git('apply', '--check', '-R', '-')).toMatchObject({ status: 0, stderr: '' });
  });

  it('sleeps before the whole of an if without braces, and among declarations by one', () => {
    expect(patch.missing).toEqual([]);
    expect(patch.text).toMatch(/\+\toopsreplay_sleep\(dev, 2000\);\t\/\* sleep 1 \*\/\n \tif \(param->ready\)/);
    expect(patch.text).toMatch(/\+\tint oopsreplay_2 __maybe_unused = .*\n \tstruct sprd_iommu_device \*sdev/);
  });

  it('names what a tree does not have', () => {
    const { text, missing } = patchOf(delays, (path) => (path.endsWith('sprd-iommu.c') ? SPRD_C : null), null);
    expect(missing.map((m) => m.fn)).toEqual(['dev_iommu_free']);
    expect(text).not.toContain('drivers/iommu/iommu.c');
  });
});
