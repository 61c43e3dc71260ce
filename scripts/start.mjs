// `npm start -- ARGUMENTS`: the command of this checkout, built first where it never was. What the build says goes to standard error, so that the
// command's own output stays what it is.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const run = (args, stdio) => spawnSync(process.execPath, args, { stdio }).status ?? 1;

if (!existsSync('dist/cli.js')) {
  const status = run(['scripts/build.mjs', '--quiet'], ['ignore', 2, 2]);
  if (status !== 0) process.exit(status);
}
process.exitCode = run(['dist/cli.js', ...process.argv.slice(2)], 'inherit');
