/** One list says what stands where: every format draws what it says, and no report stands in another order. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HTML_SECTIONS } from '../../src/report/html/sections.ts';
import { MAIL_SECTIONS } from '../../src/report/mail/mail.ts';
import { MARKDOWN_SECTIONS } from '../../src/report/markdown/markdown.ts';
import { SECTIONS, type Sectioned, sectionsFor, sectionsOf } from '../../src/report/story/sections.ts';
import { TEXT_SECTIONS } from '../../src/report/text/sections.ts';

const DRAWN: Readonly<Record<Sectioned, object>> = {
  markdown: MARKDOWN_SECTIONS,
  html: HTML_SECTIONS,
  mail: MAIL_SECTIONS,
  text: TEXT_SECTIONS,
};
const FORMATS = Object.keys(DRAWN) as Sectioned[];
const CLASSES = ['confirmed', 'possible', 'excluded', 'insufficient', 'no-crash'] as const;

/** The headings of a golden, as its format writes them. */
const HEADINGS: Readonly<Record<Sectioned, { readonly extension: string; readonly of: (text: string) => string[] }>> = {
  markdown: { extension: 'md', of: (text) => matches(withoutFences(text), /^## (.+)$/gm) },
  html: { extension: 'html', of: (text) => matches(text, /<h3>([^<]+)<\/h3>/g) },
  // A line by itself between blank ones, which is no sentence; the headline has two blanks behind its word.
  mail: { extension: 'mail', of: (text) => matches(text, /(?<=\n\n)([A-Z](?:(?! {2})[^\n])*[^.:\n])(?=\n\n)/g) },
  text: { extension: 'txt', of: (text) => matches(text, /(?<=\n\n) {2}(?:\d+ )?([a-z ]+?)(?: \(\d.*\))?(?=\n)/g) },
};

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, heading]) => heading!);
}

function withoutFences(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```$/gm, '');
}

describe('the list of sections', () => {
  it('has each section once, shown by a format at least', () => {
    const ids = SECTIONS.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { id, titles } of SECTIONS) expect(Object.keys(titles), id).not.toEqual([]);
  });

  it.each(FORMATS)('has what %s draws, and no other', (format) => {
    const shown = SECTIONS.filter(({ titles }) => titles[format] !== undefined).map(({ id }) => id);
    expect(Object.keys(DRAWN[format]).sort()).toEqual([...shown].sort());
    // None is lost by being set before another.
    expect(
      sectionsOf(format)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...shown].sort());
  });

  it.each(FORMATS)('moves a section of %s only before one that stands in its place', (format) => {
    const order = sectionsOf(format).map(({ id }) => id as string);
    for (const { id, before } of SECTIONS.filter((section) => section.before?.[format] !== undefined))
      expect(order.indexOf(id), id).toBeLessThan(order.indexOf(before![format]!));
  });

  it('shows a boot without a crash on the terminal by what it found alone', () => {
    expect(sectionsFor('text', 'no-crash').map(({ id }) => id)).toEqual(['onward', 'findings', 'alignment']);
    expect(sectionsFor('text', 'confirmed').map(({ id }) => id)).not.toContain('findings');
  });

  it('says of a crash that is not the race what it is first, and of every other verdict nothing of the kind', () => {
    for (const format of FORMATS)
      for (const verdict of CLASSES) {
        const ids: readonly string[] = sectionsFor(format, verdict).map(({ id }) => id);
        expect(ids.includes('what'), `${format} ${verdict}`).toBe(verdict === 'excluded');
        if (verdict === 'excluded') expect(ids.indexOf('what')).toBeLessThan(ids.indexOf('rivals'));
        // Each verdict says what to do next, in one place.
        if (verdict !== 'no-crash' || format !== 'mail')
          expect(ids.filter((id) => id === 'settle' || id === 'onward')).toHaveLength(1);
      }
  });
});

describe.each(FORMATS)('the goldens of %s', (format) => {
  const { extension, of } = HEADINGS[format];
  const goldens = readdirSync('test/golden').filter((name) => name.endsWith(`.${extension}`));
  const titles = sectionsOf(format).map(({ titles: all }) => all[format] ?? null);

  it.each(goldens)('%s has its headings in the order of the list', (name) => {
    const found = of(readFileSync(`test/golden/${name}`, 'utf8'));
    const places = found.map((heading) => titles.indexOf(heading));
    // Every heading is in the list, and each stands behind the one before.
    expect(places, found.join(', ')).not.toContain(-1);
    expect(places, found.join(', ')).toEqual([...new Set(places)].sort((a, b) => a - b));
  });

  it('show every title but those of boots that no sample is', () => {
    const seen = new Set(goldens.flatMap((name) => of(readFileSync(`test/golden/${name}`, 'utf8'))));
    // No sample is judged beside a good boot or with a vmlinux (test/report/places.test.ts), none without a crash shows anything all the same, and no page is kept of one with two.
    const elsewhere =
      format === 'html'
        ? /good boot|other crashes|in the source/i
        : /^(beside the good boot|where in the source|in the source|all the same)$/i;
    const unseen = titles.filter((title) => title !== null && !seen.has(title) && !elsewhere.test(title));
    expect(unseen).toEqual([]);
  });
});
