/** Logs that come from the user's files, and reports that go there. */
import type { Log } from './messages.ts';

/** Files as a file input has them, with their paths where a folder was chosen. */
export function filesOf(files: Iterable<File>): Log[] {
  return [...files].map((file) => ({ name: file.webkitRelativePath || file.name, bytes: file }));
}

/** All files below an entry of a folder. */
async function filesBelow(entry: FileSystemEntry): Promise<Log[]> {
  if (entry.isFile) {
    const bytes = await new Promise<File>((take, fail) => (entry as FileSystemFileEntry).file(take, fail));
    return [{ name: entry.fullPath.replace(/^\//, ''), bytes }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const logs: Log[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((take, fail) => reader.readEntries(take, fail));
    if (some.length === 0) return logs;
    for (const one of some) logs.push(...(await filesBelow(one)));
  }
}

async function filesIn(folder: FileSystemDirectoryHandle, path: string): Promise<Log[]> {
  const logs: Log[] = [];
  for await (const one of folder.values()) {
    const name = `${path}/${one.name}`;
    logs.push(...(one.kind === 'file' ? [{ name, bytes: await one.getFile() }] : await filesIn(one, name)));
  }
  return logs;
}

/**
 * What was dropped: files, and all files below folders. To be called while the drop is handled: afterwards it is gone. A page that was opened from a file is
 * refused the files of Chromium's entries (their address has no origin), so files are taken as files, and folders by their handle where there is one.
 */
export function dropped({ items }: DataTransfer): Promise<Log[]> {
  const found = [...items].flatMap((item): Promise<Log[]>[] => {
    const entry = item.webkitGetAsEntry();
    if (entry === null) return [];
    const file = item.getAsFile();
    if (entry.isFile) return file === null ? [] : [Promise.resolve(filesOf([file]))];
    const handled = item as { readonly getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };
    const handle = handled.getAsFileSystemHandle?.() ?? Promise.resolve(null);
    return [handle.then((it) => (it === null ? filesBelow(entry) : filesIn(it as FileSystemDirectoryHandle, it.name)))];
  });
  return Promise.all(found).then((logs) => logs.flat());
}

/** As a folder lists them. */
export const byName = (logs: readonly Log[]) => [...logs].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Hands the user a file to keep. */
export function save(text: string, name: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
