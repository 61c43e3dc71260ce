/** Headless Chromium for the tests of the HTML page. Debian's package `chromium`; CHROMIUM names another one. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REQUIRED } from '../size.ts';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const { CHROMIUM: named } = process.env;
const CHROMIUM = (named === undefined ? CANDIDATES : [named]).find((path) => existsSync(path)) ?? null;

/** A page in the browser, and what it did there. */
export interface Visit {
  readonly page: Page;
  /** Addresses asked for, the page's own left out. */
  readonly requests: readonly string[];
  /** Dialogs, script errors and breaches of the page's policy, in words. */
  readonly incidents: readonly string[];
}

interface Visitor {
  /** Opens `html` from a file, as a reader does. Closed when `look` is done. */
  readonly visit: (
    html: string,
    look: (visit: Visit) => Promise<void>,
    options?: BrowserContextOptions,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
}

async function startChromium(executablePath: string): Promise<Visitor> {
  const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-page-'));
  let count = 0;
  return {
    visit: async (html, look, options = {}) => {
      const file = join(folder, `${++count}.html`);
      writeFileSync(file, html);
      const url = pathToFileURL(file).href;
      const context = await browser.newContext(options);
      const requests: string[] = [];
      const incidents: string[] = [];
      context.on('request', (request) => {
        if (request.url() !== url) requests.push(request.url());
      });
      // The browser has as long as a test does.
      context.setDefaultTimeout(600_000);
      const page = await context.newPage();
      page.on('dialog', (dialog) => {
        incidents.push(`dialog: ${dialog.message()}`);
        dialog.dismiss().catch(() => {});
      });
      page.on('pageerror', (error) => incidents.push(`error: ${error.message}`));
      page.on('console', (message) => incidents.push(`console: ${message.text()}`));
      try {
        await page.goto(url);
        await look({ page, requests, incidents });
      } finally {
        await context.close();
      }
    },
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Tests that need the browser. Without one they are skipped on a user's machine, with a word about it, and fail in CI: nothing is merged unseen.
 * `body` is given the browser as it is once the tests run.
 */
export function inChromium(what: string, body: (chromium: () => Visitor) => void): void {
  const title = `${what} in Chromium`;
  if (CHROMIUM === null && !REQUIRED) {
    describe.skip(`${title}: skipped, as none is installed here (apt-get install chromium)`, () => {
      it('is there', () => {});
    });
    return;
  }
  it('Chromium is here, as CI requires (apt-get install chromium)', () => {
    expect(CHROMIUM).not.toBeNull();
  });
  describe.runIf(CHROMIUM !== null)(title, () => {
    let visitor: Visitor | null = null;
    beforeAll(async () => {
      visitor = await startChromium(CHROMIUM!);
    });
    afterAll(() => visitor?.close());
    body(() => visitor!);
  });
}

export const button = (page: Page, name: string) => page.getByRole('button', { name });
