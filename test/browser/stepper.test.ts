/** The stepper of the page of --format html: by button, key, slider and row, with what it says at each step. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Story } from '../../src/report/html/shape.ts';
import { rendered, sample } from '../report/samples.ts';
import { button, inChromium } from './chromium.ts';

const [race] = sample('qcom-null-priv-5.10');
const [kasan] = sample('smmuv3-kasan-uaf-6.6');
const html = await rendered('html', [race!]);

const now = async (page: Page) =>
  Number(/^Step (\d+) of/.exec((await page.getByRole('status').textContent()) ?? '')?.[1]);
const storyOf = async (page: Page): Promise<Story> =>
  JSON.parse((await page.locator('script[type="application/json"]').first().textContent()) ?? '');
/** The panel's table: a name and its values a row. */
const panel = (page: Page) =>
  page
    .locator('.panel tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
const shown = (value: string) => (value === '' ? '–' : value);

inChromium('the stepper', (chromium) => {
  it('goes forward and back by button, and stops at either end', async () => {
    await chromium().visit(html, async ({ page }) => {
      const { steps } = (await storyOf(page)).runs[0]!;
      expect(await now(page)).toBe(1);
      // Playwright does not click what says that it is disabled; a reader may.
      await button(page, 'Back').click({ force: true });
      expect(await now(page)).toBe(1);
      await button(page, 'Next').click();
      await button(page, 'Next').click();
      expect(await now(page)).toBe(3);
      await button(page, 'Back').click();
      expect(await now(page)).toBe(2);
      await button(page, 'Last').click();
      expect(await now(page)).toBe(steps.length);
      await button(page, 'Next').click({ force: true });
      expect(await now(page)).toBe(steps.length);
      expect(await button(page, 'Next').getAttribute('aria-disabled')).toBe('true');
      await button(page, 'First').click();
      expect(await now(page)).toBe(1);
    });
  });

  it('goes forward and back by key, reached by Tab, with the focus in sight', async () => {
    await chromium().visit(html, async ({ page }) => {
      const { steps } = (await storyOf(page)).runs[0]!;
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('First');
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineWidth);
      expect(Number.parseFloat(outline)).toBeGreaterThanOrEqual(2);
      for (const [key, step] of [
        ['ArrowRight', 2],
        ['ArrowDown', 3],
        ['ArrowLeft', 2],
        ['ArrowUp', 1],
        ['End', steps.length],
        ['Home', 1],
      ] as const) {
        await page.keyboard.press(key);
        expect([key, await now(page)]).toEqual([key, step]);
      }
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await now(page)).toBe(2);
    });
  });

  it('goes to a step by the slider and by a click on its row', async () => {
    await chromium().visit(html, async ({ page }) => {
      const slider = page.getByRole('slider', { name: 'Step' });
      await slider.fill('7');
      expect(await now(page)).toBe(7);
      expect(await slider.getAttribute('aria-valuetext')).toBe('step 7 of 35');
      await slider.press('ArrowRight');
      expect(await now(page)).toBe(8);
      await page.locator('#r1-crash-10').click();
      expect(await now(page)).toBe(10);
    });
  });

  it('shows at every step dev->iommu, fwspec, priv and the lock as the model has them, and the same step of the passing run', async () => {
    await chromium().visit(await rendered('html', [kasan!]), async ({ page }) => {
      const { columns, runs } = await storyOf(page);
      const witness = kasan!.verdict.story!;
      expect(columns).toEqual(['dev->iommu', 'fwspec', 'fwspec->ops', 'priv', 'iommu_probe_device_lock']);
      await button(page, 'First').focus();
      for (const [i, step] of runs[0]!.steps.entries()) {
        expect(await now(page)).toBe(i + 1);
        const rows = await panel(page);
        rows.forEach(([name, value], c) => {
          expect(name).toBe(columns[c]);
          const owner = witness.threads.indexOf(witness.steps[i]!.after[name!] ?? '');
          expect([i, name, value]).toEqual([
            i,
            name,
            owner < 0 ? shown(witness.steps[i]!.after[name!] ?? '') : `CPU${owner}`,
          ]);
        });
        const theirs = step.other === null ? null : runs[1]!.steps[step.other]!.state.map(shown);
        expect(rows.map((row) => row[2])).toEqual(
          theirs ?? ['this step is not taken', ...Array(columns.length - 1).fill(undefined)],
        );
        const quoted = await page.locator('.panel .log li').allTextContents();
        expect(quoted).toEqual(step.log.map(({ line, text }) => `line ${line} ${text}`));
        const current = page.locator('tr[aria-current="step"]:visible');
        expect(await current.getAttribute('id')).toBe(`r1-crash-${i + 1}`);
        await page.keyboard.press('ArrowRight');
      }
    });
  });

  it('keeps the current row in sight, inside its box', async () => {
    await chromium().visit(html, async ({ page }) => {
      await button(page, 'First').focus();
      for (const key of ['End', 'Home', ...Array<string>(20).fill('ArrowRight')]) {
        await page.keyboard.press(key);
        const within = await page.locator('tr[aria-current="step"]:visible').evaluate((row) => {
          const [r, box] = [row.getBoundingClientRect(), row.closest('.scroll')!.getBoundingClientRect()];
          return r.top >= box.top - 1 && r.bottom <= box.bottom + 1;
        });
        expect([key, within]).toEqual([key, true]);
      }
    });
  });

  it('shows the nearest passing run instead of the crash, at the same step', async () => {
    await chromium().visit(html, async ({ page }) => {
      const { runs, common } = await storyOf(page);
      await page.locator(`#r1-crash-${common! + 1}`).click();
      await page.getByRole('radio', { name: 'The nearest passing run' }).check();
      expect(await page.locator('#r1-crash').isVisible()).toBe(false);
      expect(await page.locator('#r1-passing').isVisible()).toBe(true);
      expect(await now(page)).toBe(runs[0]!.steps[common!]!.other! + 1);
      await button(page, 'Last').click();
      expect(await now(page)).toBe(runs[1]!.steps.length);
      expect(await page.locator('#r1-passing tr.parts').count()).toBe(1);
      await page.getByRole('radio', { name: 'The crash' }).check();
      expect(await page.locator('#r1-crash').isVisible()).toBe(true);
    });
  });

  it('passes over the steps that do not matter, where it is asked to', async () => {
    await chromium().visit(html, async ({ page }) => {
      const { steps } = (await storyOf(page)).runs[0]!;
      const matter = steps.flatMap((s, i) => (s.matters || i === 0 || i === steps.length - 1 ? [i + 1] : []));
      expect(matter.length).toBeLessThan(steps.length);
      await page.getByRole('checkbox', { name: 'only steps that matter' }).check();
      await button(page, 'First').focus();
      const seen = [await now(page)];
      while (seen.at(-1) !== steps.length) {
        await page.keyboard.press('ArrowRight');
        seen.push(await now(page));
      }
      expect(seen).toEqual(matter);
      expect(await page.locator('#r1-crash tbody tr:visible').count()).toBe(matter.length);
      // Each run of steps of one function has its name above it, and only there.
      const told = matter.map((n) => `${steps[n - 1]!.thread} ${steps[n - 1]!.fn}()`);
      const names = await page.locator('#r1-crash .fn:visible').allTextContents();
      expect(names).toEqual(told.filter((name, i) => name !== told[i - 1]).map((name) => name.slice(2)));
    });
  });

  it('says each step in a live region, and names every control', async () => {
    await chromium().visit(html, async ({ page }) => {
      const status = page.getByRole('status');
      expect(await status.getAttribute('aria-live')).toBe('polite');
      await page.locator('#r1-crash-26').click();
      expect(await status.textContent()).toMatch(
        /^Step 26 of 35, CPU1, dev_iommu_free\(\): dev->iommu = NULL; dev->iommu is now NULL/,
      );
      await button(page, 'Last').click();
      expect(await status.textContent()).toContain('*** null-write dev_iommu.priv in qcom_iommu_of_xlate');
      const controls = await page
        .locator('button, input')
        .evaluateAll((all) =>
          all.map((c) =>
            (c instanceof HTMLInputElement ? (c.labels?.[0]?.textContent ?? '') : (c.textContent ?? '')).trim(),
          ),
        );
      expect(controls).toHaveLength(8);
      for (const name of controls) expect(name).not.toBe('');
    });
  });

  it('has a stepper for each of several logs, apart from one another', async () => {
    await chromium().visit(await rendered('html', [race!, kasan!]), async ({ page, incidents }) => {
      const second = page.locator('.stepper').nth(1);
      await second.getByRole('button', { name: 'Last' }).click();
      const said = await page.getByRole('status').allTextContents();
      expect(said[0]).toMatch(/^Step 1 of 35/);
      expect(said[1]).toMatch(/^Step 24 of 24/);
      expect(incidents).toEqual([]);
    });
  });
});
