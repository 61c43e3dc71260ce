/** The page of --format html as a whole: what it lets in and out, what a hostile log can do to it, and how it looks. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { ATTACKS } from '../report/attacks.ts';
import * as fixtures from '../report/fixture.ts';
import { rendered, sample } from '../report/samples.ts';
import { button, inChromium } from './chromium.ts';

const [race] = sample('qcom-null-priv-5.10');
const [kasan] = sample('smmuv3-kasan-uaf-6.6');
const html = await rendered('html', [race!]);

/** What markup in a log could do, besides the attacks that every format is held against. */
const MARKUP: Readonly<Record<string, string>> = {
  'script element': '<script>document.title = "owned"; alert(1)</script>',
  'end of our script element': '</script><script>alert(1)</script>',
  'end of the data block': '</script><img src=x onerror=alert(1)>',
  'event handler': '<img src=x onerror="alert(1)">',
  'svg with a handler': '<svg onload=alert(1)>',
  'end of an attribute': '" onmouseover="alert(1)" autofocus onfocus="alert(1)" x="',
  'end of a quoted attribute': "' onclick='alert(1)'",
  'frame and form': '<iframe src="http://127.0.0.1:9/"></iframe><form action="http://127.0.0.1:9/"><button>',
  'style and link': '<style>body{display:none}</style><link rel=stylesheet href="http://127.0.0.1:9/x.css">',
  'refresh and base': '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/"><base href="http://127.0.0.1:9/">',
  'image that calls home': '<img src="http://127.0.0.1:9/p.png"><video src="http://127.0.0.1:9/v">',
  'comment and CDATA': '<!-- <![CDATA[ ]]> --> <!--<script>',
  'JSON that ends': '"}];alert(1);//\\u003c/script\\u003e',
};

