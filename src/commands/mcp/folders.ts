/** Which files the server reads: regular ones whose real path lies below a folder that it was started with. */
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { UsageError } from '../../exit.ts';
import { reasonOf } from '../../io/input.ts';

/** The real paths of the folders. Throws UsageError where one is none. */
export function foldersAt(roots: readonly string[]): readonly string[] {
  return roots.map((root) => {
    try {
      const real = realpathSync(root);
      if (statSync(real).isDirectory()) return real;
    } catch (error) {
      throw new UsageError(`--root ${root}: ${reasonOf(error)}`);
    }
    throw new UsageError(`--root ${root}: is no folder`);
  });
}

function isBelow(path: string, folder: string): boolean {
  const to = relative(folder, path);
  return to !== '' && to !== '..' && !to.startsWith(`..${sep}`) && !isAbsolute(to);
}

/**
 * The real path of what `path` names, absolute or from one of `folders`. Throws UsageError where it names no regular file below them; of what lies elsewhere nothing is said,
 * not even whether it is there.
 */
export function fileBelow(path: string, folders: readonly string[]): string {
  if (folders.length === 0)
    throw new UsageError('this server reads no files: it was started without --root DIR. Give the log itself as text.');
  const elsewhere = `${path}: is not below a folder that this server may read`;
  if (path.includes('\0')) throw new UsageError(elsewhere);
  const below = folders.map((folder) => resolve(folder, path)).filter((at) => folders.some((f) => isBelow(at, f)));
  let why = elsewhere;
  for (const at of below) {
    try {
      const real = realpathSync(at);
      if (!folders.some((folder) => isBelow(real, folder))) continue;
      if (statSync(real).isFile()) return real;
      why = `${path}: is no regular file`;
    } catch (error) {
      why = `${path}: ${reasonOf(error)}`;
    }
  }
  throw new UsageError(why);
}
