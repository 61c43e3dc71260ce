// Builds dist/: the command, the library and the corpus run, each with its dependencies inside, as a dmesg pipe waits for every file that is looked up;
// the command's bytecode (src/start.ts); and the type declarations. --quiet leaves out the declarations, which only publishing needs.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { writeAnswers } from './answers.mjs';
import { asciiWidth, builtins, fleet, ohmKernel } from './bundle.mjs';
import { writeLicenses } from './licenses.mjs';
import { modelVersion } from './model-version.mjs';

const quiet = process.argv.includes('--quiet');
await import('./grammars.mjs');
await import('./page.mjs');
rmSync('dist', { recursive: true, force: true });
const model = modelVersion();
const bundle = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  plugins: [asciiWidth, builtins, ohmKernel],
  // Names stay, for the stack trace of a defect.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  sourcemap: false,
  define: { OOPSREPLAY_MODEL: JSON.stringify(model) },
  logLevel: 'warning',
};
const [program, library, batch] = await Promise.all([
  build({
    ...bundle,
    entryPoints: { program: 'src/cli.ts' },
    plugins: [...bundle.plugins, fleet],
    outdir: 'dist',
    format: 'iife',
    // The program is handed its folder (src/io/answers.ts).
    define: { ...bundle.define, 'import.meta.url': '""' },
    outExtension: { '.js': '.cjs' },
  }),
  build({ ...bundle, entryPoints: { index: 'src/index.ts', eval: 'src/eval/main.ts' }, outdir: 'dist', format: 'esm' }),
  // Loaded by the program when it is asked for: what many logs need makes one log no slower to start.
  build({
    ...bundle,
    entryPoints: { batch: 'src/batch/main.ts', worker: 'src/batch/worker.ts', thread: 'src/batch/thread.ts' },
    outdir: 'dist',
    format: 'esm',
    external: ['piscina', 'bullmq', 'ioredis'],
  }),
  build({ ...bundle, entryPoints: { cli: 'src/start.ts' }, outdir: 'dist', format: 'esm' }),
]);
writeLicenses(
  [program, library, batch].flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  'dist/LICENSES.txt',
);
await writeAnswers(model, 'dist/answers.bin');
chmodSync('dist/cli.js', 0o755);
execFileSync(process.execPath, ['scripts/bytecode.mjs'], { stdio: 'inherit' });
if (!quiet)
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
    stdio: 'inherit',
  });
