import { readFileSync } from 'node:fs';
import type { Nodes } from 'mdast';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import type { Triage, TriageOptions } from '../../src/reconstruct/types.ts';
import { renderMarkdown } from '../../src/report/markdown/markdown.ts';
import * as fixtures from './fixture.ts';
import { markdownShape, parsed } from './markdown-shape.ts';

function textOf(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? (node.children as Nodes[]).map(textOf).join('') : '';
}

const headings = (markdown: string) =>
  parsed(markdown)
    .children.filter((node) => node.type === 'heading')
    .map((node) => `${'#'.repeat(node.depth)} ${textOf(node)}`);

function sample(name: string, options: TriageOptions = {}): Triage {
  const file = `samples/dmesg/${name}.log`;
  return triage(readFileSync(file), { name: file }, options)[0]!;
}

/** Blocks under a heading. */
function section(markdown: string, title: string): readonly Nodes[] {
  const { children } = parsed(markdown);
  const from = children.findIndex((node) => node.type === 'heading' && textOf(node) === title);
  expect(from, title).toBeGreaterThan(0);
  const rest = children.slice(from + 1);
  const to = rest.findIndex((node) => node.type === 'heading');
  return to < 0 ? rest : rest.slice(0, to);
}

describe('renderMarkdown', () => {
  it('tells the whole story of a confirmed race, in order', () => {
    expect(headings(renderMarkdown(sample('qcom-null-priv-5.10')))).toEqual([
      '# CONFIRMED: BUG: unable to handle kernel NULL pointer dereference in qcom_iommu_of_xlate',
      '## What happened',
      '## Evidence',
      '## Rival explanations',
      '## What the replay showed',
      '## Root cause',
      '## Is this kernel affected?',
      '## What this kernel has, and how to watch it',
      '## How to backport the fix',
      '## How to reproduce it',
      '## Appendix: the crash as it was read',
    ]);
  });

  it('has the intended structure as CommonMark and GFM, and no other', () => {
    const [root, ...blocks] = markdownShape(renderMarkdown(sample('qcom-null-priv-5.10'))) as (string | string[])[];
    expect(root).toBe('root');
    const folded = (summary: string, ...inside: string[]) => [
      `html <details>\n<summary>${summary}</summary>`,
      ...inside,
      'html </details>',
    ];
    expect(blocks.map((block) => (typeof block === 'string' ? block : block[0]))).toEqual([
      ...['heading 1', 'paragraph', 'paragraph', 'list'],
      ...[
        'heading 2',
        'paragraph',
        'code text',
        ...folded('The same as a sequence diagram', 'code mermaid'),
        'paragraph',
      ],
      ...['heading 2', 'table'],
      ...['heading 2', 'table', ...folded('7 more, refuted without a line of this log', 'table')],
      ...['heading 2', 'list', ...folded('The crash beside the nearest run that passes', 'code text')],
      ...['heading 2', 'paragraph', 'list'],
      ...['heading 2', 'list'],
      ...['heading 2', 'list'],
      ...['heading 2', 'paragraph', 'code sh', 'list'],
      ...['heading 2', 'paragraph', ...folded('Steps, and the sleeps as a patch sketch', 'list', 'code diff')],
      ...['heading 2', ...folded('Title, registers, frames', 'list', 'code ')],
    ]);
  });

  it('leaves out sections with nothing to say', () => {
    expect(headings(renderMarkdown(fixtures.noCrashTriage))).toEqual([
      '# NO CRASH: nothing in this log is a crash',
      '## What to do next',
      '## Is this kernel affected?',
    ]);
  });

  it('quotes the line of each piece of evidence with its number', () => {
    const [table] = section(renderMarkdown(fixtures.confirmedTriage), 'Evidence');
    const rows = (table as { children: { children: Nodes[] }[] }).children.map((row) => row.children.map(textOf));
    expect(rows[0]).toEqual(['what it shows', 'line', 'log']);
    expect(rows.map((row) => row.slice(1))).toContainEqual([
      '67',
      'Code: 540003a1 b9400e94 b40007b3 f94172c0 (f9002013)',
    ]);
    expect(rows).toContainEqual(['', '20', 'CM = 0, WnR = 1, TnD = 0, TagAccess = 0']);
  });

  it('gives exact counts, the bounds of the search and the flip test', () => {
    const out = renderMarkdown(fixtures.confirmedTriage);
    expect(out).toContain('of 18446744073709551616 interleavings fit the log');
    expect(out).toContain('2 threads, 1 device, 1 IOMMU instance; 1234 states, exhaustive');
    expect(out).toContain('2. `dev->iommu = NULL` in `dev_iommu_free` (IOMMU registration)');
  });

  it('shows the registers that the trapping instruction names', () => {
    const out = renderMarkdown(fixtures.confirmedTriage);
    expect(out).toContain('- register: `x0 = 0x0000000000000000` (line 47)');
    expect(out).toContain('- register: `x19 = 0xffff1aea0af34000` (line 41)');
    expect(out).not.toContain('x22 =');
  });

  it('puts a command that settles the question into a block to copy, under its item', () => {
    const [list] = section(renderMarkdown(fixtures.possibleTriage), 'What would settle it');
    const [first] = (list as { children: { children: Nodes[] }[] }).children;
    expect(first!.children.map((node) => node.type)).toEqual(['paragraph', 'code']);
    expect(textOf(first!.children[1]!)).toBe("git log --oneline --grep 'Avoid more races around'");
  });
});