inChromium('the page', (chromium) => {
  it('asks for nothing outside itself, and its policy would let nothing out', async () => {
    await chromium().visit(html, async ({ page, requests, incidents }) => {
      await button(page, 'Last').click();
      expect([requests, incidents]).toEqual([[], []]);
      const reached: string[] = [];
      const server = createServer((request, response) => {
        reached.push(request.url ?? '');
        response.end();
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const outside = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const breaches = await page.evaluate(async (address) => {
        const seen: string[] = [];
        document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
        await fetch(`${address}/fetch`).catch(() => {});
        const image = document.createElement('img');
        image.src = `${address}/p.png`;
        const script = document.createElement('script');
        script.textContent = 'window.owned = true';
        const style = document.createElement('style');
        style.textContent = 'body { display: none }';
        document.body.append(image, script, style);
        await new Promise((done) => setTimeout(done, 300));
        return { seen, owned: 'owned' in window, hidden: getComputedStyle(document.body).display === 'none' };
      }, outside);
      server.close();
      expect(breaches.seen.sort()).toEqual(['connect-src', 'img-src', 'script-src-elem', 'style-src-elem']);
      expect([breaches.owned, breaches.hidden]).toEqual([false, false]);
      expect(reached).toEqual([]);
    });
  });

  /** Of each article: elements by name, and attributes by name; whether a piece of a sentence is code, and short, is left out. */
  const census = (page: Page) =>
    page.locator('article').evaluateAll((articles) =>
      articles.map((article) => {
        const found: Record<string, number> = {};
        for (const element of article.querySelectorAll('*'))
          for (const name of [element.localName, ...element.getAttributeNames().map((a) => `@${a}`)])
            if (name !== 'code' && name !== '@class') found[name] = (found[name] ?? 0) + 1;
        return found;
      }),
    );

  it('runs and draws nothing that a log says, whatever it says', async () => {
    const attacks = Object.entries({ ...MARKUP, ...ATTACKS });
    const texts = ['harmless', ...attacks.map(([, evil]) => evil)];
    const html = await rendered('html', texts.map(fixtures.hostileTriage));
    await chromium().visit(html, async ({ page, requests, incidents }) => {
      await page.locator('.stepper button').evaluateAll((all) => {
        for (const one of all) (one as HTMLElement).click();
      });
      for (const element of await page.locator('article > header').all()) await element.hover();
      const [ours, ...theirs] = await census(page);
      expect(ours!.script).toBe(1);
      theirs.forEach((found, i) => {
        expect([attacks[i]![0], found]).toEqual([attacks[i]![0], ours]);
      });
      expect([requests, incidents]).toEqual([[], []]);
      // What stands outside the articles is ours as well.
      expect(await page.locator('script').count()).toBe(texts.length + 1);
      expect(await page.locator('body > *').count()).toBe(2);
      expect(await page.title()).toBe('kernel logs - oopsreplay');
      const text = await page.evaluate(() => document.body.textContent);
      expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u061c\ufeff]/);
    });
  });

  it('is whole without script: every step with its state, and the passing run', async () => {
    await chromium().visit(
      html,
      async ({ page }) => {
        const steps = race!.verdict.story!.steps.length;
        expect(await page.locator('#r1-crash tbody tr:visible').count()).toBe(steps);
        expect(await page.locator('#r1-crash tbody td.state:visible').count()).toBe(steps * 4);
        expect(await page.locator('#r1-passing').isVisible()).toBe(true);
        expect(await page.locator('.controls:visible, .panel:visible').count()).toBe(0);
        expect(await page.locator('h3:visible').count()).toBe(10);
      },
      { javaScriptEnabled: false },
    );
  });

  it('prints as the static page, in dark ink on white, and nothing is cut off', async () => {
    await chromium().visit(
      html,
      async ({ page }) => {
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        await page.setViewportSize({ width: 720, height: 1000 });
        expect(await page.locator('.controls:visible, .panel:visible').count()).toBe(0);
        expect(await page.locator('#r1-crash td.state:visible').count()).toBe(35 * 4);
        expect(await page.locator('#r1-passing').isVisible()).toBe(true);
        const ink = await page.evaluate(() => [
          getComputedStyle(document.body).color,
          getComputedStyle(document.body).backgroundColor,
        ]);
        expect(ink).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(720);
      },
      { colorScheme: 'dark' },
    );
  });

  it.each(['light', 'dark'] as const)(
    'has a contrast of 4.5 to 1 at least for every text (%s)',
    async (colorScheme) => {
      const all = [race!, kasan!, fixtures.possibleTriage, fixtures.insufficientTriage, fixtures.noCrashTriage];
      await chromium().visit(
        await rendered('html', all),
        async ({ page }) => {
          await button(page, 'Last').first().click();
          await page.locator('#r1-crash-26').click();
          const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          expect(ground).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(17, 21, 26)');
          expect(await page.evaluate(textBelow, 4.5)).toEqual([]);
        },
        { colorScheme },
      );
    },
  );

  it.each([
    ['with script', {}],
    ['dark', { colorScheme: 'dark' as const }],
    ['narrow', { viewport: { width: 400, height: 800 } }],
  ])('breaks no rule of accessibility that axe knows (%s)', async (_, options) => {
    const all = [kasan!, fixtures.possibleTriage, fixtures.insufficientTriage];
    await chromium().visit(
      await rendered('html', all),
      async ({ page }) => {
        await button(page, 'Last').first().click();
        await page.evaluate(axe.source);
        const found = await page.evaluate(async () => {
          const { violations, passes } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document);
          const where = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`));
          return { where, passed: passes.length };
        });
        expect(found.where).toEqual([]);
        expect(found.passed).toBeGreaterThan(20);
      },
      options,
    );
  });

  it('fits a telephone: nothing is wider than 400 pixels, and the stepper works', async () => {
    await chromium().visit(
      await rendered('html', [kasan!]),
      async ({ page }) => {
        for (const name of ['Next', 'Last']) {
          await button(page, name).click();
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
        }
        const lanes = page.locator('#r1-crash');
        const [table, box] = await lanes.evaluate((t) => [t.scrollWidth, t.closest('.scroll')!.clientWidth]);
        expect(table).toBeLessThanOrEqual(box!);
      },
      { viewport: { width: 400, height: 800 } },
    );
  });
});

/** Runs in the page: every visible text whose contrast on its ground is below `least`, with the figure (WCAG 2, relative luminance). */
function textBelow(least: number): string[] {
  const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (rgb: readonly number[]) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const groundOf = (element: Element | null): number[] => {
    for (let e = element; e !== null; e = e.parentElement) {
      const [r, g, b, alpha = 1] = channels(getComputedStyle(e).backgroundColor);
      if (alpha > 0) return [r!, g!, b!];
    }
    return [255, 255, 255];
  };
  const out: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement!;
    if (node.textContent?.trim() === '' || element.closest('script, style') || element.getClientRects().length === 0)
      continue;
    const [a, b] = [luminance(channels(getComputedStyle(element).color).slice(0, 3)), luminance(groundOf(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least) out.push(`${ratio.toFixed(2)}: ${node.textContent}`);
  }
  return out;
}
