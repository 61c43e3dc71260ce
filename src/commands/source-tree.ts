/** `--source DIR`: a kernel tree on disk, of which a few files are read; nothing in it is run, no link out of it is followed. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../io/input.ts';
import { lackOf } from '../lacking.ts';
import { readSource } from '../reconstruct/kernel/source/reading.ts';
import type { FileText, SourceReading } from '../reconstruct/kernel/source/types.ts';

/** iommu.c has 120 KB; a file of more than this is none of the kernel's. */
const MOST_BYTES = 4 << 20;
/** kernel/msm-5.10 of a vendor's checkout lies this deep. */
const DEEPEST = 4;
const MOST_FOLDERS = 5000;
/** Folders of a checkout in which no kernel lies, and which are large. */
const PASSED_OVER =
  /^(?:\.|out$|prebuilts$|toolchain$|Documentation$|node_modules$|arch$|drivers$|fs$|net$|sound$|include$|tools$)/;

const isFolder = (path: string): boolean => {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
};

/** drivers/iommu/ beside include/linux/: also where a checkout left the files out. */
const isKernel = (dir: string): boolean => isFolder(join(dir, 'drivers/iommu')) && isFolder(join(dir, 'include/linux'));

/** Kernels in `dir`: itself, else those of the first depth that has any. Bounded in depth and number. */
export function kernelsIn(dir: string): readonly string[] {
  let level = [dir];
  let looked = 0;
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const found = level.filter(isKernel);
    if (found.length > 0) return found;
    const next: string[] = [];
    for (const folder of level) {
      if (++looked > MOST_FOLDERS) return [];
      try {
        for (const entry of readdirSync(folder, { withFileTypes: true }))
          if (entry.isDirectory() && !PASSED_OVER.test(entry.name)) next.push(join(folder, entry.name));
      } catch (error) {
        if (lackOf(error) !== null) throw error;
        // A folder that may not be read holds no kernel that could be.
      }
    }
    level = next;
  }
  return [];
}

/** The one kernel in `dir`. Of several the one that makes an Android image, common/. Throws UsageError where none or no one is to be told. */
export function kernelRoot(dir: string): string {
  if (!isFolder(dir) && !isFolder(`${dir}/.`)) throw new UsageError(`--source ${dir}: not a folder`);
  const found = kernelsIn(dir);
  const common = found.filter((path) => basename(path) === 'common');
  const one = found.length === 1 ? found[0] : common.length === 1 ? common[0] : undefined;
  if (one !== undefined) return one;
  throw new UsageError(
    found.length === 0
      ? `--source ${dir}: no kernel is in it, down to ${DEEPEST} folders below (drivers/iommu beside include/linux)`
      : `--source ${dir}: ${found.length} kernels are in it (${found
          .slice(0, 5)
          .map((path) => relative(dir, path))
          .join(', ')}); name one of them`,
  );
}

/** A file of the tree, bounded; what cannot be read is not seen, with the reason. */
export function readText(path: string): FileText {
  let fd: number;
  try {
    // A FIFO must not hang us, nor a link lead out of the tree.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'is missing' : code === 'ELOOP' ? 'is a link' : `cannot be read (${reasonOf(error)})`;
    return { is: 'not seen', why };
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { is: 'not seen', why: 'is no regular file' };
    if (stat.size > MOST_BYTES) return { is: 'not seen', why: `is larger than ${MOST_BYTES >> 20} MB` };
    const bytes = Buffer.alloc(stat.size);
    let at = 0;
    for (let read = -1; at < bytes.length && read !== 0; at += read)
      read = readSync(fd, bytes, at, bytes.length - at, at);
    return { is: 'text', text: bytes.toString('utf8', 0, at) };
  } catch (error) {
    return { is: 'not seen', why: `cannot be read (${reasonOf(error)})` };
  } finally {
    closeSync(fd);
  }
}

/** Throws UsageError where no kernel, or more than one, is in `dir`. */
export function sourceIn(dir: string): SourceReading {
  const root = kernelRoot(dir);
  const below = relative(dir, root);
  return readSource(`--source ${dir}${below === '' ? '' : ` (${below})`}`, (path) => readText(join(root, path)));
}
