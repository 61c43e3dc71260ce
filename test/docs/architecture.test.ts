/** ARCHITECTURE.md names files, scripts and packages that are there, and all packages. Its rooms: rooms.test.ts. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const PAGE = readFileSync('ARCHITECTURE.md', 'utf8');
const { optionalDependencies, devDependencies, scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (f) => f.endsWith('.ts') && !f.endsWith('.d.ts'),
);

describe('ARCHITECTURE.md', () => {
  it('names files that are there', () => {
    const names = [...PAGE.matchAll(/`([a-z][\w/.-]*\.(?:ts|ohm|json))`/g)].map((m) => m[1]!);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const there =
        existsSync(name) || sources.some((f) => f === name || f.endsWith(`/${name}`)) || existsSync(join('src', name));
      expect(there || readdirSync('src/parser/grammars').includes(name.split('/').at(-1)!), name).toBe(true);
    }
  });

  it('names scripts that are there', () => {
    for (const [, name] of PAGE.matchAll(/`npm run\s+([\w:]+)/g)) expect(scripts).toHaveProperty([name!]);
  });

  it('gives a reason for each dependency, and for none that is not one', () => {
    const table = PAGE.slice(PAGE.indexOf('## Dependencies'));
    const listed = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap((m) =>
      m[1]!.split(', ').map((name) => name.replaceAll('`', '')),
    );
    expect(listed.sort()).toEqual([...Object.keys(optionalDependencies), ...Object.keys(devDependencies)].sort());
  });
});
