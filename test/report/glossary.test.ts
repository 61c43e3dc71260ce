/** `explain` and docs/GLOSSARY.md have every name of the data, and none twice. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIAGNOSTICS } from '../../src/diagnostics.ts';
import { withContents } from '../../src/report/model/contents.ts';
import { glossaryPage, indexText, terms, termsFor, termText } from '../../src/report/model/glossary.ts';
import { HEADLINE } from '../../src/report/story/wording.ts';
import { ERA_ORDER } from '../../src/sim/eras/releases.ts';
import { HYPOTHESES } from '../../src/sim/hypotheses/hypotheses.ts';
import { SCENARIOS } from '../../src/sim/scenarios.ts';

const names = (group: string) =>
  terms()
    .filter((t) => t.group === group)
    .map((t) => t.name)
    .sort();

describe('the glossary', () => {
  it('has every code, era, class, hypothesis and scenario of the data, and no other', () => {
    expect(names('code')).toEqual(Object.keys(DIAGNOSTICS).sort());
    expect(names('era')).toEqual(ERA_ORDER.map((id) => `era ${id}`).sort());
    expect(names('class')).toEqual(Object.values(HEADLINE).sort());
    expect(names('hypothesis')).toEqual([...HYPOTHESES.keys()].sort());
    expect(names('scenario')).toEqual([...SCENARIOS.keys()].sort());
  });

  it('asks for each by a name of its own, and answers in sentences within 80 columns', () => {
    const ids = terms().map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const term of terms()) {
      expect(termsFor(term.id)[0]).toEqual(term);
      expect(term.text, term.id).toMatch(/[.]$/);
      for (const line of termText(term).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
      expect(indexText().replaceAll('\n ', '')).toContain(term.id);
    }
  });

  it('knows a word by how a report writes it, and by a part of it', () => {
    expect(termsFor('era C').map(({ id }) => id)).toEqual(['era-c']);
    expect(termsFor('C').map(({ id }) => id)).toEqual(['era-c']);
    expect(termsFor('OR401').map(({ id }) => id)).toEqual(['or401']);
    expect(termsFor('explained k of n')).toHaveLength(1);
    expect(termsFor('NOT THIS RACE').map(({ id }) => id)).toEqual(['excluded']);
    expect(termsFor('or4').length).toBeGreaterThan(3);
    expect(termsFor('nothing of the kind')).toEqual([]);
    expect(termsFor('../')).toEqual([]);
  });

  it('says of an era whether it can have the race, and by which commit', () => {
    expect(termsFor('era-a')[0]!.text).toContain('cannot be there');
    expect(termsFor('era-c')[0]!.text).toContain('neither the lock (01657bc14a39) nor the fix (a2e7e59a9426)');
    expect(termsFor('era-f')[0]!.text).toContain('It has the fix, a2e7e59a9426');
  });

  it('is the page docs/GLOSSARY.md', () => {
    expect(readFileSync('docs/GLOSSARY.md', 'utf8')).toBe(withContents(glossaryPage()));
  });
});
