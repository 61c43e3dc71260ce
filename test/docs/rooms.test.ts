/** The house stays as ARCHITECTURE.md draws it: a room imports from rooms above it in the table, and no files in a circle. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { circles, importsIn, roomOf, roomsOf, upwards } from './rooms.ts';

const ROOMS = roomsOf(readFileSync('ARCHITECTURE.md', 'utf8'));
const IMPORTS = importsIn('src');

describe('the rooms of ARCHITECTURE.md', () => {
  it('are there, and every file lives in one', () => {
    expect(ROOMS.length).toBeGreaterThan(30);
    for (const path of ROOMS.flat()) expect(existsSync(path), path).toBe(true);
    const homeless = [...new Set(IMPORTS.map(({ from }) => from))].filter((file) => roomOf(file, ROOMS) < 0);
    expect(homeless).toEqual([]);
  });

  it('import nothing from below', () => {
    expect(IMPORTS.length).toBeGreaterThan(1000);
    expect(upwards(IMPORTS, ROOMS)).toEqual([]);
  });

  it('have no circle of files, types included', () => {
    expect(circles(IMPORTS)).toEqual([]);
  });
});

describe('a wrong import', () => {
  it('from below is named, with the rooms that may be asked', () => {
    const planted = { from: 'src/parser/parse.ts', to: 'src/reconstruct/kernel/kernel.ts' };
    const [said] = upwards([...IMPORTS, planted], ROOMS);
    expect(said).toContain('src/parser/parse.ts imports src/reconstruct/kernel/kernel.ts');
    expect(said).toMatch(/It may ask the rooms above: .*src\/parser\/crash/);
  });

  it('between two floors of reconstruct is named too', () => {
    const planted = { from: 'src/reconstruct/fault/fault.ts', to: 'src/reconstruct/verdict/search.ts' };
    expect(upwards([planted], ROOMS)).toHaveLength(1);
    expect(upwards([{ from: planted.to, to: planted.from }], ROOMS)).toEqual([]);
  });

  it('that closes a circle inside a room is found', () => {
    const back = { from: 'src/sim/machine/program.ts', to: 'src/sim/machine/machine.ts' };
    expect(circles([...IMPORTS, back])).toEqual([expect.arrayContaining([back.from, back.to])]);
  });
});
