/** The page to paste a log into: the command's own verdicts, nothing let out, and what it is like to use. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { ATTACKS } from '../report/attacks.ts';
import { button, inChromium } from './chromium.ts';

const SAMPLES = 'samples/dmesg';
const COMPRESSED = 'test/fixtures/compressed';
const samples = readdirSync(SAMPLES).filter((name) => name.endsWith('.log'));
const QCOM = readFileSync(`${SAMPLES}/qcom-null-priv-5.10.log`);

let html = '';
beforeAll(() => {
  execFileSync(process.execPath, ['scripts/paste.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
  html = readFileSync('dist/oopsreplay.html', 'utf8');
});

/** What the command prints of these, in the folder of the logs. */
const command = (args: readonly string[], input: Uint8Array | string = '', cwd = SAMPLES) =>
  spawnSync(process.execPath, [resolve('dist/cli.js'), ...args], { cwd, input, maxBuffer: 1 << 28 }).stdout.toString();

/** Until the page is at rest, and what it says then. */
async function settled(page: Page): Promise<string> {
  await page.waitForFunction(() => !(document.querySelector('#judge') as HTMLButtonElement).disabled);
  return (await page.locator('#status').textContent()) ?? '';
}

interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const upload = (name: string, bytes: Uint8Array): Upload => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(bytes),
});

async function judged(page: Page, files: string | Upload | readonly Upload[]): Promise<string> {
  await page.locator('#files').setInputFiles(files as Upload[]);
  return settled(page);
}

async function downloaded(page: Page, name: string): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
  await settled(page);
  return readFileSync(await file.path(), 'utf8');
}

