import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { HtmlValidate } from 'html-validate';
import { describe, expect, it } from 'vitest';
import type { Story } from '../../src/report/html/shape.ts';
import { decodeReplay } from '../../src/sim/explain/replay.ts';
import { rerun } from '../../src/sim/explain/witness.ts';
import { simulate } from '../../src/sim/simulate.ts';
import { setUp } from '../sim/set-up.ts';
import { size } from '../size.ts';
import { ATTACKS, activeIn, hostile, SEED } from './attacks.ts';
import * as fixtures from './fixture.ts';
import { rendered, SAMPLES, sample } from './samples.ts';

const ALL = [
  fixtures.confirmedTriage,
  fixtures.excludedTriage,
  fixtures.possibleTriage,
  fixtures.insufficientTriage,
  fixtures.noCrashTriage,
  fixtures.twoCrashesTriage,
];

const html = (...triages: readonly (typeof fixtures.confirmedTriage)[]) => rendered('html', triages);
const [confirmedSample] = sample('qcom-null-priv-5.10');
const headings = (page: string) => [...page.matchAll(/<h3>(.*?)<\/h3>/g)].map((m) => m[1]);

/** The page without its own script, style and data, and the tags that are left. */
function tagsOf(page: string): readonly string[] {
  const bare = page.replace(/(<(script|style)\b[^>]*>).*?(?=<\/\2>)/gs, '$1');
  return bare.match(/<[^>]*>?/g) ?? [];
}

const storyData = (page: string): Story =>
  JSON.parse(/<script type="application\/json" id="r1-stepper-data">(.*?)<\/script>/s.exec(page)![1]!);

