/** The README is short, and what it says of commands, files and the model is so. Its sessions are run by pages.test.ts. */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DRIVERS } from '../../src/sim/drivers/models.ts';
import { ERAS } from '../../src/sim/eras/eras.ts';
import { blocksOf, sessionsOf } from './blocks.ts';

const README = readFileSync('README.md', 'utf8');
const blocks = blocksOf(README);

describe('the README', () => {
  const sessions = blocks.filter((b) => b.language === 'console').flatMap((b) => sessionsOf(b.text));

  it('is at most 9 KB, and has sessions to run (pages.test.ts)', () => {
    expect(Buffer.byteLength(README)).toBeLessThanOrEqual(9 * 1024);
    expect(sessions.length).toBeGreaterThanOrEqual(5);
  });

  it('names two commands for a fresh machine, and what follows npm ci in them works', () => {
    const commands = [...README.matchAll(/^npm ci && (npm .*)$/gm)].map((m) => m[1]!);
    expect(commands).toEqual(['npm start -- samples/dmesg/qcom-null-priv-5.10.log', 'npm test']);
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(scripts).toMatchObject({ start: 'node scripts/start.mjs', test: 'vitest run' });
    const { status, stdout } = spawnSync('sh', ['-c', commands[0]!], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('CONFIRMED  BUG: unable to handle kernel NULL pointer dereference');
  });

  it('names files that are there, and every page of docs/', () => {
    for (const file of README.match(/\b(?:samples|schema|src)\/[\w/.-]*\w/g)!)
      expect(existsSync(file), file).toBe(true);
    for (const page of readdirSync('docs').filter((name) => name.endsWith('.md')))
      expect(README).toContain(`(docs/${page})`);
  });

  it('and the page on verdicts count what the model has', () => {
    const verdicts = readFileSync('docs/VERDICTS.md', 'utf8');
    expect(verdicts).toContain('in twelve eras');
    expect(ERAS.size).toBe(12);
    expect(verdicts).toContain('Eighteen are modelled');
    expect(DRIVERS.size).toBe(18);
    const samples = JSON.parse(readFileSync('samples/dmesg/index.json', 'utf8')) as unknown[];
    expect(README).toMatch(/holds nineteen/);
    expect(samples).toHaveLength(19);
  });
});
