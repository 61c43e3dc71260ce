/** The two runs of vitest.config.ts: what has two sizes is in both, what needs a program that is no package is in the exhaustive one, and no clock makes either red. */
import { readdirSync, readFileSync } from 'node:fs';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { EXHAUSTIVE_ONLY, SIZED } from '../../vitest.config.ts';

const sources = new Map(
  readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file): [string, string] => [`test/${file}`, readFileSync(`test/${file}`, 'utf8')]),
);
const tests = [...sources.keys()].filter((file) => file.endsWith('.test.ts'));
const matching = (globs: string | readonly string[]) => {
  const matches = picomatch(globs as string | string[]);
  return tests.filter((file) => matches(file));
};
const alone = matching(EXHAUSTIVE_ONLY);

describe('the two runs', () => {
  it('leave out of `npm test` files that are there', () => {
    for (const glob of EXHAUSTIVE_ONLY) expect(matching(glob), glob).not.toEqual([]);
  });

  it('run a file in both sizes where it asks for its size, and no other', () => {
    const asks = tests.filter((file) => /\b(?:size|thinned)\b.* from '(?:\.\.\/)+size\.ts'/.test(sources.get(file)!));
    expect(asks.filter((file) => !alone.includes(file)).sort()).toEqual([...SIZED].sort());
  });

  it('start programs that are no package in the exhaustive run, or skip where one is missing', () => {
    const programs = /(?:spawn|spawnSync|execFile|run|there)\(\s*'(?:spin|redis-server|parallel|chromium|xmllint)'/;
    const starts = [...sources].filter(([, text]) => programs.test(text)).map(([file]) => file);
    expect(starts.length).toBeGreaterThan(2);
    for (const file of starts.filter((f) => tests.includes(f) && !alone.includes(f)))
      expect(sources.get(file), file).toMatch(/describe\.skip.*skipped, as .* cannot be run here/);
  });

  it('expect nothing of the time on the wall', () => {
    const wall = /expect\([^;]*\b(?:performance|Date)\.now\(\)/;
    expect([...sources].filter(([, text]) => wall.test(text)).map(([file]) => file)).toEqual([]);
  });
});
