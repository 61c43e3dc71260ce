/**
 * The regular files that paths, folders and globs stand for, in the order of their names; and whatever else is found, with why it is not read. Nothing is
 * opened here, and no link leads out of the folder that was named.
 */
import { isUtf8 } from 'node:buffer';
import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { normalize, sep } from 'node:path';
import picomatch from 'picomatch';
import { reasonOf } from '../io/input.ts';
import { namesIn, type Place, realBytesOf, realFolder, realOf } from './names.ts';
import type { Found } from './open.ts';
import type { InputStatus, Said } from './types.ts';

export type Step =
  | { readonly is: 'file'; readonly found: Found }
  | {
      readonly is: 'other';
      readonly path: string;
      readonly status: InputStatus;
      readonly said: Said;
      /** True for what the user named, so that it is his mistake. */
      readonly given: boolean;
    };

const other = (path: string, status: InputStatus, code: string, text: string, given: boolean): Step => ({
  is: 'other',
  path,
  status,
  said: { code, text },
  given,
});
const unreadable = (path: string, error: unknown, given: boolean) => {
  if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
  return other(path, 'unreadable', 'OR201', reasonOf(error), given);
};

function kindOf(stat: Stats): string {
  if (stat.isFIFO()) return 'a FIFO';
  if (stat.isSocket()) return 'a socket';
  return 'a device';
}

const file = (path: string, stat: Stats, given: boolean, at: string | Uint8Array = path): Step => ({
  is: 'file',
  found: { path, bytes: stat.size, modified: Math.floor(stat.mtimeMs), identity: [stat.dev, stat.ino], at, given },
});

export interface Walking {
  /** A folder to pass over: the store, which may lie among the logs. */
  readonly skip: string | null;
}

/** The files of one path as it was given. */
export function* walk(given: string, { skip }: Walking): Generator<Step> {
  const store = skip === null ? null : identityOf(skip);
  let stat: Stats;
  try {
    stat = statSync(given);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && picomatch.scan(given).isGlob)
      yield* matching(given, store);
    else yield unreadable(given, error, true);
    return;
  }
  if (stat.isDirectory()) yield* below(given, store, null, Number.POSITIVE_INFINITY);
  else if (stat.isFile()) yield file(given, stat, true);
  else yield other(given, 'refused', 'OR203', `is ${kindOf(stat)}, not a regular file`, true);
}

function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path);
    return `${dev} ${ino}`;
  } catch {
    return null;
  }
}

/** The files that a glob matches, among those below the folder that it begins with. */
function* matching(pattern: string, store: string | null): Generator<Step> {
  const { base, glob } = picomatch.scan(pattern);
  const isMatch = picomatch(normalize(pattern), { dot: true });
  const depth = glob.includes('**') ? Number.POSITIVE_INFINITY : glob.split('/').length;
  let any = false;
  for (const step of below(base === '' ? '.' : base, store, (path) => isMatch(normalize(path)), depth)) {
    any = true;
    yield step;
  }
  if (!any) yield other(pattern, 'unreadable', 'OR201', 'no file matches', true);
}

/** Everything below a folder, depth first, names in order. */
function* below(
  root: string,
  store: string | null,
  wanted: ((path: string) => boolean) | null,
  depth: number,
): Generator<Step> {
  let real: string;
  try {
    real = realpathSync(root);
  } catch (error) {
    yield unreadable(root, error, true);
    return;
  }
  const inside = (path: string) => path === real || path.startsWith(real.endsWith(sep) ? real : real + sep);
  /** Names still to see, of the folders from the root down. */
  const open: { readonly place: Place; readonly names: readonly Place[]; at: number }[] = [];
  const enter = (place: Place, given: boolean): Step | null => {
    const { path, at } = place;
    try {
      // A folder that became a link since it was seen.
      if (!inside(realFolder(at)))
        return other(path, 'refused', 'OR204', 'leads out of the folder that was named', false);
      open.push({ place, names: namesIn(place), at: 0 });
      return null;
    } catch (error) {
      return unreadable(path, error, given);
    }
  };
  const failed = enter({ path: root, at: root }, true);
  if (failed !== null) yield failed;
  while (open.length > 0) {
    const folder = open[open.length - 1]!;
    const name = folder.names[folder.at++];
    if (name === undefined) {
      open.pop();
      continue;
    }
    const { path } = name;
    if (wanted !== null && !wanted(path) && open.length >= depth) continue;
    const step = entry(name, inside, store);
    if (step === 'folder') {
      const bad = open.length < depth ? enter(name, false) : null;
      if (bad !== null) yield bad;
    } else if (step !== null && (wanted === null || wanted(path))) yield step;
  }
}

function entry({ path, at }: Place, inside: (path: string) => boolean, store: string | null): Step | 'folder' | null {
  try {
    const stat = lstatSync(at);
    if (stat.isFile()) return file(path, stat, false, at);
    if (stat.isDirectory()) return `${stat.dev} ${stat.ino}` === store ? null : 'folder';
    if (!stat.isSymbolicLink()) return other(path, 'refused', 'OR203', `is ${kindOf(stat)}, not a regular file`, false);
    const target = realBytesOf(at);
    if (!inside(realOf(at)))
      return other(path, 'refused', 'OR204', 'is a link that leads out of the folder that was named', false);
    const of = lstatSync(target);
    if (of.isFile()) return file(path, of, false, isUtf8(target) ? target.toString() : target);
    return other(path, 'refused', 'OR204', 'is a link to no regular file: not followed', false);
  } catch (error) {
    return unreadable(path, error, false);
  }
}
