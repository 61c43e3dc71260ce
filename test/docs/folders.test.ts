/** Each folder of src/ says in a README who lives there and who asks it, in at most ten lines; what it says of imports is so. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, importsIn } from './rooms.ts';

const FOLDERS = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(entry.parentPath, entry.name));
const IMPORTS = importsIn('src');

/** What stands in backticks on the line that begins so; empty without such a line. */
function listed(readme: string, beginning: string): readonly string[] {
  const line = readme.split('\n').find((l) => l.startsWith(beginning)) ?? '';
  return [...line.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

const isIn = (file: string, room: string) => file === room || file.startsWith(`${room}/`);

/** What a folder's README says of imports that is not so. */
function wrong(folder: string, readme: string, imports: readonly Import[]): readonly string[] {
  const from = imports.filter((one) => isIn(one.to, folder) && !isIn(one.from, folder));
  const askers = listed(readme, 'Asked by:');
  const doors = listed(readme, 'Way in:').map((name) => join(folder, name));
  return [
    ...from
      .filter((one) => !askers.some((room) => isIn(one.from, room)))
      .map((one) => `${folder}/README.md does not name ${one.from}, which imports ${one.to}`),
    ...from
      .filter((one) => doors.length > 0 && !doors.includes(one.to))
      .map((one) => `${one.from} imports ${one.to}, which is no way in by ${folder}/README.md`),
    ...askers
      .filter((room) => !from.some((one) => isIn(one.from, room)))
      .map((room) => `${folder}/README.md names ${room}, which asks for nothing`),
    ...doors
      .filter((door) => !from.some((one) => one.to === door))
      .map((door) => `${folder}/README.md names ${door} as a way in, which nobody takes`),
  ];
}

describe('each folder of src/', () => {
  it.each(FOLDERS)('%s has a README of at most ten lines', (folder) => {
    const file = join(folder, 'README.md');
    expect(existsSync(file), `${file}: who lives there, and "Asked by:"`).toBe(true);
    const readme = readFileSync(file, 'utf8');
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    expect(readme).toMatch(/^# .+\n\n(?:.+\n)+\nAsked by: /);
  });

  it.each(FOLDERS)('%s names files and rooms that are there', (folder) => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const [, name] of readme.matchAll(/`([\w./-]+\.(?:ts|mjs|md)|(?:src|test)\/[\w/]+|[a-z]+(?:\/[a-z]+)+)`/g))
      expect(
        [join(folder, name!), name!, join('src', name!)].some((path) => existsSync(path)),
        `${folder}/README.md: ${name}`,
      ).toBe(true);
  });

  it.each(FOLDERS)('%s is asked by those whom it names, and by no other', (folder) => {
    expect(wrong(folder, readFileSync(join(folder, 'README.md'), 'utf8'), IMPORTS)).toEqual([]);
  });
});

describe('a README that is not so any more', () => {
  const readme = '# X\n\nText.\n\nAsked by: `src/parser`.\nWay in: `promela.ts`.\n';

  it('is told of the import that it does not name', () => {
    const planted = { from: 'src/report/json.ts', to: 'src/sim/promela/promela.ts' };
    expect(wrong('src/sim/promela', readme, [planted])).toContain(
      'src/sim/promela/README.md does not name src/report/json.ts, which imports src/sim/promela/promela.ts',
    );
  });

  it('is told of the import past the way in, and of who asks no more', () => {
    const planted = { from: 'src/report/json.ts', to: 'src/sim/promela/words.ts' };
    expect(wrong('src/sim/promela', readme, [planted]).slice(1)).toEqual([
      'src/report/json.ts imports src/sim/promela/words.ts, which is no way in by src/sim/promela/README.md',
      'src/sim/promela/README.md names src/parser, which asks for nothing',
      'src/sim/promela/README.md names src/sim/promela/promela.ts as a way in, which nobody takes',
    ]);
  });
});
