/** A folder that sees the samples, and where `oopsreplay` is the built command: what a page of docs is run in. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Folder {
  readonly shell: (command: string) => ReturnType<typeof spawnSync> & { readonly stdout: string };
  readonly remove: () => void;
}

export function folderOf(name: string): Folder {
  const folder = mkdtempSync(join(tmpdir(), `oopsreplay-${name}-`));
  symlinkSync(resolve('samples'), join(folder, 'samples'));
  writeFileSync(join(folder, 'oopsreplay'), `#!/bin/sh\nexec "${process.execPath}" "${resolve('dist/cli.js')}" "$@"\n`);
  chmodSync(join(folder, 'oopsreplay'), 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, NO_COLOR: '1' };
  return {
    shell: (command) => spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', env }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
