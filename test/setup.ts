import { execFileSync } from 'node:child_process';

/** The tests run the sources, and a few run the built command: both must be of the same tree, so build once before them. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', '--quiet'], { stdio: ['ignore', 'inherit', 'inherit'] });
}
