/** ARCHITECTURE.md names files, scripts and packages that are there, all packages, and imports that are so. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const PAGE = readFileSync('ARCHITECTURE.md', 'utf8');
const { dependencies, devDependencies, scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (f) => f.endsWith('.ts') && !f.endsWith('.d.ts'),
);

/** Folder below src ("" for src itself) of each file that `file` imports. */
function importsOf(file: string): string[] {
  const text = readFileSync(join('src', file), 'utf8');
  const paths = [...text.matchAll(/^(?:import|export)(?! type)[^;]*? from '(\.[^']+)'/gm)].map((m) =>
    normalize(join(dirname(file), m[1]!)),
  );
  return paths.map((path) => (path.includes('/') ? path : `./${path}`));
}

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
    expect(listed.sort()).toEqual([...Object.keys(dependencies), ...Object.keys(devDependencies)].sort());
  });

  it('says who may call whom, and it is so: the model knows nothing of logs, reports are called by commands alone', () => {
    for (const file of sources) {
      const imports = importsOf(file);
      if (file.startsWith('sim/'))
        for (const path of imports) expect([file, path]).toEqual([file, expect.stringMatching(/^sim\//)]);
      if (file.startsWith('report/'))
        for (const path of imports) expect([file, path]).toEqual([file, expect.stringMatching(/^(?:report|sim)\//)]);
      if (/^(?:parser|reconstruct)\//.test(file))
        for (const path of imports)
          expect([file, path]).toEqual([file, expect.stringMatching(/^(?:parser|reconstruct|sim)\//)]);
    }
  });
});
