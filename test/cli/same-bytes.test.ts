/** The same log gives the same bytes, wherever and whenever: time zone, locale, width of the terminal, and a second run. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/report/render.ts';
import { size } from '../size.ts';

const LOGS = ['qcom-null-priv-5.10', 'double-error-exit-5.10', 'fragment'].map((name) => `samples/dmesg/${name}.log`);

const PLACES: readonly NodeJS.ProcessEnv[] = [
  { TZ: 'UTC', LC_ALL: 'C', COLUMNS: '80' },
  { TZ: 'Asia/Kolkata', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', COLUMNS: '40' },
  { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8', COLUMNS: '300' },
];

function printed(format: string, place: NodeJS.ProcessEnv): string {
  const { stdout, status } = spawnSync(process.execPath, ['dist/cli.js', '--redact', '--format', format, ...LOGS], {
    encoding: 'utf8',
    env: { ...process.env, ...place },
    maxBuffer: 1 << 26,
  });
  expect(status).toBe(0);
  return stdout;
}

describe('the same bytes', () => {
  it.each(FORMATS)('as %s', (format) => {
    const [first, ...others] = PLACES.slice(0, size(2, PLACES.length)).map((place) => printed(format, place));
    expect(first!.length).toBeGreaterThan(1000);
    for (const other of others) expect(other).toBe(first);
  });
});
