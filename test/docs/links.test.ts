/** Links of the pages lead somewhere: the file is there, and so is the heading. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorOf, headingsOf } from '../../src/report/model/contents.ts';

const PAGES = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Targets of a page's links, what stands in code left out. */
function linksOf(page: string): readonly string[] {
  const text = page.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`(?!\])/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

function anchorsOf(file: string): readonly string[] {
  const page = readFileSync(file, 'utf8');
  return [1, 2, 3, 4].flatMap((depth) => headingsOf(page, depth).map(anchorOf));
}

/** What is wrong with the links of a page that stands at `file`. */
function broken(file: string, page: string): readonly string[] {
  return linksOf(page).flatMap((target) => {
    if (/^https?:/.test(target)) return [];
    const [path, anchor] = target.split('#');
    const to = path === '' ? file : join(dirname(file), path!);
    if (!existsSync(to)) return [`${target}: no such file`];
    if (anchor !== undefined && !anchorsOf(to).includes(anchor)) return [`${target}: no such heading`];
    return [];
  });
}

describe('the links', () => {
  it.each(PAGES)('of %s lead somewhere', (file) => {
    expect(broken(file, readFileSync(file, 'utf8'))).toEqual([]);
  });

  it('are many, and wrong ones are told', () => {
    expect(PAGES.flatMap((file) => linksOf(readFileSync(file, 'utf8'))).length).toBeGreaterThan(60);
    expect(broken('docs/CI.md', '[a](NONE.md) [b](CI.md#nowhere) [c](../README.md#install)')).toEqual([
      'NONE.md: no such file',
      'CI.md#nowhere: no such heading',
    ]);
  });
});
