/** The rooms of ARCHITECTURE.md, the imports of src/, and what is wrong between the two. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** One row of the table: the folders and files of a room. */
export type Room = readonly string[];

export interface Import {
  readonly from: string;
  readonly to: string;
}

/** The rows of the page's table of rooms, in its order. */
export function roomsOf(page: string): readonly Room[] {
  const table = page.slice(page.indexOf('| room |'));
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2);
  return rows.map((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, path]) => path!));
}

/** Every import of one source of the project by another, types included, and of modules that are loaded later. */
export function importsIn(folder: string): readonly Import[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .flatMap((from) =>
      [...readFileSync(from, 'utf8').matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)]
        .map((match) => ({ from, to: normalize(join(dirname(from), match[1]!)) }))
        .filter(({ to }) => to.startsWith(`${folder}/`)),
    );
}

/** Number of the room that a file lives in: the one named most closely. -1: in none. */
export function roomOf(file: string, rooms: readonly Room[]): number {
  let [best, length] = [-1, 0];
  for (const [i, room] of rooms.entries())
    for (const path of room)
      if ((file === path || file.startsWith(`${path}/`)) && path.length > length) [best, length] = [i, path.length];
  return best;
}

/** A sentence for each import of a room that stands further down, with the rooms that may be asked instead. */
export function upwards(imports: readonly Import[], rooms: readonly Room[]): readonly string[] {
  return imports.flatMap(({ from, to }) => {
    const [own, asked] = [roomOf(from, rooms), roomOf(to, rooms)];
    if (asked <= own) return [];
    const sibling = rooms.slice(0, own + 1).filter((room) => room.some((path) => dirname(path) === dirname(from)));
    const instead = [...sibling.flat(), ...rooms.slice(0, own + 1).flat()].slice(-8);
    return [
      `${from} imports ${to}: ${rooms[asked]!.join(', ')} stands below ${rooms[own]!.join(', ')} in ARCHITECTURE.md's table. It may ask the rooms above: ${[...new Set(instead)].join(', ')}; or what it needs belongs there.`,
    ];
  });
}

/** Files that import each other in a circle, each circle once. */
export function circles(imports: readonly Import[]): readonly (readonly string[])[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const [order, low] = [new Map<string, number>(), new Map<string, number>()];
  const [stack, found]: [string[], string[][]] = [[], []];
  const visit = (file: string) => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    stack.push(file);
    for (const to of next.get(file) ?? []) {
      if (!order.has(to)) visit(to);
      if (stack.includes(to)) low.set(file, Math.min(low.get(file)!, low.get(to)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1 || next.get(file)?.includes(file)) found.push(circle.sort());
  };
  for (const file of next.keys()) if (!order.has(file)) visit(file);
  return found;
}