inChromium('the page to paste a log into', (chromium) => {
  it('comes to the very verdict of the command, on every sample, byte for byte', async () => {
    await chromium().visit(html, async ({ page, requests, incidents }) => {
      await page.context().setOffline(true);
      for (const name of samples) {
        await judged(page, `${SAMPLES}/${name}`);
        expect(await downloaded(page, 'JSON'), name).toBe(command(['--format', 'json', name]));
      }
      expect(incidents).toEqual([]);
      expect(requests.filter((url) => !url.startsWith('blob:'))).toEqual([]);
    });
  });

  it('takes files and folders that are dropped on it', async () => {
    await chromium().visit(html, async ({ page, incidents }) => {
      const devtools = await page.context().newCDPSession(page);
      const drop = async (...paths: readonly string[]) => {
        const data = { items: [], files: paths.map((path) => resolve(path)), dragOperationsMask: 1 };
        for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
          await devtools.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
      };
      const says = (pattern: string) =>
        page.waitForFunction((p) => new RegExp(p).test(document.querySelector('#status')?.textContent ?? ''), pattern);
      await drop(`${SAMPLES}/qcom-null-priv-5.10.log`);
      await says('^CONFIRMED$');
      await drop(`${SAMPLES}/qcom-null-priv-5.10.log`, `${SAMPLES}/fragment.log`);
      await says('^2 boots: 1 CONFIRMED');
      // A page that a user keeps is opened from a file, where Chromium refuses the entries' own files.
      await drop(COMPRESSED);
      await says(`^${readdirSync(COMPRESSED).length} boots: `);
      expect(await page.locator('#rows button').first().textContent()).toMatch(/^compressed\/dart-null-priv-6\.1\./);
      expect(incidents).toEqual([]);
    });
  }, 120_000);

  it.each([
    ['Markdown', 'markdown'],
    ['Mail', 'mail'],
    ['HTML', 'html'],
    ['Text', 'text'],
  ])('writes the %s of the command', async (label, format) => {
    await chromium().visit(html, async ({ page }) => {
      for (const name of ['qcom-null-priv-5.10.log', 'fragment.log']) {
        await judged(page, `${SAMPLES}/${name}`);
        expect(await downloaded(page, label), name).toBe(command(['triage', '--format', format, name]));
      }
    });
  });

  it('takes what is pasted, with what the log does not say', async () => {
    await chromium().visit(html, async ({ page }) => {
      await page.locator('#log').fill(QCOM.toString());
      await page.locator('summary', { hasText: 'What the log does not say' }).click();
      await page.locator('#fix').selectOption('present');
      await page.locator('#redact').check();
      await button(page, 'Judge').click();
      await settled(page);
      const args = ['--format', 'json', '--fixed', 'a2e7e59a9426', '--redact'];
      expect(await downloaded(page, 'JSON')).toBe(command(args, QCOM));
    });
  });

  it('unpacks gzip of one member and of several, zstd, xz and bzip2', async () => {
    const cut = QCOM.length >> 1;
    const members = Buffer.concat([gzipSync(QCOM.subarray(0, cut)), gzipSync(QCOM.subarray(cut))]);
    await chromium().visit(html, async ({ page, incidents }) => {
      for (const bytes of [gzipSync(QCOM), members]) {
        expect(await judged(page, upload('boot.log', bytes))).toBe('CONFIRMED');
        expect(JSON.parse(await downloaded(page, 'JSON')).diagnostics).toEqual([]);
      }
      for (const name of ['log.zst', 'log.xz', 'log.bz2']) {
        await judged(page, `${COMPRESSED}/${name}`);
        expect(await downloaded(page, 'JSON'), name).toBe(command(['--format', 'json', name], '', COMPRESSED));
      }
      expect(incidents).toEqual([]);
    });
  });

  it('lists the boots of many logs, the strongest shown, and says what is damaged', async () => {
    await chromium().visit(html, async ({ page }) => {
      const names = ['fragment.log', 'qcom-null-priv-5.10.log'];
      const logs = names.map((name) => upload(name, readFileSync(`${SAMPLES}/${name}`)));
      const damaged = upload('damaged.gz', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]));
      expect(await judged(page, [...logs, damaged])).toMatch(
        /^2 boots: .*CONFIRMED.*not read: damaged\.gz: gzip: damaged/,
      );
      expect(await page.locator('#rows tr').count()).toBe(2);
      expect(await page.locator('#rows tr').first().textContent()).toContain('CONFIRMED');
      expect(await page.locator('#report article').textContent()).toContain('CONFIRMED');
      await page.locator('#rows button', { hasText: 'fragment' }).click();
      await settled(page);
      expect(await page.locator('#report article').textContent()).toContain('INSUFFICIENT');
      await page.locator('#rows button', { hasText: 'qcom' }).click();
      await settled(page);
      await page.locator('#report .stepper.live').waitFor();
      await button(page, 'Last').click();
      expect(await page.locator('#report .now').textContent()).toContain('*** null-write dev_iommu.priv');
    });
  });

  it.each([
    ['Can it crash?', ['affected', '6.1.50', 'apple-dart']],
    ['Simulate', ['simulate', '--kernel', '6.1.50', '--driver', 'apple-dart', '--scenario', 'first-probe']],
  ])('answers without a log as the command does: %s', async (label, args) => {
    await chromium().visit(html, async ({ page }) => {
      await page.locator('#release').fill('6.1.50');
      await page.locator('#asked-driver').selectOption('apple-dart');
      await page.locator('summary', { hasText: 'To simulate' }).click();
      await page.locator('#scenario').selectOption('first-probe');
      await button(page, label).click();
      await settled(page);
      expect(await page.locator('#answer-text').textContent()).toBe(command(args));
    });
  });

  it('says what cannot be meant, and goes on', async () => {
    await chromium().visit(html, async ({ page, incidents }) => {
      await page.locator('#release').fill('not a release');
      await button(page, 'Simulate').click();
      expect(await settled(page)).toBe('to simulate, choose a driver');
      await button(page, 'Judge').click();
      expect(await settled(page)).toBe('paste a log first, or choose a file');
      await button(page, 'Try an example').click();
      expect(await settled(page)).toBe('CONFIRMED');
      expect(incidents).toEqual([]);
    });
  });

  it('runs and draws nothing that a log or its name says', async () => {
    const evil = [...Object.values(ATTACKS), '<img src=x onerror=alert(1)><script>alert(1)</script>'];
    const lines = QCOM.toString().split('\n');
    const hostile = evil.map((text, i) => {
      const with_ = (line: string) =>
        line
          .replace(/Comm: \S+/, `Comm: ${text}`)
          .replace(/Hardware name: .*/, `Hardware name: ${text}`)
          .replace(/Modules linked in:.*/, `Modules linked in: ${text}`);
      return upload(`<img src=x onerror=alert(${i})>.log`, Buffer.from([...lines.map(with_), text].join('\n')));
    });
    await chromium().visit(html, async ({ page, requests, incidents }) => {
      const scripts = await page.locator('script').count();
      await judged(page, hostile);
      expect(await page.locator('#rows tr').count()).toBeGreaterThanOrEqual(hostile.length);
      for (const [i, row] of (await page.locator('#rows button').all()).entries()) {
        // Most are alike: each third is looked at whole.
        if (i % 3 !== 0) continue;
        await row.click();
        await settled(page);
        expect(
          await page.locator('#report img, #report iframe, #report form, #report link, #report style').count(),
        ).toBe(0);
        expect(await page.locator('script:not([type])').count()).toBe(1);
      }
      expect(await page.locator('script').count()).toBeLessThanOrEqual(scripts + 1);
      expect(await page.title()).toBe('oopsreplay: paste a kernel log');
      expect([requests.filter((url) => !url.startsWith('blob:')), incidents]).toEqual([[], []]);
    });
  });

  it('lets nothing out, from the page or from its worker', async () => {
    await chromium().visit(html, async ({ page }) => {
      await button(page, 'Try an example').click();
      await settled(page);
      const outcome = await page.evaluate(async () => {
        const tried: string[] = [];
        const fails = async (what: string, act: () => unknown) => {
          try {
            await act();
            tried.push(`${what} went through`);
          } catch {
            tried.push(what);
          }
        };
        await fails('fetch', () => fetch('http://127.0.0.1:9/'));
        await fails('markup', () => {
          document.body.innerHTML = '<b>x</b>';
        });
        await fails('worker', () => new Worker('http://127.0.0.1:9/w.js'));
        await fails('policy', () =>
          (
            globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): void } }
          ).trustedTypes.createPolicy('other', {}),
        );
        return tried;
      });
      expect(outcome).toEqual(['fetch', 'markup', 'worker', 'policy']);
    });
  });

  it('judges twenty megabytes, with progress, to the verdict of the command', async () => {
    const uneventful = '[    9.000000] systemd[1]: Started unit 1234 of a machine on which nothing happens.\n';
    const big = Buffer.concat([QCOM, Buffer.from(uneventful.repeat(Math.ceil((20 << 20) / uneventful.length)))]);
    await chromium().visit(html, async ({ page }) => {
      await page.evaluate(() => {
        const bar = document.querySelector('#progress') as HTMLProgressElement;
        new MutationObserver(() => {
          if (bar.value > 0 && bar.value < bar.max) document.body.dataset.moved = 'yes';
        }).observe(bar, { attributes: true });
      });
      expect(await judged(page, upload('big.log', big))).toBe('CONFIRMED');
      expect(await page.locator('body').getAttribute('data-moved')).toBe('yes');
      const ours = JSON.parse(await downloaded(page, 'JSON'));
      expect({ ...ours, source: null }).toEqual({
        ...JSON.parse(command(['--format', 'json', '-'], big)),
        source: null,
      });
    });
  });

  it('can be stopped', async () => {
    await chromium().visit(html, async ({ page }) => {
      const logs = Array.from({ length: 400 }, (_, i) => upload(`${i}.log`, QCOM));
      await page.locator('#files').setInputFiles(logs);
      await button(page, 'Stop').click();
      expect(await settled(page)).toBe('stopped');
      await button(page, 'Try an example').click();
      expect(await settled(page)).toBe('CONFIRMED');
    });
  });

  it.each(['light', 'dark'] as const)('is accessible and fits 400 pixels, %s', async (colorScheme) => {
    await chromium().visit(
      html,
      async ({ page }) => {
        const faults = async () => {
          await page.evaluate((source) => new Function(source)(), axe.source);
          const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
        };
        expect(await faults()).toEqual([]);
        await button(page, 'Try an example').click();
        await settled(page);
        for (const summary of await page.locator('main > section summary, form summary').all()) await summary.click();
        expect(await faults()).toEqual([]);
        for (const width of [1280, 400]) {
          await page.setViewportSize({ width, height: 900 });
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        }
      },
      { colorScheme, bypassCSP: true },
    );
  });
});