describe('the page of --format html', () => {
  const validator = new HtmlValidate({ root: true, extends: ['html-validate:recommended', 'html-validate:document'] });

  it.each(SAMPLES.map((s) => s.file.replace(/\.log$/, '')))('is valid HTML for %s', async (name) => {
    const report = await validator.validateString(await html(...sample(name)));
    expect(report.results.flatMap((r) => r.messages.map((m) => `${m.line}: ${m.message} (${m.ruleId})`))).toEqual([]);
  });

  it('is valid HTML where it holds several logs, each in an article of its own', async () => {
    const page = await html(...ALL);
    const report = await validator.validateString(page);
    expect(report.results.flatMap((r) => r.messages.map((m) => `${m.line}: ${m.message} (${m.ruleId})`))).toEqual([]);
    expect(page.match(/<article /g)).toHaveLength(ALL.length);
    expect(page.match(/<h1>/g)).toHaveLength(1);
  });

  it('tells the verdict first, then the whole story in the order of asking', async () => {
    const page = await html(confirmedSample!);
    expect(page.indexOf('CONFIRMED</span>')).toBeLessThan(page.indexOf('<h3>'));
    expect(headings(page)).toEqual([
      'What happened',
      'Evidence',
      'Rival explanations',
      'What the replay showed',
      'Root cause',
      'Is this kernel affected?',
      'What this kernel has, and how to watch it',
      'How to backport the fix',
      'How to reproduce it',
      'Appendix: the crash as it was read',
    ]);
  });

  it('leaves out sections with nothing to say', async () => {
    expect(headings(await html(fixtures.noCrashTriage))).toEqual(['What to do next', 'Is this kernel affected?']);
  });

  it('lets nothing in and nothing out: a policy by hash, no address, no inline style or handler', async () => {
    const page = await html(confirmedSample!);
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page)![1]!;
    const inside = (element: string) => new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(page)![1]!;
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hash(inside('style'))}`,
      `script-src ${hash(inside('script'))}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(page).not.toMatch(/\b(?:src|href|action|srcset|style|on[a-z]+)=/i);
    expect(page).not.toMatch(/https?:|url\(|@import/i);
    expect(page.match(/<script>/g)).toHaveLength(1);
  });

  it('has a row with the state for every step of the witness, and of the nearest run that passes', async () => {
    const page = await html(confirmedSample!);
    const { runs, columns, common } = storyData(page);
    const witness = confirmedSample!.verdict.story!;
    expect(runs.map((run) => run.name)).toEqual(['The crash', 'The nearest passing run']);
    expect(runs[0]!.steps.map((s) => s.text)).toEqual(witness.steps.map((s) => s.text));
    for (const [name, run] of [
      ['crash', runs[0]!],
      ['passing', runs[1]!],
    ] as const) {
      const rows = [...page.matchAll(new RegExp(`<tr id="r1-${name}-\\d+".*?</tr>`, 'gs'))].map(([row]) => row);
      expect(rows).toHaveLength(run.steps.length);
      rows.forEach((row, i) => {
        const states = [...row.matchAll(/<td class="state(?: changed)?">(.*?)<\/td>/g)].map((m) => m[1]);
        expect(states).toEqual(
          run.steps[i]!.state.map((value) => (value === '' ? '–' : value.replaceAll('>', '&gt;'))),
        );
        expect(row.match(/class="parts|parts"/) !== null).toBe(i === common);
      });
    }
    expect(columns).toEqual(['dev->iommu', 'fwspec', 'fwspec->ops', 'priv']);
    expect(page).toContain('This era of the code has no <code class="short">iommu_probe_device_lock</code>.');
  });

  it('shows the lock where the era has it, by the lane of its owner', async () => {
    const { columns, runs, threads } = storyData(await html(...sample('smmuv3-kasan-uaf-6.6')));
    const at = columns.indexOf('iommu_probe_device_lock');
    expect(new Set(runs[0]!.steps.map((s) => s.state[at]))).toEqual(new Set(['free', 'CPU1']));
    expect(threads[1]).toBe('IOMMU registration');
  });

  it('compares with a run that passes and shares its beginning with the crash', async () => {
    const { runs, common } = storyData(await html(confirmedSample!));
    const [crash, passing] = runs;
    const decoded = decodeReplay(passing!.replay);
    if (!decoded.ok) throw new Error(decoded.why);
    const again = rerun(decoded.setUp, decoded.threads);
    expect(again.witness.steps.some((s) => s.outcome !== null || s.unnoticed !== undefined)).toBe(false);
    for (let i = 0; i < common!; i++) expect(passing!.steps[i]!.text).toBe(crash!.steps[i]!.text);
    expect(passing!.steps[common!]!.thread).not.toBe(crash!.steps[common!]!.thread);
    crash!.steps.forEach(({ other, thread, text }) => {
      if (other !== null) expect(passing!.steps[other]).toMatchObject({ thread, text });
    });
  });

  it('says so where no run passes', async () => {
    const of = setUp('E', 'sprd', 'priv-without-fwspec');
    const decoded = decodeReplay(simulate(of).outcomes[0]!.witness);
    if (!decoded.ok) throw new Error(decoded.why);
    const story = rerun(of, decoded.threads).witness;
    const crash = { ...fixtures.confirmedTriage.crashes[0]!, verdict: { ...fixtures.confirmed, story } };
    const page = await html({ ...fixtures.confirmedTriage, crashes: [crash] });
    expect(page).toContain('No run of the same scenario passes');
    expect(page).not.toContain('<input type="radio"');
  });

  it('has a lane for each of three threads', async () => {
    const of = setUp('E', 'apple-dart', 'two-walks');
    const crash = simulate(of).outcomes.find((o) => o.crash && o.interleavings > 0n)!;
    const decoded = decodeReplay(crash.witness);
    if (!decoded.ok) throw new Error(decoded.why);
    const story = rerun(of, decoded.threads).witness;
    const judged = { ...fixtures.confirmedTriage.crashes[0]!, verdict: { ...fixtures.confirmed, story } };
    const page = await html({ ...fixtures.confirmedTriage, crashes: [judged] });
    const head = /<table class="lanes" id="r1-crash">.*?<thead>(.*?)<\/thead>/s.exec(page)![1]!;
    expect(head.match(/class="cpu">CPU\d/g)).toEqual(['class="cpu">CPU0', 'class="cpu">CPU1', 'class="cpu">CPU2']);
    expect(storyData(page).threads).toHaveLength(3);
    const report = await validator.validateString(page);
    expect(report.results.flatMap((r) => r.messages.map((m) => m.message))).toEqual([]);
  });

  it('quotes beside a step the log lines that belong to it', async () => {
    const quotes = (page: string) =>
      storyData(page).runs[0]!.steps.flatMap((s, i) => s.log.map((q) => [i + 1, s.fn, q.line, q.text]));
    const { steps } = storyData(await html(confirmedSample!)).runs[0]!;
    const qcom = quotes(await html(confirmedSample!));
    expect(qcom).toContainEqual([
      steps.length,
      'qcom_iommu_of_xlate',
      150,
      'Code: 54000241 a94153f3 a8c37bfd d65f03c0 (f9001c14)',
    ]);
    expect(qcom).toContainEqual([11, 'of_iommu_configure', 128, 'of_iommu_configure+0x1f4/0x2e0']);
    const kasan = quotes(await html(...sample('smmuv3-kasan-uaf-6.6')));
    expect(kasan).toContainEqual([20, 'dev_iommu_free', 165, 'Freed by task 54:']);
    expect(kasan).toContainEqual([1, 'of_iommu_configure', 108, 'Workqueue: events_unbound deferred_probe_work_func']);
  });

  it('is the same on every run', async () => {
    expect(await html(confirmedSample!)).toBe(await html(confirmedSample!));
  });

  const ours = new Set<string>();

  it.each(Object.entries(ATTACKS))('makes no element of what a log says: %s', async (_, attack) => {
    await holds(attack);
  });

  it(`makes no element, attribute or control character of what a log says (seed ${SEED})`, async () => {
    await fc.assert(fc.asyncProperty(hostile, holds), { seed: SEED, numRuns: size(100, 1500) });
  });

  /** Every tag of the page is one that a harmless log gets, too, and nothing is left that acts on a reader. */
  async function holds(evil: string): Promise<void> {
    if (ours.size === 0)
      for (const words of ['x', 'a_b', 'a longer text of more than a few words, by which no line breaks', ' '])
        for (const tag of tagsOf(await html(fixtures.hostileTriage(words)))) ours.add(tag);
    const page = await html(fixtures.hostileTriage(evil));
    expect(activeIn(page)).toBeNull();
    expect(tagsOf(page).filter((tag) => !ours.has(tag))).toEqual([]);
    expect(storyData(page).runs[0]!.steps.length).toBe(fixtures.witness.steps.length);
  }
});
