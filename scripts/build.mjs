// Builds dist/: the command, the library and the corpus run, each one file with its dependencies inside, as a dmesg pipe waits for every file that
// is looked up; and the type declarations. What a command does not need is in the file but not run.
// --quiet leaves out the declarations, which only publishing needs.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { asciiWidth, builtins, ohmKernel } from './bundle.mjs';
import { writeLicenses } from './licenses.mjs';

const quiet = process.argv.includes('--quiet');
await import('./grammars.mjs');
rmSync('dist', { recursive: true, force: true });
const entries = ['src/cli.ts', 'src/index.ts', 'src/eval.ts'].filter((f) => existsSync(f));
const { metafile } = await build({
  entryPoints: entries,
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  plugins: [asciiWidth, builtins, ohmKernel],
  // Names stay, for the stack trace of a defect.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  sourcemap: false,
  logLevel: 'warning',
});
writeLicenses(Object.keys(metafile.inputs), 'dist/LICENSES.txt');
if (existsSync('dist/cli.js')) chmodSync('dist/cli.js', 0o755);
if (!quiet)
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
    stdio: 'inherit',
  });
