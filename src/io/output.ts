/** Writing a report to a file: in one step, and never over something by accident. */

import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../exit.ts';
import { reasonOf } from './input.ts';

function existing(path: string): 'nothing' | 'something' | 'directory' {
  try {
    return lstatSync(path).isDirectory() ? 'directory' : 'something';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing';
    throw new UsageError(`${path}: ${reasonOf(error)}`);
  }
}

function sameFile(a: string, b: string): boolean {
  try {
    const [x, y] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
    return x.dev === y.dev && x.ino === y.ino;
  } catch {
    return false;
  }
}

/** Before any work: is `path` a place we may write to? Throws UsageError with the reason. `inputs` are never overwritten, not even with force. */
export function checkOutput(path: string, force: boolean, inputs: readonly string[]): void {
  const there = existing(path);
  if (there === 'directory') throw new UsageError(`${path}: is a directory`);
  if (inputs.some((input) => input !== '-' && sameFile(input, path)))
    throw new UsageError(`${path}: is one of the inputs`);
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UsageError(`${path}: ${reasonOf(error)}`);
  }
  if (there === 'something' && !force) throw new UsageError(`${path}: exists; use --force to replace it`);
}

/**
 * Writes `text` to `path` whole or not at all: into a new file beside it, then renamed (with force; a link is replaced, not followed) or linked
 * (without: the kernel refuses if the name came to be in the meantime). Throws UsageError where the place cannot be written.
 */
export function writeOutput(path: string, text: string, force: boolean): void {
  const beside = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomBytes(6).toString('hex')}`);
  let made = false;
  try {
    const fd = openSync(beside, 'wx');
    made = true;
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
    if (!force) {
      try {
        linkSync(beside, path);
        return;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        // A file system without hard links: the check before the work has to do.
        if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
        checkOutput(path, false, []);
      }
    }
    renameSync(beside, path);
    made = false;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new UsageError(`${path}: ${code === 'EEXIST' ? 'exists; use --force to replace it' : reasonOf(error)}`);
  } finally {
    if (made) unlinkSync(beside);
  }
}
