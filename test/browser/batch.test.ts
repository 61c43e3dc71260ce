/** The page of batch in a browser: found, filtered, opened and linked to, at every width, with ten thousand buckets, and whatever a log says. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { renderBatchHtml } from '../../src/batch/show/html.ts';
import { hostileOwn, pageOf } from '../batch/batch-page.ts';
import { ATTACKS } from '../report/attacks.ts';
import { inChromium } from './chromium.ts';

const page500 = pageOf(500);
const html = renderBatchHtml(page500);
const ids = page500.statistics.buckets.map((b) => b.id);

const violations = async (page: Page) => {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (d: Document) => Promise<{ violations: { id: string }[] }> } };
    return (await axe.run(document)).violations.map((v) => v.id);
  });
};
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
const rows = (page: Page) => page.locator('#buckets tbody tr[data-c]');

inChromium('the page of batch', (chromium) => {
  it('shows a hundred rows, more on demand, and those that are filtered, toggled and ordered', async () => {
    await chromium().visit(html, async ({ page, requests, incidents }) => {
      expect(await rows(page).count()).toBe(100);
      await page.locator('#more').click();
      expect(await rows(page).count()).toBe(200);
      await page.fill('#filter', 'driver_97_of_xlate');
      await page.waitForFunction(() => document.querySelector('#count')?.textContent?.startsWith('1 of 500'));
      expect(await rows(page).first().textContent()).toContain('driver_97_of_xlate');
      await page.fill('#filter', '');
      await page.waitForFunction(() => document.querySelector('#count')?.textContent?.startsWith('500 of'));
      await page.getByLabel('excluded').uncheck();
      const classes = await rows(page).evaluateAll((all) => [...new Set(all.map((r) => (r as HTMLElement).dataset.c))]);
      expect(classes).toEqual(['confirmed', 'insufficient']);
      await page.selectOption('#order', 'boots');
      const boots = await rows(page).evaluateAll((all) => all.map((r) => Number((r as HTMLElement).dataset.n)));
      expect(boots).toEqual([...boots].sort((a, b) => b - a));
      expect([requests, incidents]).toEqual([[], []]);
    });
  });

  it('opens a bucket where it stands, by button, by key and by address', async () => {
    const last = ids.at(-1)!;
    await chromium().visit(html, async ({ page, incidents }) => {
      const button = page.locator('button.open').first();
      await button.focus();
      await page.keyboard.press('Enter');
      expect(await button.getAttribute('aria-expanded')).toBe('true');
      expect(await page.locator('tr.own pre').textContent()).toContain('subsystem_function_that_calls_0+0x1a4');
      expect(await page.locator('tr.own a').last().getAttribute('href')).toMatch(/^\.\/2026\/11\/host-.*\.log$/);
      await button.click();
      expect(await page.locator('tr.own').count()).toBe(0);
      await page.getByLabel('excluded').uncheck();
      await page.evaluate((id) => {
        location.hash = `#${id}`;
      }, last);
      await page.waitForSelector('tr.own');
      // What hid it gave way.
      expect(await page.getByLabel('excluded').isChecked()).toBe(true);
      expect(await page.locator(`[id="${last}"]`).isVisible()).toBe(true);
      expect(await page.locator('tr.own dd').first().textContent()).toContain(last);
      expect(incidents).toEqual([]);
    });
  });

  it.each([400, 1280, 2000])(
    'is accessible and runs over nowhere at %i px, light and dark, closed and open',
    async (width) => {
      for (const colorScheme of ['light', 'dark'] as const)
        await chromium().visit(
          html,
          async ({ page }) => {
            expect(await overflow(page)).toBeLessThanOrEqual(0);
            await page.locator('button.open').nth(1).click();
            expect(await overflow(page)).toBeLessThanOrEqual(0);
            // Nothing to scroll for on a phone but the quoted lines.
            expect(
              await page.locator('#buckets').evaluate((t) => t.scrollWidth - t.parentElement!.clientWidth),
            ).toBeLessThanOrEqual(0);
            expect(await violations(page)).toEqual([]);
          },
          { viewport: { width, height: 900 }, colorScheme },
        );
    },
  );

  it('is a plain table of all buckets without script, and prints', async () => {
    await chromium().visit(
      html,
      async ({ page }) => {
        expect(await page.locator('#buckets tbody tr:visible').count()).toBe(500);
        expect(await page.locator('.tools:visible, #more:visible').count()).toBe(0);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        await page.emulateMedia({ media: 'print' });
        expect(await page.locator('#buckets tbody tr:visible').count()).toBe(500);
      },
      { javaScriptEnabled: false, viewport: { width: 400, height: 900 } },
    );
  });

  it('stays usable with ten thousand buckets', async () => {
    const large = renderBatchHtml(pageOf(10_000));
    expect(large.length).toBeLessThan(25e6);
    await chromium().visit(large, async ({ page, incidents }) => {
      expect(await rows(page).count()).toBe(100);
      const milliseconds = await page.evaluate(() => {
        const filter = document.querySelector<HTMLSelectElement>('#order')!;
        const begun = performance.now();
        filter.value = 'title';
        filter.dispatchEvent(new Event('change'));
        return performance.now() - begun;
      });
      // All rows are read and put in another order: a person does not wait.
      expect(milliseconds).toBeLessThan(5000);
      expect(await violations(page)).toEqual([]);
      expect(incidents).toEqual([]);
    });
  });

  it('runs and draws nothing that a log says, whatever it says', async () => {
    for (const evil of Object.values(ATTACKS).slice(0, 12))
      await chromium().visit(renderBatchHtml(hostileOwn(evil)), async ({ page, requests, incidents }) => {
        await page.locator('button.open').first().click();
        expect([requests, incidents]).toEqual([[], []]);
        expect(await page.locator('script').count()).toBe(2);
        expect(await page.locator('img, iframe, form, base').count()).toBe(0);
      });
  });
});