describe('how to backport', () => {
  const commands = (one: Triage) => textOf(section(renderMarkdown(one), 'How to backport the fix')[1]!).split('\n');

  it('names the picks that the branch lacks, in order, and how to look whether it worked', () => {
    expect(commands(sample('qcom-null-priv-5.10'))).toEqual([
      'git switch --create iommu-probe-race v5.10.262',
      'git cherry-pick -x 01657bc14a39                              # v6.2-rc1: iommu: Avoid races around device probe',
      'git cherry-pick -x a2e7e59a94269484a83386972ca07c22fd188854  # v6.7-rc4: iommu: Avoid more races around device probe',
      'grep -n iommu_probe_device_lock drivers/iommu/*iommu.c',
    ]);
  });

  it('leaves out what the tree has, and names the release of the branch', () => {
    const one = sample('dart-null-priv-6.1', { kernel: '6.1.50', notFixed: ['a2e7e59a9426'] });
    expect(commands(one).filter((line) => line.includes('cherry-pick'))).toHaveLength(1);
    expect(renderMarkdown(one)).toContain('the branch has `a2e7e59a9426` since 6.1.68');
  });

  it('has one pick where two probes met, and none where the release has the fix and the tree does not', () => {
    expect(commands(sample('double-error-exit-5.10')).filter((line) => line.includes('cherry-pick'))).toEqual([
      'git cherry-pick -x 01657bc14a39  # v6.2-rc1: iommu: Avoid races around device probe',
    ]);
    const reverted = renderMarkdown(sample('dart-null-priv-6.1', { notFixed: ['a2e7e59a9426'] }));
    expect(headings(reverted)).not.toContain('## How to backport the fix');
    expect(reverted).toContain('find out why it was taken out');
  });
});

describe('how to reproduce it', () => {
  const blocks = (one: Triage) => section(renderMarkdown(one), 'How to reproduce it');

  it('says where to sleep, what to start when, and what to expect', () => {
    const [claim, , steps, patch] = blocks(sample('dart-null-priv-6.1', { notFixed: ['a2e7e59a9426'] }));
    expect(textOf(claim!)).toContain('With two sleeps');
    const items = (steps as { children: Nodes[] }).children.map(textOf);
    expect(items[0]).toContain(
      'put sleep 1, of 2 s, into dev_iommu_free() (drivers/iommu/iommu.c), right before dev->iommu = NULL',
    );
    expect(items[1]).toContain('put sleep 2, of 2 s, into apple_dart_of_xlate() (drivers/iommu/apple-dart.c)');
    expect(items.at(-2)).toMatch(/^while sleep 1 lasts, have the client probed again/);
    expect(items.at(-1)).toBe(
      'expect null-write dev_iommu.priv in apple_dart_of_xlate; on a kernel with a2e7e59a9426 the same sleeps end without it',
    );
    expect(textOf(patch!)).toContain(
      '@@ dev_iommu_free() @@\n+        replay_sleep(dev, 2000); /* sleep 1 */\n         dev->iommu = NULL;',
    );
  });

  it('promises nothing of a commit that is not the cure', () => {
    const items = (one: Triage) => (blocks(one)[2] as { children: Nodes[] }).children.map(textOf);
    expect(items(sample('double-error-exit-5.10')).at(-1)).toContain('on a kernel with 01657bc14a39');
    const rockchip = items(sample('rockchip-dma-dev-6.1', { notFixed: ['a2e7e59a9426'] }));
    expect(rockchip.at(-1)).toBe('expect null-read device.devres_lock in rk_iommu_of_xlate');
  });

  it('is of the files of the era and the driver: a 5.10 kernel waits for no module unless it is told to', () => {
    const text = textOf({ type: 'root', children: blocks(sample('qcom-null-priv-5.10')) as never });
    expect(text).toContain('drivers/iommu/arm/arm-smmu/qcom_iommu.c');
    expect(text).toContain('deferred_probe_timeout=60');
  });
});
