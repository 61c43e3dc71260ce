/** The schemas are named, numbered, shipped and listed; what of them may change is said in one place, docs/FORMATS.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const FILES = readdirSync('schema');
const { exports, files } = JSON.parse(readFileSync('package.json', 'utf8'));
const PAGE = readFileSync('docs/FORMATS.md', 'utf8');

describe('the schemas', () => {
  it.each(FILES)('%s has an $id with its name and number, which is that of the objects', (file) => {
    const text = readFileSync(`schema/${file}`, 'utf8');
    const name = file.replace('.schema.json', '');
    const { $id, $schema, title, description } = JSON.parse(text);
    const [, of, number] = /^urn:oopsreplay:schema:([a-z-]+):(\d+)$/.exec($id) ?? [];
    expect([of, $schema]).toEqual([name, 'http://json-schema.org/draft-07/schema#']);
    expect(text).toMatch(new RegExp(`"oopsreplay/${name}[a-z/-]*/${number}"`));
    expect(title).toMatch(/^oopsreplay /);
    expect(description.length).toBeGreaterThan(20);
  });

  it('are shipped, and found by a user of the package', () => {
    expect(files).toContain('schema');
    expect(exports['./schema/*']).toBe('./schema/*');
    const { resolve } = createRequire(`${process.cwd()}/package.json`);
    for (const file of FILES) expect(resolve(`oopsreplay/schema/${file}`)).toBe(`${process.cwd()}/schema/${file}`);
  });

  it('are listed, and their versions explained, on one page', () => {
    for (const file of FILES) expect(PAGE).toContain(`(../schema/${file})`);
    expect(PAGE).toContain('## Versions');
    for (const file of FILES) expect(readFileSync(`schema/${file}`, 'utf8')).not.toMatch(/renamed or removed/);
  });
});
