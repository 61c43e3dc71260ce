// Builds dist/: the command, the library and the corpus run, each with its dependencies inside, as a dmesg pipe waits for every file that is looked up;
// the command's bytecode (src/start.ts); and the type declarations. --quiet leaves out the declarations, which only publishing needs.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { writeAnswers } from './answers.mjs';
import { browser, bundle, fleet, OPTIONAL } from './bundle.mjs';
import { licensesOf } from './licenses.mjs';
import { modelVersion } from './model-version.mjs';

const quiet = process.argv.includes('--quiet');
await import('./grammars.mjs');
await import('./page.mjs');
rmSync('dist', { recursive: true, force: true });
const esm = { ...bundle, outdir: 'dist', format: 'esm', splitting: true, chunkNames: 'part-[hash]' };
// Such a file does not know where it lies (src/io/answers.ts).
const META = { 'empty-import-meta': 'silent' };
const built = await Promise.all([
  build({
    ...bundle,
    entryPoints: { program: 'src/cli.ts' },
    plugins: [...bundle.plugins, fleet],
    outdir: 'dist',
    format: 'iife',
    outExtension: { '.js': '.cjs' },
    logOverride: META,
  }),
  // The library, and what the program loads when it is asked for: what many logs need makes one log no slower to start. What they share is there once.
  build({
    ...esm,
    entryPoints: {
      index: 'src/index.ts',
      batch: 'src/batch/main.ts',
      worker: 'src/batch/worker.ts',
      thread: 'src/batch/thread.ts',
      mcp: 'src/commands/mcp/server.ts',
      page: 'src/commands/whole-page.ts',
    },
    external: OPTIONAL,
  }),
  build({
    ...bundle,
    entryPoints: { index: 'src/index.ts' },
    outfile: 'dist/index.cjs',
    format: 'cjs',
    logOverride: META,
  }),
  // The library for a browser's own bundles.
  build({
    ...browser,
    entryPoints: { browser: 'src/browser.ts' },
    outdir: 'dist',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
  }),
  build({ ...bundle, entryPoints: { eval: 'src/eval/main.ts' }, outdir: 'dist', format: 'esm' }),
  build({ ...bundle, entryPoints: { cli: 'src/start.ts' }, outdir: 'dist', format: 'esm' }),
]);
await writeAnswers(modelVersion(), 'dist/answers.bin');
writeFileSync('dist/LICENSES.txt', licensesOf(built));
chmodSync('dist/cli.js', 0o755);
execFileSync(process.execPath, ['scripts/bytecode.mjs'], { stdio: 'inherit' });
if (!quiet) {
  await import('./types.mjs');
  await import('./paste.mjs');
}
